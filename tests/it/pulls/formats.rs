//! Repositories of other formats: right, or one sentence that says what is not supported.

use super::super::support::{Build, World, entry, git, reason, say};
use super::{MAP, commit};

/// A repository in this format with a change that is not committed; nothing if this git does not know the format.
fn repository(option: &str) -> Option<World> {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    let mut init = std::process::Command::new("git");
    init.current_dir(world.source()).args(["init", "-q", "-b", "main", option]);
    if !init.output().unwrap().status.success() {
        say(&format!("SKIPPED: this git knows no {option}"));
        return None;
    }
    commit(&world.source());
    world.write("a/x", "2");
    commit(&world.source());
    world.write("b/x", "2");
    Some(world)
}

#[test]
fn references_in_a_table_are_not_supported_and_one_sentence_says_so() {
    let Some(world) = repository("--ref-format=reftable") else { return };
    for args in [
        &["--base", "HEAD"][..],
        &["--base", "main..."],
        &["--base", "HEAD~1", "--revision", "HEAD"],
        &["--revision", "HEAD"],
    ] {
        let done = world.run(["plan"].iter().chain(args));
        assert!(done.code == 2 && done.stderr.contains("`reftable`"), "{args:?}: {done:?}");
        assert!(done.stderr.contains("git clone --ref-format=files"), "{args:?}: {done:?}");
    }
    // The files are read all the same.
    assert_eq!(reason(&world.plan(&[]), "a"), "never-deployed");
    let clone = world.path("clone");
    let (from, to) = (world.source(), clone.to_str().unwrap().to_owned());
    git(&world.path(""), &["clone", "-q", "--ref-format=files", from.to_str().unwrap(), &to]);
    let answer = world.plan(&["--source", &to, "--base", "HEAD~1"]);
    assert_eq!(["a", "b"].map(|service| reason(&answer, service)), ["changed", "unchanged"]);
}

#[test]
fn ids_of_sha_256_are_not_supported_and_one_sentence_says_so() {
    let Some(world) = repository("--object-format=sha256") else { return };
    for args in [
        &["--base", "HEAD"][..],
        &["--base", "main..."],
        &["--base", "HEAD~1", "--revision", "HEAD"],
        &["--revision", "HEAD"],
        &[],
    ] {
        let done = world.run(["plan"].iter().chain(args));
        assert!(done.code == 2 && done.stderr.contains("SHA-256"), "{args:?}: {done:?}");
    }
    let build = Build::new("1");
    let decided = world.decide(&build, &[]);
    assert_eq!(reason(&decided, "a"), "source-unreadable");
    let detail = entry(&decided, "a")["detail"].as_str().unwrap();
    assert!(detail.contains("`.git/index`") && detail.contains("SHA-256"), "{detail}");
}
