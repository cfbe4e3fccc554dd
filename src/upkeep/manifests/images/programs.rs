//! Which programs an image can build, by the words of its Dockerfile.

use std::collections::BTreeSet;

use super::super::ProjectKind;
use super::super::paths::{base, parent};

/// The programs that an image can build.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    /// Whether it can be any of several, because a build argument names it, or its context.
    pub any: bool,
    /// Whether it packs what a build of the program has made, in a context that nothing names.
    pub packs: bool,
    /// The folders and names of those that an argument names: `cmd` and `server-*` of `./cmd/server-$PROGRAM`.
    paths: BTreeSet<(String, String)>,
    /// Their kinds, if its words say so.
    kinds: BTreeSet<ProjectKind>,
}

impl Programs {
    /// What a Dockerfile's text says.
    pub(super) fn read(text: &str) -> Self {
        Self { any: takes_program(text), packs: false, paths: paths(text), kinds: kinds(text) }
    }

    /// Whether a build argument can name the program of a directory by its path.
    pub fn takes(&self, directory: &str) -> bool {
        let fits = |(folder, name): &(String, String)| {
            let (start, end) = name.split_once('*').unwrap_or((name, ""));
            let own = base(directory);
            let long = own.len() >= start.len() + end.len();
            base(parent(directory)) == folder && long && own.starts_with(start) && own.ends_with(end)
        };
        self.any && self.paths.iter().any(fits)
    }

    /// Whether its words name a tool for programs of a kind, or none at all.
    pub fn can_build(&self, kind: ProjectKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// The kinds of programs that an image can build, by the tools that its text names.
fn kinds(text: &str) -> BTreeSet<ProjectKind> {
    let tools = [
        ("go build", ProjectKind::Go),
        ("golang", ProjectKind::Go),
        ("cargo ", ProjectKind::Cargo),
        ("dotnet ", ProjectKind::DotNet),
        ("swift build", ProjectKind::Swift),
        ("mvn", ProjectKind::Jvm),
        ("gradle", ProjectKind::Jvm),
        (".jar", ProjectKind::Jvm),
        ("npm ", ProjectKind::Node),
        ("pnpm ", ProjectKind::Node),
        ("yarn ", ProjectKind::Node),
        ("pip ", ProjectKind::Python),
        ("uv ", ProjectKind::Python),
    ];
    // `cargo build` does not name `go build`.
    let named = |tool: &str| {
        let word = tool.starts_with(char::is_alphanumeric);
        text.match_indices(tool).any(|(at, _)| !word || !text[..at].ends_with(char::is_alphanumeric))
    };
    tools.iter().filter(|(tool, _)| named(tool)).map(|(_, kind)| *kind).collect()
}

/// How a text may spell its build arguments: `$NAME` and `${NAME}`.
fn arguments(text: &str) -> Vec<String> {
    let argument = |line: &str| Some(line.trim().strip_prefix("ARG ")?.split('=').next()?.trim().to_owned());
    let names = text.lines().filter_map(argument).filter(|name| !name.is_empty());
    names.flat_map(|name| [format!("${{{name}}}"), format!("${name}")]).collect()
}

/// The folders and the names, with a `*` for the argument, in paths such as `./cmd/server-${PROGRAM}`.
fn paths(text: &str) -> BTreeSet<(String, String)> {
    let forms = arguments(text);
    let words = text.split(|c: char| c.is_whitespace() || "\"'=:,".contains(c));
    let one = |word: &str| {
        let word = word.trim_end_matches('/');
        let (folder, name) = word.trim_end_matches("/main.go").rsplit_once('/')?;
        let form = forms.iter().find(|form| name.contains(form.as_str()))?;
        let name = name.replacen(form.as_str(), "*", 1);
        let plain = !folder.contains('$') && !name.contains('$') && !name.contains('.');
        plain.then(|| (base(folder).to_owned(), name))
    };
    words.filter_map(one).filter(|(folder, _)| !folder.is_empty() && folder != ".").collect()
}

/// Whether a path or package name is a build argument: `./cmd/${PROGRAM}`, `-p $PACKAGE`.
fn takes_program(text: &str) -> bool {
    let forms = arguments(text);
    let flags = ["-p", "--package", "--bin", "--filter", "--scope", "--project", "-C", "--product", "-pl"];
    let folders = ["cmd/", "apps/", "services/", "functions/", "lambdas/", "packages/"];
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '=').collect();
    words.iter().enumerate().any(|(at, word)| {
        let named = forms.iter().any(|form| word.contains(form.as_str()));
        let flagged = at > 0 && flags.contains(&words[at - 1]);
        let below = forms.iter().any(|form| word.starts_with('/') && word.contains(&format!("/{form}")));
        named && (flagged || below || folders.iter().any(|folder| word.contains(folder)))
    })
}
