//! `observe`: the files that real builds read, the map compared with them, and bad input.

mod builds;
mod check;
mod doubts;
mod fetched;
mod files;
mod long;
pub(crate) mod page;
mod requests;
mod running;

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Done, World, skip};

/// A service of one directory, whose build reads what is not in it.
const MAP: &str = "[services.api]\ninclude = ['api/**']\n";

/// Whether a program is here and starts. Where it is not, the test says so and passes.
fn has(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether builds can be traced here.
fn can_trace() -> bool {
    let can = has("strace", &["-f", "--seccomp-bpf", "-q", "-o", "/dev/null", "true"]);
    if !can {
        skip("strace", "builds under strace, which is missing or not allowed here");
    }
    can
}

/// Whether builds can be traced, and this program is here.
fn can_build(program: &str, arguments: &[&str]) -> bool {
    let can = has(program, arguments);
    if !can {
        skip(program, &format!("a build with `{program}`, which is not here"));
    }
    can && can_trace()
}

/// Observes a command and gives its report.
fn observe(world: &World, command: &[&str]) -> Value {
    let done = observed(world, &[], command);
    assert_eq!(done.code, 0, "{done:?}");
    serde_json::from_str(&done.stdout).unwrap()
}

/// The same for a script of `sh`.
fn script(world: &World, text: &str) -> Value {
    observe(world, &["sh", "-c", text])
}

fn observed(world: &World, flags: &[&str], command: &[&str]) -> Done {
    let start = ["observe", "api", "--format", "json"];
    world.run(start.iter().chain(flags).chain(&["--"]).chain(command))
}

/// The paths of a list of a report.
fn paths(report: &Value, list: &str) -> Vec<String> {
    let list = report[list].as_array().unwrap_or_else(|| panic!("no {list} in {report}"));
    list.iter().map(|one| one["path"].as_str().unwrap().to_owned()).collect()
}

/// What was read and is not an input.
fn missed(report: &Value) -> Vec<String> {
    paths(report, "read_not_input")
}

/// What is saved.
fn saved(world: &World) -> Value {
    let text = std::fs::read_to_string(world.source().join("observed/api.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// All that was read, as it is saved.
fn read(world: &World) -> Vec<String> {
    saved(world)["read"].as_object().unwrap().keys().cloned().collect()
}
