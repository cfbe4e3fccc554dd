//! The cases that the protocol alone decides.

use super::*;

#[test]
fn a_failed_deploy_is_doubt_until_a_later_one_is_certain() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    scene.fail("b");
    assert!(!scene.skips(1) && !scene.skips(2));
    scene.open("c", 2);
    assert_eq!(scene.record("c", 2), Finish::Certain);
    assert!(scene.skips(2));
    assert_eq!(scene.list(), []);
}

#[test]
fn an_execution_that_was_overtaken_while_it_waited_is_doubt() {
    let mut scene = Scene::deployed(1);
    scene.stage("b", 2, "p");
    assert!(!scene.skips(1));
    let c = scene.stage("c", 1, "p");
    scene.begin(&c, "r1");
    assert_eq!(scene.promote(&c), Finish::Certain);
    assert!(scene.skips(1), "b waits no longer, since c took its turn");
}

#[test]
fn an_older_execution_that_records_late_makes_both_uncertain() {
    let mut scene = Scene::deployed(1);
    scene.open("old", 2);
    scene.open("new", 3);
    assert!(uncertain(&scene.record("new", 3)), "old is alive");
    assert!(uncertain(&scene.record("old", 2)), "new was recorded since");
    assert!(!scene.skips(2) && !scene.skips(3));
}

#[test]
fn an_attempt_that_opens_and_withdraws_moves_nothing() {
    let mut scene = Scene::deployed(1);
    let deployed = scene.mark.deployed.clone();
    scene.open("b", 2);
    let now = scene.pass(1);
    scene.mark.withdraw(&id("b"), now);
    assert!(scene.skips(1));
    assert_eq!(scene.mark.deployed, deployed);
}

#[test]
fn an_abandoned_build_is_doubt_until_it_has_timed_out_and_a_later_deploy_is_certain() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    scene.open("c", 1);
    assert!(uncertain(&scene.record("c", 1)), "b may be alive");
    scene.pass(62);
    scene.open("d", 1);
    assert_eq!(scene.list(), [("b", State::Failed), ("d", State::Building)]);
    assert_eq!(scene.record("d", 1), Finish::Certain);
    assert!(scene.skips(1));
}

#[test]
fn an_abandoned_build_that_records_after_all_is_doubt() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    scene.pass(62);
    scene.open("c", 1);
    assert_eq!(scene.record("c", 1), Finish::Certain);
    assert!(uncertain(&scene.record("b", 2)));
    assert!(!scene.skips(2));
}

#[test]
fn an_abandoned_build_that_fails_after_all_ended_only_then() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    scene.pass(62);
    scene.open("c", 1);
    scene.fail("b");
    assert!(uncertain(&scene.record("c", 1)));
}

#[test]
fn a_revert_ships_while_the_bad_one_deploys_or_waits() {
    let mut scene = Scene::deployed(1);
    let bad = scene.stage("bad", 2, "p");
    assert!(!scene.skips(1), "it waits");
    scene.begin(&bad, "r1");
    assert!(!scene.skips(1), "it deploys");
}

#[test]
fn a_deploy_that_changed_half_and_was_never_recorded_is_doubt() {
    let mut scene = Scene::deployed(1);
    let bad = scene.stage("bad", 2, "p");
    scene.begin(&bad, "r1");
    let revert = scene.stage("revert", 1, "p");
    scene.begin(&revert, "r2");
    assert_eq!(scene.list(), [("r1", State::Failed), ("r2", State::Deploying)]);
    assert!(!scene.skips(1));
    assert_eq!(scene.promote(&revert), Finish::Certain);
    assert!(scene.skips(1));
}

#[test]
fn a_rollback_is_recorded_and_the_newer_content_builds() {
    let mut scene = Scene::empty();
    let old = scene.stage("old", 1, "p");
    scene.begin(&old, "r1");
    scene.promote(&old);
    let new = scene.stage("new", 2, "p");
    scene.begin(&new, "r2");
    assert_eq!(scene.promote(&new), Finish::Certain);
    scene.begin(&old, "r3");
    assert!(!scene.skips(2), "the rollback is under way");
    assert_eq!(scene.promote(&old), Finish::Certain);
    assert!(scene.skips(1) && !scene.skips(2));
}

#[test]
fn a_service_that_another_deploys_again_is_in_doubt_from_the_others_decision() {
    let mut scene = Scene::deployed(1);
    let now = scene.pass(1);
    let pinned_by = ServiceName::new("command").ok();
    scene.mark.open(Opening { pinned_by, ..opening("pin", 1, "") }, now);
    assert!(scene.skips(1), "it will deploy the same");
    scene.open("b", 2);
    assert!(uncertain(&scene.record("b", 2)));
    assert!(uncertain(&scene.record("pin", 1)), "the older image replaced the newer one, or not");
    assert!(!scene.skips(1) && !scene.skips(2));
}

#[test]
fn a_late_record_of_the_old_content_makes_the_next_one_uncertain() {
    let mut scene = Scene::empty();
    scene.open("late", 1);
    scene.open("a", 1);
    assert_eq!(scene.record("a", 1), Finish::Certain, "the late one deploys the same");
    scene.open("b", 2);
    assert_eq!(
        scene.record("late", 1),
        Finish::Uncertain("the attempt `b` of other content had not ended when it began".into())
    );
    assert!(uncertain(&scene.record("b", 2)));
    assert!(!scene.skips(1) && !scene.skips(2));
}

