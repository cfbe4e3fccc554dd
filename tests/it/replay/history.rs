//! Which commits are replayed, which are left out and why, and what each builds.

use super::{MAP, builds, change, commit, left_out, replay, repository};
use crate::support::{World, git};

#[test]
fn each_commit_is_held_against_its_first_parent() {
    let world = repository();
    change(&world, "a/x", "2");
    change(&world, "README", "1");
    change(&world, "shared/x", "2");
    change(&world, "b/x", "2");
    let report = replay(&world, &[]);
    let expected = ["a/x is 2: a", "README is 1: ", "shared/x is 2: a", "b/x is 2: b"];
    assert_eq!((builds(&report), left_out(&report)), (expected.map(str::to_owned).into(), vec!["root 1".to_owned()]));
    let service = &report["services"][0];
    assert_eq!((&service["builds"], &service["skips"]), (&2.into(), &2.into()));
    assert_eq!(service["longest_skips"]["commits"], 1);
    let change = &report["commits"][2]["changes"][0];
    assert_eq!((&change["path"], &change["change"]), (&"shared/x".into(), &"modified".into()));
    let input = serde_json::json!([{ "rule": "shared/**", "via": "group:shared", "services": ["a"] }]);
    assert_eq!(change["inputs_of"], input);
}

#[test]
fn a_merge_is_one_step_and_its_branch_is_counted() {
    let world = repository();
    let source = world.source();
    git(&source, &["checkout", "-q", "-b", "branch"]);
    change(&world, "b/x", "2");
    change(&world, "b/x", "3");
    git(&source, &["checkout", "-q", "main"]);
    change(&world, "a/x", "2");
    git(&source, &["merge", "-q", "--no-ff", "-m", "merged", "branch"]);
    let report = replay(&world, &[]);
    assert_eq!(builds(&report), ["a/x is 2: a", "merged: b"]);
    assert_eq!(report["commits"][1]["merge"], true);
    assert_eq!(left_out(&report), ["root 1", "other-parents 2"]);
}

#[test]
fn since_and_last_say_where_it_begins() {
    let world = repository();
    let source = world.source();
    let first = change(&world, "a/x", "2");
    git(&source, &["checkout", "-q", "-b", "branch"]);
    change(&world, "b/x", "2");
    git(&source, &["checkout", "-q", "main"]);
    change(&world, "a/x", "3");
    git(&source, &["merge", "-q", "--no-ff", "-m", "merged", "branch"]);
    let last = change(&world, "a/x", "4");
    let report = replay(&world, &["--since", &first]);
    assert_eq!(builds(&report), ["a/x is 3: a", "merged: b", "a/x is 4: a"]);
    assert_eq!(left_out(&report), ["other-parents 1"]);
    let report = replay(&world, &["--last", "2"]);
    assert_eq!(
        (builds(&report), left_out(&report)),
        (vec!["merged: b".into(), "a/x is 4: a".into()], vec!["other-parents 1".into()])
    );
    assert_eq!(builds(&replay(&world, &["--revision", "main~1", "--since", &first])), ["a/x is 3: a", "merged: b"]);
    let report = replay(&world, &["--since", &last]);
    assert_eq!((builds(&report).len(), left_out(&report).len()), (0, 0), "nothing since");
    assert_eq!(
        builds(&replay(&world, &["--since", "branch"])).len(),
        3,
        "a branch that is merged hides what it stands on"
    );
    assert_eq!(replay(&world, &["--last", "1000000"]), replay(&world, &[]));
}

#[test]
fn a_shallow_clone_says_what_it_lacks() {
    let world = repository();
    (2..6).for_each(|number| drop(change(&world, "a/x", &number.to_string())));
    let clone = world.path("clone");
    let from = format!("file://{}", world.source().display());
    git(&world.path(""), &["clone", "-q", "--depth", "3", &from, clone.to_str().unwrap()]);
    let report = replay(&world, &["--source", clone.to_str().unwrap()]);
    assert_eq!(
        (builds(&report), left_out(&report)),
        (vec!["a/x is 4: a".into(), "a/x is 5: a".into()], vec!["shallow 1".into()])
    );
    let detail = report["left_out"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("the clone is shallow (git fetch --unshallow)"), "{detail}");
}

#[test]
fn a_directory_that_is_missing_leaves_out_the_commits_that_need_it_and_no_other() {
    let world = repository();
    change(&world, "a/x", "2");
    change(&world, "a/x", "3");
    change(&world, "b/x", "two");
    change(&world, "b/x", "three");
    let tree = git(&world.source(), &["rev-parse", "HEAD~3:a"]);
    std::fs::remove_file(world.source().join(".git/objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    let report = replay(&world, &[]);
    assert_eq!(builds(&report), ["b/x is two: b", "b/x is three: b"]);
    assert_eq!(left_out(&report), ["root 1", "missing-objects 1", "missing-objects 1"]);
    let detail = report["left_out"][1]["detail"].as_str().unwrap();
    assert!(detail.contains("`a` cannot be read") && detail.contains(&tree), "{detail}");
    let table = world.run(["replay"]).stdout;
    assert!(table.contains("2 commits, ") && table.contains("not replayed: the commit "), "{table}");
}

#[test]
fn a_commit_that_is_missing_ends_the_history() {
    let world = repository();
    let missing = change(&world, "a/x", "2");
    change(&world, "a/x", "3");
    change(&world, "a/x", "4");
    std::fs::remove_file(world.source().join(".git/objects").join(&missing[..2]).join(&missing[2..])).unwrap();
    let report = replay(&world, &[]);
    assert_eq!(builds(&report), ["a/x is 4: a"]);
    assert_eq!(left_out(&report), ["missing-objects 1", "other-parents null"]);
}

#[test]
fn a_service_without_files_builds_until_it_has_one_and_again_when_it_has_none() {
    let world = World::new(MAP, &[("a/x", "1")]);
    git(&world.source(), &["init", "-q", "-b", "main"]);
    commit(&world, "root");
    change(&world, "a/x", "2");
    change(&world, "b/x", "1");
    change(&world, "b/y", "1");
    world.remove("b/x");
    commit(&world, "one of two is gone");
    world.remove("b/y");
    commit(&world, "none is left");
    change(&world, "README", "1");
    let report = replay(&world, &["b"]);
    let expected =
        ["a/x is 2: b", "b/x is 1: b", "b/y is 1: b", "one of two is gone: b", "none is left: b", "README is 1: b"];
    assert_eq!(builds(&report), expected);
    let commits = report["commits"].as_array().unwrap().iter();
    let reasons: Vec<_> = commits.map(|it| it["builds"][0]["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["no-inputs", "changed", "changed", "changed", "no-inputs", "no-inputs"]);
    assert_eq!(report["services"][0]["builds_without_inputs"], 3);
    let table = world.run(["replay"]).stdout;
    assert!(table.contains("no file is selected, which builds: b at 3 commits"), "{table}");
}

#[test]
fn a_repository_with_one_commit_has_nothing_to_replay() {
    let world = repository();
    let done = world.run(["replay"]);
    assert!(done.stdout.contains("0 commits") && done.stdout.ends_with("There is nothing to replay.\n"), "{done:?}");
    assert_eq!(left_out(&replay(&world, &[])), ["root 1"]);
}
