//! Whole pipelines, simulated: the model of CodePipeline's stages is ours, the program, its state and its sources are real.
//!
//! Executions are superseded, wait in line or run in parallel; they fail, are killed, retried, rolled back, or stopped and abandoned
//! while the build goes on. What is deployed is a folder, into which a deploy copies the bytes of a service in two steps, and
//! between any two commands of an execution others may run theirs. The program is never asked what is true:
//!
//! - a service is skipped only if the bytes in the folder are those of the source, and nobody may yet copy others;
//! - where `status` names no doubt, the folder holds what it says is deployed;
//! - once all has come to rest, one deploy is enough, and the next decision skips everything.
//!
//! By default each kind of walk is made once; other modes, seeds and faults, and real systems, are in [`long`].

mod deployed;
mod events;
mod execution;
mod fault;
mod history;
mod long;
mod site;
mod stages;
mod storm;
mod walk;

use crate::long::{Share, walks};
use crate::support::say;
use events::Run;
use execution::Shape;
use fault::Fault;
use history::History;
use stages::Mode;
use storm::Storm;
use walk::{Counts, Wrong};

/// A run of some rounds.
fn run(shape: Shape, mode: Mode, seed: u64) -> Run {
    Run { shape, mode, pipelines: 1, seed, fault: None, rounds: 3, steps: 30, storm: false }
}

