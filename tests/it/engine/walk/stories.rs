//! Stories that a walk meets once in millions of steps: each is right with the whole protocol, and a false skip with the fault planted.

use jiff::SignedDuration;
use shipmark::protocol::engine::core::Engine;
use shipmark::protocol::engine::deploy::{confirm, promote_failed};
use shipmark::protocol::engine::mark::{Home, Taint};
use shipmark::protocol::engine::marks::Marks;
use shipmark::protocol::engine::people::taint;
use shipmark::protocol::engine::policy::Asked;
use shipmark::protocol::engine::record::{BuildReport, Outcome};
use shipmark::protocol::engine::step::Step;
use shipmark::protocol::engine::ticket::Ticket;

use super::fault::{Event, Fault};
use super::story::Story;
use crate::engine::scene::{BUILD, asked, elsewhere, engine, key, report};

/// Another home, whose deploy of `a` deploys `b` again.
fn theirs() -> Engine {
    let mut theirs = engine("theirs", &["a", "b"]);
    theirs.caller.home = Some(Home { pipeline: Some("X".to_owned()), ..Home::default() });
    theirs
}

/// The story of a fault: whether it ends in a false skip.
fn ends_badly(fault: Fault, planted: bool) -> bool {
    let mut story = Story::new(planted.then_some(fault));
    let slow = engine("slow", &["a", "b"]);
    match fault {
        Fault::HomeArtifact => {
            // Two homes that deploy one artifact again, a deploy by hand between.
            let ticket = story.decide(&slow, "a", 1);
            let moment = story.scene.moment();
            let said = Taint { reason: "by hand".into(), by: "me".into(), at: moment.at, rest: Default::default() };
            story.call(&Event::Other, |marks| taint(&[key("b")], &said, false, marks, &moment)).unwrap();
            let other = story.decide(&theirs(), "a", 1);
            story.record(&theirs(), &other, "a", Outcome::Succeeded);
            story.record(&slow, &ticket, "a", Outcome::Succeeded);
            story.skips(1)
        }
        Fault::OrphanAnyones => {
            // Two builds whose map lacks `b`: the second one is spared its attempt, and may still remove `b`.
            let (x, y) = (engine("x", &["a"]), engine("y", &["a"]));
            let ticket = story.decide(&x, "a", 1);
            story.decide(&y, "a", 1);
            story.record(&x, &ticket, "a", Outcome::Succeeded);
            if planted {
                story.scene.store.force(&key("b"), |mark| {
                    let serial = mark.serial;
                    let mine = mark.attempts.iter_mut().filter(|other| other.build.as_deref() == Some("x"));
                    mine.for_each(|other| other.ended = Some(serial));
                });
            }
            story.deploy("z", 1);
            story.skips(1)
        }
        Fault::PromoteNewest | Fault::SecondDelivery => {
            // A late action of a first run promotes, while a second one has deployed nothing; somebody else has failed half-way.
            let candidate = story.staged("k", 1, None);
            story.begin(&candidate, "run 1");
            let ticket = story.decide(&slow, "b", 2);
            story.record(&slow, &ticket, "b", Outcome::Failed);
            story.begin(&candidate, "run 2");
            story.promote(&candidate, "job of run 1");
            if fault == Fault::SecondDelivery {
                assert!(!story.skips(1));
                story.promote(&candidate, "job of run 1");
            }
            story.skips(1)
        }
        Fault::SameNameTwice => {
            // Two stages of one name, the second one held by an approval.
            let mut ticket = story.decide(&engine("k", &["a", "b"]), "b", 1);
            let first = story.stage("k", &mut ticket, None).unwrap();
            let Ok(second) = story.stage("k", &mut ticket, None) else { return false };
            story.begin(&first, "r1");
            story.promote(&first, "r1");
            let held = story.begin(&second, "r2");
            let next = story.staged("l", 2, None);
            story.begin(&next, "r3");
            story.promote(&next, "r3");
            story.wait();
            let last = story.staged("n", 3, None);
            story.begin(&last, "r4");
            story.promote(&last, "r4");
            held && story.skips(3)
        }
        Fault::TellNewest => {
            // Two runs, and somebody tells that one has failed: the other one is approved later.
            let candidate = story.staged("k", 1, None);
            story.begin(&candidate, "run 1");
            story.begin(&candidate, "run 2");
            let (targets, moment) = (story.scene.targets(&[candidate]), story.scene.moment());
            let tell = |marks: &Marks| Ok(promote_failed(&targets, Some("another job"), marks, &moment));
            story.call(&Event::Tell, tell).unwrap();
            story.wait();
            story.deploy("w", 3);
            story.skips(3)
        }
        Fault::PipelineLane => {
            // One stage of a pipeline is held after its begin; another stage begins.
            let held = story.staged("k", 2, Some("one"));
            story.begin(&held, "r1");
            let other = story.staged("l", 1, Some("two"));
            story.begin(&other, "r2");
            story.promote(&other, "r2");
            story.wait();
            story.deploy("m", 3);
            story.skips(3)
        }
        Fault::ClaimRollback => {
            // The stage that a claim skips is rolled back to what it deployed before.
            let old = story.staged("k", 2, None);
            story.begin(&old, "r1");
            story.promote(&old, "r1");
            let new = story.staged("l", 3, None);
            story.begin(&new, "r2");
            story.promote(&new, "r2");
            let (engine, moment) = (engine("asks", &["a", "b"]), story.scene.moment());
            let marks = story.scene.all();
            let asked = [asked("b", 3)];
            let decided = engine.decide_staged(&asked, None, &marks, &Ticket::new(None), None, &moment).unwrap();
            let claims = decided.told.claims;
            assert!(claims.len() == 1 && claims[0].1.lane.is_some());
            story.begin(&old, "r3");
            let confirmed = |marks: &Marks| {
                let told = confirm(&claims, marks, &moment)[0].1.skips();
                Ok(Step { told, names: vec![], writes: vec![], removals: vec![], ticket: None })
            };
            story.call(&Event::Confirm, confirmed).unwrap().0
        }
        Fault::RmForgets | Fault::RmDamagedForgets => {
            // A build is under way when the mark is removed.
            story.decide(&slow, "b", 2);
            let mut event = Event::Rm;
            if fault == Fault::RmDamagedForgets {
                story.scene.store.damage(&key("b"), true);
                event = Event::RmDamaged;
            }
            story.remove(&event);
            story.deploy("m", 3);
            story.skips(3)
        }
        Fault::RmDropsDeploy => {
            // Another build has recorded while this one ran, and may have deployed after it.
            let ticket = story.decide(&slow, "b", 2);
            story.deploy("m", 3);
            story.remove(&Event::Rm);
            story.record(&slow, &ticket, "b", Outcome::Succeeded);
            story.skips(2)
        }
        Fault::TicketAnySource => {
            // A build has the key open from a first source, and deploys a second one under it.
            let mut ticket = story.decide(&slow, "b", 2);
            let mut other = slow.clone();
            other.caller.source = "/other".to_owned();
            if planted {
                ticket.entries.iter_mut().for_each(|entry| entry.source.clone_from(&other.caller.source));
            }
            let (marks, moment) = (story.scene.all(), story.scene.moment());
            let Ok(decided) = other.decide(&[asked("b", 3)], &marks, &ticket, None, &moment) else { return false };
            story.record(&other, &decided.ticket.unwrap(), "b", Outcome::Succeeded);
            story.skips(2)
        }
        Fault::StaleStage => {
            // Its attempt could not be written; then something else was deployed, and skipped.
            let (engine, moment) = (engine("k", &["a", "b"]), story.scene.moment());
            let mut marks = story.scene.all();
            marks.unwritable(&key("b"), "refused");
            let decided = engine.decide(&[asked("b", 2)], &marks, &Ticket::new(Some("k")), None, &moment).unwrap();
            story.deploy("m", 3);
            let told = story.skips(3);
            told && story.stage("k", &mut decided.ticket.unwrap(), None).is_ok()
        }
        Fault::ForgetUnwritten => {
            // `b`, which it deploys again, could not be told; then something else was deployed there, and skipped.
            let (engine, moment) = (engine("k", &["a", "b"]), story.scene.moment());
            let mut marks = story.scene.all();
            marks.unwritable(&key("b"), "refused");
            let decided = engine.decide(&[asked("a", 2)], &marks, &Ticket::new(Some("k")), None, &moment).unwrap();
            story.deploy("m", 3);
            let told = story.skips(3);
            let mut ticket = decided.ticket.unwrap();
            if planted {
                ticket.entries.iter_mut().for_each(|entry| entry.pins.retain(|pin| !pin.unwritten));
            }
            let (moment, report) = (story.scene.moment(), report(&["a"], Outcome::Succeeded));
            let staged = story.call(&Event::Stage, |marks| engine.stage(&ticket, &report, None, marks, &moment));
            told && staged.is_ok()
        }
        Fault::StrikeOwn => {
            // The build has written into its source, and decides once more: what it deploys is what it decided first.
            let (moment, first) = (story.scene.moment(), Ticket::new(slow.caller.build.id.as_deref()));
            let event = Event::decide(slow.caller.home.clone(), None);
            let mut ticket = first.clone();
            for of in [2, 3] {
                let asked = [Asked { forced: true, ..asked("b", of) }];
                let before = if planted { first.clone() } else { ticket.clone() };
                let told = story.call(&event, |marks| slow.decide(&asked, marks, &before, None, &moment));
                ticket = told.unwrap().1.unwrap();
            }
            story.record(&slow, &ticket, "b", Outcome::Succeeded);
            assert!(planted || story.skips(2));
            story.skips(3)
        }
        Fault::ReuseSharesArtifact => {
            // Two builds reuse one deploy, and the first of them fails half-way after the second one has recorded.
            let mut there = engine("there", &["b"]);
            let policy = there.environments.pop_first().unwrap().1;
            there.environments.insert(elsewhere("b").environment, policy);
            let moment = story.scene.moment();
            let asked = [Asked { key: elsewhere("b"), ..asked("b", 2) }];
            let ticket = Ticket::new(None);
            let told = story.call(&Event::Other, |marks| there.decide(&asked, marks, &ticket, None, &moment));
            let (ticket, moment) = (told.unwrap().1.unwrap(), story.scene.moment());
            let report = BuildReport { keys: vec![elsewhere("b")], ..report(&[], Outcome::Succeeded) };
            story.call(&Event::Other, |marks| Ok(there.record(&ticket, &report, marks, &moment))).unwrap();
            let [mut one, mut two] = ["one", "two"].map(|build| engine(build, &["a", "b"]));
            let tickets = [&mut one, &mut two].map(|engine| {
                let policies = engine.environments.values_mut().flat_map(|policy| policy.services.values_mut());
                policies.for_each(|policy| policy.reuse_from = Some(elsewhere("b").environment));
                let (moment, ticket) = (story.scene.moment(), Ticket::new(engine.caller.build.id.as_deref()));
                let asked = [super::stories::asked("b", 2)];
                let event = Event::decide(engine.caller.home.clone(), Some(key("b").environment));
                let told = story.call(&event, |marks| engine.decide(&asked, marks, &ticket, None, &moment));
                told.unwrap().1.unwrap()
            });
            assert!(tickets.iter().all(|ticket| ticket.entries.iter().all(|entry| entry.reused.is_some())));
            story.record(&two, &tickets[1], "b", Outcome::Succeeded);
            story.record(&one, &tickets[0], "b", Outcome::Failed);
            story.skips(2)
        }
        Fault::FullDrops => {
            story.decide(&slow, "b", 2);
            for n in 0..70 {
                let engine = engine(&format!("many{n}"), &["a", "b"]);
                let ticket = story.decide(&engine, "b", 3);
                story.record(&engine, &ticket, "b", Outcome::Failed);
            }
            story.deploy("m", 3);
            story.skips(3)
        }
        Fault::FullFirstEnds => {
            // The second of two builds that become one is alive when the first one is over.
            story.decide(&engine("first", &["a", "b"]), "b", 2);
            story.scene.now += i64::try_from(BUILD).unwrap() - 300;
            story.decide(&slow, "b", 2);
            let many: Vec<_> = (0..63)
                .map(|n| {
                    let engine = engine(&format!("many{n}"), &["a", "b"]);
                    let ticket = story.decide(&engine, "b", 3);
                    (engine, ticket)
                })
                .collect();
            for (engine, ticket) in many {
                story.record(&engine, &ticket, "b", Outcome::Failed);
            }
            story.scene.now += SignedDuration::from_mins(10).as_secs();
            story.deploy("m", 3);
            story.skips(3)
        }
        other => panic!("there is no story of {}", other.name()),
    }
}

/// The faults that have a story.
pub(super) const TOLD: &[Fault] = &[
    Fault::HomeArtifact,
    Fault::OrphanAnyones,
    Fault::PromoteNewest,
    Fault::SecondDelivery,
    Fault::SameNameTwice,
    Fault::TellNewest,
    Fault::PipelineLane,
    Fault::ClaimRollback,
    Fault::RmForgets,
    Fault::RmDamagedForgets,
    Fault::RmDropsDeploy,
    Fault::TicketAnySource,
    Fault::StaleStage,
    Fault::ForgetUnwritten,
    Fault::StrikeOwn,
    Fault::ReuseSharesArtifact,
    Fault::FullDrops,
    Fault::FullFirstEnds,
];

#[test]
fn each_story_ends_badly_only_with_its_fault() {
    for fault in TOLD {
        assert!(!ends_badly(*fault, false), "{}: the whole protocol skips falsely", fault.name());
        assert!(ends_badly(*fault, true), "{} is not caught", fault.name());
    }
}
