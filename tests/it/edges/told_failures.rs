//! A build that has said that it failed, and then records all the same: what is live is unknown, for its failed part may be.

use super::{World, about, build, exported, one, pair, staged};
use crate::support::SHIPMARK;

/// `record`, whose deploy is noted and stays in doubt.
fn records_as_doubt(world: &World, id: &str, services: &[&str]) {
    let done = world.run_in(&build(id), ["record", "--all"]);
    assert_eq!(done.code, 0, "{done:?}");
    for service in services {
        assert!(done.stderr.contains(&format!("{service}: recorded as deployed")), "{done:?}");
        assert!(!world.certain(service), "{service}");
        assert_eq!(world.planned(service), "uncertain", "{service}");
    }
}

#[test]
fn a_record_after_a_run_that_failed_is_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    let run = world.run_in(&build("2"), ["run", "a", "--", "sh", "-c", "exit 1"]);
    assert_eq!(run.code, 1, "{run:?}");
    records_as_doubt(&world, "2", &["a"]);
    // Told once more, it is the same, and what another build deploys settles it.
    records_as_doubt(&world, "2", &["a"]);
    world.deploy(&build("3"), "a");
    assert!(world.certain("a"));
}

#[test]
fn a_record_after_a_failure_that_was_recorded_is_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.run_in(&build("2"), ["decide", "a"]);
    let failure = world.run_in(&build("2"), ["record", "a", "--outcome", "failure"]);
    assert_eq!(failure.code, 0, "{failure:?}");
    records_as_doubt(&world, "2", &["a"]);
}

/// The second never started, and a record of all counts as a deploy of it too.
#[test]
fn a_record_of_what_never_started_is_doubt() {
    let map = "[services.lib]\ninclude = [\"lib\"]\n[services.api]\ninclude = [\"api\"]\ndepends_on = [\"lib\"]\n";
    for flags in [&["--all"][..], &["--all", "--no-record"]] {
        let world = World::new(map, &[("lib/x", "1"), ("api/x", "1")]);
        world.run_in(&build("1"), ["run", "--all", "--", "true"]);
        world.write("lib/x", "2");
        let run = world.run_in(&build("2"), ["run"].iter().chain(flags).chain(&["--", "false"]));
        assert!(run.stderr.contains("never started: api"), "{run:?}");
        records_as_doubt(&world, "2", &["api", "lib"]);
    }
}

/// Nobody is left to tell the failure: the system has killed `run`, for want of memory.
#[test]
fn a_record_after_a_run_that_was_killed_is_doubt() {
    let world =
        World::new("[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n", &[("a/x", "1"), ("b/x", "1")]);
    world.run_in(&build("1"), ["run", "--all", "--", "true"]);
    world.write("a/x", "2");
    world.write("b/x", "2");
    world.run_in(&build("2"), ["run", "--all", "--", "sh", "-c", "kill -9 $PPID; exit 1"]);
    records_as_doubt(&world, "2", &["a", "b"]);
}

/// The command tells it itself, and then ends as if nothing had been.
#[test]
fn a_failure_that_another_process_of_the_build_has_told_is_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    let script = format!("'{SHIPMARK}' record a --outcome failure");
    let run = world.run_in(&build("2"), ["run", "a", "--", "sh", "-c", &script]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!world.certain("a"));
    assert_eq!(world.planned("a"), "uncertain");
}

#[test]
fn what_a_failed_deploy_redeployed_is_doubt_too() {
    let world = pair();
    for service in ["command", "query"] {
        world.deploy(&build(service), service);
    }
    world.write("command/x", "2");
    world.run_in(&build("3"), ["decide", "command"]);
    world.run_in(&build("3"), ["record", "command", "--outcome", "failure"]);
    records_as_doubt(&world, "3", &["command"]);
    assert!(!world.certain("query"));
    assert_eq!(world.planned("query"), "uncertain");
}

#[test]
fn a_promote_after_its_deploy_failed_is_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.run_in(&build("2"), ["decide", "a"]);
    let candidate = staged(&world, &build("2"), "a");
    let deploy = build("3").with("SHIPMARK_CANDIDATE", &candidate);
    let run = world.run_in(&deploy, ["run", "a", "--", "sh", "-c", "exit 1"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(about(&world, &build("3"), "promote", &candidate), 0);
    assert!(!world.certain("a"));
    assert_eq!(world.planned("a"), "uncertain");
    // A retry of the stage begins again, and that run settles it.
    assert_eq!(about(&world, &build("4"), "begin", &candidate), 0);
    assert_eq!(about(&world, &build("4"), "promote", &candidate), 0);
    assert!(world.certain("a"));
}

/// `decide` opens a new attempt in the same build, and what that deploys whole settles what failed before.
#[test]
fn a_build_that_decides_again_after_its_failure_is_certain() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.run_in(&build("2"), ["run", "a", "--", "false"]);
    let again = world.run_in(&build("2"), ["run", "a", "--", "true"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(world.certain("a"));
    assert_eq!(exported(&world.run_in(&build("3"), ["decide", "a"]).stdout, "BUILD_SKIPPED"), "true");
}
