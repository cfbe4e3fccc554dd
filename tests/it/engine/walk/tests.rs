//! What the walks must show: the whole protocol holds, they are not vacuous, and each planted fault is caught.

use std::collections::BTreeSet;

use super::counts::Counts;
use super::fault::Fault;
use super::play;
use super::profile::Profile;
use super::stories::TOLD;
use crate::long::{Share, walks};

/// Walks, and prints what they met.
fn holds(profile: &Profile, first: u64, steps: u64) -> Counts {
    let started = std::time::Instant::now();
    let (seen, wrong) = play(profile, None, first, steps);
    println!("{} ({:.1?})", seen.text(), started.elapsed());
    assert_eq!(wrong, None);
    seen
}

/// What walks must have met to say anything.
const MET: &[&str] = &[
    "abandoned stages",
    "begin refused",
    "begins",
    "builds",
    "built while unwritable",
    "claims",
    "claims confirmed",
    "claims of a lane",
    "conflicts",
    "decided again",
    "decided twice in a build",
    "failed builds",
    "failed stages",
    "failed stages told",
    "kills",
    "let in late",
    "lost tickets",
    "one-step builds",
    "promotes",
    "records",
    "records with an old ticket",
    "records without an attempt",
    "retried stages",
    "rollbacks",
    "second deliveries",
    "skips",
    "staged",
    "state rm",
    "steps tried again",
    "taints",
    "torn steps",
    "two-step builds",
    "verified",
    "writes refused",
    "zombie deploys",
];

/// What is met less often.
const MET_IN_LONG_WALKS: &[&str] = &[
    "abandoned runs told",
    "adopted",
    "begin failed",
    "claims of a lane confirmed",
    "claims of a lane refused",
    "claims refused",
    "imports",
    "lost candidates",
    "map changes",
    "names lost",
    "promote failed",
    "promotes of abandoned runs",
    "reuses",
    "second sources refused",
    "stage refused: one name twice",
    "stage refused: overtaken",
    "stage refused: unwritten",
    "state rm --orphans",
    "state rm of a damaged mark",
    "taint --nothing-running",
    "trusted imports",
];

fn met(seen: &Counts, events: &[&str]) {
    let never: Vec<&&str> = events.iter().filter(|event| seen.of(event) == 0).collect();
    assert!(never.is_empty(), "the walks never met {never:?}: {}", seen.text());
}

#[test]
fn nothing_is_skipped_falsely() {
    let mut seen = holds(&Profile::wild(), 1, 18_000);
    seen.add(&holds(&Profile::rough(), 1, 4_000));
    met(&seen, MET);
}

/// Faults as rare as in life: what the rules cost, compared with an oracle that knows what is live and who may still deploy.
#[test]
fn little_is_built_for_nothing() {
    let seen = holds(&Profile::calm(), 100, 10_000);
    assert!(seen.of("skips") > 300, "{}", seen.text());
    // A few worlds differ a lot; longer walks miss far less.
    assert!(seen.needless() < 0.3, "{}", seen.text());
}

#[test]
fn nothing_is_skipped_falsely_where_lists_are_full() {
    let seen = holds(&Profile::crowded(), 1, 300);
    met(&seen, &["full lists", "builds"]);
}

