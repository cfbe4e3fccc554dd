//! What `explain` prints: pure functions from [`Explained`] paths to text.

mod json;
mod text;

use bstr::BString;

use crate::base::names::EnvironmentName;
use crate::base::text::{count, list, printable, short_revision};
use crate::map::ServiceMap;
use crate::map::rules::{Concern, Explanation, Miss, Slip, Via};
use crate::output::sentences::through;
use crate::pattern::Position;

pub use json::json;
pub use text::text;

/// One path, and what the rules say about it.
#[derive(Debug)]
pub struct Explained<'r> {
    /// The path, from the root of the source.
    pub path: BString,
    /// Whether the source contains it.
    pub presence: Presence,
    /// The services that say on purpose that it is not an input.
    pub on_purpose: Vec<OnPurpose>,
    /// The services of which an environment variable of that name is an input.
    pub variable: Vec<VariableOf>,
    /// The observed builds that read or looked at it.
    pub observed: Vec<ObservedBy>,
    /// What the rules say, with the environments where that holds. A single entry if all environments agree.
    pub answers: Vec<(Vec<EnvironmentName>, Said<'r>)>,
}

/// Observed builds of a service that read or looked at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedBy {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// A program that read it; `None` if it was only looked at.
    pub program: Option<String>,
    /// The last build: its revision and when it ended.
    pub last: Option<(Option<String>, jiff::Timestamp)>,
}

/// A service that says on purpose that a path is not an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnPurpose {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// The pattern, as an index into its `not_inputs`.
    pub not_input: usize,
}

/// A service of which an environment variable is an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VariableOf {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// The service whose `env` names it: the service itself, or a dependency.
    pub owner: usize,
    /// The position of the name.
    pub position: Position,
}

impl Explained<'_> {
    /// Whether it can only be a variable: the source has no such path.
    fn only_variable(&self) -> bool {
        !self.variable.is_empty() && matches!(self.presence, Presence::Absent | Presence::Unknown)
    }
}

/// Whether the source contains a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A file.
    File,
    /// A submodule.
    Submodule,
    /// A directory with this many files.
    Directory(usize),
    /// The source has nothing at this path.
    Absent,
    /// It exists, but git would not store it.
    Ignored,
    /// The source's files cannot be listed.
    Unknown,
}

/// What the rules say about a path.
#[derive(Debug, PartialEq)]
pub enum Said<'r> {
    /// A file, or a path that would be one.
    Path(Explanation<'r>),
    /// The contents of a directory.
    Below(Below),
}

/// The contents of a directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Below {
    /// The services with inputs in it, sorted by service.
    pub services: Vec<Share>,
    /// Files that are not an input of any service, although a rule or an exclude covers them.
    pub covered: Vec<BString>,
    /// Files that nobody owns.
    pub unowned: Vec<BString>,
}

/// What one service has in a directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Share {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// How many inputs.
    pub files: usize,
    /// The rules that select them, as sentences (see [`by`]), each with its number of files, in the order in which they
    /// first select one.
    pub rules: Vec<(String, usize)>,
}

/// What observed builds did: `read by observed builds of api (rustc), last at 3c12540a1b2c, 2026-11-21T20:20:00Z`.
fn observed(observed: &ObservedBy, map: &ServiceMap) -> String {
    let name = &map.services[observed.service].name;
    let last = observed.last.as_ref().map(|(revision, at)| {
        let revision = revision.as_deref().map(|revision| format!("{}, ", short_revision(revision)));
        format!(", last at {}{:.0}", revision.unwrap_or_default(), at)
    });
    let last = last.unwrap_or_default();
    match &observed.program {
        Some(program) => format!("read by observed builds of {name} ({}){last}", printable(program.as_bytes())),
        None => format!("looked at by observed builds of {name}{last}"),
    }
}

/// What a service says on purpose: `` not an input of api on purpose: `tests/**` (shipmark.toml:4): only the test stage
/// runs them ``.
pub fn on_purpose(said: &OnPurpose, map: &ServiceMap) -> String {
    let service = &map.services[said.service];
    let not_input = &service.not_inputs[said.not_input];
    let rule = printable(not_input.pattern.text.as_bytes());
    let at = map.line(not_input.pattern.position);
    let reason = not_input.reason.as_ref().map(|reason| format!(": {}", printable(reason.as_bytes())));
    format!("not an input of {} on purpose: `{rule}` ({at}){}", service.name, reason.unwrap_or_default())
}

/// The rule that makes a path an input, and what it applies through, a chain or a link: `` `base/**` (shipmark.toml:4),
/// through gateway -> base ``.
pub fn by(map: &ServiceMap, concern: &Concern<'_>) -> Option<String> {
    let claim = concern.claim.as_ref()?;
    let names: Vec<&str> = concern.chain.services.iter().map(|service| map.services[*service].name.as_str()).collect();
    let rule = printable(claim.rule.as_bytes());
    let through = match &claim.via {
        Via::Link(link) => format!(", through the link {}", printable(link)),
        _ => through(&names, concern.chain.left_out, concern.group),
    };
    Some(format!("`{rule}` ({}){through}", map.line(claim.position)))
}

/// Why the nearest rule does not match.
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
