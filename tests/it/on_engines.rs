//! The tests of the state once more, on each engine: in a process of their own, which is told the engine and has its credentials.
//!
//! So a case that is proven for the store in a directory is proven for every store, and no test depends on one engine's quirks.
//! By default the store's own tests run on every engine, and some cases on one engine of each kind; in the long tier all of them
//! run on all engines.

use std::process::{Command, Stdio};

use super::engines::{self, Engine};
use super::support::{TOLD, say};

/// The tests that run on every store.
const SUITES: [&str; 18] = [
    "stores::",
    "moving::",
    "races::",
    "bad_state::",
    "cases_commands::",
    "cases_deploys::",
    "cases_marks::",
    "cases_requests::",
    "edges::hints::",
    "edges::homes::",
    "edges::pins::",
    "edges::stages::",
    "edges::tickets::",
    "edges::unwritten::",
    "two_steps::",
    "buildspecs::simple::",
    "buildspecs::two_step::a_pipeline",
    "pipeline::walks_on_every_store",
];

/// Those among them that make, change or count files by hand, or are about several stores or none.
const ABOUT_FILES: [&str; 15] = [
    "bad_state::a_directory_in_the_place_of_the_mark_is_unavailable",
    "bad_state::a_full_or_read_only_disk",
    "bad_state::a_state_below_a_file",
    "bad_state::a_store_that_cannot_grow",
    "bad_state::a_ticket_that_cannot_be_written",
    "cases_commands::explain_names_the_rule",
    "cases_commands::run_fails_where_it_cannot_record",
    "cases_marks::a_decision_that_could_not_open_its_attempt",
    "cases_marks::a_store_that_cannot_be_read",
    "cases_requests::all_mistakes_of_a_map",
    "edges::homes::a_store_in_the_cloud_needs_a_named_project",
    "edges::unwritten::a_pin_that_could_not_be_written",
    "moving::between::",
    "moving::damage::",
    "two_steps::actions::a_missing_or_damaged_candidate_is_doubt",
];

/// What runs by default on one engine of each kind.
const SOME: [&str; 4] = ["stores::", "cases_deploys::", "two_steps::actions::", "races::sixteen_builds"];

/// Runs tests, of which at least so many are known, in a process that tests an engine.
fn run(engine: &Engine, tests: &[&str], known: usize) {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(tests).args(ABOUT_FILES.iter().flat_map(|name| ["--skip", name]));
    // One thread: this process has one for each core already.
    process.args(["--test-threads=1"]).env(TOLD, engine.tell()).envs(engine.variables()).stdin(Stdio::null());
    let output = process.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let passed = text.lines().filter(|line| line.ends_with("... ok")).count();
    let errors = String::from_utf8_lossy(&output.stderr);
    errors.lines().filter(|line| line.starts_with("SKIPPED")).for_each(say);
    assert!(output.status.success(), "on {}:\n{text}\n{errors}", engine.name);
    assert!(passed >= known, "on {} only {passed} tests ran:\n{text}", engine.name);
    say(&format!("{passed} tests on {} as {:?}", engine.name, engine.kind));
}

/// Runs tests on the engine of that name. Where it is missing, that was said.
fn on(engines: &[&Engine], name: &str, tests: &[&str], known: usize) {
    engines.iter().filter(|engine| engine.name == name).for_each(|engine| run(engine, tests, known));
}

#[test]
fn seaweedfs() {
    on(&engines::s3(), "seaweedfs", &SOME, 45);
}

#[test]
fn ministack_as_s3() {
    on(&engines::s3(), "ministack", &SOME[..1], 18);
}

#[test]
fn ministack_as_dynamodb() {
    on(&engines::dynamodb(), "ministack", &SOME, 45);
}

#[test]
fn dynalite() {
    on(&engines::dynamodb(), "dynalite", &SOME[..1], 18);
}

#[test]
fn dynamodb_local() {
    on(&engines::dynamodb(), "dynamodb-local", &SOME[..1], 18);
}

mod long {
    use super::{SUITES, engines, on};

    /// The tests that follow from [`SUITES`], with what is ignored among them.
    fn all() -> Vec<&'static str> {
        [&["--include-ignored"][..], &SUITES].concat()
    }

    #[test]
    #[ignore = "long: all suites on one engine"]
    fn all_on_seaweedfs() {
        on(&engines::s3(), "seaweedfs", &all(), 116);
    }

    #[test]
    #[ignore = "long: all suites on one engine"]
    fn all_on_ministack_as_s3() {
        on(&engines::s3(), "ministack", &all(), 116);
    }

    #[test]
    #[ignore = "long: all suites on one engine"]
    fn all_on_ministack_as_dynamodb() {
        on(&engines::dynamodb(), "ministack", &all(), 116);
    }

    #[test]
    #[ignore = "long: all suites on one engine"]
    fn all_on_dynalite() {
        on(&engines::dynamodb(), "dynalite", &all(), 116);
    }

    #[test]
    #[ignore = "long: all suites on one engine"]
    fn all_on_dynamodb_local() {
        on(&engines::dynamodb(), "dynamodb-local", &all(), 116);
    }
}
