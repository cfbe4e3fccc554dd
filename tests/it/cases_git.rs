//! Sources with git: what it explains, what it is asked, and where it is not.

use super::support::{Build, World, changes, entry, git, reason, run};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

/// A repository with one commit.
fn repository() -> World {
    let world = World::new(MAP, &[("a/x", "1"), ("a/y", "1"), ("b/x", "1")]);
    git(&world.source(), &["init", "-q", "-b", "main"]);
    commit(&world);
    world
}

/// Commits all that is there.
fn commit(world: &World) -> String {
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "--allow-empty", "-m", "x"]);
    git(&world.source(), &["rev-parse", "HEAD"])
}

/// Case 27: a full clone whose baseline was force-pushed away.
#[test]
fn the_snapshot_explains_where_the_baseline_commit_is_gone() {
    let world = repository();
    let first = git(&world.source(), &["rev-parse", "HEAD"]);
    world.deploy(&Build::new("1"), "a");
    world.write("a/x", "2");
    git(&world.source(), &["commit", "-qa", "--amend", "-m", "y"]);
    git(&world.source(), &["reflog", "expire", "--expire=now", "--all"]);
    git(&world.source(), &["gc", "-q", "--prune=now"]);
    let held = world.shell(&Build::default(), "sh", &format!("git cat-file -e {first}"));
    assert_ne!(held.code, 0, "the baseline is gone");
    let answer = world.decide(&Build::new("2"), &["a"]);
    assert_eq!(changes(&answer, "a"), ["modified a/x"]);
    assert_eq!(entry(&answer, "a")["baseline"]["revision"], first);
}

/// Case 27: a depth-1 clone.
#[test]
fn the_snapshot_explains_in_a_shallow_clone() {
    let world = repository();
    world.deploy(&Build::new("1"), "a");
    world.remove("a/y");
    let head = commit(&world);
    let clone = world.path("clone");
    let from = format!("file://{}", world.source().display());
    git(&world.path(""), &["clone", "-q", "--depth", "1", &from, clone.to_str().unwrap()]);
    let answer = world.decide(&Build::new("2"), &["a", "--source", clone.to_str().unwrap()]);
    assert_eq!(changes(&answer, "a"), ["deleted a/y"]);
    assert_eq!(answer["revision"], head);
}

/// Case 34: the source lies inside another git repository.
#[test]
fn a_repository_around_the_source_is_never_asked() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1"), (".gitignore", "a/ignored\n")]);
    git(&world.path(""), &["init", "-q"]);
    git(&world.path(""), &["add", "-A"]);
    git(&world.path(""), &["commit", "-q", "-m", "outer"]);
    world.deploy(&Build::new("1"), "a");
    world.write("a/ignored", "1");
    let answer = world.decide(&Build::new("2"), &["a"]);
    assert_eq!((changes(&answer, "a"), &answer["revision"]), (vec!["added a/ignored".to_owned()], &().into()));
    assert_eq!(changes(&world.plan(&["a"]), "a"), ["added a/ignored"]);
    for args in
        [vec!["plan", "--revision", "HEAD"], vec!["plan", "--base", "HEAD"], vec!["adopt", "b", "--from-git", "HEAD"]]
    {
        let done = world.run(&args);
        assert_eq!(done.code, 2, "{args:?}");
        assert!(done.stderr.contains("is not the root of a git repository"), "{}", done.stderr);
    }
    assert!(!world.has_mark("b"));
}

/// Case 34: a `.git` that does not hold the revision that CodeBuild names.
#[test]
fn the_directory_decides_whatever_git_holds() {
    let world = repository();
    let unknown = |id: &str| Build::new(id).with("CODEBUILD_RESOLVED_SOURCE_VERSION", &"f".repeat(40));
    world.deploy(&unknown("1"), "a");
    assert_eq!(world.reason(&unknown("2"), "a"), "unchanged");
    world.write("a/x", "edited, not committed");
    assert_eq!(changes(&world.decide(&unknown("3"), &["a"]), "a"), ["modified a/x"]);
    let done = world.run(["plan", "--revision", &"f".repeat(40)]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("git fetch"), "{}", done.stderr);
}

/// What asks no store does not mind one that cannot be had.
#[test]
fn rules_and_commits_are_looked_at_without_a_store() {
    let world = repository();
    world.write("shipmark.toml", &format!("[state]\nurl = \"nowhere://x\"\n{MAP}"));
    for args in [vec!["plan", "--base", "HEAD"], vec!["explain", "a/x"], vec!["check"]] {
        let mut command = world.command(&Build::default());
        command.env_remove("SHIPMARK_STATE").args(&args);
        let done = run(command);
        assert_eq!(done.code, 0, "{args:?}: {done:?}");
    }
    let mut command = world.command(&Build::default());
    command.env_remove("SHIPMARK_STATE").arg("plan");
    assert_eq!(run(command).code, 2);
}

