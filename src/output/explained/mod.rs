//! What `explain` prints: pure functions from [`Explained`] paths to text.

mod json;
mod text;

use bstr::BString;

use crate::base::names::EnvironmentName;
use crate::base::text::{count, list, printable};
use crate::map::ServiceMap;
use crate::map::rules::{Concern, Explanation, Miss, Slip};
use crate::output::sentences::through;

pub use json::json;
pub use text::text;

/// One path, and what the rules say of it.
#[derive(Debug)]
pub struct Explained<'r> {
    /// The path, from the root of the source.
    pub path: BString,
    /// Whether the source has it.
    pub presence: Presence,
    /// What is said, with the environments in which it holds. One entry where it is the same in all.
    pub answers: Vec<(Vec<EnvironmentName>, Said<'r>)>,
}

/// Whether the source has a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A file.
    File,
    /// A submodule.
    Submodule,
    /// A directory that holds so many files.
    Directory(usize),
    /// Nothing of the kind.
    Absent,
    /// It is there, but git would not store it.
    Ignored,
    /// The names of the source cannot be listed.
    Unknown,
}

/// What the rules say of a path.
#[derive(Debug, PartialEq)]
pub enum Said<'r> {
    /// A file, or what would be one.
    Path(Explanation<'r>),
    /// What lies below a directory.
    Below(Below),
}

/// What lies below a directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Below {
    /// The services that have inputs there, sorted by service.
    pub services: Vec<Share>,
    /// Files that are an input of nothing though a rule covers them, or an exclude does.
    pub covered: Vec<BString>,
    /// Files that nobody owns.
    pub unowned: Vec<BString>,
}

/// What one service has below a directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Share {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// How many inputs.
    pub files: usize,
    /// The rules that select them, as sentences (see [`by`]), each with how many; the first to select one first.
    pub rules: Vec<(String, usize)>,
}

/// By which rule a path is an input, and through what: `` `base/**` (shipmark.toml:4), through gateway -> base ``.
pub fn by(map: &ServiceMap, concern: &Concern<'_>) -> Option<String> {
    let claim = concern.claim.as_ref()?;
    let names: Vec<&str> = concern.chain.iter().map(|service| map.services[*service].name.as_str()).collect();
    let rule = printable(claim.rule.as_bytes());
    Some(format!("`{rule}` ({}){}", map.line(claim.position), through(&names, concern.group)))
}

/// What keeps the nearest rule from matching.
fn slip(map: &ServiceMap, miss: &Miss<'_>) -> String {
    let rule = format!("`{}` ({})", printable(miss.rule.text.as_bytes()), map.line(miss.rule.position));
    let name = |name: &BString| format!("`{}`", printable(name));
    match &miss.slip {
        Slip::Case => format!("{rule} differs in case only"),
        Slip::Letters(1) => format!("{rule} is one letter away"),
        Slip::Letters(letters) => format!("{rule} is {} away", count(*letters, "letter")),
        Slip::Swapped(one, other) => format!("{rule} has {} and {} the other way round", name(one), name(other)),
        Slip::TooDeep(names) => {
            let names: Vec<String> = names.iter().map(name).collect();
            format!("{rule} would match without {}", list(&names))
        }
        Slip::Lacks(lacked) => format!("{rule} has one more directory, {}", name(lacked)),
    }
}
