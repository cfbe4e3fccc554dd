//! Steps that are written by half: the same call again tells the same, and makes nothing twice.

use std::fmt::Debug;

use shipmark::base::key::Key;
use shipmark::protocol::engine::core::Engine;
use shipmark::protocol::engine::deploy::{Promotion, begin, promote, promote_failed};
use shipmark::protocol::engine::mark::{AttemptId, Mark, Taint};
use shipmark::protocol::engine::marks::StoredNames;
use shipmark::protocol::engine::people::{state_rm, taint};
use shipmark::protocol::engine::record::Outcome;
use shipmark::protocol::engine::refusal::Refusal;
use shipmark::protocol::engine::step::Step;
use shipmark::protocol::engine::ticket::Ticket;

use super::scene::{Scene, asked, engine, key, report};

/// Writes every part of a step that is asked for of a scene: of each mark nothing, only what goes before it, or all. Then the same
/// call is made again.
fn torn<T: PartialEq + Debug>(scene: &Scene, writes: usize, ask: impl Fn(&Scene) -> Step<T>) {
    let whole = ask(scene);
    assert_eq!(whole.writes.len(), writes, "{:?}", whole.writes);
    let mut finished = scene.clone();
    finished.apply(ask(scene));
    for part in 0..3_usize.pow(u32::try_from(writes).unwrap()) {
        let mut scene = scene.clone();
        whole.names.iter().filter(|names| !names.after).for_each(|names| scene.store.write_names(names).unwrap());
        for (at, write) in (0..).zip(&whole.writes) {
            match part / 3_usize.pow(at) % 3 {
                0 => {}
                1 => scene.store.write_first(write),
                _ => scene.store.write(write).unwrap(),
            }
        }
        let again = ask(&scene);
        assert_eq!(again.told, whole.told, "part {part} of the writes was made");
        assert_eq!(again.ticket, whole.ticket, "part {part} of the writes was made");
        scene.apply(again);
        // Nobody can tell by a doubt who has written it, so what has left the map may have one more.
        for write in whole.writes.iter().filter(|write| write.key != key("c")) {
            let mark = |scene: &Scene| scene.store.mark(&write.key).unwrap().clone();
            let (mark, finished) = (mark(&scene), mark(&finished));
            assert_eq!(mark.attempts, finished.attempts, "part {part} of the writes was made");
            let ended = |mark: &Mark| mark.deployed.as_ref().map(|deploy| (deploy.id.clone(), mark.certain()));
            assert_eq!(ended(&mark), ended(&finished), "part {part} of the writes was made");
        }
        let doubts = |scene: &Scene| scene.store.mark(&key("c")).map(|mark| mark.attempts.len());
        assert!(doubts(&scene) >= doubts(&finished), "part {part} of the writes was made");
        let third = ask(&scene);
        assert_eq!(third.told, whole.told, "part {part} of the writes was made");
        for write in third.writes.iter().filter(|write| write.key != key("c")) {
            let stored = scene.store.mark(&write.key).unwrap();
            let same = |mark: &Mark| mark.attempts == stored.attempts && mark.deployed == stored.deployed;
            assert!(write.mark.as_ref().is_none_or(same), "{:?}", third.writes);
        }
    }
}

/// `b` and `c` are deployed, and the map has lost `c`.
fn deployed() -> Scene {
    let mut scene = Scene::new();
    scene.deploy("b", 1);
    let engine = engine("old", &["c"]);
    let (_, ticket) = scene.decide(&engine, &[asked("c", 1)]);
    scene.record(&engine, &ticket, &["c"], Outcome::Succeeded);
    scene.now += 60;
    scene
}

fn decided() -> (Scene, Engine, Ticket) {
    let (mut scene, engine) = (deployed(), engine("build", &["a", "b"]));
    let (told, ticket) = scene.decide(&engine, &[asked("a", 2)]);
    assert!(!told.services[0].skips() && !told.services[0].redeploys.is_empty() && told.orphans == [key("c")]);
    scene.now += 60;
    (scene, engine, ticket)
}

/// A candidate of `a`, and those of what its deploy touches.
fn staged() -> (Scene, Vec<(Key, AttemptId)>) {
    let (mut scene, engine, ticket) = decided();
    let moment = scene.moment();
    let step = engine.stage(&ticket, &report(&["a"], Outcome::Succeeded), None, &scene.all(), &moment).unwrap();
    let (told, _) = scene.apply(step);
    scene.now += 60;
    (scene, told.services[0].candidates.clone())
}

