//! `--help` of every command shows how it is used, and what it shows is taken by the program.

use clap::{CommandFactory as _, Parser as _};
use shipmark::app::cli::Cli;

use super::documents::words;

/// All commands that do something, by the words with which they are called.
fn leaves(command: &clap::Command, called: &str, found: &mut Vec<(String, String)>) {
    if !command.has_subcommands() {
        let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        found.push((called.to_owned(), shown));
    }
    command.get_subcommands().for_each(|below| leaves(below, &format!("{called} {}", below.get_name()), found));
}

/// The commands in an example, up to what the shell does with them.
fn examples(shown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in shown.lines() {
        for (at, _) in line.match_indices("shipmark ").filter(|(at, _)| !line[..*at].ends_with(['/', '-', '.'])) {
            let rest = &line[at..];
            let end = [")\"", " && ", " || ", " | ", " > ", "   #"].iter().filter_map(|mark| rest.find(mark)).min();
            found.push(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    found
}

#[test]
fn every_command_has_an_example_of_itself_that_is_taken() {
    let mut all = Vec::new();
    leaves(&Cli::command(), "shipmark", &mut all);
    assert!(all.len() > 15, "{all:?}");
    for (called, shown) in all {
        let examples = examples(&shown);
        assert!(examples.iter().any(|example| example.starts_with(&called)), "`{called} --help` has no example");
        for example in examples {
            let parsed = Cli::try_parse_from(words(&example));
            assert!(parsed.is_ok(), "`{called} --help` shows `{example}`: {}", parsed.unwrap_err());
        }
    }
}