#[test]
fn no_ticket_of_a_removed_mark_fits_the_new_one() {
    let mut old = Scene::deployed(1);
    let candidate = old.stage("b", 2, "p");
    let now = old.pass(1);
    let mut new = Scene { mark: Mark::new(now), now };
    assert!(new.mark.serial > old.mark.serial);
    let waiting = new.stage("w", 3, "p");
    assert!(waiting.staged > candidate.staged);
    new.begin(&candidate, "r1");
    assert!(uncertain(&new.promote(&candidate)), "w was staged after it, and waits");
    assert!(uncertain(&new.record("a9", 1)), "the new mark never heard of it");
}

#[test]
fn overlapping_deploys_are_uncertain_until_one_began_after_all_of_them() {
    let mut scene = Scene::deployed(1);
    for (name, of) in [("b", 2), ("c", 3), ("d", 3)] {
        scene.open(name, of);
    }
    scene.fail("b");
    assert!(uncertain(&scene.record("c", 3)), "b had not ended when it opened");
    scene.open("e", 2);
    assert!(uncertain(&scene.record("e", 2)), "d is alive");
    assert!(uncertain(&scene.record("d", 3)), "e was recorded since");
    scene.open("f", 3);
    assert_eq!(scene.record("f", 3), Finish::Certain);
}

#[test]
fn a_skip_that_waits_for_its_deploy_stage_is_doubt_after_a_rollback() {
    let mut scene = Scene::empty();
    let old = scene.stage("old", 1, "p");
    scene.begin(&old, "r1");
    scene.promote(&old);
    let new = scene.stage("new", 2, "p");
    scene.begin(&new, "r2");
    scene.promote(&new);
    let skip = scene.stage_again("skip", 2, "p", Some("r2")).unwrap();
    scene.begin(&old, "r3");
    assert!(uncertain(&scene.promote(&old)));
    assert!(!scene.skips(1), "the skip will deploy the newer one again");
    scene.begin(&skip, "r4");
    assert_eq!(scene.promote(&skip), Finish::Certain);
    assert!(scene.skips(2));
}

#[test]
fn a_skip_that_stages_after_another_deploy_was_recorded_may_not_go_on() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    assert_eq!(scene.record("b", 2), Finish::Certain);
    let before = scene.mark.clone();
    assert_eq!(scene.stage_again("skip", 1, "p", Some("a0")), None);
    assert_eq!(scene.mark, before);
}

#[test]
fn a_full_list_is_doubt_and_never_forgetfulness() {
    let mut scene = Scene::deployed(1);
    for n in 0..65 {
        scene.open(&format!("b{n}"), 2 + n % 7);
    }
    assert_eq!(scene.mark.attempts.len(), 64);
    assert!(!scene.skips(1));
    let stands_for: u32 = scene.mark.attempts.iter().filter_map(|attempt| attempt.stands_for).sum();
    assert_eq!(stands_for, 2);
    scene.open("c", 1);
    assert!(uncertain(&scene.record("c", 1)));
    scene.pass(130);
    scene.open("d", 1);
    assert_eq!(scene.record("d", 1), Finish::Certain, "all of them have timed out");
    assert_eq!(scene.list(), []);
}

#[test]
fn skips_do_not_fill_the_list() {
    let mut scene = Scene::deployed(1);
    for n in 0..100 {
        scene.stage_again(&format!("s{n}"), 1, "p", Some("a0")).unwrap();
        scene.stage_again(&format!("t{n}"), 1, "q", Some("a0")).unwrap();
    }
    assert_eq!(scene.list(), [("s99", State::Pending), ("t99", State::Pending)]);
    assert!(scene.skips(1));
}

#[test]
fn a_taint_or_an_unasked_record_while_a_build_deploys_is_doubt() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    scene.taint(false);
    assert!(uncertain(&scene.record("b", 2)));
    scene.open("c", 2);
    assert_eq!(scene.mark.taint, None, "the record has cleared it");
    let now = scene.pass(1);
    assert!(uncertain(&scene.mark.adopt(id("x"), release(3, ""), now)));
    assert!(uncertain(&scene.record("c", 2)));
    scene.open("d", 2);
    assert_eq!(scene.record("d", 2), Finish::Certain);
}

#[test]
fn a_taint_with_the_word_that_nothing_runs_empties_the_list() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    scene.taint(true);
    assert!(!scene.skips(1));
    assert!(uncertain(&scene.record("b", 2)), "so it ran after all");
    scene.open("c", 1);
    assert_eq!(scene.record("c", 1), Finish::Certain);
}

#[test]
fn one_pipelines_promotion_drops_neither_anothers_candidate_nor_a_newer_one() {
    let mut scene = Scene::empty();
    let old = scene.stage("old", 1, "p");
    scene.begin(&old, "r1");
    scene.promote(&old);
    scene.stage("others", 2, "q");
    let newer = scene.stage("newer", 3, "p");
    scene.begin(&old, "r2");
    assert!(uncertain(&scene.promote(&old)));
    assert_eq!(scene.list(), [("others", State::Pending), ("newer", State::Pending)]);
    scene.begin(&newer, "r3");
    assert!(uncertain(&scene.promote(&newer)), "the other pipeline's still waits");
}
