//! `install.yml`, and the decision on Linux for a build on Windows.

use std::fs;

use super::simple::shop;
use super::{Outcome, Site, example};
use crate::codebuild::default_shells;
use crate::support::SHIPMARK;

/// Puts the program, or what stands for it, into the bucket.
fn upload(site: &Site, bytes: &[u8]) {
    let machine = std::env::consts::ARCH;
    let path = format!("account/buckets/tools/shipmark/{machine}/shipmark-1.0-{machine}-unknown-linux-gnu");
    let path = site.world.path(&path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Tells builds to take this program from the bucket.
fn choose(site: &Site, program: &[u8]) {
    use sha2::Digest as _;
    let digest: String = sha2::Sha256::digest(program).iter().map(|byte| format!("{byte:02x}")).collect();
    for (name, value) in [
        ("TOOLS_BUCKET", "tools"),
        ("SHIPMARK_VERSION", "1.0"),
        ("SHIPMARK_SHA256", &digest),
        ("PATH", &site.path_without_shipmark()),
    ] {
        site.set(name, value);
    }
}

#[test]
fn the_tool_is_installed_only_if_it_is_the_one_that_was_chosen() {
    let spec = example("install.yml");
    let program = fs::read(SHIPMARK).unwrap();
    for shell in default_shells() {
        let site = shop(shell);
        choose(&site, &program);
        assert_eq!(site.outcome(&spec), Outcome::Fails, "it is not in the bucket");
        upload(&site, b"#!/bin/sh\ntrue\n");
        assert_eq!(site.outcome(&spec), Outcome::Fails, "something else is");
        assert!(!site.did("npm"), "and nothing went on");
        upload(&site, &program);
        let ended = site.build(&spec);
        assert!(ended.succeeded && site.did("aws lambda update-function-code"), "{}", ended.log);
        site.agrees(&[("api/x", "services/api/src/x")]);
        let ended = site.build(&spec);
        assert!(ended.succeeded && !site.did("aws lambda"), "{}", ended.log);
    }
}

/// The one line that `begin.yml` and `promote.yml` give for a Commands action, which fetches the program itself.
#[test]
fn a_commands_action_fetches_the_tool_and_does_its_part() {
    let line = |action: &str| {
        let text = example(&format!("two-step/{action}.yml"));
        let line = text.lines().find_map(|line| line.strip_prefix("#   - ")).unwrap();
        format!("version: 0.2\nphases:\n  build:\n    commands:\n      - {}\n", serde_json::json!(line))
    };
    let decide = example("two-step/decide.yml");
    for shell in default_shells() {
        let site = shop(shell);
        let candidate = site.build(&decide).exported["SHIPMARK_CANDIDATE"].clone();
        let program = fs::read(SHIPMARK).unwrap();
        site.with(&[("SHIPMARK_CANDIDATE", &candidate)], |site| {
            choose(site, &program);
            assert!(!site.build(&line("begin")).succeeded, "it is not in the bucket");
            upload(site, b"#!/bin/sh\ntrue\n");
            assert!(!site.build(&line("begin")).succeeded, "something else is");
            upload(site, &program);
            assert!(site.build(&line("begin")).succeeded && site.build(&line("promote")).succeeded);
        });
        let skipped = site.build(&decide).exported;
        assert_eq!((&*skipped["BUILD_SKIPPED"], &*skipped["SHIPMARK_CANDIDATE"]), ("true", "none"));
        let begun = site.with(&[("SHIPMARK_CANDIDATE", "none")], |site| site.build(&example("two-step/begin.yml")));
        assert!(!begun.succeeded, "a skip has nothing to begin: {}", begun.log);
    }
}

/// The Windows build itself cannot be run here; what it is told can be made.
#[test]
fn a_decision_on_linux_tells_a_build_elsewhere() {
    let spec = example("two-step/decide.yml");
    let (begin, promote) = (example("two-step/begin.yml"), example("two-step/promote.yml"));
    for shell in default_shells() {
        let site = shop(shell);
        let decide = || {
            let ended = site.build(&spec);
            assert!(ended.succeeded, "{}", ended.log);
            (ended.exported["BUILD_SKIPPED"].clone(), ended.exported["SHIPMARK_CANDIDATE"].clone())
        };
        let (skipped, candidate) = decide();
        assert_eq!(skipped, "false");
        assert_eq!(decide().0, "false", "decided is not deployed");
        site.with(&[("SHIPMARK_CANDIDATE", &candidate)], |site| {
            assert!(site.build(&begin).succeeded && site.build(&promote).succeeded);
        });
        assert_eq!(decide().0, "true");
        site.world.write("services/web/src/x", "2");
        assert_eq!(decide().0, "false");
        let path = site.path_without_shipmark();
        site.with(&[("PATH", &path)], |site| assert!(!site.build(&spec).succeeded));
    }
}
