//! What a plan is compared with: merge bases, the base that a webhook names, and no base at all.

use serde_json::Value;

use super::super::support::{changes, entry, git, reason};
use super::{Clone, commit, write};

const A_CHANGED: [&str; 2] = ["modified a/x", "unchanged"];

/// What changed for `a` and `b`, else the reason.
fn planned(clone: &Clone, args: &[&str]) -> [String; 2] {
    let answer = clone.world.plan(args);
    ["a", "b"].map(|service| {
        let changes = changes(&answer, service).join(", ");
        if changes.is_empty() { reason(&answer, service) } else { changes }
    })
}

/// Case 81: two dots compare two trees, three dots what the branch has done.
#[test]
fn three_dots_compare_with_the_merge_base() {
    let clone = Clone::new(&[]);
    assert_eq!(planned(&clone, &["--base", "origin/main"]), ["modified a/x", "modified b/x"]);
    let base = git(&clone.source(), &["merge-base", "origin/main", "HEAD"]);
    for args in [
        &["--base", "origin/main..."][..],
        &["--base", "origin/main...HEAD"],
        &["--base", "origin/main...", "--revision", "HEAD"],
        &["--base", "origin/main...feature", "--revision", "feature"],
        &["--base", "main..."],
        &["--base", "refs/heads/main..."],
    ] {
        assert_eq!(planned(&clone, args), A_CHANGED, "{args:?}");
        assert_eq!(entry(&clone.world.plan(args), "a")["baseline"]["revision"], base, "{args:?}");
    }
    // The working tree is the target, unless a commit is named.
    write(&clone.source(), "b/new", "not committed");
    assert_eq!(planned(&clone, &["--base", "main..."]), ["modified a/x", "added b/new"]);
    assert_eq!(planned(&clone, &["--base", "main...HEAD"]), A_CHANGED);
}

/// A branch of the clone's own is preferred, as in git.
#[test]
fn a_local_branch_is_the_base_where_there_is_one() {
    let clone = Clone::new(&[]);
    git(&clone.source(), &["branch", "main", "HEAD"]);
    assert_eq!(planned(&clone, &["--base", "main..."]), ["unchanged", "unchanged"]);
    assert_eq!(planned(&clone, &["--base", "origin/main..."]), A_CHANGED);
}

/// Case 81: a webhook says `000…` for a new branch.
#[test]
fn everything_builds_on_a_branch_without_a_commit_before() {
    let clone = Clone::new(&[]);
    let zeros = "0".repeat(40);
    for args in
        [&["--base", &zeros][..], &["--base", &zeros, "--revision", "HEAD"], &["--base", &format!("{zeros}...")]]
    {
        let answer = clone.world.plan(args);
        for service in ["a", "b"] {
            assert_eq!(reason(&answer, service), "changed", "{args:?}");
            let found = entry(&answer, service);
            assert_eq!(found["detail"], "the branch is new: there is no commit to compare with");
            assert_eq!((&found["baseline"], &found["changes"]), (&Value::Null, &serde_json::json!([])));
        }
    }
    std::fs::remove_dir_all(clone.source().join("b")).unwrap();
    assert_eq!(reason(&clone.world.plan(&["--base", &zeros]), "b"), "no-inputs");
    let refused = clone.world.run(["plan", "--revision", &zeros]);
    assert!(refused.code == 2 && refused.stderr.contains("is not a commit"), "{refused:?}");
}

/// `$CODEBUILD_WEBHOOK_BASE_REF` is not set where no pull request started the build.
#[test]
fn a_base_that_is_not_there_is_refused_with_what_to_do() {
    let clone = Clone::new(&[]);
    git(&clone.source(), &["checkout", "-q", "--orphan", "alone"]);
    commit(&clone.source());
    for (base, error) in [
        ("...", "names no commit before the dots"),
        ("...HEAD", "names no commit before the dots"),
        ("main..HEAD", "is a range"),
        ("main...", "have no common commit"),
        ("main...nowhere", "`nowhere`"),
        ("nowhere...", "`nowhere`"),
        ("HEAD~9", "`HEAD~9`"),
    ] {
        let done = clone.world.run(["plan", "--base", base]);
        assert!(done.code == 2 && done.stderr.contains(error), "{base}: {done:?}");
        assert!(done.stderr.contains("hint: ") || done.stderr.contains("git fetch"), "{base}: {done:?}");
    }
    let two = clone.world.run(["plan", "--base", "main...HEAD", "--revision", "feature"]);
    assert!(two.code == 2 && two.stderr.contains("names another commit than --revision"), "{two:?}");
}

/// Explanations are of the same two commits.
#[test]
fn an_explanation_follows_the_merge_base() {
    let clone = Clone::new(&[]);
    for args in [&["--base", "main..."][..], &["--base", "main...HEAD"]] {
        let done = clone.world.run(["plan", "--explain"].iter().chain(args));
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains("a/x") && !done.stdout.contains("b/x"), "{args:?}: {}", done.stdout);
    }
}