#[test]
fn a_torn_decision_with_pins_and_orphans_is_the_same_again() {
    let (mut scene, engine) = (deployed(), engine("build", &["a", "b"]));
    let (moment, ticket) = (scene.moment(), Ticket::new(Some("build")));
    torn(&scene, 3, |scene| engine.decide(&[asked("a", 2)], &scene.all(), &ticket, None, &moment).unwrap());
    // One that skips `b`, which it pins.
    let mut simple = Scene::new();
    simple.deploy("b", 1);
    torn(&simple, 2, |scene| {
        let asked = [asked("a", 2), asked("b", 1)];
        let step = engine.decide(&asked, &scene.all(), &ticket, None, &moment).unwrap();
        assert!(step.told.services[1].skips());
        step
    });
    torn(&scene, 3, |scene| {
        engine.decide_staged(&[asked("a", 2)], None, &scene.all(), &ticket, None, &moment).unwrap()
    });
}

#[test]
fn a_torn_record_with_pins_is_the_same_again() {
    let (mut scene, engine, ticket) = decided();
    let (moment, report) = (scene.moment(), report(&["a"], Outcome::Succeeded));
    torn(&scene, 2, |scene| engine.record(&ticket, &report, &scene.all(), &moment));
}

#[test]
fn a_torn_record_beside_another_deploy_is_the_same_again() {
    let (mut scene, engine, ticket) = decided();
    scene.deploy("b", 3);
    let (moment, report) = (scene.moment(), report(&["a"], Outcome::Succeeded));
    torn(&scene, 2, |scene| engine.record(&ticket, &report, &scene.all(), &moment));
}

#[test]
fn a_torn_failure_is_the_same_again() {
    let (mut scene, engine, ticket) = decided();
    let (moment, report) = (scene.moment(), report(&["a"], Outcome::Failed));
    let step = engine.record(&ticket, &report, &scene.all(), &moment);
    // It ends what is alive; what it has ended already stays as it was.
    scene.store.write(&step.writes[0]).unwrap();
    let again = engine.record(&ticket, &report, &scene.all(), &moment);
    assert_eq!(again.told, step.told);
    scene.apply(again);
    let ended =
        |service: &str| scene.mark(service).attempts.iter().all(|other| other.id.is_nameless() || !other.alive());
    assert!(ended("a") && ended("b"));
}

#[test]
fn a_torn_stage_is_the_same_again() {
    let (mut scene, engine, ticket) = decided();
    let (moment, report) = (scene.moment(), report(&["a"], Outcome::Succeeded));
    torn(&scene, 3, |scene| engine.stage(&ticket, &report, None, &scene.all(), &moment).unwrap());
}

#[test]
fn a_torn_begin_is_the_same_again() {
    let (mut scene, candidates) = staged();
    let moment = scene.moment();
    torn(&scene, 3, |scene| begin(&scene.targets(&candidates), Some("job"), &scene.all(), &moment));
}

#[test]
fn a_torn_promote_is_the_same_again() {
    let (mut scene, candidates) = staged();
    let moment = scene.moment();
    let step = begin(&scene.targets(&candidates), Some("job"), &scene.all(), &moment);
    scene.apply(step);
    scene.now += 60;
    let moment = scene.moment();
    for job in ["job", "another"] {
        let promotion = Promotion { job: Some(job.to_owned()), ..Promotion::default() };
        torn(&scene, 3, |scene| promote(&scene.targets(&candidates), &promotion, &scene.all(), &moment));
    }
    // Without a begin it finishes nothing that is in the list.
    let (mut scene, candidates) = staged();
    let moment = scene.moment();
    let promotion = Promotion::default();
    torn(&scene, 3, |scene| promote(&scene.targets(&candidates), &promotion, &scene.all(), &moment));
}

/// R4: what was never recorded, or has left the map, is finished as doubt, which nobody can tell from another. A further try finds its run
/// gone, and must not take the run of another job for it: that one may still deploy.
#[test]
fn a_promote_that_is_tried_again_finishes_no_other_run() {
    let mut scene = Scene::new();
    let engine = engine("build", &["a", "b"]);
    let (_, ticket) = scene.decide(&engine, &[asked("a", 2)]);
    let (moment, report) = (scene.moment(), report(&["a"], Outcome::Succeeded));
    let step = engine.stage(&ticket, &report, None, &scene.all(), &moment).unwrap();
    let candidates = scene.apply(step).0.services[0].candidates.clone();
    for job in ["first", "second"] {
        let moment = scene.moment();
        let step = begin(&scene.targets(&candidates), Some(job), &scene.all(), &moment);
        scene.apply(step);
    }
    let promotion = Promotion { job: Some("first".to_owned()), ..Promotion::default() };
    let moment = scene.moment();
    let ask = |scene: &Scene| promote(&scene.targets(&candidates), &promotion, &scene.all(), &moment);
    let step = ask(&scene);
    let of_b = step.writes.iter().find(|write| write.key == key("b")).unwrap();
    scene.store.write(of_b).unwrap();
    let runs = |scene: &Scene| scene.mark("b").attempts.iter().filter(|run| run.candidate.is_some()).count();
    assert_eq!(runs(&scene), 1, "nobody has deployed `b` before, so it is not recorded");
    let again = ask(&scene);
    assert!(!again.writes.iter().any(|write| write.key == key("b") && write.mark.is_some()), "{:?}", again.writes);
    scene.apply(again);
    assert_eq!((runs(&scene), scene.mark("b").attempts.len()), (1, 2));
}

