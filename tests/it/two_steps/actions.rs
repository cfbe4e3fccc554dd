//! `begin` and `promote` as actions of a deploy stage: in any order, twice, or with the wrong value.

use super::{build, planned_with, world};
use crate::support::{Build, World};

/// Nobody knows what ran beside a deploy that did not say that it began: it drops nothing, not even the previous deploy.
#[test]
fn a_promotion_that_did_not_begin_is_uncertain() {
    let world = world();
    world.ship(&world.candidate(&build("0"), "a", "0"));
    let candidate = world.candidate(&build("1"), "a", "1");
    let done = world.action("promote", &candidate);
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("uncertain"), "{}", done.stderr);
    for text in ["0", "1"] {
        assert_eq!(planned_with(&world, text), "uncertain");
    }
}

/// Writes are idempotent: a build that promotes again has promoted once.
#[test]
fn a_second_promotion_moves_nothing() {
    let world = world();
    let candidate = world.candidate(&build("1"), "a", "1");
    assert_eq!(world.action("begin", &candidate).code, 0);
    let promote = || world.action_with(&Build::new("deploy:1"), &["promote", "--candidate", &candidate]);
    assert_eq!(promote().code, 0);
    let before = world.kept("a");
    let done = promote();
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("was recorded before"), "{}", done.stderr);
    assert_eq!(world.kept("a"), before);
    // Whoever has no id may have deployed it once more, which is the same artifact.
    assert_eq!(world.action("promote", &candidate).code, 0);
    assert_eq!(world.planned("a"), "unchanged");
}

/// An action that is retried begins anew; its first try has ended, for executions take turns.
#[test]
fn a_second_begin_is_one_deploy() {
    let world = world();
    let candidate = world.candidate(&build("1"), "a", "1");
    assert_eq!(world.action("begin", &candidate).code, 0);
    world.ship(&candidate);
    assert_eq!(world.planned("a"), "unchanged");
}

/// A deploy stage is stopped and abandoned, and its action goes on. Executions take turns in a stage, so the next `begin` of the lane
/// gives it a deadline (R8); until then it is on its way, then it is doubt, and so it is if its `promote` comes after all.
#[test]
fn an_abandoned_deploy_is_on_its_way_until_the_deadline_that_the_next_begin_gives_it() {
    let world = world();
    world.ship(&world.candidate(&build("1"), "a", "1"));
    let abandoned = world.candidate(&build("2"), "a", "2");
    assert_eq!(world.action("begin", &abandoned).code, 0);
    assert_eq!(planned_with(&world, "1"), "deploy-pending");
    let elsewhere = Build::new("q").pipeline("q");
    world.ship(&world.candidate(&elsewhere, "a", "3"));
    let deadline = |world: &World| world.attempts("a")[0]["deadline"].as_str().map(str::to_owned);
    assert_eq!(deadline(&world), None, "another pipeline has stages of its own");
    world.ship(&world.candidate(&build("4"), "a", "4"));
    assert_eq!(world.planned("a"), "deploy-pending", "the abandoned action may deploy 2 after this");
    assert!(deadline(&world).is_some());
    let waiting = world.kept("a");
    world.edit_mark("a", |mark| mark["attempts"][0]["deadline"] = "2026-01-01T12:00:00Z".into());
    assert_eq!(world.planned("a"), "uncertain", "it may have deployed 2 after that");
    world.put_mark("a", waiting);
    assert_eq!(world.action("promote", &abandoned).code, 0);
    assert_eq!((world.planned("a"), planned_with(&world, "2")), ("uncertain".to_owned(), "uncertain".to_owned()));
}

