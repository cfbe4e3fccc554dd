//! `install.yml`, and the decision on Linux for a build on Windows.

use std::fs;

use super::simple::shop;
use super::{Outcome, Site, example};
use crate::codebuild::default_shells;
use crate::support::SHIPMARK;

/// Puts the program, or what stands for it, into the bucket.
fn upload(site: &Site, bytes: &[u8]) {
    let machine = std::env::consts::ARCH;
    let path = site.world.path(&format!("account/buckets/tools/shipmark/1.0/shipmark-{machine}"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn the_tool_is_installed_only_if_it_is_the_one_that_was_chosen() {
    use sha2::Digest as _;
    let spec = example("install.yml");
    let program = fs::read(SHIPMARK).unwrap();
    let digest: String = sha2::Sha256::digest(&program).iter().map(|byte| format!("{byte:02x}")).collect();
    for shell in default_shells() {
        let site = shop(shell);
        for (name, value) in [
            ("TOOLS_BUCKET", "tools"),
            ("SHIPMARK_VERSION", "1.0"),
            ("SHIPMARK_SHA256", &digest),
            ("PATH", &site.path_without_shipmark()),
        ] {
            site.set(name, value);
        }
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
