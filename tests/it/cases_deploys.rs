//! What counts as a deploy: failed, skipped, killed, overlapping and rolled-back builds, through the program.

use super::support::{Build, World, changes, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1"), ("b/y", "1")])
}

fn build(id: &str) -> Build {
    Build::new(id)
}

/// Case 13: no record at all.
#[test]
fn the_first_run_builds_and_compares_with_nothing() {
    let answer = world().decide(&build("1"), &[]);
    for service in ["a", "b"] {
        assert_eq!(reason(&answer, service), "never-deployed");
        assert!(changes(&answer, service).is_empty());
    }
}

/// Case 1: the deploy of B failed; then C touches another service.
#[test]
fn a_failed_deploy_is_built_again_with_the_next_commit() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    assert_eq!(world.reason(&build("2"), "a"), "changed");
    let done = world.run_in(&build("2").failing(), ["record", "a"]);
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("not recorded: the build failed"), "{}", done.stderr);
    world.write("b/y", "2");
    assert_eq!(world.deploy(&build("3"), "a"), "uncertain", "the second may have deployed half of it");
    assert_eq!(world.planned("a"), "unchanged");
}

/// Case 2: B's execution was superseded, so nobody recorded it.
#[test]
fn an_overtaken_commit_is_built_with_the_next() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.write("b/y", "3");
    let answer = world.decide(&build("3"), &["a"]);
    assert_eq!(changes(&answer, "a"), ["modified a/x"]);
}

/// Cases 3 and 30: an older execution finishes after a newer one and records.
#[test]
fn a_late_record_is_doubt() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    assert_eq!(world.reason(&build("2"), "a"), "changed");
    world.write("a/x", "3");
    assert_eq!(world.deploy(&build("3"), "a"), "changed");
    assert_eq!(world.planned("a"), "deploy-pending", "build 2 was alive when 3 recorded");
    let late = world.run_in(&build("2"), ["record", "a"]);
    assert_eq!(late.code, 0);
    assert!(late.stderr.contains("uncertain"), "{}", late.stderr);
    assert_eq!(world.planned("a"), "uncertain");
    world.deploy(&build("4"), "a");
    assert_eq!(world.planned("a"), "unchanged", "4 began after all the others had ended");
}

/// Case 4: a rollback to an older commit is a change, is deployed and is recorded.
#[test]
fn a_rollback_is_a_change() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.deploy(&build("2"), "a");
    world.write("a/x", "1");
    let rollback = build("3").with("CODEBUILD_RESOLVED_SOURCE_VERSION", "0123456789012345678901234567890123456789");
    assert_eq!(world.deploy(&rollback, "a"), "changed");
    assert_eq!(
        world.decide(&build("4"), &["a"])["services"][0]["baseline"]["revision"],
        "0123456789012345678901234567890123456789"
    );
}

/// Case 5: the content equals what is deployed, and nothing else was tried since.
#[test]
fn a_revert_of_a_revert_is_skipped() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    assert_eq!(world.planned("a"), "changed");
    world.write("a/x", "1");
    assert_eq!(world.reason(&build("3"), "a"), "unchanged");
}

/// Cases 37 and 38: the revert of something that may be half deployed builds.
#[test]
fn the_revert_of_a_failed_or_killed_deploy_builds() {
    for killed in [true, false] {
        let world = world();
        world.deploy(&build("1"), "a");
        world.write("a/x", "2");
        world.reason(&build("2"), "a");
        if !killed {
            world.run_in(&build("2").failing(), ["record", "a"]);
        }
        world.write("a/x", "1");
        assert_eq!(world.deploy(&build("3"), "a"), if killed { "deploy-pending" } else { "uncertain" });
        // A build that failed is behind the one that began after it; one that may live is not.
        assert_eq!(world.planned("a"), if killed { "deploy-pending" } else { "unchanged" });
    }
}

/// Case 21: `record` after a skip moves nothing.
#[test]
fn a_skip_records_nothing() {
    let world = world();
    world.deploy(&build("1"), "a");
    let before = world.kept("a");
    assert_eq!(world.reason(&build("2"), "a"), "unchanged");
    let done = world.run_in(&build("2"), ["record", "a"]);
    assert_eq!((done.code, world.kept("a")), (0, before));
    assert!(done.stderr.contains("skipped"), "{}", done.stderr);
}

/// Case 24: the build wrote into the source before `record`.
#[test]
fn record_uses_what_decide_saw() {
    let world = world();
    world.reason(&build("1"), "a");
    world.write("a/node_modules/x/index.js", "generated");
    assert_eq!(world.run_in(&build("1"), ["record", "a"]).code, 0);
    std::fs::remove_dir_all(world.source().join("a/node_modules")).unwrap();
    assert_eq!(world.planned("a"), "unchanged");
}

