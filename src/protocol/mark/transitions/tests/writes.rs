//! Writes that are made twice, or of attempts that the mark does not know.

use super::*;

/// Makes a write twice: but for the serial, the second changes nothing.
fn twice<T>(scene: &mut Scene, write: impl Fn(&mut Mark, Timestamp) -> T) -> (T, T) {
    let now = scene.pass(1);
    let first = write(&mut scene.mark, now);
    let once = scene.mark.clone();
    let second = write(&mut scene.mark, now);
    assert_eq!(Mark { serial: once.serial, ..scene.mark.clone() }, once);
    (first, second)
}

#[test]
fn every_write_may_be_made_twice() {
    let mut scene = Scene::empty();
    twice(&mut scene, |mark, now| mark.open(opening("a", 1, "p"), now));
    let (one, other) = twice(&mut scene, |mark, now| mark.stage(opening("a", 1, "p"), None, now));
    assert!(one == other && one.is_some());
    let a = scene.stage("a", 1, "p");
    twice(&mut scene, |mark, now| mark.begin(&a, id("r1"), now));
    assert_eq!(twice(&mut scene, |mark, now| mark.promote(&a, now)), (Finish::Certain, Finish::Already));

    scene.open("b", 2);
    twice(&mut scene, |mark, now| mark.fail(&id("b"), now));
    scene.open("c", 2);
    let record = |mark: &mut Mark, now| mark.record(id("c"), release(2, ""), now);
    assert_eq!(twice(&mut scene, record), (Finish::Certain, Finish::Already));

    let skip = |mark: &mut Mark, now| mark.stage(opening("s", 2, "p"), Some(id("c")), now);
    let (one, other) = twice(&mut scene, skip);
    assert!(one == other && one.is_some());
    twice(&mut scene, |mark, now| mark.withdraw(&id("s"), now));
    assert!(scene.skips(2));
    twice(&mut scene, |mark, now| mark.doubt("no ticket", now));
    let taint = Taint { reason: "by hand".to_owned(), by: "ada".to_owned(), at: scene.now };
    twice(&mut scene, |mark, now| mark.taint(taint.clone(), true, now));
}

#[test]
fn an_adoption_may_be_made_twice_and_is_certain_only_where_nothing_else_ever_was() {
    let adopt = |mark: &mut Mark, now| mark.adopt(id("x"), release(1, ""), now);
    let mut scene = Scene::empty();
    assert_eq!(twice(&mut scene, adopt), (Finish::Certain, Finish::Already));
    assert!(scene.skips(1));

    let spoil: [fn(&mut Scene); 5] = [
        |scene| scene.open("b", 1),
        |scene| scene.taint(true),
        |scene| scene.fail("unlisted"),
        |scene| *scene = Scene::deployed(1),
        |scene| scene.mark.newer = Some(serde_json::Map::new()),
    ];
    for spoil in spoil {
        let mut scene = Scene::empty();
        spoil(&mut scene);
        let now = scene.pass(1);
        assert!(uncertain(&adopt(&mut scene.mark, now)), "{:?}", scene.mark);
    }
}

#[test]
fn what_no_attempt_stands_for_is_doubt() {
    let mut scene = Scene::deployed(1);
    assert!(uncertain(&scene.record("unlisted", 1)));
    let mut scene = Scene::deployed(1);
    scene.open("b", 1);
    scene.fail("unlisted");
    assert!(!scene.skips(1));
    assert!(uncertain(&scene.record("b", 1)), "the failed one may have deployed beside it");
}

#[test]
fn unknown_content_is_never_certain() {
    let mut scene = Scene::empty();
    let now = scene.pass(1);
    scene.mark.open(Opening { content: None, ..opening("a", 1, "") }, now);
    let unknown = Release { content: None, ..release(1, "") };
    assert!(uncertain(&scene.mark.record(id("a"), unknown.clone(), now)));
    assert!(uncertain(&Scene::empty().mark.adopt(id("a"), unknown, now)));
}

#[test]
fn a_promotion_without_a_beginning_is_doubt() {
    let mut scene = Scene::deployed(1);
    let b = scene.stage("b", 2, "p");
    assert!(uncertain(&scene.promote(&b)));
    assert_eq!(scene.list(), [], "it waits no longer");
}

#[test]
fn staging_what_was_never_opened_or_was_given_up_makes_a_candidate() {
    let mut scene = Scene::deployed(1);
    let unlisted = scene.stage("b", 2, "p");
    scene.open("c", 3);
    scene.pass(62);
    let late = scene.stage("c", 3, "p");
    assert_eq!(scene.list(), [("b", State::Pending), ("c", State::Pending)]);
    assert!(late.staged > unlisted.staged);
    scene.begin(&late, "r1");
    assert_eq!(scene.promote(&late), Finish::Certain);
}

#[test]
fn where_nobody_takes_turns_two_runs_of_a_candidate_claim_what_the_first_may_claim() {
    let mut scene = Scene::deployed(1);
    let a = scene.stage("a", 1, "");
    scene.begin(&a, "r1");
    scene.open("b", 2);
    scene.fail("b");
    scene.begin(&a, "r2");
    assert!(uncertain(&scene.promote(&a)), "r1 began before b had ended");
    assert!(!scene.skips(1));
    assert_eq!(scene.promote(&a), Finish::Certain, "both are done");
    assert!(scene.skips(1));
}

#[test]
fn a_deploy_stage_without_a_known_pipeline_ends_and_covers_nobody() {
    let mut scene = Scene::deployed(1);
    let b = scene.stage("b", 2, "");
    scene.begin(&b, "r1");
    scene.stage("c", 3, "");
    let d = scene.stage("d", 1, "");
    scene.begin(&d, "r2");
    assert!(uncertain(&scene.promote(&d)));
    assert_eq!(scene.list(), [("r1", State::Deploying), ("c", State::Pending)]);
}

#[test]
fn in_a_newer_versions_mark_nothing_is_ever_certain() {
    let mut scene = Scene::empty();
    scene.mark.newer = Some(serde_json::Map::new());
    scene.open("b", 2);
    assert!(uncertain(&scene.record("b", 2)), "the last deploy that it keeps is still the older one");
    assert!(!scene.mark.certain);
}

#[test]
fn a_skip_replaces_no_candidate_that_was_built() {
    let mut scene = Scene::deployed(1);
    scene.stage("b", 1, "p");
    scene.stage_again("skip", 1, "p", Some("a0")).unwrap();
    assert_eq!(scene.list(), [("b", State::Pending), ("skip", State::Pending)]);
}

#[test]
fn a_turn_covers_an_entry_for_several_only_once_all_of_them_have_ended() {
    let promoted = |ended_later: bool| {
        let mut scene = Scene::deployed(1);
        scene.stage("b", 2, "p");
        let c = scene.stage("c", 1, "p");
        scene.begin(&c, "r1");
        // As the list's own merging leaves it: a candidate, and another that has ended.
        scene.mark.attempts[0].ended = Some(scene.mark.serial - 1 + 2 * u64::from(ended_later));
        scene.promote(&c)
    };
    assert_eq!(promoted(false), Finish::Certain);
    assert!(uncertain(&promoted(true)));
}
