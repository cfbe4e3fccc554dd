//! What walks have met, so that a test can tell that they are not vacuous.

use std::collections::BTreeMap;

/// How often something happened.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    events: BTreeMap<String, u64>,
    /// What an oracle, which knows what is live and who may still deploy, would have skipped, by the reason why it was built.
    pub(super) missed: BTreeMap<&'static str, u64>,
    pub(super) steps: u64,
}

impl Counts {
    pub(super) fn note(&mut self, event: &str) {
        match self.events.get_mut(event) {
            Some(count) => *count += 1,
            None => {
                self.events.insert(event.to_owned(), 1);
            }
        }
    }

    pub(super) fn of(&self, event: &str) -> u64 {
        self.events.get(event).copied().unwrap_or(0)
    }

    /// The share of an oracle's skips that were built.
    pub(super) fn needless(&self) -> f64 {
        let missed = self.missed.values().sum::<u64>() as f64;
        let skips = ["skips", "claims confirmed", "claims of a lane confirmed"].map(|event| self.of(event));
        missed / (missed + skips.iter().sum::<u64>() as f64)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (event, count) in &other.events {
            *self.events.entry(event.clone()).or_default() += count;
        }
        for (reason, count) in &other.missed {
            *self.missed.entry(reason).or_default() += count;
        }
        self.steps += other.steps;
    }

    pub(super) fn text(&self) -> String {
        let events: Vec<String> = self.events.iter().map(|(event, count)| format!("{event} {count}")).collect();
        let missed: Vec<String> = self.missed.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        format!(
            "{} steps: {}; built for nothing: {:.1} % ({})",
            self.steps,
            events.join(", "),
            100.0 * self.needless(),
            missed.join(", ")
        )
    }
}