/// Case 25: `post_build` runs after a failed `build` too.
#[test]
fn a_failing_build_records_nothing_with_or_without_a_ticket() {
    let world = world();
    let done = world.run_in(&build("1").failing(), ["record", "a"]);
    assert_eq!(done.code, 0);
    assert!(!world.has_mark("a"));
    let done = world.run_in(&build("1").failing(), ["record", "--all"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
}

/// A ticket that cannot be used names no attempt to close: what was opened stays open, which is doubt.
#[test]
fn a_failing_build_whose_ticket_is_damaged_says_so_and_leaves_doubt() {
    for command in ["record", "stage"] {
        let world = world();
        world.deploy(&build("1"), "a");
        world.write("a/x", "2");
        world.reason(&build("2"), "a");
        for folder in std::fs::read_dir(world.path("tmp")).unwrap() {
            std::fs::write(folder.unwrap().path().join("ticket.json"), "\0rubbish").unwrap();
        }
        assert_eq!(world.run_in(&build("2"), [command, "a"]).code, 1, "after a build that succeeded it is an error");
        for services in ["a", "--all"] {
            let done = world.run_in(&build("2").failing(), [command, services]);
            assert_eq!(done.code, 0, "{done:?}");
            for told in [
                "no deploy was recorded",
                "what was decided stays open until it times out",
                "is not a valid ticket file",
            ] {
                assert!(done.stderr.contains(told), "{command}: {}", done.stderr);
            }
        }
        world.write("a/x", "1");
        assert_eq!(world.planned("a"), "deploy-pending", "what failed may have left something");
    }
}

/// Case 29: all actions of an execution that has recorded are retried.
#[test]
fn a_retried_execution_builds_again() {
    let world = world();
    let execution = |id: &str| build(id).with("SHIPMARK_EXECUTION", "e-1");
    world.deploy(&execution("1"), "a");
    assert_eq!(world.reason(&execution("2"), "a"), "same-execution");
    assert_eq!(world.reason(&build("3").with("SHIPMARK_EXECUTION", "e-2"), "a"), "unchanged");
}

/// Case 35: without a build there is no stale ticket.
#[test]
fn outside_a_build_what_is_there_is_recorded() {
    let world = world();
    world.run(["decide", "a"]);
    world.write("a/x", "edited");
    let done = world.run(["record", "a"]);
    assert_eq!(done.code, 0);
    assert_eq!(world.planned("a"), "deploy-pending", "what was decided may still be deployed");
    world.write("a/x", "1");
    assert_eq!(world.planned("a"), "changed");
}

/// Without a ticket a record is certain only where nothing else ever was.
#[test]
fn a_first_record_without_a_decision_is_certain() {
    let world = world();
    assert_eq!(world.run(["record", "a"]).code, 0);
    assert_eq!(world.planned("a"), "unchanged");
    world.write("a/x", "2");
    world.run(["record", "a"]);
    assert_eq!(world.planned("a"), "uncertain");
}

/// Case 41: A' of A's content records while B, decided before, is under way.
#[test]
fn a_deploy_of_the_old_content_meanwhile_is_doubt() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.reason(&build("B"), "a");
    world.write("a/x", "1");
    assert_eq!(world.deploy(&build("A"), "a"), "deploy-pending");
    world.run_in(&build("B"), ["record", "a"]);
    world.write("a/x", "2");
    assert_eq!(world.planned("a"), "uncertain");
}

/// Case 44: only what was decided is recorded, with what the first decision saw.
#[test]
fn only_ticketed_services_are_recorded() {
    let world = world();
    world.deploy(&build("0"), "b");
    world.reason(&build("1"), "a");
    world.write("a/generated", "by the build");
    assert_eq!(world.reason(&build("1"), "a"), "never-deployed", "the first decision of a build stands");
    assert_eq!(world.run_in(&build("1"), ["record", "--all"]).code, 0);
    world.remove("a/generated");
    assert_eq!(world.planned("a"), "unchanged");
    assert_eq!(world.planned("b"), "unchanged");
    let done = world.run_in(&build("1"), ["record", "b"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert_eq!(world.planned("b"), "uncertain", "it may have been deployed");
}

/// A skip is about the inputs of its time: who asks again in the same build asks about those of now.
#[test]
fn a_second_decision_after_a_skip_looks_again() {
    let map = "[services.a]\ninclude = [\"a\"]\nenv = [\"BASE\"]\n";
    let world = World::new(map, &[("a/x", "1")]);
    let with = |id: &str, base: &str| build(id).with("BASE", base);
    world.deploy(&with("1", "sha256:1"), "a");
    assert_eq!(world.reason(&with("2", "sha256:1"), "a"), "unchanged");
    assert_eq!(world.reason(&with("2", "sha256:1"), "a"), "unchanged");
    assert_eq!(world.reason(&with("2", "sha256:2"), "a"), "changed", "the build has learned another value");
    assert_eq!(world.reason(&with("2", "sha256:1"), "a"), "changed", "what is open stands");
    world.run_in(&with("2", "sha256:2"), ["record", "a"]);
    assert_eq!(world.reason(&with("3", "sha256:2"), "a"), "unchanged");
    world.write("a/x", "2");
    assert_eq!(world.reason(&with("3", "sha256:2"), "a"), "changed", "the build has checked out something else");
    world.run_in(&with("3", "sha256:2"), ["record", "a"]);
    assert_eq!(world.reason(&with("4", "sha256:2"), "a"), "unchanged");
    world.write("a/x", "3");
    let done = world.run_in(&with("4", "sha256:2"), ["run", "a", "--", "true"]);
    assert!(done.stderr.contains("a: build, changed"), "{}", done.stderr);
    assert_eq!(world.reason(&with("5", "sha256:2"), "a"), "unchanged");
}

/// Case 49: a ticket of a mark that was removed and made again.
#[test]
fn a_ticket_does_not_fit_a_mark_made_again() {
    let world = world();
    world.reason(&build("1"), "a");
    assert_eq!(world.run(["state", "rm", "a"]).code, 0);
    world.write("a/x", "2");
    world.deploy(&build("2"), "a");
    assert_eq!(world.planned("a"), "deploy-pending", "the first build is still under way");
    world.run_in(&build("1"), ["record", "a"]);
    assert_eq!(world.planned("a"), "uncertain");
}

/// Case 62: who removes the record may have removed the stack, and with it what a build has deployed and not yet recorded.
#[test]
fn what_is_recorded_after_its_mark_was_removed_is_uncertain() {
    for before in [true, false] {
        let world = world();
        if before {
            world.deploy(&build("1"), "a");
        }
        world.write("a/x", "2");
        world.reason(&build("2"), "a");
        assert_eq!(world.run(["state", "rm", "a"]).code, 0);
        assert_eq!(world.run_in(&build("2"), ["record", "a"]).code, 0);
        assert_eq!(world.planned("a"), "uncertain", "before: {before}");
        assert_eq!(world.deploy(&build("3"), "a"), "uncertain");
        assert_eq!(world.planned("a"), "unchanged", "it began after that");
        world.write("a/x", "3");
        let candidate = world.candidate(&build("4"), "a", "");
        assert_eq!(world.action("begin", &candidate).code, 0);
        assert_eq!(world.run(["state", "rm", "--all", "--environment", "default"]).code, 0);
        assert_eq!(world.action("promote", &candidate).code, 0);
        assert_eq!(world.planned("a"), "uncertain", "before: {before}");
    }
}

/// Cases 52 and 54: a deploy by hand, also while a build is deploying.
#[test]
fn a_taint_builds_and_makes_a_running_build_uncertain() {
    let world = world();
    world.deploy(&build("1"), "a");
    let done = world.run(["taint", "a", "--reason", "fixed by hand"]);
    assert_eq!(done.code, 0);
    let answer = world.decide(&build("2"), &["a"]);
    assert_eq!(reason(&answer, "a"), "uncertain");
    assert!(answer["services"][0]["detail"].as_str().unwrap().contains("fixed by hand"));
    world.run(["taint", "a", "--reason", "again"]);
    world.run_in(&build("2"), ["record", "a"]);
    assert_eq!(world.planned("a"), "uncertain");
    world.run(["taint", "a", "--reason", "once more", "--nothing-running"]);
    world.deploy(&build("3"), "a");
    assert_eq!(world.planned("a"), "unchanged");
}

/// Case 46: a renamed folder; nothing is recorded.
#[test]
fn a_service_that_selects_nothing_builds_and_is_not_recorded() {
    let world = world();
    world.deploy(&build("1"), "a");
    std::fs::rename(world.source().join("a"), world.source().join("renamed")).unwrap();
    assert_eq!(world.reason(&build("2"), "a"), "no-inputs");
    let before = world.kept("a");
    assert_eq!(world.run_in(&build("2"), ["record", "a"]).code, 2);
    assert_eq!(world.kept("a"), before);
    std::fs::rename(world.source().join("renamed"), world.source().join("a")).unwrap();
    assert_eq!(world.planned("a"), "deploy-pending");
}

/// Whatever else is wrong with such a record: it may have been deployed.
#[test]
fn a_record_without_a_decision_is_doubt_also_where_an_output_is_missing() {
    let map = "[services.a]\ninclude = [\"a\"]\noutputs = { IMAGE = \"*\" }\n";
    let world = World::new(map, &[("a/x", "1")]);
    world.reason(&build("1"), "a");
    assert_eq!(world.run_in(&build("1"), ["record", "a", "--output", "IMAGE=i"]).code, 0);
    assert_eq!(world.planned("a"), "unchanged");
    assert_eq!(world.run_in(&build("2"), ["record", "a"]).code, 2);
    assert_eq!(world.planned("a"), "uncertain");
}
