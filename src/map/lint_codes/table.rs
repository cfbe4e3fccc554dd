//! The table of lints: what each finds, and what to do about it.

use super::{Code, Level, Lint};

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
        Code::BracketName,
        Level::Warn,
        "a pattern does not match the file or directory that has its very text as a name: brackets stand for one character of a set",
        "write a backslash before each bracket of a name",
    ),
    lint(
        Code::UnicodeForm,
        Level::Warn,
        "a pattern matches no file, and would in another form of Unicode; or two inputs differ in that form only, and a checkout on macOS has one of them",
        "copy the name from a list of the files; rename one of two files",
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
        Code::PassedOn,
        Level::Warn,
        "a build passes on an output of a service that it neither builds nor redeploys: that service's mark misses the deploy",
        "list that service in `redeploys` of what the build deploys, or allow this if it only reads the output",
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
        Code::ObservedNotCovered,
        Level::Warn,
        "an observed build read a file that is not an input of its service: a change of it would be skipped",
        "include it, or list it in `not_inputs` on purpose",
    ),
    lint(
        Code::ObservedAppeared,
        Level::Warn,
        "an observed build looked for a file that did not exist then; it does now, and is not an input",
        "observe the build again; include the file if the build reads it",
    ),
    lint(
        Code::ObservationOld,
        Level::Warn,
        "an observation is over 90 days old, or how the service is built has changed since",
        "observe the build again",
    ),
    lint(
        Code::ObservationIncomplete,
        Level::Warn,
        "an observation cannot be read, or no build in it ended well and saw everything that it read",
        "observe a clean build that ends well; `shipmark observe --help` says what cannot be seen",
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
        Code::LinkTarget,
        Level::Warn,
        "a link is an input, and no rule covers what it leads to: a zip of CodePipeline has the link as a text file, so there what it leads to is no input",
        "include what it leads to, or exclude the link",
    ),
    lint(
        Code::ExportSubst,
        Level::Warn,
        "an input is `export-subst`: in an archive that git made it differs at every commit, and is never skipped",
        "exclude the file, or remove the attribute",
    ),
    lint(
        Code::SubmoduleInput,
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
    lint(
        Code::SkipCondition,
        Level::Deny,
        "a condition that skips a stage is not one rule `NE true`: it skips on more than a decision to skip",
        "write one VariableCheck with the operator NE and the value \"true\", in a pipeline of the type V2",
    ),
    lint(
        Code::SkipLambda,
        Level::Deny,
        "a LambdaInvoke rule skips a stage: a function that fails or crashes skips it too",
        "decide in an action, and check its variable with VariableCheck",
    ),
    lint(
        Code::PipelineVariable,
        Level::Deny,
        "a condition or a candidate is a variable that may have no value, or is of no service: what a rule does then is not documented",
        "name a variable that an earlier stage, which always runs, exports for a service of the map",
    ),
    lint(
        Code::SkipUnconfirmed,
        Level::Warn,
        "a stage may be skipped, and no later stage that always runs promotes its claim: a stale skip goes unnoticed",
        "add a last stage without a condition that runs `promote --claims` for all stages that may be skipped",
    ),
    lint(
        Code::StageOrder,
        Level::Deny,
        "a stage that deploys does not start with `begin` or end with `promote`: the marks miss the start of the deploy, or its end",
        "put `begin` alone before the deploy, and `promote` alone behind it",
    ),
    lint(
        Code::CandidateMismatch,
        Level::Deny,
        "`begin` and `promote` of a stage have different candidates, or that of another service than the one on which it is skipped",
        "give both the candidate of the service that the stage deploys",
    ),
    lint(
        Code::ParallelMarks,
        Level::Deny,
        "executions that write marks run in PARALLEL: they have no order, so an older deploy may end last",
        "write `ExecutionMode: QUEUED`, or SUPERSEDED",
    ),
    lint(
        Code::ShortTimeout,
        Level::Deny,
        "`build_timeout` or `deploy_timeout` is shorter than a project's timeout, with its queue: what counts as ended may still deploy",
        "raise it in the map, or lower the timeout and the queue of the project",
    ),
    lint(
        Code::PipelineEnvironment,
        Level::Deny,
        "an action that decides or records names no environment, or one that the map does not have",
        "set SHIPMARK_ENVIRONMENT in its project, one for each pipeline",
    ),
    lint(
        Code::SharedStack,
        Level::Deny,
        "two pipelines deploy one stack, and the map does not say so: each deploys the other's service again, unrecorded",
        "list the services in `redeploys` of each other, and both pipelines in `[environments.NAME] pipelines`",
    ),
    lint(
        Code::TriggerHidesInput,
        Level::Deny,
        "a file filter of the trigger hides an input of a service: a push that changes only that starts no execution",
        "filter by the patterns of the services, or not at all",
    ),
    lint(
        Code::ForeignMarks,
        Level::Deny,
        "a role of a pipeline may write the marks of other environments: a build for staging could make production skip",
        "use the policy that `shipmark doctor --print iam --environment NAME` prints",
    ),
    lint(
        Code::Unknown,
        Level::Warn,
        "something in a template is unknown (a parameter without a default, a token, a nested stack), so it was not checked",
        "give the parameter a default or `--parameter NAME=VALUE`, check the deployed template, or check by eye and allow this",
    ),
];

const fn lint(code: Code, level: Level, reason: &'static str, fix: &'static str) -> Lint {
    Lint { code, level, reason, fix }
}
