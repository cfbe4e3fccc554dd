//! The lints that `check` knows: their codes, their levels, why each is one, and what to do. The map names them in
//! `[lints]`; docs/lints.md and `check --list` come of this table.

mod table;

use std::fmt;
use std::str::FromStr as _;

use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::base::text;

pub use table::LINTS;

/// How much a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Level {
    /// It is not told.
    Allow,
    /// It is told.
    Warn,
    /// It is told, and `check` exits 4.
    Deny,
}

impl Level {
    /// The words for all of them, mildest first.
    pub const WORDS: &[&str] = Self::VARIANTS;

    /// The word for it in a map.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The level of a word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::from_str(word).ok()
    }
}

/// What a lint looks for. The order is that in which findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the table below says what each is")]
pub enum Code {
    Expect,
    NoInputs,
    DeadPattern,
    DeadEnvironment,
    WrongCase,
    BracketName,
    UnicodeForm,
    ExcludedInclude,
    DuplicatePattern,
    CoveredPattern,
    DeadExclude,
    UnusedGroup,
    Unowned,
    PassedOn,
    CaseCollision,
    DockerfileMissing,
    DockerfileNotInput,
    CopiedNotInput,
    CopiedExcluded,
    CopiesNothing,
    PulledIn,
    ObservedNotCovered,
    ObservedAppeared,
    ObservationOld,
    ObservationIncomplete,
    DockerfileUnclear,
    FloatingBase,
    UnpinnedBase,
    RemoteAdd,
    LinkTarget,
    ExportSubst,
    SubmoduleInput,
    LfsPointer,
    Unreadable,
    SkipCondition,
    SkipLambda,
    PipelineVariable,
    SkipUnconfirmed,
    StageOrder,
    CandidateMismatch,
    ParallelMarks,
    ShortTimeout,
    PipelineEnvironment,
    SharedStack,
    TriggerHidesInput,
    ForeignMarks,
    Unknown,
}

/// One lint.
#[derive(Debug)]
pub struct Lint {
    /// What it looks for.
    pub code: Code,
    /// Its level where nobody gives another.
    pub level: Level,
    /// What it finds, and why that matters, in one line.
    pub reason: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

impl Code {
    /// The words for all of them, in their order.
    pub const WORDS: &[&str] = Self::VARIANTS;

    /// The lint of this code.
    pub fn lint(self) -> &'static Lint {
        &LINTS[self as usize]
    }

    /// The stable word for it: its own name in kebab case.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The code of a word.
    ///
    /// # Errors
    /// There is none; the code that was probably meant, if one is near.
    pub fn parse(word: &str) -> Result<Self, Option<&'static str>> {
        Self::from_str(word).map_err(|_| text::did_you_mean(word, Self::WORDS.iter().copied()))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_finds_its_own_lint() {
        for (index, (lint, word)) in LINTS.iter().zip(Code::WORDS).enumerate() {
            assert_eq!((lint.code as usize, lint.code.word()), (index, *word));
            assert_eq!(Code::parse(word), Ok(lint.code));
        }
    }

    #[test]
    fn every_word_of_a_level_is_read_as_that_level() {
        assert_eq!(Level::WORDS, ["allow", "warn", "deny"]);
        assert_eq!([Level::Allow, Level::Warn, Level::Deny].map(Level::word), Level::WORDS);
        let levels: Vec<_> = Level::WORDS.iter().filter_map(|word| Level::parse(word)).collect();
        assert_eq!(levels, [Level::Allow, Level::Warn, Level::Deny]);
        assert_eq!(Level::parse("Deny"), None);
    }

    #[test]
    fn a_word_that_is_no_code_is_told_the_nearest() {
        assert_eq!(Code::parse("dead-patern"), Err(Some("dead-pattern")));
        assert_eq!(Code::parse("something"), Err(None));
    }
}