/// Runs it, which must go well.
fn counted(run: Run, history: impl FnOnce(&mut fastrand::Rng) -> History) -> Counts {
    run.go(history).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// A walk in which nothing is skipped or nothing settled proves nothing.
fn assert_lively(counts: &Counts, what: &str) {
    say(&format!("{what}: {counts:?}"));
    assert!(counts.skipped * 50 > counts.commands && counts.settled * 5 > counts.commands, "{what}: {counts:?}");
}

#[test]
fn pipelines_that_build_and_deploy_in_one_stage_are_never_skipped_falsely() {
    let counts = counted(run(Shape::OneStep, Mode::Superseded, 1), history::made_up);
    assert_lively(&counts, "one step");
}

#[test]
fn pipelines_that_deploy_in_a_later_stage_are_never_skipped_falsely() {
    let counts = counted(run(Shape::TwoStep, Mode::Queued, 7), history::made_up);
    assert_lively(&counts, "two steps");
}

/// Short walks, which are made on every engine too.
#[test]
fn walks_on_every_store_are_never_skipped_falsely() {
    for (shape, mode, seed, history) in [
        (Shape::OneStep, Mode::Parallel, 3, history::made_up as fn(&mut fastrand::Rng) -> History),
        (Shape::TwoStep, Mode::Queued, 2, history::stack),
    ] {
        let counts = counted(Run { pipelines: 2, ..run(shape, mode, seed) }, history);
        say(&format!("on every store, {shape:?}: {counts:?}"));
        assert!(counts.skipped > 1 && counts.settled > 20, "{counts:?}");
    }
}

/// Each process may be killed between any two writes, and have a clock that lies.
#[test]
fn walks_on_every_store_in_a_storm_are_never_skipped_falsely() {
    let Some(one_step) = in_a_storm(1) else { return };
    let two_steps = in_a_storm(2).unwrap();
    for counts in [one_step, two_steps] {
        assert!(counts.killed > 0 && counts.skipped > 0 && counts.settled > 10, "{counts:?}");
    }
}

#[test]
#[ignore = "long: `on_engines` runs it on each engine"]
fn walks_on_every_store_in_many_storms() {
    many_storms(0.03);
}

fn many_storms(part: f64) {
    let mut all = Counts::default();
    for seed in walks(Share::Rest, part, 20) {
        let Some(counts) = in_a_storm(seed) else { return };
        all.add(counts);
    }
    assert!(all.killed > 0, "{all:?}");
}

fn in_a_storm(seed: u64) -> Option<Counts> {
    Storm::new(seed)?;
    let (shape, mode, history) = match seed % 3 {
        0 => (Shape::OneStep, Mode::Parallel, history::made_up as fn(&mut fastrand::Rng) -> History),
        1 => (Shape::OneStep, Mode::Parallel, history::stack as fn(&mut fastrand::Rng) -> History),
        _ => (Shape::TwoStep, Mode::Queued, history::stack as fn(&mut fastrand::Rng) -> History),
    };
    let counts = counted(Run { pipelines: 2, storm: true, ..run(shape, mode, seed) }, history);
    say(&format!("in a storm, seed {seed}: {counts:?}"));
    Some(counts)
}

/// One stack, two services, two pipelines: each deploys its own service anew and the other as it was recorded.
#[test]
fn two_pipelines_of_one_stack_are_never_skipped_falsely() {
    let counts = counted(Run { pipelines: 2, ..run(Shape::OneStep, Mode::Superseded, 1) }, history::stack);
    assert_lively(&counts, "one stack");
}

#[test]
fn undisturbed_pipelines_build_exactly_what_differs() {
    undisturbed(1, 10);
}

/// Without any mishap a service is built where its bytes differ, and only there.
fn undisturbed(seed: u64, steps: usize) {
    for shape in [Shape::OneStep, Shape::TwoStep] {
        let alone = Run { steps, ..run(shape, Mode::Queued, seed) };
        let stack = Run { pipelines: 2, ..alone };
        for counts in [alone.go_calmly(history::made_up), stack.go_calmly(history::stack)] {
            let counts = counts.unwrap_or_else(|wrong| panic!("{wrong}"));
            assert!(counts.skipped > 2 && counts.built.len() == 2, "{counts:?}");
        }
    }
}

/// What overlaps: the shape of the pipelines, their mode, how many they are, and what they deploy.
type Overlap = (Shape, Mode, usize, fn(&mut fastrand::Rng) -> History);

const OVERLAPS: [Overlap; 5] = [
    (Shape::OneStep, Mode::Parallel, 2, history::stack),
    (Shape::OneStep, Mode::Parallel, 3, history::made_up),
    (Shape::OneStep, Mode::Queued, 2, history::made_up),
    (Shape::TwoStep, Mode::Queued, 2, history::made_up),
    (Shape::TwoStep, Mode::Queued, 2, history::stack),
];

#[test]
fn executions_that_overlapped_are_settled_by_one_that_does_not() {
    let doubts = overlapping(&OVERLAPS[0], 2);
    assert!(doubts >= 3, "without doubt there is nothing to settle: {doubts}");
}

/// Whatever has overlapped, nobody need say anything: when all have come to their ends, one deploy that nothing overlaps is enough.
/// Of PARALLEL executions this is all that can be asked. While they overlap, a skip is chance: the mark is uncertain.
fn overlapping((shape, mode, pipelines, history): &Overlap, seed: u64) -> usize {
    let run = Run { pipelines: *pipelines, rounds: 4, steps: 3, ..run(*shape, *mode, seed) };
    let counts = run.go_to_the_ends(history).unwrap_or_else(|wrong| panic!("{wrong}"));
    say(&format!("overlapping, {shape:?}, {mode:?}, {pipelines} pipelines: {counts:?}"));
    counts.built.get("uncertain").copied().unwrap_or(0)
}

/// A map that does not say which services one deploy makes again: nobody opens an attempt in the other's mark.
#[test]
fn the_simulator_catches_a_map_that_does_not_say_what_is_deployed_again() {
    catches(Fault::RedeploysInSilence, Shape::OneStep);
}

#[test]
fn the_simulator_catches_builds_that_use_the_program_wrongly() {
    catches(Fault::OpensNothing, Shape::OneStep);
}

#[test]
fn the_simulator_catches_deploy_stages_that_use_the_program_wrongly() {
    catches(Fault::NoBegin, Shape::TwoStep);
}

/// The fault leads to a decision that is a false skip.
fn catches(fault: Fault, shape: Shape) {
    let mode =
        if shape == Shape::OneStep && fault != Fault::RedeploysInSilence { Mode::Parallel } else { Mode::Queued };
    let (pipelines, history): (_, fn(&mut fastrand::Rng) -> History) =
        if fault == Fault::RedeploysInSilence { (2, history::stack) } else { (1, history::made_up) };
    let runs =
        (1..=24).map(|seed| Run { fault: Some(fault), pipelines, rounds: 3, steps: 24, ..run(shape, mode, seed) });
    let caught = runs.filter_map(|run| run.go(history).err().map(|caught| (run.seed, caught))).next();
    let (seed, caught) = caught.unwrap_or_else(|| panic!("{fault:?} was not caught"));
    assert!(matches!(caught.wrong, Wrong::Skip(_)), "{fault:?}: {caught}");
    say(&format!("{fault:?}, {shape:?}, seed {seed}: {}", caught.wrong));
}