/// From which world on a walk is to look for a fault. It looks on until it is caught: a world that catches it is near.
const CAUGHT: &[(Fault, u64)] = &[
    (Fault::NoPin, 21),
    (Fault::PinRace, 81),
    (Fault::NoUnknownPin, 6),
    (Fault::NoRemoved, 1000025),
    (Fault::SameBuildPin, 2000062),
    (Fault::SameCallSkipUnpinned, 1000082),
    (Fault::VerifyStale, 70),
    (Fault::ReuseUncertain, 61),
    (Fault::Withdraw, 33),
    (Fault::DropFailed, 16),
    (Fault::OwnClock, 51),
    (Fault::ShortAge, 15),
    (Fault::DropAll, 5),
    (Fault::DropAlive, 4),
    (Fault::ForgetLast, 15),
    (Fault::NoAttemptDrops, 12),
    (Fault::SameContentEnded, 4),
    (Fault::IgnoreEnded, 4),
    (Fault::IgnoreAlive, 8),
    (Fault::SkipUnstaged, 124),
    (Fault::EarlyCandidateOneArtifact, 8),
    (Fault::NoGate, 8),
    (Fault::NoBegin, 25),
    (Fault::TurnAttemptTimeout, 1000007),
    (Fault::TurnEnds, 53),
    (Fault::NoTaint, 15),
    (Fault::NoTicketFine, 11),
    (Fault::TicketAnyStore, 14),
    (Fault::OldTicket, 23),
    (Fault::AnyHome, 31),
    (Fault::UnknownHomeFits, 54),
    (Fault::AnyEnvironment, 4),
    (Fault::OtherOutputs, 2000053),
    (Fault::NoConfirm, 28),
    (Fault::StrikeOwn, 14),
    (Fault::ClaimRollback, 94),
    (Fault::RmForgets, 29),
];

/// So many steps are enough for each of them, wherever the walk begins.
const MOST: u64 = 60_000;

fn catch(fault: Fault, first: u64) {
    let started = std::time::Instant::now();
    let (seen, wrong) = play(&Profile::of(fault), Some(fault), first, MOST);
    let caught = wrong.unwrap_or_else(|| panic!("{} is not caught in {} steps", fault.name(), seen.steps));
    let (_, without) = play(&Profile::of(fault), None, first, seen.steps);
    assert_eq!(without, None, "{}: it is the fault that is caught", fault.name());
    let place = caught.split(':').next().unwrap_or_default();
    println!("{:30} caught after {} steps, in {place} ({:.1?})", fault.name(), seen.steps, started.elapsed());
}

#[test]
fn each_planted_fault_is_caught() {
    for (fault, first) in CAUGHT {
        catch(*fault, *first);
    }
}

#[test]
fn each_fault_has_a_walk_or_a_story() {
    let caught: BTreeSet<Fault> = CAUGHT.iter().map(|(fault, _)| *fault).chain(TOLD.iter().copied()).collect();
    assert_eq!(
        caught.len(),
        Fault::ALL.len(),
        "{:?}",
        Fault::ALL.iter().filter(|fault| !caught.contains(fault)).collect::<Vec<_>>()
    );
    let page = std::fs::read_to_string("docs/cases.md").unwrap();
    for fault in Fault::ALL {
        assert!(page.contains(&format!("\n| `{}` | ", fault.name())), "docs/cases.md: {}", fault.name());
    }
}

mod long {
    use super::*;

    /// A million steps where all are asked for.
    #[test]
    #[ignore = "long: walks for minutes"]
    fn nothing_is_skipped_falsely() {
        let (mut seen, mut batches) = (Counts::default(), 0);
        for seed in walks(Share::Protocol, 0.5, 50) {
            seen.add(&holds(&Profile::wild(), seed * 1_000, 14_000));
            seen.add(&holds(&Profile::rough(), seed * 1_000, 4_000));
            seen.add(&holds(&Profile::crowded(), seed * 1_000, 600));
            seen.add(&holds(&Profile::calm(), seed * 1_000, 2_000));
            batches += 1;
        }
        if batches >= 10 {
            met(&seen, MET);
            met(&seen, MET_IN_LONG_WALKS);
        }
    }

    /// Each from the first world on, so that no fault is caught in one world only.
    #[test]
    #[ignore = "long: walks for minutes"]
    fn each_planted_fault_is_caught_from_anywhere() {
        for (n, seed) in walks(Share::Protocol, 0.25, CAUGHT.len() as u64).enumerate() {
            let (fault, _) = CAUGHT[n % CAUGHT.len()];
            let (seen, wrong) = play(&Profile::of(fault), Some(fault), seed * 1_000, 4 * MOST);
            assert!(wrong.is_some(), "{} is not caught in {} steps", fault.name(), seen.steps);
        }
    }
}
