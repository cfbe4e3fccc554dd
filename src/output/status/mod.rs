//! What `status` prints: pure functions from [`ServiceStatus`]s to text.

pub(super) mod json;
mod log;
mod matrix;
mod page;
mod saved;
pub mod shadow;
mod table;

use jiff::Timestamp;

use crate::base::clock::age;
use crate::base::names::ProjectName;
use crate::output::paint::Tone;
use crate::protocol::engine::mark::State;
use crate::protocol::engine::status::{Certainty, ServiceStatus};

pub use json::{json, log_json};
pub use log::log;
pub use matrix::matrix;
pub use page::page;
pub use table::table;

/// What affects how the output looks.
#[derive(Debug, Clone, Copy)]
pub struct StatusView<'a> {
    /// The project that the services belong to.
    pub project: &'a ProjectName,
    /// The time that ages are relative to.
    pub now: Timestamp,
    /// Whether colours are used.
    pub color: bool,
}

/// The stable word for the state of an attempt.
fn state_word(state: State) -> &'static str {
    match state {
        State::Building => "building",
        State::Pending => "pending",
        State::Deploying => "deploying",
        State::Failed => "failed",
    }
}

fn tone(standing: &ServiceStatus) -> Tone {
    match standing.certainty {
        Certainty::Deployed if standing.open() == 0 && standing.behind.inputs == Some(0) => Tone::Good,
        Certainty::Deployed => Tone::Plain,
        Certainty::Uncertain | Certainty::NeverDeployed => Tone::Notice,
        Certainty::Unreadable | Certainty::Unavailable => Tone::Bad,
    }
}

/// How long ago, without the word `ago`: `3 days`.
fn since(now: Timestamp, then: Timestamp) -> String {
    let age = age(now, then);
    age.strip_suffix(" ago").map(str::to_owned).unwrap_or(age)
}

/// The last line: how many services match the source, are behind, or are in doubt.
fn summary(standings: &[ServiceStatus]) -> String {
    let current =
        |standing: &&ServiceStatus| standing.certainty == Certainty::Deployed && standing.behind.inputs == Some(0);
    let behind = |standing: &&ServiceStatus| standing.behind.inputs.is_some_and(|inputs| inputs > 0);
    let number = standings.iter().filter(current).count();
    let total = standings.len();
    let mut parts = vec![match number == total {
        true if number == 1 => "It is as the source".to_owned(),
        true => format!("All {total} are as the source"),
        false => format!("{number} of {total} {} as the source", if number == 1 { "is" } else { "are" }),
    }];
    let mut add = |number: usize, word: &str| parts.extend((number > 0).then(|| format!("{number} {word}")));
    add(standings.iter().filter(behind).count(), "behind");
    for knowledge in Certainty::ALL.into_iter().skip(1) {
        add(standings.iter().filter(|standing| standing.certainty == knowledge).count(), knowledge.word());
    }
    add(standings.iter().filter(|standing| standing.open() > 0).count(), "with something open");
    format!("{}.\n", parts.join(", "))
}

#[cfg(test)]
mod tests;
