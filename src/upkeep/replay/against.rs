//! Two maps over the same history: where their decisions differ.

use std::collections::HashMap;

use super::{Replay, ReplayedCommit};
use crate::base::names::ServiceName;
use crate::source::difference::{Change, Compared};

/// Where the decisions of two maps differ.
#[derive(Debug, Default)]
pub struct Against {
    /// The decisions that differ, by commit and service.
    pub flips: Vec<Flip>,
    /// Services that only this map has, in its order.
    pub only_here: Vec<ServiceName>,
    /// Services that only the other map has, in its order.
    pub only_there: Vec<ServiceName>,
    /// How many services were compared.
    pub compared: usize,
    /// How many commits could only be read for one of the maps.
    pub incomparable: usize,
}

/// A decision that differs.
#[derive(Debug)]
pub struct Flip {
    /// The commit, as an index into the commits of this replay.
    pub commit: usize,
    /// The service, as an index into the names of this replay.
    pub service: usize,
    /// What it means.
    pub kind: FlipKind,
    /// The building map's reason.
    pub reason: Compared,
    /// The paths that decide it, with the building map's rules; empty if it selects no files there.
    pub changes: Vec<Change>,
}

/// What it means that two maps differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlipKind {
    /// The other map builds and this one skips: a false skip, if the other map is right.
    PossibleFalseSkip,
    /// This map builds and the other one skips: at worst an unnecessary build.
    BuildsMore,
}

impl FlipKind {
    /// The stable word for it in all outputs.
    pub fn word(self) -> &'static str {
        match self {
            Self::PossibleFalseSkip => "possible-false-skip",
            Self::BuildsMore => "builds-more",
        }
    }
}

impl Against {
    /// The number of flips of a kind.
    pub fn count(&self, kind: FlipKind) -> usize {
        self.flips.iter().filter(|flip| flip.kind == kind).count()
    }
}

/// Compares the decisions of this map with another's. Services are matched by name.
pub fn against(this: &Replay, other: &Replay) -> Against {
    let theirs: HashMap<&ServiceName, usize> = other.services.iter().map(|it| (other.name(*it), *it)).collect();
    let (mut pairs, mut found) = (Vec::new(), Against::default());
    for service in &this.services {
        match theirs.get(this.name(*service)) {
            Some(theirs) => pairs.push((*service, *theirs)),
            None => found.only_here.push(this.name(*service).clone()),
        }
    }
    let here = |it: &&usize| pairs.iter().any(|(_, theirs)| theirs == *it);
    found.only_there = other.services.iter().filter(|it| !here(it)).map(|it| other.name(*it).clone()).collect();
    found.compared = pairs.len();

    let commits: HashMap<&str, &ReplayedCommit> =
        other.commits.iter().map(|it| (it.step.commit.as_str(), it)).collect();
    for (number, commit) in this.commits.iter().enumerate() {
        match commits.get(commit.step.commit.as_str()) {
            Some(other) => found.flips.extend(pairs.iter().filter_map(|pair| flip(number, commit, other, *pair))),
            None => found.incomparable += 1,
        }
    }
    let common = this.commits.len() - found.incomparable;
    found.incomparable += other.commits.len() - common;
    found
}

fn flip(
    number: usize,
    this: &ReplayedCommit,
    other: &ReplayedCommit,
    (service, theirs): (usize, usize),
) -> Option<Flip> {
    let (mine, others) = (this.reason(service), other.reason(theirs));
    let (kind, reason, changes) = match (mine == Compared::Unchanged, others == Compared::Unchanged) {
        (true, false) => (FlipKind::PossibleFalseSkip, others, other.changes(theirs)),
        (false, true) => (FlipKind::BuildsMore, mine, this.changes(service)),
        (true, true) | (false, false) => return None,
    };
    Some(Flip { commit: number, service, kind, reason, changes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upkeep::replay::fixtures::{named, replay};

    #[test]
    fn only_decisions_that_differ_are_flips() {
        let (this, other) = (replay(2, &["0", "01", "", "1"]), replay(2, &["1", "01", "", ""]));
        let found = against(&this, &other);
        let flips: Vec<_> = found.flips.iter().map(|flip| (flip.commit, flip.service, flip.kind)).collect();
        let expected =
            [(0, 0, FlipKind::BuildsMore), (0, 1, FlipKind::PossibleFalseSkip), (3, 1, FlipKind::BuildsMore)];
        assert_eq!(flips, expected);
        assert_eq!(found.flips[1].changes[0].path, "1/file");
        assert_eq!((found.count(FlipKind::BuildsMore), found.compared, found.incomparable), (2, 2, 0));
    }

    #[test]
    fn services_are_matched_by_name_and_the_rest_is_told() {
        let (this, other) = (named(&["a", "b"], &["0", "1"]), named(&["b", "c"], &["1", "0"]));
        let found = against(&this, &other);
        assert_eq!(found.flips.len(), 0, "b builds at the second commit for both");
        let words = |names: &[ServiceName]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!((words(&found.only_here), words(&found.only_there)), ("a".to_owned(), "c".to_owned()));
    }

    #[test]
    fn a_service_without_inputs_in_the_other_map_is_a_flip_without_paths() {
        let (this, mut other) = (replay(1, &[""]), replay(1, &["0"]));
        other.commits[0].difference.changes.clear();
        other.commits[0].difference.without_inputs = vec![0];
        let found = against(&this, &other);
        let flip = &found.flips[0];
        assert_eq!((flip.reason, flip.kind, flip.changes.len()), (Compared::NoInputs, FlipKind::PossibleFalseSkip, 0));
    }

    #[test]
    fn commits_that_only_one_map_could_read_are_no_flips() {
        let (this, mut other) = (replay(1, &["0", "0"]), replay(1, &["", ""]));
        other.commits.remove(0);
        let found = against(&this, &other);
        assert_eq!((found.flips.len(), found.flips[0].commit, found.incomparable), (1, 1, 1));
    }
}
