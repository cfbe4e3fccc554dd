//! Hand-made trees, and rules from short descriptions, for the tests of this and later modules.

use std::sync::Arc;

use super::commit::CommitStep;
use super::{FileKind, SourceKind, Tree, TreeEntry, Unreadable};
use crate::base::fingerprint::BlobId;
use crate::base::names::EnvironmentName;
use crate::map::ServiceMap;
use crate::map::rules::Via;
use crate::map::rules::{Rules, SelectedBy, Verdict};
use crate::pattern::Position;

pub(crate) fn claim(service: usize, rule: &str, via: Via) -> SelectedBy {
    SelectedBy { service, rule: rule.into(), via, position: Position { file: 0, line: 1, column: 1 }, by_policy: false }
}

/// An entry whose id is 20 times `id`.
pub(crate) fn entry(path: &str, id: u8, kind: FileKind, claims: Vec<SelectedBy>) -> TreeEntry {
    let verdict = Arc::new(Verdict { owned: !claims.is_empty(), claims });
    TreeEntry { path: path.into(), id: BlobId([id; 20]), kind, verdict }
}

pub(crate) fn tree(keeps_modes: bool, entries: Vec<TreeEntry>) -> Tree {
    let files = entries.len();
    Tree {
        source: SourceKind::Directory,
        entries,
        keeps_modes,
        files,
        unreadable: Vec::new(),
        unowned: None,
        links: Vec::new(),
    }
}

pub(crate) fn unreadable(path: &str, services: &[usize]) -> Unreadable {
    Unreadable::new(path.as_bytes(), "is gone", services.to_vec())
}

/// The rules of services that each include some patterns; all services are asked for, sorted by name.
pub(crate) fn rules(services: &[(&str, &[&str])], find_unowned: bool) -> Rules {
    let tables = services.iter().map(|(name, patterns)| format!("[services.{name}]\ninclude = {patterns:?}\n"));
    let map = ServiceMap::parse("shipmark.toml", tables.collect::<String>().as_bytes()).unwrap();
    let asked: Vec<usize> = (0..map.services.len()).collect();
    Rules::compile(&map, &EnvironmentName::default(), &asked, find_unowned)
}

/// A step of a history whose trees are not read, committed this many seconds after 1970.
pub(crate) fn step(commit: &str, parent: &str, time: i64) -> CommitStep {
    let none = gix::ObjectId::null(gix::hash::Kind::Sha1);
    let subject = format!("the subject of {commit}").into();
    CommitStep { commit: commit.into(), parent: parent.into(), parents: 1, time, subject, trees: (none, none) }
}
