//! How often each service is built and skipped.

use super::Replay;
use super::minutes::Minutes;
use crate::source::difference::Compared;

/// One service over a whole history.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// The service.
    pub service: usize,
    /// At how many commits it builds.
    pub builds: usize,
    /// At how many of these it has no inputs at all: nothing could be built, but a doubt is never a skip.
    pub empty: usize,
    /// At how many commits it is skipped.
    pub skips: usize,
    /// Its longest run of skips, the earliest if several are equally long; `None` if it is never skipped.
    pub longest: Option<Run>,
    /// How many minutes one of its builds takes, if given.
    pub minutes: Option<f64>,
}

/// Consecutive commits, as indices into the commits of the replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first.
    pub first: usize,
    /// The last.
    pub last: usize,
}

impl Run {
    /// The number of commits in it.
    pub fn commits(self) -> usize {
        self.last - self.first + 1
    }
}

impl Tally {
    /// The minutes that its skips save, compared with building it at every commit.
    pub fn saved(&self) -> Option<f64> {
        self.minutes.map(|minutes| minutes * self.skips as f64)
    }
}

/// All requested services, in order.
pub fn tally(replay: &Replay, minutes: &Minutes) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = replay.services.iter().map(|service| Tally::new(*service, minutes)).collect();
    // Where each service's current run of skips began.
    let mut begun: Vec<Option<usize>> = vec![None; tallies.len()];
    for (number, commit) in replay.commits.iter().enumerate() {
        for (tally, begun) in tallies.iter_mut().zip(&mut begun) {
            if commit.builds.binary_search(&tally.service).is_ok() {
                tally.builds += 1;
                tally.empty += usize::from(commit.reason(tally.service) == Compared::NoInputs);
                *begun = None;
                continue;
            }
            tally.skips += 1;
            let run = Run { first: *begun.get_or_insert(number), last: number };
            if tally.longest.is_none_or(|longest| run.commits() > longest.commits()) {
                tally.longest = Some(run);
            }
        }
    }
    tallies
}

impl Tally {
    fn new(service: usize, minutes: &Minutes) -> Self {
        Self { service, builds: 0, empty: 0, skips: 0, longest: None, minutes: minutes.of(service) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upkeep::replay::fixtures::replay;

    #[test]
    fn builds_skips_and_the_first_of_the_longest_runs_are_counted() {
        let replay = replay(2, &["0", "", "", "01", "", ""]);
        let found = tally(&replay, &Minutes { all: Some(2.0), each: [(1, 0.5)].into() });
        let run = |first, last| Some(Run { first, last });
        let first = Tally { service: 0, builds: 2, empty: 0, skips: 4, longest: run(1, 2), minutes: Some(2.0) };
        let second = Tally { service: 1, builds: 1, empty: 0, skips: 5, longest: run(0, 2), minutes: Some(0.5) };
        assert_eq!(found, [first, second]);
        assert_eq!(found.iter().map(Tally::saved).collect::<Vec<_>>(), [Some(8.0), Some(2.5)]);
    }

    #[test]
    fn a_service_that_always_builds_has_no_run_of_skips() {
        let found = tally(&replay(1, &["0", "0"]), &Minutes::default());
        assert_eq!(found, [Tally { service: 0, builds: 2, empty: 0, skips: 0, longest: None, minutes: None }]);
    }

    #[test]
    fn commits_without_inputs_are_builds_and_told_apart() {
        let mut replay = replay(1, &["", "0"]);
        replay.commits[0].difference.without_inputs = vec![0];
        replay.commits[0].builds = vec![0];
        let found = tally(&replay, &Minutes::default());
        assert_eq!((found[0].builds, found[0].empty, found[0].skips), (2, 1, 0));
    }
}