#[test]
fn a_torn_promote_that_failed_ends_each_run_once() {
    let (mut scene, candidates) = staged();
    let moment = scene.moment();
    let step = begin(&scene.targets(&candidates), Some("job"), &scene.all(), &moment);
    scene.apply(step);
    let moment = scene.moment();
    let whole = promote_failed(&scene.targets(&candidates), Some("job"), &scene.all(), &moment);
    scene.store.write(&whole.writes[0]).unwrap();
    let again = promote_failed(&scene.targets(&candidates), Some("job"), &scene.all(), &moment);
    assert_eq!(again.writes.len(), whole.writes.len() - 1);
    scene.apply(again);
    let runs = |service: &str| scene.mark(service).attempts.iter().any(|run| run.candidate.is_some() && run.alive());
    assert!(!runs("a") && !runs("b"));
}

#[test]
fn a_torn_removal_is_the_same_again() {
    let mut scene = deployed();
    let moment = scene.moment();
    torn(&scene, 2, |scene| state_rm(&[key("b"), key("c")], &scene.all(), &moment));
}

#[test]
fn a_torn_taint_leaves_one_doubt() {
    let mut scene = deployed();
    let moment = scene.moment();
    let said = Taint { reason: "by hand".to_owned(), by: "me".to_owned(), at: moment.at, rest: serde_json::Map::new() };
    let ask = |scene: &Scene| taint(&[key("b"), key("c")], &said, false, &scene.all(), &moment).unwrap();
    let step = ask(&scene);
    scene.store.write(&step.writes[0]).unwrap();
    let again = ask(&scene);
    assert_eq!(again.told, step.told);
    scene.apply(again);
    let taints = |service: &str| scene.mark(service).attempts.iter().filter(|other| other.taint.is_some()).count();
    assert_eq!((taints("b"), taints("c")), (1, 1));
}

/// R6: `c` has left the map, and `decide` could not find that out. Its deploy stage may remove it, so `stage` must warn its mark, or fail.
#[test]
fn a_stage_whose_decision_found_no_names_does_not_pass_over_orphans() {
    let (mut scene, engine) = (deployed(), engine("build", &["a", "b"]));
    let (moment, ticket) = (scene.moment(), Ticket::new(Some("build")));
    let mut marks = scene.all();
    marks.put_names(key("a").environment, StoredNames::Unavailable("the store did not answer".to_owned()));
    // What is new cannot be written without its name; the marks that are there are.
    let (told, ticket) = scene.apply(engine.decide(&[asked("b", 2)], &marks, &ticket, None, &moment).unwrap());
    assert!(!told.services[0].skips() && told.orphans.is_empty());
    let (moment, ticket) = (scene.moment(), ticket.unwrap());
    let staged = engine.stage(&ticket, &report(&["b"], Outcome::Succeeded), None, &scene.all(), &moment);
    assert!(matches!(&staged, Err(Refusal::Overtaken(of, _)) if *of == key("c")), "{staged:?}");
    let staged = engine.stage(&ticket, &report(&["b"], Outcome::Succeeded), None, &marks, &moment);
    assert!(matches!(&staged, Err(Refusal::Unwritten(of, _)) if *of == key("b")), "{staged:?}");
}

/// R1: the further try of a decision stands on the mark of what it skips and deploys again, though its attempt is there already.
#[test]
fn a_pinned_skip_that_is_tried_again_is_still_conditional() {
    let (mut scene, engine) = (Scene::new(), engine("build", &["a", "b"]));
    scene.deploy("b", 1);
    let (moment, ticket) = (scene.moment(), Ticket::new(Some("build")));
    let ask = |scene: &Scene| {
        let marks = scene.all();
        engine.decide(&[asked("a", 2), asked("b", 1)], &marks, &ticket, None, &moment).unwrap()
    };
    let torn = ask(&scene);
    torn.names.iter().for_each(|names| scene.store.write_names(names).unwrap());
    torn.writes.iter().filter(|write| write.key == key("b")).for_each(|write| scene.store.write(write).unwrap());
    let again = ask(&scene);
    assert!(again.told.services[1].skips());
    // Before it is written, somebody deploys `b` by hand, and says so.
    let tainted = scene.moment();
    let said =
        Taint { reason: "by hand".to_owned(), by: "me".to_owned(), at: tainted.at, rest: serde_json::Map::new() };
    let step = taint(&[key("b")], &said, false, &scene.all(), &tainted).unwrap();
    scene.apply(step);
    let conflicts = again.writes.iter().any(|write| scene.store.write(write).is_err());
    assert!(conflicts, "`b` is skipped, and it has moved: {:?}", again.writes);
}
