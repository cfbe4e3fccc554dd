//! `explain` and `plan` say the same of every changed path: they ask one matcher.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use serde_json::Value;

use super::Replay;
use super::product::map_file;
use crate::support::shipmark;

/// A service, a path, the rule that makes it an input, and through what.
type Claim = (String, String, String, String);

/// Runs a command that needs no state on the rebuilt repository, of which no file is checked out.
fn run(replay: &Replay, source: &Path, args: &[&str]) -> Value {
    let system = &replay.oracle.system;
    let map = map_file(system);
    let head = ["--config".as_ref(), map.as_os_str(), "--source".as_ref(), source.as_os_str()];
    let head = head.into_iter().chain(["--environment", system.environment].map(OsStr::new));
    shipmark(source, head.chain(args.iter().map(OsStr::new))).json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// What a plan says of the paths that differ between two commits.
fn planned(plan: &Value) -> BTreeSet<Claim> {
    let services = plan["services"].as_array().unwrap().iter();
    let of = |service: &Value| {
        let changes = service["changes"].as_array().unwrap().clone();
        let name = text(&service["service"]);
        changes.into_iter().map(move |change| {
            let via = change["via"].as_str().unwrap_or_default().to_owned();
            (name.clone(), text(&change["path"]), text(&change["rule"]), via)
        })
    };
    services.flat_map(of).collect()
}

/// What is explained of the same paths.
fn explained(whole: &Value) -> BTreeSet<Claim> {
    let mut claims = BTreeSet::new();
    for path in whole["paths"].as_array().unwrap() {
        for input in path["answers"][0]["inputs_of"].as_array().unwrap() {
            let chain = input["chain"].as_array().unwrap();
            let via = match (chain.len(), input["group"].as_str()) {
                (1, Some(group)) => format!("group:{group}"),
                (1, None) => String::new(),
                _ => format!("dependency:{}", text(chain.last().unwrap())),
            };
            claims.insert((text(&input["service"]), text(&path["path"]), text(&input["rule"]), via));
        }
    }
    claims
}

/// Holds the two against each other for every changed path of every commit. Gives how many claims there were.
pub(crate) fn agrees_with_plan(replay: &Replay) -> usize {
    let source = replay.scratch.path().join("explained");
    std::fs::create_dir(&source).unwrap();
    std::os::unix::fs::symlink(&replay.oracle.git.directory, source.join(".git")).unwrap();
    let mut claims = 0;
    for commit in 1..replay.oracle.commits.len() {
        let (base, revision) = (&replay.oracle.commits[commit - 1], &replay.oracle.commits[commit]);
        let plan = run(
            replay,
            &source,
            &["plan", "--format", "json", "--all-changes", "--base", base, "--revision", revision],
        );
        let touched = replay.oracle.touched(commit);
        if touched.is_empty() {
            continue;
        }
        let words = ["explain", "--json", "--"].into_iter().chain(touched.iter().map(String::as_str));
        let explained = explained(&run(replay, &source, &words.collect::<Vec<_>>()));
        assert_eq!(explained, planned(&plan), "commit {commit} ({revision})");
        claims += explained.len();
    }
    claims
}
