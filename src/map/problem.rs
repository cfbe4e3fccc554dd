//! What is wrong with a map, where, and what to do.

use std::fmt;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::Position;

/// One problem of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable word for its kind, e.g. `unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The map's file as it is shown to people.
    pub file: Arc<str>,
    /// Where it is.
    pub position: Position,
    /// The source line; cut if it is very long, and without control characters.
    pub source: String,
    /// How many characters of [`Problem::source`] stand before the place.
    pub before: usize,
    /// How many characters are at fault, at least 1.
    pub length: usize,
    /// What to do.
    pub hint: String,
}

/// All problems of a map, in the order of their places. There is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Takes the problems and sorts them.
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|one, other| {
            (one.position, one.code, &one.message).cmp(&(other.position, other.code, &other.message))
        });
        // What is wrong with a pattern of `[discover]` is wrong once, not once in each directory.
        problems.dedup_by(|one, other| {
            let pattern = one.code == other.code && matches!(one.code, "bad-pattern" | "unknown-variable");
            one == other || pattern && one.position == other.position
        });
        Self(problems)
    }

    /// The problems, in the order of their places.
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
    /// Six lines, as compilers show their errors, without a newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column, .. } = self.position;
        let gutter = " ".repeat(line.to_string().len());
        let marked = self.source.chars().skip(self.before).take(self.length).collect::<String>();
        let front = self.source.chars().take(self.before).collect::<String>();
        // A Japanese character is two columns wide on a terminal.
        let (indent, carets) = (" ".repeat(front.width()), "^".repeat(marked.width().max(1)));
        writeln!(f, "error[{}]: {}", self.code, self.message)?;
        writeln!(f, "{gutter}--> {}:{line}:{column}", self.file)?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{line} | {}", self.source)?;
        writeln!(f, "{gutter} | {indent}{carets}")?;
        write!(f, "{gutter} = help: {}", self.hint)
    }
}
