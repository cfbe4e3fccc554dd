//! The lints that `check` knows: their codes, their levels, why each is one, and what to do. The map names them in
//! `[lints]`; docs/lints.md and `check --list` come of this table.

use std::fmt;
use std::str::FromStr as _;

use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::base::text;

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
    ExcludedInclude,
    DuplicatePattern,
    CoveredPattern,
    DeadExclude,
    UnusedGroup,
    Unowned,
    CaseCollision,
    DockerfileMissing,
    DockerfileNotInput,
    CopiedNotInput,
    CopiedExcluded,
    CopiesNothing,
    PulledIn,
    DockerfileUnclear,
    FloatingBase,
    UnpinnedBase,
    RemoteAdd,
    ExportSubst,
    Submodule,
    LfsPointer,
    Unreadable,
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

/// All lints, in the order of their codes.
pub const LINTS: [Lint; Code::WORDS.len()] = [
    lint(
        Code::Expect,
        Level::Deny,
        "an `[[expect]]` builds other services than it says",
        "correct the rules, or the expectation",
    ),
    lint(
        Code::NoInputs,
        Level::Deny,
        "a service selects no file: it builds every time, and cannot be recorded",
        "correct its patterns; mostly a folder was renamed",
    ),
    lint(
        Code::DeadPattern,
        Level::Warn,
        "an include or a group's pattern matches no file in any environment: what it stood for may have moved out of sight",
        "correct the pattern, or remove it",
    ),
    lint(
        Code::DeadEnvironment,
        Level::Warn,
        "a pattern with `${environment}` matches no file in any environment",
        "list the `environments` in the map, or correct the pattern",
    ),
    lint(
        Code::WrongCase,
        Level::Warn,
        "a pattern matches no file, and would if case did not count",
        "write the names as they are: case counts",
    ),
    lint(
        Code::ExcludedInclude,
        Level::Warn,
        "everything that an include or a group's pattern matches is cut by excludes",
        "narrow the exclude, or remove the include",
    ),
    lint(
        Code::DuplicatePattern,
        Level::Warn,
        "the same pattern stands twice among those of one service, or in one list",
        "remove one of the two",
    ),
    lint(
        Code::CoveredPattern,
        Level::Warn,
        "every file that an include selects is selected by another pattern of the same service",
        "remove the narrower one, or narrow the wider one",
    ),
    lint(
        Code::DeadExclude,
        Level::Allow,
        "an exclude cuts nothing; it may stand there for what a build writes",
        "correct it, or remove it",
    ),
    lint(
        Code::UnusedGroup,
        Level::Warn,
        "no service uses a group: its files build nothing",
        "add it to the `groups` of a service, or remove it",
    ),
    lint(
        Code::Unowned,
        Level::Warn,
        "files that no service covers: what changes in them builds nothing, or everything where the map says so",
        "include them, or exclude them on purpose in `[defaults]`",
    ),
    lint(
        Code::CaseCollision,
        Level::Warn,
        "two inputs differ in case only: a checkout on macOS or Windows has one of them",
        "rename one of the files",
    ),
    lint(
        Code::DockerfileMissing,
        Level::Deny,
        "a service's `dockerfile` or `context` is not there, so nothing of it is checked",
        "correct the path; it starts at the root of the source",
    ),
    lint(
        Code::DockerfileNotInput,
        Level::Deny,
        "a Dockerfile, or the .dockerignore that it is built with, is no input: a change of it would be skipped",
        "include it",
    ),
    lint(
        Code::CopiedNotInput,
        Level::Deny,
        "a Dockerfile copies files that are no inputs of its service: a change of them would be skipped",
        "include them, list them in `not_inputs` on purpose, or drop them in .dockerignore",
    ),
    lint(
        Code::CopiedExcluded,
        Level::Deny,
        "a Dockerfile copies files that `[defaults]` excludes from every service: a change of them would be skipped",
        "narrow the exclude, list them in `not_inputs` on purpose, or drop them in .dockerignore",
    ),
    lint(
        Code::CopiesNothing,
        Level::Warn,
        "what a Dockerfile copies is no file of the source: the `context` is wrong, or a build makes it",
        "correct `context`; of what a build makes, the sources must be inputs",
    ),
    lint(
        Code::PulledIn,
        Level::Warn,
        "a manifest or file of a service pulls in files of the source that are not inputs of it: a path dependency, a package of the workspace, a target, the code of a function, an embedded file",
        "include them, or list them in `not_inputs` on purpose",
    ),
    lint(
        Code::DockerfileUnclear,
        Level::Warn,
        "a Dockerfile names a file or an image by a variable whose value is not in it, so that it is not checked",
        "give the ARG a default, or check by eye and allow this",
    ),
    lint(
        Code::FloatingBase,
        Level::Warn,
        "an image is built on a tag that moves (`latest`, `22`, `3.12-slim`): it changes, and no input does",
        "pin it as `IMAGE:TAG@sha256:DIGEST`, or make the digest an input with `--extra`",
    ),
    lint(
        Code::UnpinnedBase,
        Level::Allow,
        "an image is built on the tag of one release, which may still be pushed anew",
        "pin it as `IMAGE:TAG@sha256:DIGEST`",
    ),
    lint(
        Code::RemoteAdd,
        Level::Warn,
        "a Dockerfile adds what lies behind an address, without a checksum: it changes, and no input does",
        "give it `--checksum=sha256:…`, or name a commit",
    ),
    lint(
        Code::ExportSubst,
        Level::Warn,
        "an input is `export-subst`: in an archive that git made it differs at every commit, and is never skipped",
        "exclude the file, or remove the attribute",
    ),
    lint(
        Code::Submodule,
        Level::Warn,
        "a submodule lies under a rule: a zip of CodePipeline does not have it, so what changes in it is not seen there",
        "let the pipeline make a full clone, or bring the files into the repository",
    ),
    lint(
        Code::LfsPointer,
        Level::Allow,
        "an input is kept by git LFS: a source that has only its pointer differs from one that has the file, and builds",
        "let all builds of a service fetch LFS, or none",
    ),
    lint(
        Code::Unreadable,
        Level::Warn,
        "a file that a lint looks into could not be read, is a link, or was not understood, so that it was not checked",
        "make it a plain file that can be read and is valid",
    ),
];

const fn lint(code: Code, level: Level, reason: &'static str, fix: &'static str) -> Lint {
    Lint { code, level, reason, fix }
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
