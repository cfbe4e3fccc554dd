//! What the change of a map means for a plan: which decisions the base's map would have made otherwise.

use super::escape::{code, prose};
use super::{FILES, NAMES, some, table};
use crate::base::names::ServiceName;
use crate::output::options::Options;
use crate::protocol::answer::Reason;
use crate::source::difference::Change;

/// How the map of the base decides about the same two versions.
#[derive(Debug, Clone)]
pub enum MapChange {
    /// The maps cannot be compared, for this reason.
    Unknown(String),
    /// What differs.
    Known {
        /// Services that both maps have, which only one of them builds.
        flips: Vec<MapFlip>,
        /// Services that the base's map does not have.
        added: Vec<ServiceName>,
        /// Services that only the base's map has.
        removed: Vec<ServiceName>,
    },
}

/// A service that only one of the maps builds.
#[derive(Debug, Clone)]
pub struct MapFlip {
    /// The service.
    pub service: ServiceName,
    /// Whether the new map builds it; otherwise the base's does.
    pub builds: bool,
    /// The reason of the map that builds it.
    pub reason: Reason,
    /// The changed inputs, according to that map.
    pub changes: Vec<Change>,
}

pub(super) fn render(change: &MapChange, options: &Options) -> String {
    let (flips, added, removed) = match change {
        MapChange::Unknown(why) => {
            return format!("\n**The map changes, and what that means is not known**: {}\n", prose(why));
        }
        MapChange::Known { flips, added, removed } => (flips, added, removed),
    };
    let mut text = match flips.len() {
        0 => "\n**The map changes**, and no decision about a service of both maps does.\n".to_owned(),
        1 => "\n**The map changes, and so does 1 decision**:\n".to_owned(),
        number => format!("\n**The map changes, and so do {number} decisions**:\n"),
    };
    let rows: Vec<String> = flips.iter().map(|flip| row(flip, options)).collect();
    text += &table("| service | map of the base | this map | because of |\n|---|---|---|---|\n", &rows, options);
    for (what, services) in [("Only in this map", added), ("Only in the base's map", removed)] {
        let names: Vec<String> = services.iter().map(|service| code(service.as_str().as_bytes())).collect();
        if !names.is_empty() {
            text += &format!("\n{what}: {}\n", some(&names, NAMES, options));
        }
    }
    text
}

fn row(flip: &MapFlip, options: &Options) -> String {
    let names: Vec<String> = flip.changes.iter().map(|change| code(&change.path)).collect();
    let cause = if names.is_empty() { flip.reason.word().to_owned() } else { some(&names, FILES, options) };
    let (then, now) = if flip.builds { ("skip", "**build**") } else { ("build", "**skip**") };
    format!("| {} | {then} | {now} | {cause} |\n", code(flip.service.as_str().as_bytes()))
}
