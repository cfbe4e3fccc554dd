//! The replay without faults: every build that is needed deploys and records. Then every decision follows from the
//! history alone, and so does every list of changed paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::layout::Layout;
use super::product::{Decision, Outcome, Product};
use crate::oracle::Oracle;

/// What a service's decision has to be: the reason, and what differs from the last deploy.
type Expected = (&'static str, Vec<(String, &'static str)>);

/// Replays the whole history and returns which services each commit built.
pub(crate) fn replay(oracle: &Oracle, scratch: &Path) -> Vec<BTreeSet<&'static str>> {
    let product = Product::new(&oracle.system, scratch);
    let mut layout = Layout::new(scratch.join("source"));
    let mut deployed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut built = Vec::new();
    for (commit, revision) in oracle.commits.iter().enumerate() {
        layout.move_to(oracle, commit);
        let build = product.build(commit, &layout.directory, revision);
        let mut decisions = product.decide(&build, &[]);
        let (mut to_record, mut empty) = (Vec::new(), Vec::new());
        for service in oracle.system.services() {
            let expected = expected(oracle, service, deployed.get(service).copied(), commit);
            let decision = decisions.services.remove(service).unwrap_or_else(|| panic!("{service} was not decided"));
            compare(&format!("{service} at commit {commit} ({revision})"), &expected, &decision);
            match expected.0 {
                "unchanged" => {}
                "no-inputs" => empty.push(service),
                _ => to_record.push(service),
            }
        }
        assert!(decisions.services.is_empty(), "decided beyond the map: {:?}", decisions.services.keys());
        if commit + 1 == oracle.commits.len() {
            assert_eq!(decisions.unowned.expect("all services were decided"), oracle.system.unowned);
        }
        if !to_record.is_empty() {
            product.record(&build, Outcome::Succeeded, &to_record);
            deployed.extend(to_record.iter().map(|service| (*service, commit)));
        }
        if !empty.is_empty() {
            // Nothing is there to be built, so the build of it fails.
            product.record(&build, Outcome::Failed, &empty);
        }
        built.push(to_record.into_iter().collect());
    }
    built
}

fn expected(oracle: &Oracle, service: &'static str, deployed: Option<usize>, commit: usize) -> Expected {
    let changes = deployed.map(|deployed| oracle.changes(service, deployed, commit));
    let reason = match &changes {
        _ if oracle.content(service, commit).is_empty() => "no-inputs",
        None => "never-deployed",
        Some(changes) if changes.is_empty() => "unchanged",
        Some(_) => "changed",
    };
    (reason, changes.unwrap_or_default())
}

fn compare(what: &str, expected: &Expected, decision: &Decision) {
    let (reason, changes) = expected;
    assert_eq!(decision.reason, *reason, "{what}: {}", decision.detail);
    assert_eq!(decision.skip, *reason == "unchanged", "{what}: {}", decision.detail);
    assert_same_changes(what, changes, decision);
}

/// Holds the printed changes against git's, order included.
pub(crate) fn assert_same_changes(what: &str, changes: &[(String, &'static str)], decision: &Decision) {
    let printed: Vec<_> = decision.changes.iter().map(|(path, change)| (path.as_str(), change.as_str())).collect();
    let expected: Vec<_> = changes.iter().map(|(path, change)| (path.as_str(), *change)).collect();
    assert_eq!(printed, expected, "{what}");
    assert_eq!(decision.changes_total, Some(changes.len() as u64), "{what}");
}
