//! The keys of the map, what each may contain and what it is for. Used by the code that reads maps, and by the test
//! that writes `schema/map.schema.json` from it.

use crate::map::lint_codes::{Code, Level};

/// A key of a table.
#[derive(Debug)]
pub struct MapKey {
    /// Its name.
    pub name: &'static str,
    /// What it may contain.
    pub form: Form,
    /// What it is for, as editors show it.
    pub doc: &'static str,
}

/// What a key may contain.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A text.
    Text(Syntax),
    /// A list of texts.
    Texts(Syntax),
    /// `true` or `false`.
    Flag,
    /// A table with these keys.
    Table(&'static [MapKey]),
    /// An array of tables with these keys.
    Tables(&'static [MapKey]),
    /// A table whose keys are such texts and whose values all have the same form.
    Names(Syntax, &'static Form),
    /// Any of these.
    Either(&'static [Form]),
}

/// The syntax of a text. An editor checks as much of it as a regular expression can; the map's own checks cover all of
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Not blank.
    Filled,
    /// The name of something; a list contains each name once.
    Name,
    /// The name of a service.
    Service,
    /// The name of an output.
    Output,
    /// The name of an environment variable; a list contains each name once.
    Variable,
    /// A path pattern.
    Pattern,
    /// A duration, such as `1h30m`.
    Time,
    /// One of these words.
    Words(&'static [&'static str]),
}

const fn key(name: &'static str, form: Form, doc: &'static str) -> MapKey {
    MapKey { name, form, doc }
}

const PATTERNS: Form = Form::Texts(Syntax::Pattern);

/// The keys of a map.
pub const MAP: &[MapKey] = &[
    key("include_maps", PATTERNS, "Further maps, kept beside their services: paths or patterns from the root."),
    key("project", Form::Text(Syntax::Filled), "The first part of every key in the store. Default: `default`."),
    key(
        "environments",
        ENVIRONMENTS,
        "The allowed environments, as names or patterns (`pr-*`); then each command must name one. A list, or a table of each.",
    ),
    key("state", Form::Table(STATE), "Where the state lives."),
    key("defaults", Form::Table(DEFAULTS), "What holds for every service."),
    key("groups", Form::Names(Syntax::Filled, &PATTERNS), "Named lists of patterns that services share."),
    key(
        "services",
        Form::Names(Syntax::Service, &Form::Table(SERVICE)),
        "The services: each is built and deployed together.",
    ),
    key(
        "discover",
        Form::Names(Syntax::Pattern, &Form::Table(DISCOVER)),
        "One service of each directory that matches the pattern.",
    ),
    key("expect", Form::Tables(EXPECT), "Tests of the rules themselves, run by `shipmark check`."),
    key("lints", LINTS, "The levels of what `shipmark check` finds, by its codes; `check --list` lists them."),
];

const LINTS: Form = Form::Names(Syntax::Words(Code::WORDS), &Form::Text(Syntax::Words(Level::WORDS)));

/// The keys of [`MAP`] that an included map may also have.
pub const INCLUDED: &[&str] = &["groups", "services", "expect"];

const ENVIRONMENTS: Form =
    Form::Either(&[Form::Texts(Syntax::Name), Form::Names(Syntax::Filled, &Form::Table(ENVIRONMENT))]);

/// `[environments.NAME]`.
pub const ENVIRONMENT: &[MapKey] = &[
    key(
        "pipelines",
        Form::Texts(Syntax::Name),
        "The pipelines that deploy the same services here: their deploys count as one's own. Names, or ARNs elsewhere.",
    ),
    key(
        "reuse_from",
        Form::Text(Syntax::Name),
        "The environment whose deploy of the same inputs is deployed here without building.",
    ),
    key("state", Form::Text(Syntax::Filled), "Where the state of this environment lives, if not in `[state] url`."),
    SHADOW,
    MAX_SKIP_AGE,
];

/// `[state]`.
pub const STATE: &[MapKey] = &[key(
    "url",
    Form::Text(Syntax::Filled),
    "`file:PATH`, `dynamodb://TABLE?region=…` or `s3://BUCKET/PREFIX?region=…`.",
)];

/// The values of `unowned`.
const UNOWNED: &[&str] = &["ignore", "warn", "build-all"];

const MAX_SKIP_AGE: MapKey =
    key("max_skip_age", Form::Text(Syntax::Time), "A deploy older than this builds anyway. Default: none.");
const SHADOW: MapKey =
    key("shadow", Form::Flag, "Whether nothing is skipped, and a skip is only shown as the reason `shadow`.");
const BUILD_TIMEOUT: MapKey =
    key("build_timeout", Form::Text(Syntax::Time), "How long a build may live: CodeBuild's timeout. Default: `1h`.");

/// `[defaults]`.
pub const DEFAULTS: &[MapKey] = &[
    key("exclude", PATTERNS, "Subtracted from every service."),
    key("unowned", Form::Text(Syntax::Words(UNOWNED)), "What a file means that no service covers. Default: `warn`."),
    MAX_SKIP_AGE,
    BUILD_TIMEOUT,
    key(
        "deploy_timeout",
        Form::Text(Syntax::Time),
        "How long an action of an abandoned deploy stage may still act: its queue, its build, its update. Default: `9h`.",
    ),
];

const INCLUDE: MapKey = key("include", PATTERNS, "The inputs of the service.");
const EXCLUDE: MapKey = key("exclude", PATTERNS, "Cut from its includes and groups, never from its dependencies.");
const GROUPS: MapKey = key("groups", Form::Texts(Syntax::Name), "Groups whose files are inputs too.");
const DEPENDS_ON: MapKey =
    key("depends_on", Form::Texts(Syntax::Name), "Services whose inputs are inputs of this one too.");
const OUTPUTS: MapKey = key(
    "outputs",
    Form::Names(Syntax::Output, &Form::Text(Syntax::Filled)),
    "Required outputs and the shapes of their values, in which `*` matches anything; without one there is no skip.",
);
const REDEPLOYS: MapKey = key(
    "redeploys",
    Form::Texts(Syntax::Name),
    "Services that deploying this one deploys again, with their recorded outputs.",
);
const SERVICE_ENVIRONMENTS: MapKey = key(
    "environments",
    Form::Texts(Syntax::Name),
    "Where the service exists, of the map's environments. Default: in all of them.",
);
const ENV: MapKey = key(
    "env",
    Form::Texts(Syntax::Variable),
    "Environment variables whose values are inputs too; one that is not set builds.",
);
const DOCKERFILE: MapKey =
    key("dockerfile", Form::Text(Syntax::Filled), "For `check`: a Dockerfile whose copied files must be inputs.");
const CONTEXT: MapKey = key("context", Form::Text(Syntax::Filled), "For `check`: the build context of the Dockerfile.");
const NOT_INPUTS: MapKey = key(
    "not_inputs",
    Form::Either(&[PATTERNS, Form::Names(Syntax::Pattern, &Form::Text(Syntax::Filled))]),
    "For `check`: copied into the image and still not inputs, on purpose. A list, or a table that gives each pattern's reason.",
);

/// `[services.NAME]`.
pub const SERVICE: &[MapKey] = &[
    INCLUDE,
    EXCLUDE,
    GROUPS,
    DEPENDS_ON,
    OUTPUTS,
    REDEPLOYS,
    SERVICE_ENVIRONMENTS,
    ENV,
    DOCKERFILE,
    CONTEXT,
    NOT_INPUTS,
    BUILD_TIMEOUT,
    MAX_SKIP_AGE,
    SHADOW,
];

/// `[discover."PATTERN"]`.
pub const DISCOVER: &[MapKey] = &[
    key("except", PATTERNS, "Directories that are no services."),
    INCLUDE,
    EXCLUDE,
    GROUPS,
    DEPENDS_ON,
    OUTPUTS,
    REDEPLOYS,
    SERVICE_ENVIRONMENTS,
    ENV,
    DOCKERFILE,
    CONTEXT,
    NOT_INPUTS,
    BUILD_TIMEOUT,
    MAX_SKIP_AGE,
    SHADOW,
];

/// `[[expect]]`.
pub const EXPECT: &[MapKey] = &[
    key("changed", Form::Texts(Syntax::Filled), "The paths that change."),
    key("builds", Form::Texts(Syntax::Name), "The services that must build then, and no others."),
];
