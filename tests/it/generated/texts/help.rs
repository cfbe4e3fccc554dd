//! The help of the program and of each command.

use clap::CommandFactory as _;
use shipmark::app::cli::Cli;

use super::super::are_current;
use super::{Screens, screen};
use crate::support::World;

/// The words that call each command.
fn commands(command: &clap::Command, called: &[String], found: &mut Vec<Vec<String>>) {
    found.push(called.to_vec());
    for below in command.get_subcommands() {
        commands(below, &[called, &[below.get_name().to_owned()]].concat(), found);
    }
}

#[test]
fn the_help_is_as_kept() {
    let world = World::new("", &[]);
    let mut all = Vec::new();
    commands(&Cli::command(), &[], &mut all);
    let screens: Screens = all
        .iter()
        .map(|called| {
            let args: Vec<&str> = called.iter().map(String::as_str).chain(["--help"]).collect();
            let done = world.run(&args);
            assert_eq!(done.code, 0, "{done:?}");
            let name = if called.is_empty() { "shipmark".to_owned() } else { called.join("-") };
            (format!("{name}.txt"), screen(&args, &done).into_bytes())
        })
        .collect();
    assert!(screens.len() > 15, "{:?}", screens.keys());
    are_current("tests/texts/help", &screens, |name| name.ends_with(".txt"));
}
