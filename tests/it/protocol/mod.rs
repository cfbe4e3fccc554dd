//! The protocol under random walks: the real transitions and the real decision, with simulated time, against a truth that
//! knows what is live.
//!
//! The invariant, at every skip: both halves of what is live are the content that is skipped, and nobody who may still
//! deploy other content is alive. By default the walks are few and always the same; in the long tier they are others every day.

mod builds;
mod fault;
mod lanes;
mod walk;
mod world;

use std::cell::RefCell;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::long::{Share, walks as seeds};
use fault::Fault;
use walk::Scene;
use world::Seen;

/// By default one in so many walks is taken.
const ONE_IN: u32 = 8;

/// Takes many walks through a scene: what was seen, and the shortest walk to a false skip.
fn walks(scene: Scene, fault: Option<Fault>, rng: TestRng, count: u32, steps: usize) -> (Seen, Option<String>) {
    let shrinks = if fault.is_some() { 0 } else { 4096 };
    let config = Config { cases: count, failure_persistence: None, max_shrink_iters: shrinks, ..Config::default() };
    let seen = RefCell::new(Seen::default());
    let result = TestRunner::new_with_rng(config, rng).run(&vec(any::<u32>(), 1..steps), |steps| {
        let (in_walk, result) = scene.walk(&steps, fault);
        *seen.borrow_mut() += in_walk;
        result.map_err(TestCaseError::fail)
    });
    let failed = result.err().map(|error| match error {
        TestError::Fail(false_skip, steps) => format!("{scene:?} {steps:?}: {false_skip}"),
        TestError::Abort(why) => why.to_string(),
    });
    (seen.into_inner(), failed)
}

/// A specification of one scene: the invariant holds in that many walks of up to so many steps, and they are not vacuous.
struct Holds {
    scene: Scene,
    count: u32,
    steps: usize,
    enough: fn(&Seen) -> bool,
}

impl Holds {
    /// A share of the walks, always the same ones.
    fn briefly(&self) {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let (seen, failed) = walks(self.scene, None, rng, self.count / ONE_IN, self.steps);
        assert_eq!(failed, None);
        let mut as_many = Seen::default();
        (0..ONE_IN).for_each(|_| as_many += seen);
        println!("{:?}: {seen:?}", self.scene);
        assert!((self.enough)(&as_many), "the walks saw too little: {seen:?}");
    }

    /// As many as there is time for, by seeds.
    fn for_long(&self) {
        let (mut seen, mut batches) = (Seen::default(), 0);
        for seed in seeds(Share::Protocol, 1.0 / 7.0, u64::from(ONE_IN)) {
            let seed: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
            let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
            let (in_batch, failed) = walks(self.scene, None, rng, self.count / ONE_IN, self.steps);
            assert_eq!(failed, None);
            seen += in_batch;
            batches += 1;
        }
        assert!(batches < ONE_IN || (self.enough)(&seen), "the walks saw too little: {seen:?}");
    }
}

macro_rules! scenes {
    ($($test:ident: $scene:ident, $count:literal walks of $steps:literal, $enough:expr;)*) => {
        $(
            #[test]
            fn $test() {
                Holds { scene: Scene::$scene, count: $count, steps: $steps, enough: $enough }.briefly();
            }
        )*

        mod long {
            use super::*;
            $(
                #[test]
                #[ignore = "long: walks for minutes"]
                fn $test() {
                    Holds { scene: Scene::$scene, count: $count, steps: $steps, enough: $enough }.for_long();
                }
            )*
        }
    };
}

scenes! {
    builds_that_interleave_freely: OneStep, 6000 walks of 80,
        |seen| seen.skips > 2000 && seen.would_skip > 20_000 && seen.uncertain > 5000;
    one_pipeline_in_two_steps: TwoStep, 5000 walks of 80,
        |seen| seen.skips > 1000 && seen.rollbacks > 2000 && seen.retries > 500;
    one_pipeline_where_executions_wait_in_line: Queued, 2500 walks of 80,
        |seen| seen.skips > 300 && seen.rollbacks > 1000;
    two_pipelines_that_take_no_turns: TwoPipelines, 4000 walks of 100,
        |seen| seen.skips > 300 && seen.rollbacks > 1000;
    two_steps_without_a_pipeline: NoPipeline, 1500 walks of 80,
        |seen| seen.skips > 100 && seen.rollbacks > 500;
    everything_at_once: Storm, 4000 walks of 100,
        |seen| seen.skips > 300 && seen.unlisted > 1000 && seen.pins > 500 && seen.stale > 5;
    more_attempts_than_the_list_holds: Crowd, 200 walks of 80,
        |seen| seen.would_skip > 10 && seen.crowds > 1000;
}

/// A fault is caught within so many walks.
fn caught(fault: Fault, scene: Scene, within: u32) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let (seen, failed) = walks(scene, Some(fault), rng, within, 100);
    assert!(failed.is_some(), "{fault:?} was not caught in {within} walks: {seen:?}");
}

macro_rules! faults {
    ($($test:ident: $fault:ident in $scene:ident within $walks:literal;)*) => {
        mod planted {
            use super::*;
            $(
                #[test]
                fn $test() {
                    caught(Fault::$fault, Scene::$scene, $walks);
                }
            )*
        }
    };
}

faults! {
    a_decision_that_ignores_attempts: IgnoresAttempts in OneStep within 5000;
    forgotten_failures: ForgetsFailed in OneStep within 5000;
    records_that_are_always_certain: AlwaysCertain in OneStep within 5000;
    overlaps_that_are_ignored: IgnoresOverlap in OneStep within 5000;
    overtaking_that_is_ignored: IgnoresOvertaking in OneStep within 5000;
    records_that_clear_the_list: ClearsAll in OneStep within 5000;
    a_clock_an_hour_ahead: ClockAhead in OneStep within 5000;
    skips_that_say_nothing: SkippedNothing in TwoStep within 5000;
    skips_that_are_not_staged: SkipUnstaged in TwoStep within 5000;
    candidates_that_count_as_ended: PendingEnded in TwoStep within 5000;
    later_candidates_that_are_covered: CoversLater in TwoStep within 5000;
    deploy_stages_that_do_not_begin: NoBegin in TwoStep within 5000;
    pins_that_open_no_attempt: NoPin in OneStep within 5000;
    a_taint_that_overtakes_nobody: TaintOvertakesNobody in Storm within 5000;
    a_doubt_that_is_ignored: IgnoresDoubt in Storm within 5000;
    an_unlisted_failure_that_is_ignored: IgnoresUnlistedFailure in Storm within 5000;
    new_marks_with_old_serials: OldSerials in Storm within 5000;
    unlisted_records_that_are_certain: UnlistedCertain in Storm within 5000;
    adopted_deploys_that_are_certain: AdoptedCertain in Storm within 5000;
    crowds_that_are_forgotten: CrowdForgets in Crowd within 1000;
    crowds_that_end_early: CrowdEndsEarly in Crowd within 1000;
    deploys_ended_by_another_pipeline: EndsOtherPipelines in TwoPipelines within 5000;
    candidates_covered_by_another_pipeline: CoversOtherPipelines in TwoPipelines within 5000;
    skips_gone_stale: StaleSkip in TwoPipelines within 5000;
}
