//! The same walks by other seeds, in every mode, and over real systems; and every fault.

use super::execution::Shape;
use super::fault::Fault;
use super::history;
use super::stages::Mode;
use super::walk::Counts;
use super::{OVERLAPS, Run, assert_lively, catches, counted, overlapping, run, undisturbed};
use crate::long::{Share, walks};

/// One of these, by the seed, so that the seed alone repeats a walk.
fn by_seed<T: Copy, const N: usize>(these: [T; N], seed: u64) -> T {
    these[usize::try_from(seed).unwrap() % N]
}

/// Walks by seeds. They are lively together, once they are as many as in full.
fn all(share: Share, part: f64, full: u64, what: &str, walk: impl Fn(u64) -> Counts) {
    let mut counts = Counts::default();
    let mut taken = 0;
    for seed in walks(share, part, full) {
        counts.add(walk(seed));
        taken += 1;
    }
    if taken >= full {
        assert_lively(&counts, what);
    }
}

const SHAPES: [Shape; 2] = [Shape::OneStep, Shape::TwoStep];

#[test]
#[ignore = "long: walks for minutes"]
fn pipelines_of_one_stage() {
    all(Share::Program, 0.2, 6, "one step", |seed| {
        let mode = by_seed([Mode::Superseded, Mode::Queued, Mode::Parallel], seed);
        counted(run(Shape::OneStep, mode, seed), history::made_up)
    });
}

#[test]
#[ignore = "long: walks for minutes"]
fn pipelines_that_deploy_in_a_later_stage() {
    all(Share::Program, 0.2, 6, "two steps", |seed| {
        let mode = by_seed([Mode::Superseded, Mode::Queued], seed);
        counted(run(Shape::TwoStep, mode, seed), history::made_up)
    });
}

#[test]
#[ignore = "long: walks for minutes"]
fn undisturbed_pipelines() {
    walks(Share::Program, 0.1, 1).for_each(|seed| undisturbed(seed, 15));
}

#[test]
#[ignore = "long: walks for minutes"]
fn a_real_systems_pipelines() {
    let Some(_) = history::platform() else { return };
    all(Share::Program, 0.1, 2, "a real system", |seed| {
        let (shape, mode) = by_seed([(Shape::OneStep, Mode::Parallel), (Shape::TwoStep, Mode::Superseded)], seed);
        counted(run(shape, mode, seed), |_| history::platform().unwrap())
    });
}

#[test]
#[ignore = "long: walks for minutes"]
fn two_pipelines_of_one_system_are_never_skipped_falsely() {
    all(Share::Fleet, 0.3, 4, "two pipelines of one system", |seed| {
        let run = run(by_seed(SHAPES, seed), Mode::Superseded, seed);
        counted(Run { pipelines: 2, ..run }, history::made_up)
    });
}

#[test]
#[ignore = "long: walks for minutes"]
fn two_pipelines_of_one_stack() {
    all(Share::Fleet, 0.3, 6, "one stack", |seed| {
        counted(Run { pipelines: 2, ..run(by_seed(SHAPES, seed), Mode::Superseded, seed) }, history::stack)
    });
}

/// The Swift servers, with their images and their stack, and with the map that is published.
#[test]
#[ignore = "long: walks for minutes"]
fn a_real_stack_of_two_pipelines() {
    let Some(_) = history::swift() else { return };
    all(Share::Fleet, 0.2, 1, "a real stack", |seed| {
        let run = Run { pipelines: 2, ..run(Shape::OneStep, Mode::Queued, seed) };
        counted(run, |_| history::swift().unwrap())
    });
}

#[test]
#[ignore = "long: walks for minutes"]
fn executions_that_overlapped() {
    let (mut doubts, mut taken) = (0, 0);
    for seed in walks(Share::Fleet, 0.2, 10) {
        doubts += overlapping(&by_seed(OVERLAPS, seed), seed);
        taken += 1;
    }
    assert!(doubts >= 3 || taken < 5, "without doubt there is nothing to settle: {doubts} in {taken} walks");
}

/// Kills between writes and clocks that lie, where state is kept in files. Engines have theirs in `on_engines`.
#[test]
#[ignore = "long: walks for minutes"]
fn pipelines_in_storms() {
    super::many_storms(0.1);
}

#[test]
#[ignore = "long: looks for every planted fault"]
fn the_simulator_catches_every_fault() {
    Fault::ALL.iter().for_each(|(fault, shape)| catches(*fault, *shape));
}

#[test]
#[ignore = "long: looks for a planted fault"]
fn the_simulator_catches_a_map_that_does_not_say_what_is_deployed_again_by_two_steps() {
    catches(Fault::RedeploysInSilence, Shape::TwoStep);
}
