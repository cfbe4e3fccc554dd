//! One component of a pattern, and how text becomes components.

use super::flaw::{Flaw, flaw};
use super::glob::{Glob, GlobStep};

/// One component of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// Exactly this name.
    Literal(Vec<u8>),
    /// Any name that the glob matches.
    Glob(Glob),
    /// `**`: any number of components, including none.
    Deep,
}

impl Component {
    /// The component that matches lower-case names as this one matches names in any case. Only ASCII letters are
    /// folded.
    pub fn folded(&self) -> Self {
        match self {
            Self::Literal(name) => Self::Literal(name.to_ascii_lowercase()),
            Self::Glob(glob) => Self::Glob(glob.folded()),
            Self::Deep => Self::Deep,
        }
    }
}

/// Checks that a path can have these components and can be compared with them. An empty one at the end comes from a
/// trailing `/`, which is allowed.
pub(super) fn check_components(all: Vec<Vec<GlobStep>>) -> Result<(), Flaw> {
    let count = all.len();
    for (index, steps) in all.into_iter().enumerate() {
        if steps.is_empty() && (index == 0 || index + 1 < count) {
            return flaw("has an empty path component", "one `/` separates two components".to_owned());
        }
        if !steps.is_empty() && steps.len() <= 2 && steps.iter().all(|step| *step == GlobStep::Byte(b'.')) {
            let message = format!("has the path component `{}`", ".".repeat(steps.len()));
            return flaw(message, "write the path from the root of the source".to_owned());
        }
        let is_literal = steps.iter().all(|step| matches!(step, GlobStep::Byte(_)));
        if !is_literal && let Component::Glob(glob) = component(steps) {
            glob.check()?;
        }
    }
    Ok(())
}

pub(super) fn components(split: Vec<Vec<GlobStep>>) -> Vec<Component> {
    let inside = split.len() > 1 && split.last().is_some_and(Vec::is_empty);
    let mut all: Vec<Component> = split.into_iter().filter(|steps| !steps.is_empty()).map(component).collect();
    all.dedup_by(|one, other| *one == Component::Deep && *other == Component::Deep);
    let any = || Component::Glob(Glob::new(vec![GlobStep::Star]));
    match all.last_mut() {
        Some(last) if *last == Component::Deep => *last = any(),
        Some(_) if inside => all.push(any()),
        _ => {}
    }
    all
}

fn component(steps: Vec<GlobStep>) -> Component {
    if steps == [GlobStep::Stars] {
        return Component::Deep;
    }
    let literal = steps.iter().map(|step| if let GlobStep::Byte(byte) = step { Some(*byte) } else { None }).collect();
    match literal {
        Some(bytes) => Component::Literal(bytes),
        None => Component::Glob(Glob::new(steps)),
    }
}
