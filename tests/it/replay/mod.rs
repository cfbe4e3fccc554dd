//! `replay`: the rules over real history, with git as the judge of what differs.

mod against;
mod browser;
mod history;
mod page;
mod requests;

use serde_json::Value;

use crate::support::{World, git};

/// Two services and a group.
const MAP: &str = "[groups]\nshared = [\"shared/**\"]\n[services.a]\ninclude = [\"a/**\"]\ngroups = [\"shared\"]\n\
                   [services.b]\ninclude = [\"b/**\"]\n";

/// A repository whose root commit holds the map and a file of each service.
fn repository() -> World {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1"), ("shared/x", "1")]);
    git(&world.source(), &["init", "-q", "-b", "main"]);
    commit(&world, "root");
    world
}

/// Commits all that is there, and gives the commit's id.
fn commit(world: &World, subject: &str) -> String {
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "--allow-empty", "-m", subject]);
    git(&world.source(), &["rev-parse", "HEAD"])
}

/// Writes a file and commits it.
fn change(world: &World, path: &str, text: &str) -> String {
    world.write(path, text);
    commit(world, &format!("{path} is {text}"))
}

/// What `replay --json` prints.
fn replay(world: &World, args: &[&str]) -> Value {
    world.run(["replay", "--json"].iter().chain(args)).json()
}

/// For each commit, its subject and the services that it builds.
fn builds(report: &Value) -> Vec<String> {
    let commits = report["commits"].as_array().unwrap().iter();
    let words = commits.map(|commit| {
        let builds = commit["builds"].as_array().unwrap().iter();
        let names: Vec<_> = builds.map(|it| it["service"].as_str().unwrap()).collect();
        format!("{}: {}", commit["subject"].as_str().unwrap(), names.join(" "))
    });
    words.collect()
}

/// Why commits were left out, and how many.
fn left_out(report: &Value) -> Vec<String> {
    let left_out = report["left_out"].as_array().unwrap().iter();
    left_out.map(|it| format!("{} {}", it["why"].as_str().unwrap(), it["commits"])).collect()
}
