//! Builds of the version before this one and of this one, on one store: what `docs/upgrade.md` says.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::support::{Build, World, say};

/// The last commit whose program writes schema 1.
const LAST_OF_SCHEMA_1: &str = "e0667ae6f25c854c3e5e236901d77cc5cafcaf47";

/// The program of that commit; `None` where the history lacks it.
fn old_program() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let git = |args: &[&str]| Command::new("git").current_dir(root).args(args).output().unwrap();
    if !git(&["cat-file", "-e", &format!("{LAST_OF_SCHEMA_1}^{{commit}}")]).status.success() {
        say(&format!("SKIPPED: the version before: this clone lacks the commit {LAST_OF_SCHEMA_1}"));
        return None;
    }
    let source = root.join("target/schema-1/source");
    if !source.join("Cargo.toml").exists() {
        std::fs::create_dir_all(&source).unwrap();
        let archive = git(&["archive", "--format=tar", LAST_OF_SCHEMA_1]);
        assert!(archive.status.success());
        let tar = root.join("target/schema-1/source.tar");
        std::fs::write(&tar, archive.stdout).unwrap();
        assert!(Command::new("tar").arg("xf").arg(&tar).arg("-C").arg(&source).status().unwrap().success());
    }
    let built = Command::new(env!("CARGO"))
        .current_dir(&source)
        .args(["build", "--locked", "--quiet", "--target-dir"])
        .arg(root.join("target/schema-1/build"))
        .status()
        .unwrap();
    assert!(built.success(), "the version before cannot be built");
    Some(root.join("target/schema-1/build/debug/shipmark"))
}

fn build(id: &str) -> Build {
    Build::new(id)
}

/// What the old program decides.
fn old_reason(world: &World, old: &Path, id: &str) -> Value {
    let done = world.run_program(old, &build(id), &["decide", "a", "--format", "json"]);
    done.json()["services"][0]["reason"].clone()
}

fn old_record(world: &World, old: &Path, id: &str) {
    let done = world.run_program(old, &build(id), &["record", "a"]);
    assert_eq!(done.code, 0, "{done:?}");
}

mod long {
    use super::*;

    #[test]
    #[ignore = "long: builds the version before this one"]
    fn a_fleet_of_two_versions_builds_more_and_never_skips_falsely() {
        let Some(old) = old_program() else { return };
        let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
        assert_eq!(old_reason(&world, &old, "1"), "never-deployed");
        old_record(&world, &old, "1");
        assert_eq!(old_reason(&world, &old, "2"), "unchanged");
        // This version cannot tell whose artifact that is: one build.
        assert_eq!(world.deploy(&build("3"), "a"), "other-pipeline");
        assert_eq!(world.reason(&build("5"), "a"), "unchanged");
        // The old one sees that it cannot read the mark, builds, and says so in the envelope.
        world.write("a/x", "2");
        assert_eq!(old_reason(&world, &old, "6"), "state-unreadable");
        world.write("a/x", "1");
        assert_eq!(world.reason(&build("7"), "a"), "deploy-pending");
        // What it has deployed is not what the mark says.
        let done = world.run_program(&old, &build("6"), &["record", "a"]);
        assert!(done.code == 1 && done.stderr.contains("now in doubt"), "{done:?}");
        assert_ne!(world.reason(&build("8"), "a"), "unchanged");
        assert_eq!(world.run_in(&build("8"), ["record", "a"]).code, 0);
        // Two deploys later nothing of that is left; then somebody taints it with the old program.
        let taint = ["taint", "a", "--ended", "--reason", "all was stopped"];
        assert_eq!(world.run(["taint", "a", "--nothing-running", "--reason", "all was stopped"]).code, 0);
        world.deploy(&build("9"), "a");
        assert_eq!(world.reason(&build("10"), "a"), "unchanged");
        assert_eq!(world.run_program(&old, &Build::default(), &taint).code, 0);
        assert_eq!(world.reason(&build("11"), "a"), "uncertain");
    }
}
