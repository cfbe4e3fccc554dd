//! The systems with long histories, commit by commit, and more walks over all of them.

use std::collections::BTreeSet;

use super::{Replay, builds_what_changed, check_is_silent, explained, is_never_skipped_falsely};
use crate::long::{Share, walks};
use crate::oracle::systems;
use crate::support::say;

#[test]
#[ignore = "long: two processes a commit"]
fn explain_and_plan_agree_on_the_other_systems() {
    let mut claims = 0;
    for system in [systems::swift(), systems::game(), systems::vision()] {
        let Some(replay) = Replay::of(system) else { return };
        claims += explained::agrees_with_plan(&replay);
    }
    say(&format!("explain and plan agree on {claims} inputs that changed"));
    assert!(claims > 1000, "{claims}");
}

#[test]
#[ignore = "long: 293 commits"]
fn swift_servers_build_what_changed_and_nothing_else() {
    let Some(replay) = Replay::of(systems::swift()) else { return };
    let built = replay.plain();
    let all = BTreeSet::from(["command", "command-image", "query", "query-image"]);
    let query_alone = BTreeSet::from(["query", "query-image"]);
    for original in ["3c12540", "69a119c"] {
        let commit = replay.originals.iter().position(|id| id.starts_with(original)).unwrap();
        assert_eq!(built[commit], query_alone, "{original}");
    }
    // What kind of commit it was, told from its paths; the first commits come before there is anything to deploy.
    let (mut package, mut infrastructure, mut documentation) = (0, 0, 0);
    let settled = built.iter().position(|services| *services == all).unwrap() + 1;
    for (commit, services) in built.iter().enumerate().skip(settled) {
        let touched = replay.oracle.touched(commit);
        let only = |of: &dyn Fn(&str) -> bool| touched.iter().all(|path| of(path));
        if touched.iter().any(|path| path == "Server/Package.swift") {
            package += 1;
            assert_eq!(*services, all, "{touched:?}");
        } else if only(&|path| path == "Server/template.yaml" || path.ends_with(".tf")) {
            infrastructure += 1;
            assert_eq!(*services, BTreeSet::from(["command", "query"]), "{touched:?}");
        } else if only(&|path| path.ends_with(".md")) {
            documentation += 1;
            assert_eq!(*services, BTreeSet::new(), "{touched:?}");
        }
    }
    assert!(package > 0 && infrastructure > 0 && documentation > 0, "{package} {infrastructure} {documentation}");
    check_is_silent(&replay);
}

#[test]
#[ignore = "long: 12,000 files"]
fn the_game_builds_what_changed_and_nothing_else() {
    builds_what_changed(systems::game());
}

#[test]
#[ignore = "long: a process a commit"]
fn the_vision_systems_build_what_changed_and_nothing_else() {
    builds_what_changed(systems::vision());
}

#[test]
#[ignore = "long: walks for minutes"]
fn swift_servers_are_never_skipped_falsely() {
    is_never_skipped_falsely(systems::swift(), walks(Share::Program, 0.1, 4));
}

#[test]
#[ignore = "long: walks for minutes"]
fn the_game_is_never_skipped_falsely() {
    is_never_skipped_falsely(systems::game(), walks(Share::Program, 0.1, 4));
}

#[test]
#[ignore = "long: walks for minutes"]
fn the_vision_systems_are_never_skipped_falsely() {
    is_never_skipped_falsely(systems::vision(), walks(Share::Program, 0.1, 4));
}

#[test]
#[ignore = "long: walks for minutes"]
fn the_platform_is_never_skipped_falsely_for_long() {
    is_never_skipped_falsely(systems::platform(), walks(Share::Program, 0.1, 4));
}
