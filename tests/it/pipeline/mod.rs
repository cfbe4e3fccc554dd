//! Whole pipelines, simulated: the model of CodePipeline's stages is ours, the program, its state and its sources are real.
//!
//! Executions are superseded, wait in line or run in parallel; they fail, are killed, retried, rolled back, or stopped and abandoned
//! while the build goes on. What is deployed is a folder, into which a deploy copies the bytes of a service in two steps, and
//! between any two commands of an execution others may run theirs. The program is never asked what is true:
//!
//! - a service is skipped only if the bytes in the folder are those of the source, and nobody may yet copy others;
//! - where `status` names no doubt, the folder holds what it says is deployed;
//! - once all has come to rest, one deploy is enough, and the next decision skips everything.

mod deployed;
mod events;
mod execution;
mod fault;
mod history;
mod site;
mod stages;
mod walk;

use crate::support::say;
use events::Run;
use execution::Shape;
use fault::Fault;
use history::History;
use stages::Mode;
use walk::{Counts, Wrong};

/// A run of some rounds.
fn run(shape: Shape, mode: Mode, seed: u64) -> Run {
    Run { shape, mode, pipelines: 1, seed, fault: None, rounds: 3, steps: 30 }
}

/// Runs it over made-up histories.
fn made_up(runs: impl IntoIterator<Item = Run>) -> Counts {
    let mut counts = Counts::default();
    for run in runs {
        counts.add(run.go(history::made_up).unwrap_or_else(|wrong| panic!("{wrong}")));
    }
    counts
}

/// A walk in which nothing is skipped or nothing settled proves nothing.
fn assert_lively(counts: &Counts, what: &str) {
    say(&format!("{what}: {counts:?}"));
    assert!(counts.skipped * 50 > counts.commands && counts.settled * 5 > counts.commands, "{what}: {counts:?}");
}

#[test]
fn pipelines_that_build_and_deploy_in_one_stage_are_never_skipped_falsely() {
    for mode in [Mode::Superseded, Mode::Queued, Mode::Parallel] {
        let counts = made_up((1..=2).map(|seed| run(Shape::OneStep, mode, seed)));
        assert_lively(&counts, &format!("one step, {mode:?}"));
    }
}

#[test]
fn pipelines_that_deploy_in_a_later_stage_are_never_skipped_falsely() {
    for mode in [Mode::Superseded, Mode::Queued] {
        let counts = made_up((1..=2).map(|seed| run(Shape::TwoStep, mode, seed)));
        assert_lively(&counts, &format!("two steps, {mode:?}"));
    }
}

#[test]
fn two_pipelines_of_one_system_are_never_skipped_falsely() {
    for shape in [Shape::OneStep, Shape::TwoStep] {
        made_up((1..=2).map(|seed| Run { pipelines: 2, ..run(shape, Mode::Superseded, seed) }));
    }
}

/// Short walks, which are made on every engine too.
#[test]
fn walks_on_every_store_are_never_skipped_falsely() {
    for (shape, mode, seed, history) in [
        (Shape::OneStep, Mode::Parallel, 3, history::made_up as fn(&mut fastrand::Rng) -> History),
        (Shape::TwoStep, Mode::Queued, 2, history::stack),
    ] {
        let run = Run { pipelines: 2, ..run(shape, mode, seed) };
        let counts = run.go(history).unwrap_or_else(|wrong| panic!("{wrong}"));
        say(&format!("on every store, {shape:?}: {counts:?}"));
        assert!(counts.skipped > 1 && counts.settled > 20, "{counts:?}");
    }
}

/// One stack, two services, two pipelines: each deploys its own service anew and the other as it was recorded.
#[test]
fn two_pipelines_of_one_stack_are_never_skipped_falsely() {
    for shape in [Shape::OneStep, Shape::TwoStep] {
        let mut counts = Counts::default();
        for seed in 1..=3 {
            let run = Run { pipelines: 2, ..run(shape, Mode::Superseded, seed) };
            counts.add(run.go(history::stack).unwrap_or_else(|wrong| panic!("{wrong}")));
        }
        assert_lively(&counts, &format!("one stack, {shape:?}"));
    }
}

