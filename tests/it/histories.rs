//! Replays the histories of four real systems through the built program, with the maps in `config/`: the shortest of them by
//! default, the others in the long tier.
//!
//! Every commit is laid out as CodePipeline hands it to a build and decided; what was decided is held against
//! [`crate::oracle`], which shares no code with the product. Where the histories are not at hand, the tests are SKIPPED.

mod explained;
mod faults;
pub(crate) mod history;
mod layout;
mod live;
mod long;
mod plain;
mod product;
mod replay;

use std::collections::BTreeSet;

use tempfile::TempDir;

use crate::oracle::Oracle;
use crate::oracle::systems::{self, System};
use crate::support::{say, skip};
use product::Product;

pub(crate) use product::map_file;

/// A system's history as a repository in a folder of its own.
pub(crate) struct Replay {
    scratch: TempDir,
    pub(crate) oracle: Oracle,
    /// The ids that the commits had where they were made.
    originals: Vec<String>,
}

impl Replay {
    /// `None`, and SKIPPED, where the histories are not at hand.
    pub(crate) fn of(system: System) -> Option<Self> {
        let Some(folder) = history::folder() else {
            skip("histories", &format!("the history of {} is missing", system.name));
            return None;
        };
        let scratch = tempfile::tempdir().unwrap();
        let commits = history::read(&folder.join(format!("{}.jsonl.gz", system.name)));
        let git = history::rebuild(&commits, &scratch.path().join("repository"));
        let oracle = Oracle::new(git, system);
        assert_eq!(oracle.commits.len(), commits.len(), "one commit a line");
        let originals = commits.into_iter().map(|commit| commit.original).collect();
        Some(Self { scratch, oracle, originals })
    }

    fn plain(&self) -> Vec<BTreeSet<&'static str>> {
        plain::replay(&self.oracle, self.scratch.path())
    }
}

/// The maps' own tests, judged by git: if these paths changed, the services with a matching pathspec would build.
fn expectations_agree_with_git(system: System) {
    let Some(replay) = Replay::of(system) else { return };
    let system = &replay.oracle.system;
    let map: toml::Table = std::fs::read_to_string(product::map_file(system)).unwrap().parse().unwrap();
    let names = |value: &toml::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    for (number, expect) in map["expect"].as_array().unwrap().iter().enumerate() {
        let changed = names(&expect["changed"]);
        let branch = format!("expect-{number}");
        history::add_branch(&replay.oracle.git, &branch, &changed.iter().map(String::as_str).collect::<Vec<_>>());
        let selected = |service: &&str| {
            let pathspecs = system.pathspecs(service);
            !replay.oracle.git.diff(crate::oracle::git::EMPTY_TREE, &branch, pathspecs).is_empty()
        };
        let by_git: BTreeSet<&str> = system.services().filter(selected).collect();
        let by_map = names(&expect["builds"]);
        assert_eq!(by_git, by_map.iter().map(String::as_str).collect(), "changed: {changed:?}");
    }
}

/// The maps that people read as examples have nothing for `check` to find but the unowned files that the oracle names.
fn check_is_silent(replay: &Replay) {
    let last = replay.oracle.commits.len() - 1;
    let mut layout = layout::Layout::new(replay.scratch.path().join("head"));
    layout.move_to(&replay.oracle, last);
    let product = Product::new(&replay.oracle.system, replay.scratch.path());
    let build = product.build(last, &layout.directory, &replay.oracle.commits[last]);
    let said = product.check(&build);
    let expected = usize::from(!replay.oracle.system.unowned.is_empty());
    assert!(!said.contains("error[") && said.matches("warning[").count() == expected, "{said}");
}

#[test]
fn the_expectations_of_every_map_agree_with_git() {
    for system in [systems::swift(), systems::game(), systems::vision(), systems::platform()] {
        expectations_agree_with_git(system);
    }
}

#[test]
fn explain_and_plan_agree_on_every_changed_path_of_every_commit() {
    let Some(replay) = Replay::of(systems::platform()) else { return };
    let claims = explained::agrees_with_plan(&replay);
    say(&format!("explain and plan agree on {claims} inputs that changed"));
    assert!(claims > 100, "{claims}");
}

#[test]
fn the_platform_builds_what_changed_and_nothing_else() {
    builds_what_changed(systems::platform());
}

#[test]
fn the_platform_is_never_skipped_falsely() {
    is_never_skipped_falsely(systems::platform(), [1].into_iter());
}

/// Every commit builds what differs from what was deployed last, and the map has nothing for `check` to find.
fn builds_what_changed(system: System) {
    let Some(replay) = Replay::of(system) else { return };
    replay.plain();
    check_is_silent(&replay);
}

/// Whatever happens to the builds.
fn is_never_skipped_falsely(system: System, seeds: impl Iterator<Item = u64>) {
    let Some(replay) = Replay::of(system) else { return };
    faults::replay(&replay.oracle, replay.scratch.path(), seeds);
}
