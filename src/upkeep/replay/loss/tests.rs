//! The two rules under failures, and the mark's promise tested over random histories.

use super::*;
use crate::upkeep::replay::fixtures::{change, replay};

/// The first seed that makes exactly these builds of one service fail over these pushes.
fn seed(fails: &[bool], rate: f64) -> u64 {
    let draws = |seed| {
        let mut random = fastrand::Rng::with_seed(seed);
        fails.iter().all(|fails| (random.f64() < rate) == *fails)
    };
    (0..).find(|seed| draws(*seed)).unwrap()
}

fn lost(commit: usize, behind: usize, until: Option<usize>) -> Lost {
    Lost { commit, service: 0, behind, until, paths: vec!["0/file".into()] }
}

#[test]
fn without_failures_nothing_is_lost_and_nothing_built_twice() {
    let found = loss(&replay(2, &["0", "01", "", "1"]), 0.0, 1);
    let all = Builds { builds: 4, failed: 0 };
    assert_eq!((found.head, found.mark, found.extra, found.lost.len()), (all, all, 0, 0));
}

#[test]
fn a_failed_build_is_forgotten_by_the_one_and_made_up_for_by_the_other() {
    let history = replay(1, &["0", "", "", "0", ""]);
    let found = loss(&history, 0.5, seed(&[true, false, false, false, false], 0.5));
    assert_eq!(found.lost, [lost(0, 2, Some(3))]);
    assert_eq!(found.false_skips(), 2);
    assert_eq!(found.head, Builds { builds: 2, failed: 1 });
    assert_eq!((found.mark, found.extra), (Builds { builds: 3, failed: 1 }, 1));
}

#[test]
fn what_no_later_push_touches_is_never_deployed() {
    let found = loss(&replay(1, &["", "0", ""]), 0.5, seed(&[false, true, false], 0.5));
    assert_eq!(found.lost, [lost(1, 1, None)]);
}

#[test]
fn the_next_push_makes_up_for_a_failure_if_it_happens_to_build() {
    let found = loss(&replay(1, &["0", "0", ""]), 0.5, seed(&[true, false, false], 0.5));
    assert_eq!((found.lost.len(), found.extra), (0, 0));
}

#[test]
fn a_change_that_is_taken_back_was_not_lost() {
    let mut history = replay(1, &["0", "0", ""]);
    history.commits[1].difference.changes = vec![change(0, 2, 1)];
    let found = loss(&history, 0.5, seed(&[true, true, false], 0.5));
    assert_eq!(found.lost, [], "what is deployed is what the last push holds");
    assert_eq!(found.extra, 1, "a failed attempt is a doubt, which builds");
}

#[test]
fn a_second_failure_is_a_second_loss_and_one_deploy_ends_both() {
    let found = loss(&replay(1, &["0", "", "0", "", "0"]), 0.5, seed(&[true, false, true, false, false], 0.5));
    assert_eq!(found.lost, [lost(0, 1, Some(4)), lost(2, 1, Some(4))]);
}

#[test]
fn an_empty_service_deploys_nothing_and_is_no_loss() {
    let mut history = replay(1, &["0", "", ""]);
    history.commits[1].difference.without_inputs = vec![0];
    let found = loss(&history, 0.5, seed(&[true, false, false], 0.5));
    assert_eq!(found.lost, [lost(0, 1, None)]);
    assert_eq!(found.mark, Builds { builds: 2, failed: 1 });
}

#[test]
fn one_seed_gives_one_answer() {
    let history = replay(3, &["0", "12", "", "0", "1", "", "2", "012", ""]);
    let (one, again, other) = (loss(&history, 0.5, 7), loss(&history, 0.5, 7), loss(&history, 0.5, 8));
    assert_eq!((&one.lost, one.head, one.mark), (&again.lost, again.head, again.mark));
    assert_ne!((&one.lost, one.head, one.mark), (&other.lost, other.head, other.mark));
}

/// Counts a second time in a different way: by the deployed contents as a whole, not by paths.
#[test]
fn random_histories_agree_with_a_count_by_contents() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let digits: Vec<&str> = (0..40).map(|_| if random.u8(..3) == 0 { "0" } else { "" }).collect();
        let history = replay(1, &digits);
        let found = loss(&history, 0.3, seed);
        let mut draws = fastrand::Rng::with_seed(seed);
        let (mut content, mut by_head, mut by_mark, mut false_skips, mut mark_builds) = (0, 0, 0, 0, 0);
        for digits in digits {
            let (touched, fails) = (!digits.is_empty(), draws.f64() < 0.3);
            content += usize::from(touched);
            if touched && !fails {
                by_head = content;
            }
            false_skips += usize::from(!touched && by_head != content);
            if by_mark != content {
                mark_builds += 1;
                by_mark = if fails { by_mark } else { content };
            }
        }
        assert_eq!((found.false_skips(), found.mark.builds), (false_skips, mark_builds), "seed {seed}");
    }
}
