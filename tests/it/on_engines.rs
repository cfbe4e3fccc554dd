//! The tests of the state once more, on each engine: in a process of their own, which is told the engine and has its credentials.
//!
//! So a case that is proven for the store in a directory is proven for every store, and no test depends on one engine's quirks.

use std::process::{Command, Stdio};

use super::engines::{self, Engine};
use super::support::TOLD;

/// The tests that run on every store.
const SUITES: [&str; 12] = [
    "stores::",
    "moving::",
    "races::",
    "bad_state::",
    "cases_commands::",
    "cases_deploys::",
    "cases_marks::",
    "cases_requests::",
    "two_steps::",
    "buildspecs::simple::",
    "buildspecs::two_step::a_pipeline",
    "pipeline::walks_on_every_store",
];

/// Those among them that make, change or count files by hand, or are about several stores or none.
const ABOUT_FILES: [&str; 11] = [
    "bad_state::a_directory_in_the_place_of_the_mark_is_unavailable",
    "bad_state::a_full_or_read_only_disk",
    "bad_state::a_state_below_a_file",
    "bad_state::a_store_that_cannot_grow",
    "bad_state::a_ticket_that_cannot_be_written",
    "cases_commands::run_fails_where_it_cannot_record",
    "cases_marks::a_decision_that_could_not_open_its_attempt",
    "cases_marks::a_store_that_cannot_be_read",
    "moving::between::",
    "moving::damage::",
    "two_steps::actions::a_missing_or_damaged_candidate_is_doubt",
];

/// Runs the suites in a process that tests this engine.
fn run(engine: &Engine) {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.args(SUITES).args(ABOUT_FILES.iter().flat_map(|name| ["--skip", name]));
    // Two threads: an engine is busy too, and so are the other engines' suites.
    tests.args(["--test-threads=2"]).env(TOLD, engine.tell()).envs(engine.variables()).stdin(Stdio::null());
    let output = tests.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let passed = text.lines().filter(|line| line.ends_with("... ok")).count();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "on {}:\n{text}\n{errors}", engine.name);
    assert!(passed > 80, "on {} only {passed} tests ran:\n{text}", engine.name);
}

fn on(engines: &[&Engine], name: &str) {
    // Where it is missing, that was said aloud.
    engines.iter().filter(|engine| engine.name == name).for_each(|engine| run(engine));
}

#[test]
fn seaweedfs() {
    on(&engines::s3(), "seaweedfs");
}

#[test]
fn ministack_as_s3() {
    on(&engines::s3(), "ministack");
}

#[test]
fn ministack_as_dynamodb() {
    on(&engines::dynamodb(), "ministack");
}

#[test]
fn dynalite() {
    on(&engines::dynamodb(), "dynalite");
}

#[test]
fn dynamodb_local() {
    on(&engines::dynamodb(), "dynamodb-local");
}
