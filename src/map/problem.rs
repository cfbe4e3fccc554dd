//! What is wrong with a map, where, and what to do.

pub(in crate::map) mod collect;
use std::fmt;
use std::sync::Arc;

use super::{Excerpt, Position};

/// One problem of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable word for its kind, e.g. `unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The map's file as shown to people.
    pub file: Arc<str>,
    /// Where it is.
    pub position: Position,
    /// The source line with the faulty part marked.
    pub excerpt: Excerpt,
    /// What to do.
    pub hint: String,
    /// The tables that it lies wholly in; empty if it concerns every service.
    pub tables: Vec<Table>,
}

/// A table of the map that not every service needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// A service, by name.
    Service(String),
    /// An entry of `[groups]`, by name.
    Group(String),
    /// `[[expect]]`.
    Expect,
    /// `[lints]`.
    Lints,
}

/// All problems of a map, ordered by position. There is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Takes the problems and sorts them.
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|one, other| {
            (one.position, one.code, &one.message).cmp(&(other.position, other.code, &other.message))
        });
        // A problem with a pattern of `[discover]` is reported once, not once for each directory.
        problems.dedup_by(|one, other| {
            let pattern =
                one.code == other.code && matches!(one.code, "bad-pattern" | "bad-duration" | "unknown-variable");
            one == other || pattern && one.position == other.position
        });
        Self(problems)
    }

    pub(super) fn into_list(self) -> Vec<Problem> {
        self.0
    }

    /// The problems, ordered by position.
    pub fn list(&self) -> &[Problem] {
        &self.0
    }
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    /// Six lines, as in compiler messages, without a trailing newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = (self.position.line, self.position.column);
        let gutter = " ".repeat(line.to_string().len());
        writeln!(f, "error[{}]: {}", self.code, self.message)?;
        for line in self.excerpt.frame(&self.file, line, column) {
            writeln!(f, "{line}")?;
        }
        write!(f, "{gutter} = help: {}", self.hint)
    }
}
