//! A replay for people, for programs, and as an HTML page.

mod json;
mod page;
mod table;

use jiff::Timestamp;

use crate::base::names::{EnvironmentName, ProjectName};
use crate::upkeep::replay::against::Against;
use crate::upkeep::replay::left_out::LeftOut;
use crate::upkeep::replay::loss::Loss;
use crate::upkeep::replay::tally::Tally;
use crate::upkeep::replay::{Replay, ReplayedCommit};

pub use json::render as json;
pub use page::render as page;
pub use table::render as table;

/// Everything that a replay found.
#[derive(Debug)]
pub struct ReplayReport<'a> {
    /// The project.
    pub project: &'a ProjectName,
    /// The environment whose rules were run.
    pub environment: &'a EnvironmentName,
    /// The map's file.
    pub map: &'a str,
    /// The id of the newest requested commit.
    pub revision: &'a str,
    /// The decisions.
    pub replay: &'a Replay,
    /// The commits that were not replayed.
    pub left_out: &'a [LeftOut],
    /// Each service's builds and skips.
    pub tallies: &'a [Tally],
    /// What failures would have cost, if requested.
    pub loss: Option<&'a Loss>,
    /// The other map's file and where its decisions differ, if one was given.
    pub against: Option<(&'a str, &'a Against)>,
}

/// All services together.
struct Totals {
    builds: usize,
    skips: usize,
    /// What the skips save, and what building everything would have taken, in minutes; `None` if the minutes of some
    /// service are unknown.
    minutes: Option<(f64, f64)>,
}

impl ReplayReport<'_> {
    fn totals(&self) -> Totals {
        let sum = |of: fn(&Tally) -> usize| self.tallies.iter().map(of).sum();
        let minutes = self.tallies.iter().try_fold((0.0, 0.0), |(saved, all), tally| {
            let each = tally.minutes?;
            Some((saved + each * tally.skips as f64, all + each * (tally.builds + tally.skips) as f64))
        });
        let minutes = minutes.filter(|_| !self.tallies.is_empty());
        Totals { builds: sum(|tally| tally.builds), skips: sum(|tally| tally.skips), minutes }
    }

    fn commit(&self, number: usize) -> &ReplayedCommit {
        &self.replay.commits[number]
    }

    fn commit_id(&self, number: usize) -> &str {
        &self.commit(number).step.commit
    }
}

/// When a commit was made; a date outside the calendar counts as 1970.
fn time(commit: &ReplayedCommit) -> Timestamp {
    Timestamp::from_second(commit.step.time).unwrap_or_default()
}

/// The day, in UTC.
fn day(commit: &ReplayedCommit) -> String {
    time(commit).to_string().chars().take_while(|c| *c != 'T').collect()
}
