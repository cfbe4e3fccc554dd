//! What `decide` says about builds and deploy stages that lack a command: each kind once for an environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::settings::now;
use crate::base::text::{count, list, printable};
use crate::protocol::engine::decide::ServiceDecision;
use crate::protocol::engine::forgotten::{Forgotten, forgotten};
use crate::protocol::engine::mark::{Attempt, Clock};
use crate::protocol::engine::marks::{Known, Marks};

use super::context::Context;

/// How many services are named; more are only counted.
const NAMES: usize = 5;

/// Warns of what was forgotten, unless the decision itself says it.
pub(super) fn warn_of_forgotten(context: &Context<'_>, decided: &[ServiceDecision], marks: &Marks) {
    let mut found: BTreeMap<_, (Vec<&str>, Vec<&Attempt>)> = BTreeMap::new();
    for decision in decided {
        let Some(read) = marks.get(&decision.key) else { continue };
        let Known::Mark(mark) = &read.known else { continue };
        let forgotten: Vec<(Forgotten, &Attempt)> = forgotten(mark, Clock { store: read.read_at, own: now() });
        let said = decision.evidence.sentence(now());
        for (kind, attempt) in forgotten.iter().filter(|(kind, _)| !kind.is_asked_in(&said)) {
            let (services, attempts) = found.entry((&decision.key.environment, *kind)).or_default();
            if services.last() != Some(&decision.key.service.as_str()) {
                services.push(decision.key.service.as_str());
            }
            attempts.push(attempt);
        }
    }
    for ((environment, kind), (services, attempts)) in found {
        let Some(last) = attempts.iter().max_by_key(|attempt| attempt.opened_at) else { continue };
        let builds: BTreeSet<_> = attempts.iter().map(|attempt| (&attempt.build, &attempt.url)).collect();
        let more = match builds.len() {
            1 => String::new(),
            number => format!("{}, the last: ", count(number, "build")),
        };
        let services = if services.len() > NAMES { count(services.len(), "service") } else { list(&services) };
        let text = format!("{services} in {environment}: {more}{}", kind.sentence(last, now()));
        context.reporter.warn(&printable(text.as_bytes()));
    }
}
