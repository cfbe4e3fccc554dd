//! The names of a source's files, and a way to read them.

use std::cell::OnceCell;

use bstr::{BString, ByteSlice as _};

use super::paths::{self, above};
use crate::base::quick::QuickSet;
use crate::source::tree::listing::below;

/// Manifests are written by people. Anything larger is data and is not read.
const LARGEST: usize = 1 << 20;

/// Directories that package managers and build tools write, even if they are committed. Nobody edits what is in them, so
/// their manifests describe nothing of this source.
const INSTALLED: [&str; 8] =
    ["node_modules", "bower_components", "cdk.out", ".aws-sam", ".terraform", "__pycache__", ".venv", ".git"];

/// Directories whose manifests belong to third parties, tests or documentation: what is in them may be pulled in, but is
/// not deployed by itself.
const FOREIGN: [&str; 21] = [
    "vendor",
    "third_party",
    "third-party",
    "testdata",
    "fixtures",
    "__fixtures__",
    "test",
    "tests",
    "__tests__",
    "Tests",
    "e2e",
    "examples",
    "example",
    "samples",
    "docs",
    "doc",
    ".devcontainer",
    ".github",
    "target",
    "benches",
    "templates",
];

/// The files of a source.
pub struct Files<'a> {
    names: Vec<&'a str>,
    /// Those of the names that are not of installed packages.
    own: Vec<&'a str>,
    /// The directories that the names are in, once somebody has asked.
    directories: OnceCell<QuickSet<&'a str>>,
    read: &'a dyn Fn(&str) -> Option<Vec<u8>>,
}

impl<'a> Files<'a> {
    /// Takes the names of all files and a function that reads one, or returns `None` if it cannot. Names that are not
    /// UTF-8 are ignored.
    pub fn new(names: &'a [BString], read: &'a dyn Fn(&str) -> Option<Vec<u8>>) -> Self {
        let mut names: Vec<&str> = names.iter().filter_map(|name| name.to_str().ok()).collect();
        names.sort_unstable();
        names.dedup();
        let own = names.iter().copied().filter(|name| !installed(name)).collect();
        Self { names, own, directories: OnceCell::new(), read }
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.names.iter().copied()
    }

    /// The names of files that people wrote, excluding installed packages and what tools made.
    pub fn own(&self) -> impl Iterator<Item = &'a str> {
        self.own.iter().copied()
    }

    /// Whether there is a file with that name.
    pub fn has(&self, name: &str) -> bool {
        self.names.binary_search(&name).is_ok()
    }

    /// Whether there is a directory with that name.
    pub fn has_directory(&self, name: &str) -> bool {
        let directories = self.directories.get_or_init(|| {
            let mut found = QuickSet::default();
            for name in &self.names {
                // What is above a directory that is known is known too.
                above(name).take_while(|directory| found.insert(*directory)).for_each(drop);
            }
            found
        });
        name.is_empty() || directories.contains(name)
    }

    /// Whether there is a file or a directory with that name.
    pub fn exists(&self, name: &str) -> bool {
        self.has(name) || self.has_directory(name)
    }

    /// The files at or below a path.
    pub fn below(&self, path: &str) -> Vec<&'a str> {
        let itself = self.names.binary_search(&path).ok().map(|at| self.names[at]);
        itself.into_iter().chain(self.names[below(&self.names, path.as_bytes())].iter().copied()).collect()
    }

    /// The files directly in a directory.
    pub fn inside(&self, directory: &str) -> Vec<&'a str> {
        self.below(directory).into_iter().filter(|name| paths::parent(name) == directory).collect()
    }

    /// The files and directories directly in a directory, as full paths, sorted.
    pub fn children(&self, directory: &str) -> Vec<&'a str> {
        let start = if directory.is_empty() { 0 } else { directory.len() + 1 };
        let first = |name: &&'a str| {
            let name: &'a str = name;
            name.get(start..).map(|rest| &name[..start + rest.find('/').unwrap_or(rest.len())])
        };
        let mut children: Vec<&str> = self.below(directory).iter().filter_map(first).collect();
        children.dedup();
        children
    }

    /// Those of the given names that exist in a directory, as full paths.
    pub fn present(&self, directory: &str, names: &[&str]) -> Vec<String> {
        names.iter().map(|name| paths::child(directory, name)).filter(|path| self.exists(path)).collect()
    }

    /// All names, sorted, as a slice.
    pub fn sorted(&self) -> &[&'a str] {
        &self.names
    }

    /// The contents of a file. `None` if it does not exist or is too large.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let bytes = self.has(name).then(|| (self.read)(name))??;
        (bytes.len() <= LARGEST).then_some(bytes)
    }

    /// The text of a file, with invalid UTF-8 replaced. `None` if it does not exist or is too large.
    pub fn text(&self, name: &str) -> Option<String> {
        Some(String::from_utf8_lossy(&self.bytes(name)?).into_owned())
    }

    /// A JSON file; comments are not allowed.
    pub fn json(&self, name: &str) -> Option<serde_json::Value> {
        serde_json::from_str(&self.text(name)?).ok()
    }

    /// A TOML file.
    pub fn toml(&self, name: &str) -> Option<toml::Table> {
        self.text(name)?.parse().ok()
    }
}

/// Whether a path is in a directory whose contents are not deployed by themselves.
pub fn foreign(path: &str) -> bool {
    installed(path) || paths::parent(path).split('/').any(|part| FOREIGN.contains(&part))
}

/// Whether a path is in a directory that a tool wrote.
fn installed(path: &str) -> bool {
    paths::parent(path).split('/').any(|part| INSTALLED.contains(&part))
}