/// A candidate that nobody can read must not be deployed, and where it was, the mark is uncertain.
#[test]
fn a_missing_or_damaged_candidate_is_doubt() {
    for action in ["begin", "promote"] {
        for damaged in [true, false] {
            let world = world();
            world.ship(&world.candidate(&build("1"), "a", "1"));
            let candidate = world.candidate(&build("2"), "a", "2");
            let kept = world.mark("a").with_file_name("candidates");
            for entry in std::fs::read_dir(&kept).unwrap() {
                let path = entry.unwrap().path();
                if damaged { std::fs::write(path, "\0rubbish").unwrap() } else { std::fs::remove_file(path).unwrap() }
            }
            let before = world.kept("a");
            let done = world.action(action, &candidate);
            assert_eq!(done.code, 1, "{done:?}");
            if action == "begin" {
                // The gate: nothing is deployed, so nothing is in doubt but what waits.
                assert!(done.stderr.contains("must not be deployed"), "{}", done.stderr);
                assert_eq!(world.kept("a"), before);
                assert_eq!(planned_with(&world, "1"), "deploy-pending", "damaged: {damaged}");
                continue;
            }
            assert!(done.stderr.contains("its mark is uncertain now"), "{}", done.stderr);
            for text in ["1", "2"] {
                assert_eq!(planned_with(&world, text), "uncertain", "damaged: {damaged}");
            }
        }
    }
}

/// A deploy stage that was not handed the value can name the execution.
#[test]
fn an_execution_names_its_candidate() {
    let world = world();
    let staged = |id: &str, execution: &str, text: &str| {
        world.candidate(&build(id).with("SHIPMARK_EXECUTION", execution), "a", text)
    };
    staged("1", "e-1", "1");
    staged("2", "e-2", "2");
    let act = |args: &[&str]| {
        world.action_with(&Build::default(), &[args, &["--state", world.state(), "--project", "default"]].concat())
    };
    for action in ["begin", "promote"] {
        let done = act(&[action, "--execution", "e-1", "a"]);
        assert_eq!(done.code, 0, "{done:?}");
    }
    assert_eq!(world.stored("a")["deployed"]["build"]["execution"], "e-1");
    assert_eq!(world.attempts("a").len(), 1, "the newer candidate waits");
    let done = act(&["begin", "--execution", "e-3", "a"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("must not be deployed"), "{}", done.stderr);
    assert_eq!(planned_with(&world, "1"), "deploy-pending");
    let done = act(&["promote", "--execution", "e-3", "a"]);
    assert!(done.code == 1 && done.stderr.contains("its mark is uncertain now"), "{done:?}");
    assert_eq!(planned_with(&world, "1"), "uncertain");
}

/// A refused request touches nothing, and says in one line what is wrong.
#[test]
fn a_value_that_stage_did_not_print_is_refused() {
    let world = world();
    let candidate = world.candidate(&build("1"), "a", "1");
    let before = world.kept("a");
    let other = World::new("project = \"other\"\n[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
    let foreign = other.candidate(&build("1"), "a", "1");
    let cuts = [1, 2, 3, 7, candidate.len() / 2, candidate.len() - 2, candidate.len() - 1];
    let mut wrong: Vec<Vec<&str>> = cuts.iter().map(|end| vec!["--candidate", &candidate[..*end]]).collect();
    wrong.extend([
        vec!["--candidate", ""],
        vec!["--candidate", "$SHIPMARK_CANDIDATE"],
        vec!["--candidate", "e30"],
        vec!["--candidate", &foreign, "--project", "default"],
        vec!["--candidate", &candidate, "--environment", "prod"],
        vec!["--candidate", &candidate, "a"],
        vec!["--execution", "e-1"],
        vec!["a"],
        vec![],
    ]);
    for action in ["begin", "promote"] {
        for wrong in &wrong {
            let done = world.action_with(&Build::default(), &[&[action], wrong.as_slice()].concat());
            assert_eq!(done.code, 2, "{wrong:?}: {done:?}");
            let errors = done.stderr.lines().filter(|line| line.starts_with("error")).count();
            assert_eq!((errors, done.stdout.as_str()), (1, ""), "{wrong:?}: {done:?}");
            assert!(!done.stderr.contains("panicked"), "{done:?}");
        }
    }
    assert_eq!(world.kept("a"), before);
    world.ship(&candidate);
}

/// A candidate waits to be deployed; a record in its build would hide that from all later decisions.
#[test]
fn what_was_staged_is_not_recorded_by_its_build() {
    let world = world();
    world.candidate(&build("1"), "a", "1");
    let before = world.kept("a");
    let done = world.run_in(&build("1"), ["record", "a"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("shipmark promote"), "{}", done.stderr);
    assert_eq!(world.run_in(&build("1"), ["record", "--all"]).code, 0);
    assert_eq!(world.kept("a"), before);
}
