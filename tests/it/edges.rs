//! The edges of the protocol, as a pipeline meets them: what is under way, half done, overtaken, or forgotten is doubt, and builds.

mod clocks;
mod doubts;
mod environments;
mod hints;
mod homes;
mod linked_services;
mod matrix;
mod outputs;
mod pins;
mod renames;
mod reuse;
mod shadow;
mod stages;
mod teams;
mod tickets;
mod told_failures;
mod unreadable;
mod unwritten;
mod verify;

use super::support::{Build, World};

/// Two services, the first of which deploys the second again.
const PAIR: &str = "\
[services.command]
include = [\"command\"]
redeploys = [\"query\"]
[services.query]
include = [\"query\"]
";

fn pair() -> World {
    World::new(PAIR, &[("command/x", "1"), ("query/x", "1")])
}

fn one() -> World {
    World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")])
}

fn build(id: &str) -> Build {
    Build::new(id).pipeline("shop")
}

/// What `eval` makes of a variable that `stage` or `decide --stage` printed.
fn exported(stdout: &str, name: &str) -> String {
    let start = format!("export {name}='");
    let line = stdout.lines().find_map(|line| line.strip_prefix(start.as_str()));
    line.unwrap_or_else(|| panic!("no {name} in {stdout}")).trim_end_matches('\'').to_owned()
}

/// Stages a service that was decided in the build, and gives its candidate.
fn staged(world: &World, build: &Build, service: &str) -> String {
    let done = world.run_in(build, ["stage", service]);
    assert_eq!(done.code, 0, "{done:?}");
    exported(&done.stdout, "SHIPMARK_CANDIDATE")
}

/// A command about a candidate, and how it ended.
fn about(world: &World, build: &Build, verb: &str, candidate: &str) -> i32 {
    world.run_in(build, [verb, "--candidate", candidate]).code
}
