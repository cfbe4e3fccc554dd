//! The lints of `check`: their codes, levels, reasons and fixes. The map names them in `[lints]`; docs/lints.md and
//! `check --list` are generated from this table.

use std::fmt;

use crate::base::text;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not reported.
    Allow,
    /// Reported.
    Warn,
    /// Reported, and `check` exits 4.
    Deny,
}

impl Level {
    /// All levels, mildest first.
    pub const ALL: [Self; 3] = [Self::Allow, Self::Warn, Self::Deny];

    /// The word for it in a map.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// What a lint looks for. Findings are reported in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// The stable word for it.
    pub word: &'static str,
    /// Its default level.
    pub level: Level,
    /// What it finds and why that matters, in one line.
    pub reason: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// All lints, in the order of their codes.
pub const LINTS: [Lint; 26] = [
    lint(
        Code::Expect,
        "expect",
        Level::Deny,
        "an `[[expect]]` builds other services than it says",
        "correct the rules, or the expectation",
    ),
    lint(
        Code::NoInputs,
        "no-inputs",
        Level::Deny,
        "a service selects no file: it builds every time, and cannot be recorded",
        "correct its patterns; mostly a folder was renamed",
    ),
    lint(
        Code::DeadPattern,
        "dead-pattern",
        Level::Warn,
        "an include or a group's pattern matches no file in any environment: what it stood for may have moved out of sight",
        "correct the pattern, or remove it",
    ),
    lint(
        Code::DeadEnvironment,
        "dead-environment",
        Level::Warn,
        "a pattern with `${environment}` matches no file in any environment",
        "list the `environments` in the map, or correct the pattern",
    ),
    lint(
        Code::WrongCase,
        "wrong-case",
        Level::Warn,
        "a pattern matches no file, and would if case did not count",
        "write the names as they are: case counts",
    ),
    lint(
        Code::ExcludedInclude,
        "excluded-include",
        Level::Warn,
        "everything that an include or a group's pattern matches is cut by excludes",
        "narrow the exclude, or remove the include",
    ),
    lint(
        Code::DuplicatePattern,
        "duplicate-pattern",
        Level::Warn,
        "the same pattern stands twice among those of one service, or in one list",
        "remove one of the two",
    ),
    lint(
        Code::CoveredPattern,
        "covered-pattern",
        Level::Warn,
        "every file that an include selects is selected by another pattern of the same service",
        "remove the narrower one, or narrow the wider one",
    ),
    lint(
        Code::DeadExclude,
        "dead-exclude",
        Level::Allow,
        "an exclude cuts nothing; it may stand there for what a build writes",
        "correct it, or remove it",
    ),
    lint(
        Code::UnusedGroup,
        "unused-group",
        Level::Warn,
        "no service uses a group: its files build nothing",
        "add it to the `groups` of a service, or remove it",
    ),
    lint(
        Code::Unowned,
        "unowned",
        Level::Warn,
        "files that no service covers: what changes in them builds nothing, or everything where the map says so",
        "include them, or exclude them on purpose in `[defaults]`",
    ),
    lint(
        Code::CaseCollision,
        "case-collision",
        Level::Warn,
        "two inputs differ in case only: a checkout on macOS or Windows has one of them",
        "rename one of the files",
    ),
    lint(
        Code::DockerfileMissing,
        "dockerfile-missing",
        Level::Deny,
        "a service's `dockerfile` or `context` is not there, so nothing of it is checked",
        "correct the path; it starts at the root of the source",
    ),
    lint(
        Code::DockerfileNotInput,
        "dockerfile-not-input",
        Level::Deny,
        "a Dockerfile, or the .dockerignore that it is built with, is no input: a change of it would be skipped",
        "include it",
    ),
    lint(
        Code::CopiedNotInput,
        "copied-not-input",
        Level::Deny,
        "a Dockerfile copies files that are no inputs of its service: a change of them would be skipped",
        "include them, list them in `not_inputs` on purpose, or drop them in .dockerignore",
    ),
    lint(
        Code::CopiedExcluded,
        "copied-excluded",
        Level::Allow,
        "a Dockerfile copies files that `[defaults]` excludes from every service",
        "drop them in .dockerignore, so that they do not reach the image",
    ),
    lint(
        Code::CopiesNothing,
        "copies-nothing",
        Level::Warn,
        "what a Dockerfile copies is no file of the source: the `context` is wrong, or a build makes it",
        "correct `context`; of what a build makes, the sources must be inputs",
    ),
    lint(
        Code::PulledIn,
        "pulled-in",
        Level::Warn,
        "a manifest of a service pulls in files of the source that are no inputs of it: a path dependency, a package of the workspace, a target, the code of a function",
        "include them, or list them in `not_inputs` on purpose",
    ),
    lint(
        Code::DockerfileUnclear,
        "dockerfile-unclear",
        Level::Warn,
        "a Dockerfile names a file or an image by a variable whose value is not in it, so that it is not checked",
        "give the ARG a default, or check by eye and allow this",
    ),
    lint(
        Code::FloatingBase,
        "floating-base",
        Level::Warn,
        "an image is built on a tag that moves (`latest`, `22`, `3.12-slim`): it changes, and no input does",
        "pin it as `IMAGE:TAG@sha256:DIGEST`, or make the digest an input with `--extra`",
    ),
    lint(
        Code::UnpinnedBase,
        "unpinned-base",
        Level::Allow,
        "an image is built on the tag of one release, which may still be pushed anew",
        "pin it as `IMAGE:TAG@sha256:DIGEST`",
    ),
    lint(
        Code::RemoteAdd,
        "remote-add",
        Level::Warn,
        "a Dockerfile adds what lies behind an address, without a checksum: it changes, and no input does",
        "give it `--checksum=sha256:…`, or name a commit",
    ),
    lint(
        Code::ExportSubst,
        "export-subst",
        Level::Warn,
        "an input is `export-subst`: in an archive that git made it differs at every commit, and is never skipped",
        "exclude the file, or remove the attribute",
    ),
    lint(
        Code::Submodule,
        "submodule",
        Level::Warn,
        "a submodule lies under a rule: a zip of CodePipeline does not have it, so what changes in it is not seen there",
        "let the pipeline make a full clone, or bring the files into the repository",
    ),
    lint(
        Code::LfsPointer,
        "lfs-pointer",
        Level::Allow,
        "an input is kept by git LFS: a source that has only its pointer differs from one that has the file, and builds",
        "let all builds of a service fetch LFS, or none",
    ),
    lint(
        Code::Unreadable,
        "unreadable",
        Level::Warn,
        "a file that a lint looks into could not be read, or is a link, so that it was not checked",
        "make it a plain file that can be read",
    ),
];

const fn lint(code: Code, word: &'static str, level: Level, reason: &'static str, fix: &'static str) -> Lint {
    Lint { code, word, level, reason, fix }
}

/// The words of all codes.
pub const WORDS: [&str; LINTS.len()] = {
    let mut words = [""; LINTS.len()];
    let mut at = 0;
    while at < LINTS.len() {
        words[at] = LINTS[at].word;
        at += 1;
    }
    words
};

/// The words of all levels.
pub const LEVELS: [&str; 3] = [Level::Allow.word(), Level::Warn.word(), Level::Deny.word()];

impl Code {
    /// The lint of this code.
    pub fn lint(self) -> &'static Lint {
        &LINTS[self as usize]
    }

    /// The stable word for it.
    pub fn word(self) -> &'static str {
        self.lint().word
    }

    /// The code of a word.
    ///
    /// # Errors
    /// There is no such code; the error is the code that was probably meant, if one is similar.
    pub fn parse(word: &str) -> Result<Self, Option<&'static str>> {
        let found = LINTS.iter().find(|lint| lint.word == word);
        found.map(|lint| lint.code).ok_or_else(|| text::did_you_mean(word, LINTS.iter().map(|lint| lint.word)))
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
        for (index, lint) in LINTS.iter().enumerate() {
            assert_eq!((lint.code as usize, Code::parse(lint.word)), (index, Ok(lint.code)));
            assert!(lint.word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", lint.word);
        }
    }

    #[test]
    fn a_word_that_is_no_code_is_told_the_nearest() {
        assert_eq!(Code::parse("dead-patern"), Err(Some("dead-pattern")));
        assert_eq!(Code::parse("something"), Err(None));
    }
}