/// `plan --base A --revision B` is what git says differs, and needs no store.
#[test]
fn a_plan_between_commits_is_gits_difference() {
    let world = repository();
    let source = world.source();
    let base = git(&source, &["rev-parse", "HEAD"]);
    world.write("a/x", "2");
    world.write("a/new one", "3");
    world.write("a/deep/er", "3");
    world.remove("a/y");
    std::fs::rename(source.join("b/x"), source.join("b/z")).unwrap();
    git(&source, &["add", "-A"]);
    git(&source, &["update-index", "--chmod=+x", "b/z"]);
    git(&source, &["update-index", "--add", "--cacheinfo", &format!("160000,{base},a/sub")]);
    git(&source, &["commit", "-q", "-m", "many"]);
    git(&source, &["update-index", "--cacheinfo", &format!("160000,{},a/sub", git(&source, &["rev-parse", "HEAD"]))]);
    git(&source, &["update-index", "--chmod=+x", "a/x"]);
    git(&source, &["commit", "-q", "-m", "a submodule and a mode"]);

    for (from, to) in [(base.as_str(), "HEAD"), ("HEAD~1", "HEAD"), ("HEAD", &base), ("HEAD", "HEAD")] {
        let expected = git(&source, &["-c", "core.quotePath=false", "diff", "--no-renames", "--name-status", from, to]);
        let answer = world.plan(&["--base", from, "--revision", to, "--state", "file:/proc/nonexistent"]);
        let seen = ["a", "b"].map(|service| changes(&answer, service)).concat();
        let letter = |change: &String| {
            let (word, path) = change.split_once(' ').unwrap();
            let letter = match word {
                "added" => "A",
                "deleted" => "D",
                _ => "M",
            };
            format!("{letter}\t{path}")
        };
        assert_eq!(seen.iter().map(letter).collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>(), "{from} {to}");
    }
    let bumped = world.plan(&["a", "--base", "HEAD~1", "--revision", "HEAD"]);
    assert_eq!(changes(&bumped, "a"), ["modified a/sub", "mode a/x"]);
}

