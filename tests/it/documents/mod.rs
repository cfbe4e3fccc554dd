//! Every command that a page, an example or a screen of the program shows is one that this program takes: those in `code`, and
//! those that a line of a script, a hint or a comment begins.

mod find;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use shipmark::app::cli::Cli;

use find::commands;

use super::pages;

/// The words of a command as a shell splits them; variables are empty there, so they stand for themselves here.
pub(crate) fn words(command: &str) -> Vec<String> {
    let script = format!("set -f; set -- {}; printf '%s\\n' \"$@\"", command.replace('$', "VARIABLE"));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "`{command}` is no command of a shell");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Why this program does not take a command. Some name a subcommand only, and leave out what it needs, or the value of the flag at
/// the end. `N` is a number, and what GitHub Actions puts in is one word.
fn refused(command: &str) -> Option<String> {
    let parts = command.split("${{");
    let filled: String = parts
        .map(|part| part.split_once("}}").map_or(part.to_owned(), |(_, rest)| format!("VARIABLE{rest}")))
        .collect();
    let mut words = words(&filled.replace("--jobs N", "--jobs 2"));
    if words.last().is_some_and(|last| last.starts_with("--")) && Cli::try_parse_from(&words).is_err() {
        words.push("VALUE".to_owned());
    }
    let error = Cli::try_parse_from(words).err()?;
    let fine = [ErrorKind::MissingRequiredArgument, ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
    (!fine.contains(&error.kind())).then(|| error.to_string())
}

/// All files below a directory, by their paths from the root, with their texts.
fn files(directory: &str, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{directory}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&path, found);
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            found.insert(path, text);
        }
    }
}

/// The texts of these directories.
fn below(directories: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    directories.iter().for_each(|directory| files(directory, &mut found));
    found
}

/// Finds the commands of each text, at least so many in all, and holds each against the program.
fn are_taken(texts: &BTreeMap<String, String>, least: usize) {
    let names: Vec<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let mut shown: BTreeMap<String, &str> = BTreeMap::new();
    for (file, text) in texts {
        commands(text, &names).into_iter().for_each(|command| _ = shown.entry(command).or_insert(file));
    }
    let wrong: Vec<String> = shown
        .iter()
        .filter_map(|(command, file)| Some(format!("{file}: `{command}`: {}", refused(command)?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(shown.len() >= least, "only {} commands were found", shown.len());
}

#[test]
fn every_command_of_the_pages_is_taken() {
    let mut pages = pages::all();
    // These also name what was renamed.
    ["CHANGELOG.md", "docs/upgrade.md"].iter().for_each(|page| drop(pages.remove(*page)));
    are_taken(&pages, 100);
}

#[test]
fn every_command_of_the_examples_is_taken() {
    are_taken(&below(&["buildspec-examples", "config", "examples", "images", "pipelines"]), 40);
}

/// As they are printed: kept in files of screens, of which those of usage errors begin with the error that is shown.
#[test]
fn every_command_that_is_printed_is_taken() {
    let mut screens = below(&["tests/texts"]);
    for text in screens.values_mut() {
        let of_a_person = |line: &&str| !line.starts_with("$ ") && !line.starts_with("Usage: ");
        *text = text.lines().filter(of_a_person).collect::<Vec<_>>().join("\n");
    }
    are_taken(&screens, 40);
}
