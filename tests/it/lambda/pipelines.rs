//! The published pipelines (a) to (d) on the function, by chance, and with faults that the simulation must catch.

use super::walk::{Counts, Walk};
use crate::support::say;

/// The templates, with the pipeline that a push starts.
pub(super) const TEMPLATES: [(&str, &str); 4] = [
    ("one-service.yml", "shop-api"),
    ("all-services.yml", "shop-all"),
    ("approval.yml", "shop-approved"),
    ("fleet.yml", "shop"),
];

pub(super) fn walk((template, entry): (&str, &str), seed: u64, steps: usize) -> Counts {
    let mut walk = Walk::new(template, entry, seed);
    walk.go(steps);
    say(&format!("{template}, seed {seed}: {:?}", walk.counts));
    walk.counts
}

#[test]
fn one_service_is_never_skipped_falsely() {
    walk(TEMPLATES[0], 1, 40);
}

#[test]
fn all_services_are_never_skipped_falsely() {
    let counts = walk(TEMPLATES[1], 1, 60);
    assert!(counts.ended > 0 && counts.skipped > 2, "{counts:?}");
}

#[test]
fn a_deploy_behind_an_approval_is_never_skipped_falsely() {
    walk(TEMPLATES[2], 1, 40);
}

#[test]
fn a_fleet_is_never_skipped_falsely() {
    walk(TEMPLATES[3], 1, 60);
}

/// The worst that CodePipeline could do with a variable that is missing: the last stage is red.
#[test]
fn a_condition_on_a_variable_that_is_missing_is_seen_at_the_end() {
    let mut walk = Walk::new("all-services.yml", "shop-all", 1);
    walk.edit(|stage| {
        if stage.name == "Web" {
            stage.condition = Some("D.BUILD_SKIPPED_WBE".to_owned());
        }
    });
    walk.fails_at_its_end("`web` was to be built, and its deploy stage has not begun");
}

/// What is recorded is not live: the next decision is a false skip.
#[test]
fn the_simulator_catches_builds_that_fail_and_do_not_say_so() {
    caught(|walk| walk.unseen = true);
}

/// As of a deployment service that rolls back by itself, where no rule taints.
#[test]
fn the_simulator_catches_rollbacks_of_which_nobody_tells() {
    caught(|walk| walk.untold = true);
}

/// A planted fault leads to a false skip.
fn caught(plant: impl Fn(&mut Walk)) {
    let caught = (1..=12).find_map(|seed| {
        let mut walk = Walk::new("all-services.yml", "shop-all", seed);
        plant(&mut walk);
        let walked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| walk.go(60)));
        let why = walked.err()?.downcast_ref::<String>().cloned().unwrap_or_default();
        why.contains("was skipped, and something else is live").then_some(seed)
    });
    say(&format!("caught with seed {}", caught.expect("a false skip")));
}

mod long {
    use super::{TEMPLATES, walk};
    use crate::long::{Share, walks};

    /// `SHIPMARK_LONG_MINUTES=240 .ci/long lambda::` makes thousands of them.
    #[test]
    #[ignore = "long: walks for minutes"]
    fn published_pipelines_are_never_skipped_falsely() {
        for seed in walks(Share::Fleet, 0.2, 8) {
            walk(TEMPLATES[usize::try_from(seed % 4).unwrap()], seed, 80);
        }
    }
}