#[test]
fn undisturbed_pipelines_build_exactly_what_differs() {
    for shape in [Shape::OneStep, Shape::TwoStep] {
        let alone = Run { steps: 15, ..run(shape, Mode::Queued, 1) };
        let stack = Run { pipelines: 2, ..alone };
        for counts in [alone.go_calmly(history::made_up), stack.go_calmly(history::stack)] {
            let counts = counts.unwrap_or_else(|wrong| panic!("{wrong}"));
            assert!(counts.skipped > 5 && counts.built.len() == 2, "{counts:?}");
        }
    }
}

/// Whatever has overlapped, nobody need say anything: when all have come to their ends, one deploy that nothing overlaps is enough.
/// Of PARALLEL executions this is all that can be asked. While they overlap, a skip is chance: the mark is uncertain.
#[test]
fn executions_that_overlapped_are_settled_by_one_that_does_not() {
    for (shape, mode, pipelines, history) in [
        (Shape::OneStep, Mode::Parallel, 3, history::made_up as fn(&mut fastrand::Rng) -> History),
        (Shape::OneStep, Mode::Queued, 2, history::made_up),
        (Shape::OneStep, Mode::Parallel, 2, history::stack),
        (Shape::TwoStep, Mode::Queued, 2, history::made_up),
        (Shape::TwoStep, Mode::Queued, 2, history::stack),
    ] {
        let run = Run { pipelines, rounds: 4, steps: 3, ..run(shape, mode, 2) };
        let counts = run.go_to_the_ends(history).unwrap_or_else(|wrong| panic!("{wrong}"));
        say(&format!("overlapping, {shape:?}, {mode:?}, {pipelines} pipelines: {counts:?}"));
        let doubts = counts.built.get("uncertain").copied().unwrap_or(0);
        assert!(doubts >= 3, "without doubt there is nothing to settle: {counts:?}");
    }
}

#[test]
fn a_real_systems_pipelines_are_never_skipped_falsely() {
    for (shape, mode) in [(Shape::OneStep, Mode::Parallel), (Shape::TwoStep, Mode::Superseded)] {
        let Some(history) = history::platform() else { return };
        let counts = run(shape, mode, 1).go(|_| history).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_lively(&counts, &format!("a real system, {shape:?}"));
    }
}

/// The Swift servers, with their images and their stack, and with the map that is published.
#[test]
fn a_real_stack_of_two_pipelines_is_never_skipped_falsely() {
    let Some(history) = history::swift() else { return };
    let run = Run { pipelines: 2, ..run(Shape::OneStep, Mode::Queued, 1) };
    let counts = run.go(|_| history).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_lively(&counts, "a real stack");
}

/// A map that does not say which services one deploy makes again: nobody opens an attempt in the other's mark.
#[test]
fn the_simulator_catches_a_map_that_does_not_say_what_is_deployed_again() {
    for shape in [Shape::OneStep, Shape::TwoStep] {
        catches_fault(Fault::RedeploysInSilence, shape, Mode::Queued, history::stack);
    }
}

#[test]
fn the_simulator_catches_builds_that_use_the_program_wrongly() {
    catches(Shape::OneStep, Mode::Parallel);
}

/// The last of these faults is of CodePipeline's making: of a deploy that goes on after its stage was abandoned nobody hears.
#[test]
fn the_simulator_catches_deploy_stages_that_use_the_program_wrongly() {
    catches(Shape::TwoStep, Mode::Queued);
}

/// Each fault leads to a decision that is a false skip.
fn catches(shape: Shape, mode: Mode) {
    for (fault, _) in Fault::ALL.iter().filter(|(_, of)| *of == shape) {
        catches_fault(*fault, shape, mode, history::made_up);
    }
}

fn catches_fault(fault: Fault, shape: Shape, mode: Mode, history: fn(&mut fastrand::Rng) -> History) {
    // What was abandoned ends with a rest.
    let (rounds, steps) = if fault == Fault::AbandonedDeployGoesOn { (1, 72) } else { (3, 24) };
    let pipelines = if fault == Fault::RedeploysInSilence { 2 } else { 1 };
    let runs = (1..=24).map(|seed| Run { fault: Some(fault), pipelines, rounds, steps, ..run(shape, mode, seed) });
    let caught = runs.filter_map(|run| run.go(history).err()).next();
    let caught = caught.unwrap_or_else(|| panic!("{fault:?} was not caught"));
    assert!(matches!(caught.wrong, Wrong::Skip(_)), "{fault:?}: {caught}");
    say(&format!("{fault:?}: {}", caught.wrong));
}
