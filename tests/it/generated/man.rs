//! The man pages: one of the program, one of each command.

use std::collections::BTreeMap;
use std::process::Command;

use clap::CommandFactory as _;
use shipmark::app::cli::Cli;

use super::super::support::{World, printed, skip};
use super::are_current;

/// All pages by their names.
fn pages(command: &clap::Command, name: &str, pages: &mut BTreeMap<String, Vec<u8>>) {
    let titled = command.clone().display_name(name.to_owned()).disable_help_subcommand(true);
    let mut page = Vec::new();
    clap_mangen::Man::new(titled).title(name.to_uppercase()).render(&mut page).unwrap();
    pages.insert(format!("{name}.1"), page);
    for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
        self::pages(below, &format!("{name}-{}", below.get_name()), pages);
    }
}

fn all() -> BTreeMap<String, Vec<u8>> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut all = BTreeMap::new();
    pages(&command, "shipmark", &mut all);
    all
}

#[test]
fn they_are_current() {
    are_current("man", &all(), |_| true);
}

#[test]
fn they_can_be_read() {
    if Command::new("man").arg("--version").output().is_err() {
        return skip(
            "man",
            "the man pages are not read: `man` is missing (Debian and Ubuntu: `apt-get install man-db`)",
        );
    }
    for (name, _) in all() {
        let page = format!("{}/man/{name}", env!("CARGO_MANIFEST_DIR"));
        let output = Command::new("man").args(["--warnings", "-l", &page]).env("MANWIDTH", "100").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("SYNOPSIS") && text.contains("shipmark"), "{name}: {text}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
    }
}

#[test]
fn the_program_prints_them() {
    // What this run writes is embedded by the next build.
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        return;
    }
    for (name, _) in all() {
        let kept = std::fs::read_to_string(format!("{}/man/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let words: Vec<&str> = name.trim_end_matches(".1").split('-').skip(1).collect();
        let printed = printed(&[&["man"], &words[..]].concat());
        assert!(printed == kept, "{name} is not as the program prints it");
    }
    let world = World::new("", &[]);
    let unknown = world.run(["man", "state", "remove"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("there is no command `shipmark state remove`"), "{unknown:?}");
}
