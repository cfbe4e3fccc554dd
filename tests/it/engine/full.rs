//! R15: lists that are full, through the entry points.

use shipmark::base::key::Key;
use shipmark::protocol::engine::deploy::{Promotion, begin, promote};
use shipmark::protocol::engine::mark::{AttemptId, MOST_ATTEMPTS};
use shipmark::protocol::engine::noted::{Noted, What};
use shipmark::protocol::engine::policy::Asked;
use shipmark::protocol::engine::reason::Reason;
use shipmark::protocol::engine::record::Outcome;
use shipmark::protocol::engine::refusal::Refusal;
use shipmark::protocol::engine::ticket::Ticket;

use super::scene::{BUILD, Scene, asked, certain, engine, report};

/// Builds that open their attempts, and are not heard of again.
fn builds(scene: &mut Scene, count: usize) -> Vec<Ticket> {
    let build = |n: usize| {
        scene.now += 1;
        let engine = engine(&format!("many{n}"), &["b"]);
        let (told, ticket) = scene.decide(&engine, &[Asked { forced: true, ..asked("b", 100 + (n % 3) as u8) }]);
        assert!(!told.services[0].unwritten);
        ticket
    };
    (0..count).map(build).collect()
}

/// Stages `b` for a deploy stage of that name.
fn stage(scene: &mut Scene, n: usize, name: &str, of: u8) -> Result<(Key, AttemptId), Refusal> {
    scene.now += 1;
    let engine = engine(&format!("staged{n}"), &["b"]);
    let (_, ticket) = scene.decide(&engine, &[Asked { forced: true, ..asked("b", of) }]);
    let moment = scene.moment();
    let step = engine.stage(&ticket, &report(&["b"], Outcome::Succeeded), Some(name), &scene.all(), &moment)?;
    let (told, _) = scene.apply(step);
    Ok(told.services[0].candidates[0].clone())
}

#[test]
fn builds_are_merged_and_end_with_the_last() {
    let mut scene = Scene::new();
    scene.deploy("b", 1);
    builds(&mut scene, MOST_ATTEMPTS + 10);
    assert_eq!(scene.mark("b").attempts.len(), MOST_ATTEMPTS);
    // Eleven are one: the first of them is over before the last one is.
    let first = scene.mark("b").attempts[0].clone();
    assert_eq!((first.stands_for, first.content, first.artifact), (Some(11), None, None));
    assert!(first.deadline.unwrap() > scene.time() + jiff::SignedDuration::from_secs(3600 - 70));
    assert!(!scene.skips("b", 1), "they may deploy something else");
    scene.now += i64::try_from(BUILD).unwrap() + 60;
    assert!(!scene.skips("b", 1), "they may have deployed something else");
    assert!(certain(&scene.deploy("b", 1), "b"), "whatever ended before it began is behind it");
    assert!(scene.mark("b").attempts.is_empty() && scene.skips("b", 1));
}

#[test]
fn a_build_that_was_merged_cannot_drop_what_ran_beside_it() {
    let mut scene = Scene::new();
    scene.deploy("b", 1);
    let tickets = builds(&mut scene, MOST_ATTEMPTS + 10);
    let engine = engine("many0", &["b"]);
    let told = scene.record(&engine, &tickets[0], &["b"], Outcome::Succeeded);
    assert!(!certain(&told, "b"), "{told:?}");
    assert!(!scene.skips("b", 100), "73 others are under way");
}

#[test]
fn failures_are_merged_and_stay_doubt_for_what_began_before_the_last() {
    let mut scene = Scene::new();
    scene.deploy("b", 1);
    let slow_engine = engine("slow", &["b"]);
    for n in 0..MOST_ATTEMPTS + 10 {
        let engine = engine(&format!("failed{n}"), &["b"]);
        let (_, ticket) = scene.decide(&engine, &[Asked { forced: true, ..asked("b", 2) }]);
        if n == MOST_ATTEMPTS {
            let (_, slow) = scene.decide(&slow_engine, &[Asked { forced: true, ..asked("b", 3) }]);
            scene.record(&engine, &ticket, &["b"], Outcome::Failed);
            // Those that fail after it began are merged with those that failed before.
            for late in 0..9 {
                let engine = super::scene::engine(&format!("late{late}"), &["b"]);
                let (_, ticket) = scene.decide(&engine, &[Asked { forced: true, ..asked("b", 2) }]);
                scene.record(&engine, &ticket, &["b"], Outcome::Failed);
            }
            assert!(scene.mark("b").attempts.len() <= MOST_ATTEMPTS);
            let told = scene.record(&slow_engine, &slow, &["b"], Outcome::Succeeded);
            assert!(!certain(&told, "b"), "{told:?}");
            break;
        }
        scene.record(&engine, &ticket, &["b"], Outcome::Failed);
    }
    assert!(!scene.skips("b", 3));
    assert!(certain(&scene.deploy("b", 3), "b"));
}

#[test]
fn candidates_of_one_lane_are_merged_and_let_through_by_their_places() {
    let mut scene = Scene::new();
    scene.deploy("b", 1);
    let staged: Vec<_> =
        (0..MOST_ATTEMPTS + 6).map(|n| stage(&mut scene, n, "held", 2 + (n % 2) as u8).unwrap()).collect();
    assert!(scene.mark("b").attempts.len() <= MOST_ATTEMPTS);
    assert!(!scene.skips("b", 1), "they wait with something else");
    // One of those that were merged: it is let through, and cancels only what was staged before it.
    let run = |scene: &mut Scene, n: usize| {
        let (targets, moment) = (scene.targets(&staged[n..=n]), scene.moment());
        let step = begin(&targets, Some(&format!("job{n}")), &scene.all(), &moment);
        scene.apply(step).0
    };
    assert!(!run(&mut scene, 2).iter().any(Noted::failed));
    assert!(!run(&mut scene, 40).iter().any(Noted::failed));
    let refused: Vec<Noted> = run(&mut scene, 39);
    assert_eq!(refused[0].what, What::MustNotBegin, "a later one has begun");
    let moment = scene.moment();
    let step = promote(&scene.targets(&staged[40..=40]), &Promotion::default(), &scene.all(), &moment);
    scene.apply(step);
    assert!(!scene.skips("b", 1) && !scene.skips("b", 2), "others wait, and an earlier run is under way");
}

#[test]
fn candidates_of_many_lanes_fill_the_list_for_good() {
    let mut scene = Scene::new();
    scene.deploy("b", 1);
    let mut staged = 0;
    let refusal = loop {
        match stage(&mut scene, staged, &format!("stage{staged}"), 1) {
            Ok(_) => staged += 1,
            Err(refusal) => break refusal,
        }
        assert!(staged <= MOST_ATTEMPTS);
    };
    assert!(matches!(refusal, Refusal::Full(_)), "{refusal}");
    assert_eq!(scene.mark("b").attempts.len(), MOST_ATTEMPTS);
    let engine = engine("one more", &["a", "b"]);
    let (told, ticket) = scene.decide(&engine, &[asked("b", 2), asked("a", 1)]);
    let decision = &told.services[0];
    assert_eq!((decision.evidence.reason(), decision.unwritten), (Reason::StateUnavailable, true));
    assert!(told.services[1].unwritten || !told.services[1].skips(), "what would deploy it again cannot announce that");
    // Whoever deploys all the same leaves doubt, whether the list is full or not.
    let told = scene.record(&engine, &ticket, &["b"], Outcome::Succeeded);
    assert!(!certain(&told, "b"), "{told:?}");
    assert!(!scene.skips("b", 2));
}
