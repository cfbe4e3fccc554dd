use jiff::SignedDuration;

use super::*;
use crate::base::fingerprint::{Content, Fingerprint};
use crate::protocol::mark::Release;
use crate::protocol::mark::transitions::{Finish, Opening};

fn now(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_mins(minute)
}

fn id(number: usize) -> AttemptId {
    AttemptId::parse(&format!("a{number}")).unwrap()
}

fn release(number: usize, output: &str) -> Release {
    let outputs = [(OutputName::new("IMAGE").unwrap(), output.to_owned())].into();
    let content = Some(Content { fingerprint: Fingerprint([u8::try_from(number % 250).unwrap(); 32]), modes: None });
    let build = Build { id: Some(format!("b:{number}")), initiator: None, execution: Some(format!("e-{number}")) };
    let revision = Some(format!("r{number}"));
    Release { content, inputs: 1, rules: None, snapshot: None, revision, outputs, build }
}

/// A build that begins after all others have ended, and deploys.
fn deploy(mark: &mut Mark, number: usize, output: &str) -> Finish {
    let release = release(number, output);
    let minute = i64::try_from(number).unwrap();
    let (content, build) = (release.content, release.build.clone());
    let opening = Opening { id: id(number), content, build, revision: None, timeout_seconds: 60, pinned_by: None };
    mark.open(opening, now(minute));
    mark.record(id(number), release, now(minute))
}

fn told(mark: &Mark) -> Vec<(&str, bool)> {
    let last = mark.deployed.iter().map(|deploy| (deploy.id.as_str(), mark.certain));
    last.chain(mark.log.iter().map(|logged| (logged.id.as_str(), logged.certain))).collect()
}

#[test]
fn each_recorded_deploy_is_told_once_newest_first() {
    let mut mark = Mark::new(now(0));
    assert!(mark.deploys().is_empty());
    for number in 1..=3 {
        assert_eq!(deploy(&mut mark, number, "x"), Finish::Certain);
    }
    assert_eq!(told(&mark), [("a3", true), ("a2", true), ("a1", true)]);
    let deploys = mark.deploys();
    assert_eq!(deploys.len(), 3);
    let first = &deploys[2];
    assert_eq!((first.recorded_at, first.revision.as_deref()), (now(1), Some("r1")));
    assert_eq!((&first.build, &first.outputs), (&release(1, "x").build, &release(1, "x").outputs));
}

#[test]
fn a_record_that_is_repeated_is_told_once() {
    let mut mark = Mark::new(now(0));
    deploy(&mut mark, 1, "x");
    deploy(&mut mark, 2, "x");
    assert_eq!(mark.record(id(2), release(2, "x"), now(9)), Finish::Already);
    assert_eq!(told(&mark), [("a2", true), ("a1", true)]);
}

#[test]
fn a_deploy_keeps_the_doubt_and_the_taint_that_it_had_when_the_next_came() {
    let mut mark = Mark::new(now(0));
    deploy(&mut mark, 1, "x");
    let taint = Taint { reason: "by hand".to_owned(), by: "ada".to_owned(), at: now(1) };
    mark.taint(taint.clone(), false, now(1));
    assert_eq!(told(&mark), [("a1", false)], "a taint is no deploy");
    deploy(&mut mark, 2, "x");
    assert_eq!(told(&mark), [("a2", true), ("a1", false)]);
    assert_eq!(mark.log[0].taint, Some(taint));
    assert_eq!(mark.log[0].doubt.as_deref(), Some("it was tainted"));
    assert_eq!((&mark.deploys()[0].taint, &mark.deploys()[0].doubt), (&None, &None));
}

#[test]
fn twenty_are_told_and_the_oldest_is_forgotten() {
    let mut mark = Mark::new(now(0));
    for number in 1..=25 {
        deploy(&mut mark, number, "x");
    }
    let told = told(&mark);
    assert_eq!((told.len(), told[0].0, told[19].0), (MOST_DEPLOYS, "a25", "a6"));
}

#[test]
fn long_outputs_leave_room_for_fewer() {
    let mut mark = Mark::new(now(0));
    for number in 1..=25 {
        deploy(&mut mark, number, &"x".repeat(1000));
    }
    let bytes: usize = mark.log.iter().map(|logged| serde_json::to_string(logged).unwrap().len()).sum();
    assert!((6..=7).contains(&mark.log.len()) && bytes <= MOST_BYTES, "{} entries of {bytes}", mark.log.len());
    assert_eq!(mark.log[0].id, id(24), "the newest stay");
    deploy(&mut mark, 26, &"x".repeat(2 * MOST_BYTES));
    deploy(&mut mark, 27, "x");
    assert_eq!(told(&mark), [("a27", true)], "one that fits nowhere takes those before it along");
}
