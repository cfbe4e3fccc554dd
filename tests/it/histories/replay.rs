//! `replay` over the four histories, commit by commit: held against `plan` between the commit and the one before it, and
//! against C git's own diff and pathspecs.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use serde_json::Value;

use super::{Replay, map_file};
use crate::oracle::systems::{self, System};
use crate::support::{git, shipmark};

/// What a service builds for: how each of its paths changed.
type Builds = BTreeMap<String, Vec<String>>;

fn by_replay(commit: &Value) -> Builds {
    let builds = commit["builds"].as_array().unwrap().iter();
    let mut found: Builds = builds.map(|it| (it["service"].as_str().unwrap().to_owned(), vec![])).collect();
    for change in commit["changes"].as_array().unwrap() {
        let path = format!("{} {}", change["change"].as_str().unwrap(), change["path"].as_str().unwrap());
        let services = change["inputs_of"].as_array().unwrap().iter().flat_map(|it| it["services"].as_array().unwrap());
        services.for_each(|service| found.get_mut(service.as_str().unwrap()).unwrap().push(path.clone()));
    }
    found
}

fn by_plan(answer: &Value) -> Builds {
    let services = answer["services"].as_array().unwrap().iter().filter(|it| it["skip"] == false);
    let builds = services.map(|it| {
        let changes = it["changes"].as_array().unwrap().iter();
        let words = changes.map(|it| format!("{} {}", it["change"].as_str().unwrap(), it["path"].as_str().unwrap()));
        (it["service"].as_str().unwrap().to_owned(), words.collect())
    });
    builds.collect()
}

fn by_git(replay: &Replay, commit: usize) -> Builds {
    let oracle = &replay.oracle;
    let mut builds = Builds::new();
    for service in oracle.system.services() {
        let (from, to) = (&oracle.commits[commit - 1], &oracle.commits[commit]);
        let entries = oracle.git.diff(from, to, oracle.system.pathspecs(service)).into_iter();
        // Equal bytes that git lists: only the mode differs.
        let word = |entry: &crate::oracle::git::Entry| match entry.old_blob == entry.new_blob {
            true => "mode",
            false => entry.status.word(),
        };
        let changes: Vec<String> = entries.map(|entry| format!("{} {}", word(&entry), entry.path)).collect();
        if !changes.is_empty() || oracle.content(service, commit).is_empty() {
            builds.insert(service.to_owned(), changes);
        }
    }
    builds
}

fn agree(system: System) {
    let Some(replay) = Replay::of(system) else { return };
    let clone = replay.scratch.path().join("clone");
    git(replay.scratch.path(), &["clone", "-q", "--no-checkout", "repository", "clone"]);
    let system = &replay.oracle.system;
    let run = |args: &[&str]| {
        let map = map_file(system);
        let mut args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        args.extend(["--source".as_ref(), clone.as_os_str(), "--config".as_ref(), map.as_os_str()]);
        if system.environment != "live" {
            args.extend(["--environment", system.environment].map(OsStr::new));
        }
        shipmark(&clone, args).json()
    };
    let report = run(&["replay", "--json"]);
    let commits = report["commits"].as_array().unwrap();
    assert_eq!(commits.len(), replay.oracle.commits.len() - 1, "all but the root: {}", report["left_out"]);
    for (number, commit) in commits.iter().enumerate() {
        let id = commit["commit"].as_str().unwrap();
        assert_eq!(id, replay.oracle.commits[number + 1]);
        let found = by_replay(commit);
        assert_eq!(found, by_git(&replay, number + 1), "git at {id}");
        let base = format!("{id}~1");
        let plan = run(&["plan", "--base", &base, "--revision", id, "--format", "json", "--all-changes"]);
        assert_eq!(found, by_plan(&plan), "plan at {id}");
    }
}

#[test]
fn the_platform_is_replayed_as_plan_and_git_say() {
    agree(systems::platform());
}

mod long {
    use super::{agree, systems};

    #[test]
    #[ignore = "long: 293 commits"]
    fn swift_servers_are_replayed_as_plan_and_git_say() {
        agree(systems::swift());
    }

    #[test]
    #[ignore = "long: 12,000 files"]
    fn the_other_systems_are_replayed_as_plan_and_git_say() {
        [systems::game(), systems::vision()].into_iter().for_each(agree);
    }
}