/// Case 81: without `--revision`, the working tree is the target, as `git add -A` would see it.
#[test]
fn a_plan_against_a_base_judges_the_working_tree() {
    let world = repository();
    world.write(".gitignore", "*.o\n");
    commit(&world);
    git(&world.source(), &["checkout", "-q", "-b", "feature"]);
    let planned = || {
        let answer = world.plan(&["--base", "main", "--state", "file:/proc/nonexistent"]);
        let shown = ["a", "b"].map(|service| (reason(&answer, service), changes(&answer, service).join(", ")));
        shown.map(|(reason, changes)| if changes.is_empty() { reason } else { changes })
    };
    assert_eq!(planned(), ["unchanged", "unchanged"]);
    world.write("a/x", "not committed");
    world.write("a/new", "not tracked");
    world.write("a/built.o", "ignored");
    assert_eq!(planned(), ["added a/new, modified a/x", "unchanged"]);
    commit(&world);
    assert_eq!(planned(), ["added a/new, modified a/x", "unchanged"]);
    // The base moves on: two dots, as the difference of two trees.
    git(&world.source(), &["checkout", "-q", "main"]);
    world.write("b/x", "main went on");
    commit(&world);
    git(&world.source(), &["checkout", "-q", "feature"]);
    assert_eq!(planned(), ["added a/new, modified a/x", "modified b/x"]);
    world.remove("b/x");
    assert_eq!(planned()[1], "no-inputs");
    let explained = world.run(["plan", "--base", "main", "--explain"]);
    assert_eq!(explained.code, 0, "{explained:?}");
    let unknown = world.run(["plan", "--base", "nowhere"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("nowhere"), "{unknown:?}");
}

/// `plan` shows the working tree as `git add -A` would see it.
#[test]
fn a_plan_sees_what_is_not_committed_and_not_what_is_ignored() {
    let world = repository();
    world.deploy(&Build::new("1"), "a");
    world.write(".gitignore", "*.o\n");
    world.write("a/x", "2");
    world.write("a/x.o", "generated");
    world.write("a/untracked", "new");
    world.remove("a/y");
    assert_eq!(
        changes(&world.plan(&["a"]), "a"),
        ["added a/untracked", "modified a/x", "deleted a/y"].map(str::to_owned)
    );
    assert_eq!(reason(&world.plan(&["a", "--revision", "HEAD"]), "a"), "unchanged");
    assert_eq!(world.stored("a")["attempts"], serde_json::json!([]), "a plan writes nothing");
}

/// `adopt` records what is deployed already.
#[test]
fn a_commit_can_be_adopted_outside_of_a_build() {
    let world = repository();
    let deployed = git(&world.source(), &["rev-parse", "HEAD"]);
    world.write("a/x", "2");
    commit(&world);
    let refused = world.run_in(&Build::new("1"), ["adopt", "a", "--from-git", &deployed, "--yes"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(!world.has_mark("a"));
    let pull_request = Build::default().with("GITHUB_ACTIONS", "true").with("GITHUB_EVENT_NAME", "pull_request");
    let refused = world.run_in(&pull_request, ["adopt", "a", "--from-git", &deployed, "--output", "IMAGE=i", "--yes"]);
    assert_eq!(refused.code, 2, "a pull request has deployed nothing: {refused:?}");
    assert!(!world.has_mark("a"));
    let unknown = world.run(["adopt", "a", "--from-git", "no-such-branch", "--yes"]);
    assert_eq!(unknown.code, 2, "{}", unknown.stderr);
    let adopt = ["adopt", "a", "--from-git", "HEAD~1", "--output", "IMAGE=i"];
    let shown = world.run(adopt);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    for word in [&deployed[..12], "nothing", "IMAGE=i"] {
        assert!(shown.stdout.contains(word), "{word}: {}", shown.stdout);
    }
    assert!(shown.stderr.contains("add --yes"), "{}", shown.stderr);
    assert!(!world.has_mark("a"), "it is only shown");
    let done = world.run(adopt.iter().chain(&["--yes"]));
    assert_eq!(done.code, 0, "{}", done.stderr);
    let answer = world.decide(&Build::new("2"), &["a"]);
    assert_eq!(changes(&answer, "a"), ["modified a/x"]);
    assert_eq!(entry(&answer, "a")["baseline"]["revision"], deployed);
    world.run_in(&Build::new("2").failing(), ["record", "a"]);
    assert_eq!(reason(&world.plan(&["a", "--revision", &deployed]), "a"), "uncertain");
}

/// A live system is adopted at once; what came later is left out, and one that lacks an output stops all.
#[test]
fn all_services_are_adopted_with_the_outputs_of_a_file() {
    let map = "[services.a]\ninclude = [\"a\"]\noutputs = { IMAGE = \"*\" }\n[services.b]\ninclude = [\"b\"]\n[services.late]\ninclude = [\"late\"]\n";
    let world = World::new(map, &[("a/x", "1"), ("b/x", "1")]);
    git(&world.source(), &["init", "-q"]);
    commit(&world);
    world.write("late/x", "1");
    let outputs = world.path("outputs");
    let adopt = |lines: &str| {
        std::fs::write(&outputs, lines).unwrap();
        world.run(["adopt", "--all", "--from-git", "HEAD", "--yes", "--outputs", outputs.to_str().unwrap()])
    };
    for (lines, error) in [
        ("", "IMAGE"),
        ("a:IMAGE", "has no value"),
        ("IMAGE=i", "could be of any of several services"),
        ("c:IMAGE=i", "`c`"),
    ] {
        let done = adopt(lines);
        assert_eq!(done.code, 2, "{lines}: {done:?}");
        assert!(done.stderr.contains(error), "{lines}: {done:?}");
        assert!(!world.has_mark("b"), "{lines}: nothing is written");
    }
    let done = adopt("a:IMAGE=i\n\n");
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("1 service left out (late): "), "{done:?}");
    let answer = world.decide(&Build::new("1"), &[]);
    let reasons = ["a", "b", "late"].map(|service| reason(&answer, service));
    assert_eq!(reasons, ["unchanged", "unchanged", "never-deployed"]);
}

/// A container may have only the working tree, and not the repository that it belongs to.
#[test]
fn a_working_tree_without_its_repository_is_named() {
    let world = repository();
    std::fs::rename(world.source().join(".git"), world.path("elsewhere")).unwrap();
    std::fs::write(world.source().join(".git"), "gitdir: ../elsewhere/gone\n").unwrap();
    for args in [&["plan"][..], &["plan", "--base", "HEAD"]] {
        let done = world.run(args);
        assert!(done.code != 0 && done.stderr.contains("elsewhere/gone"), "{done:?}");
        assert!(done.stderr.contains("is not here") && !done.stderr.contains("another user"), "{done:?}");
    }
    let decided = world.run_in(&Build::new("b:1"), ["decide", "a"]);
    assert!(decided.stdout.contains("BUILD_REASON_A='never-deployed'"), "{decided:?}");
}
