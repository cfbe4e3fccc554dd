//! Whatever is asked about the same bytes gets the same answer: how two commits differ, in one step or within a history,
//! is how their inputs differ, and every kind of source has the same inputs. Over made-up histories with links.

use std::fs;
use std::sync::atomic::AtomicUsize;

use fastrand::Rng;
use shipmark::map::rules::{Rules, Via};
use shipmark::source::difference::{self, Change, Compared};
use shipmark::source::extras::Extras;
use shipmark::source::inputs;
use shipmark::source::snapshot::Snapshot;
use shipmark::source::tree::commit::{CommitDifference, Range, Repository};
use shipmark::source::tree::{Tree, directory, worktree, zip};

use super::{Source, rules};
use crate::support::say;

const DIRECTORIES: [&str; 6] = ["a", "b", "lib", "lib/deep", "a/in", "other"];
const NAMES: [&str; 4] = ["x", "y", "to", "on"];
const PATTERNS: [&str; 11] =
    ["a", "a/*", "a/**/x", "b/to/x", "b", "lib/deep", "a/to/on/**", "*/on", "other/x", "a/in/to", "b/**/y"];
const TARGETS: [&str; 12] = [
    "../lib",
    "../lib/deep",
    "x",
    "../other/x",
    "../a",
    "..",
    "../b/to",
    "deep/on",
    "../../other",
    "nowhere",
    "../a/to/x",
    "../lib/deep/on",
];

/// Makes, changes, or removes one path.
fn disturb(source: &Source, random: &mut Rng) {
    let path = format!("{}/{}", random.choice(DIRECTORIES).unwrap(), random.choice(NAMES).unwrap());
    let full = source.path(path.as_bytes());
    // What leads through a link would be written elsewhere.
    let parent = full.parent().unwrap();
    if parent.exists()
        && parent.canonicalize().unwrap()
            != source.root().canonicalize().unwrap().join(parent.strip_prefix(source.root()).unwrap())
    {
        return;
    }
    if full.is_dir() && !full.is_symlink() {
        return fs::remove_dir_all(full).unwrap();
    }
    let _ = fs::remove_file(&full);
    match random.u8(..6) {
        0 => {}
        1 | 2 => source.link(&path, random.choice(TARGETS).unwrap()),
        3 => source.write(format!("{path}/x"), [random.u8(..)]),
        _ => source.write(&path, [random.u8(..)]),
    }
}

fn some_rules(random: &mut Rng) -> Rules {
    let mut pick = || {
        let mut patterns = PATTERNS.to_vec();
        random.shuffle(&mut patterns);
        patterns.truncate(random.usize(1..4));
        patterns
    };
    let (one, two, three) = (pick(), pick(), pick());
    rules(&[("one", &one), ("three", &three), ("two", &two)], random.bool())
}

fn shown(changes: &[Change]) -> Vec<String> {
    // Where two links lead to the same, either may be named.
    let by = |change: &Change| match change.via {
        Via::Link(_) => "a link".to_owned(),
        _ => change.rule.clone(),
    };
    let show = |change: &Change| format!("{} {} by {}", change.kind.word(), change.path, by(change));
    changes.iter().map(show).collect()
}

/// What is known about each service from two whole trees.
fn from_trees(before: &Tree, now: &Tree) -> Vec<(Compared, Vec<String>)> {
    let none = Extras::default();
    let service = |service: usize| {
        let changes = difference::since(&Snapshot::of(before, service, &none), now, service);
        let doubtful = |tree: &Tree| tree.unreadable.iter().any(|unreadable| unreadable.services.contains(&service));
        let files = |entry: &&shipmark::source::tree::TreeEntry| {
            entry.verdict.claim(service).is_some_and(|claim| !claim.by_policy)
        };
        let compared = match () {
            () if doubtful(before) || doubtful(now) => Compared::Unreadable,
            () if now.entries.iter().filter(files).count() == 0 => Compared::NoInputs,
            () if changes.is_empty() => Compared::Unchanged,
            () => Compared::Changed,
        };
        (compared, shown(&changes))
    };
    (0..3).map(service).collect()
}

fn from_pair(difference: &CommitDifference) -> Vec<(Compared, Vec<String>)> {
    let service =
        |service| (difference::compared(difference, service), shown(&difference::between(difference, service)));
    (0..3).map(service).collect()
}

/// The inputs of each service, and its doubts.
fn contents(tree: &Tree, rules: &Rules) -> Vec<String> {
    let none = Extras::default();
    let inputs = inputs::collect(tree, rules, |_| &none);
    inputs.iter().map(|inputs| format!("{:?} {:?} {:?}", inputs.content, inputs.count, inputs.doubt)).collect()
}

fn walk(seed: u64) -> usize {
    let mut random = Rng::with_seed(seed);
    let source = Source::repository();
    let rules = some_rules(&mut random);
    for _ in 0..12 {
        for _ in 0..random.usize(1..5) {
            disturb(&source, &mut random);
        }
        source.commit();
    }
    let repository = Repository::open(source.root()).unwrap();
    let history = repository.history(Range::default()).unwrap();
    let steps = repository.differences(&history.steps, &rules, &AtomicUsize::new(0));
    let mut through_links = 0;
    for (step, difference) in history.steps.iter().zip(steps) {
        let read = |commit: &str| repository.read(commit, &rules).unwrap();
        let (before, now) = (read(&step.parent), read(&step.commit));
        let expected = from_trees(&before, &now);
        let about = format!("seed {seed}, {} to {}", step.parent, step.commit);
        assert_eq!(from_pair(&difference.unwrap()), expected, "in a history: {about}");
        assert_eq!(from_pair(&repository.changes(&step.parent, &step.commit, &rules).unwrap()), expected, "{about}");
        through_links +=
            expected.iter().flat_map(|(_, changes)| changes).filter(|text| text.ends_with("by a link")).count();
    }
    let archive = tempfile::NamedTempFile::new().unwrap();
    source.git(&["archive", "--format=zip", "-o", archive.path().to_str().unwrap(), "HEAD"]);
    let of_commit = contents(&repository.read("HEAD", &rules).unwrap(), &rules);
    assert_eq!(contents(&directory::read(source.root(), &rules).unwrap(), &rules), of_commit, "directory: seed {seed}");
    assert_eq!(contents(&worktree::read(source.root(), &rules).unwrap(), &rules), of_commit, "worktree: seed {seed}");
    let without_modes = |text: &str| text.split("modes").next().unwrap().to_owned();
    for (of_zip, of_commit) in contents(&zip::read(archive.path(), &rules).unwrap(), &rules).iter().zip(of_commit) {
        // A zip does not know what is around it.
        if !of_zip.contains("leads out of the source") {
            assert_eq!(without_modes(of_zip), without_modes(&of_commit), "zip: seed {seed}");
        }
    }
    through_links
}

#[test]
fn commits_that_differ_and_sources_of_all_kinds_agree_about_links() {
    let through_links: usize = (0..16).map(walk).sum();
    say(&format!("16 histories: {through_links} changes through links"));
    assert!(through_links > 40, "links are part of it: {through_links}");
}

mod long {
    use super::walk;
    use crate::long::{Share, walks};

    #[test]
    #[ignore = "long: many histories"]
    fn thousands_of_histories_agree_about_links() {
        for seed in walks(Share::Rest, 0.08, 5000) {
            walk(seed);
        }
    }
}
