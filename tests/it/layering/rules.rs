//! The rules, and what a tree breaks of them.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Module, Modules, read};
use super::resolve::{Target, resolve};

/// The wings, and which others each may use, in the order in which data flows.
pub(super) const WINGS: [(&str, &[&str]); 9] = [
    ("base", &[]),
    ("pattern", &["base"]),
    ("map", &["base", "pattern"]),
    ("source", &["base", "pattern", "map"]),
    ("protocol", &["base", "pattern", "map", "source"]),
    ("store", &["base", "protocol"]),
    ("upkeep", &["base", "pattern", "map", "source"]),
    ("output", &["base", "pattern", "map", "source", "protocol", "upkeep"]),
    ("app", &["base", "pattern", "map", "source", "protocol", "store", "upkeep", "output"]),
];

/// Where a package, or a part of the standard library, may be named: in files whose paths begin so.
const FENCES: [(&str, &[&str]); 10] = [
    ("gix", &["source/"]),
    ("aws_", &["store/"]),
    ("clap", &["app/", "output/", "store/provision/", "main.rs"]),
    ("globset", &["pattern/glob.rs"]),
    ("toml", &["base/toml_text.rs", "map/", "upkeep/manifests/", "upkeep/init/"]),
    ("toml_", &["base/toml_text.rs", "map/", "upkeep/manifests/", "upkeep/init/"]),
    ("std::env", &["app/settings/", "main.rs", "output/schemas.rs"]),
    ("std::time::SystemTime::now", &["app/settings/", "main.rs"]),
    ("jiff::Timestamp::now", &["app/settings/", "store/file/tests.rs"]),
    ("std::process::exit", &["main.rs"]),
];

/// What was read of a tree.
pub(super) struct Survey {
    pub(super) files: usize,
    modules: usize,
    /// Which file uses which other.
    pub(super) edges: BTreeSet<(String, String)>,
    /// The edges that are not only re-exports.
    uses: BTreeSet<(String, String)>,
    /// Which file names what of another crate.
    foreign: BTreeSet<(String, String)>,
    /// Types that other files may see, and the files that declare them.
    types: BTreeMap<String, Vec<String>>,
}

pub(super) fn survey(files: &BTreeMap<String, String>) -> Survey {
    let modules = read(files);
    let mut survey = Survey {
        files: files.len(),
        modules: modules.len(),
        edges: BTreeSet::new(),
        uses: BTreeSet::new(),
        foreign: BTreeSet::new(),
        types: BTreeMap::new(),
    };
    for (path, module) in &modules {
        let imports = module.imports.iter().map(|import| (&import.path, !import.exported));
        for (named, used) in imports.chain(module.paths.iter().map(|named| (named, true))) {
            survey.add(&modules, path, module, named, used);
        }
        for name in &module.types {
            survey.types.entry(name.clone()).or_default().push(module.file.clone());
        }
    }
    survey
}

impl Survey {
    fn add(&mut self, modules: &Modules, at: &[String], module: &Module, named: &[String], used: bool) {
        match resolve(modules, at, named) {
            Target::Crate(path) => {
                self.foreign.insert((module.file.clone(), path.join("::")));
            }
            Target::Module(target) => {
                let Some(file) = modules.get(&target).map(|module| module.file.clone()) else { return };
                if file != module.file && !target.is_empty() {
                    let edge = (module.file.clone(), file);
                    if used {
                        self.uses.insert(edge.clone());
                    }
                    self.edges.insert(edge);
                }
            }
        }
    }

    /// How large the tree is, for people.
    pub(super) fn counts(&self) -> String {
        let across = self.edges.iter().filter(|(from, to)| wing(from) != wing(to)).count();
        format!(
            "{} files, {} modules, {} uses between files: {across} between wings, {} within; {} circles of files",
            self.files,
            self.modules,
            self.edges.len(),
            self.edges.len() - across,
            self.circles().len()
        )
    }

    /// All that is against the rules, a line each.
    pub(super) fn breaches(&self) -> Vec<String> {
        let mut breaches: Vec<String> = self.edges.iter().filter_map(|(from, to)| wrong_wing(from, to)).collect();
        breaches.extend(self.circles().iter().map(|circle| format!("a circle of files: {}", circle.join(" -> "))));
        breaches.extend(self.foreign.iter().filter_map(|(file, named)| outside(file, named)));
        let several = self.types.iter().filter(|(_, files)| files.len() > 1);
        breaches.extend(several.map(|(name, files)| format!("the type name `{name}` is used in {}", files.join(", "))));
        breaches
    }

    /// The circles of files: each group of files that reach each other. A file and the modules below it may use each other, since
    /// together they are one module.
    fn circles(&self) -> Vec<Vec<String>> {
        let apart = |(from, to): &&(String, String)| !is_below(from, to) && !is_below(to, from);
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, to) in self.uses.iter().filter(apart) {
            next.entry(from).or_default().push(to);
        }
        let reached = |start: &str| {
            let mut seen = BTreeSet::new();
            let mut open: Vec<&str> = next.get(start).cloned().unwrap_or_default();
            while let Some(file) = open.pop() {
                if seen.insert(file) {
                    open.extend(next.get(file).into_iter().flatten());
                }
            }
            seen
        };
        let all: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|file| (*file, reached(file))).collect();
        let mut circles = BTreeSet::new();
        for (file, reached) in &all {
            let back = |other: &&str| all.get(other).is_some_and(|theirs| theirs.contains(file));
            let circle: Vec<String> = reached.iter().copied().filter(|other| back(other)).map(str::to_owned).collect();
            if !circle.is_empty() {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }
}

fn wing(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or(file)
}

fn wrong_wing(from: &str, to: &str) -> Option<String> {
    let (user, used) = (wing(from), wing(to));
    let allowed = match WINGS.iter().find(|(name, _)| *name == user) {
        Some((_, allowed)) => user == used || allowed.contains(&used),
        None => user == "main" || user == "lib",
    };
    (!allowed).then(|| format!("{from} uses {to}: `{user}` may not use `{used}`"))
}

/// Whether one file's module is below the other's: `a/b/c.rs` is below `a/b.rs` and `a/mod.rs`.
fn is_below(file: &str, above: &str) -> bool {
    let module = above.strip_suffix("/mod.rs").or(above.strip_suffix(".rs")).unwrap_or(above);
    file != above && file.strip_prefix(module).is_some_and(|rest| rest.starts_with('/'))
}

fn outside(file: &str, named: &str) -> Option<String> {
    let (fence, allowed) = FENCES.iter().find(|(fence, _)| {
        let rest = named.strip_prefix(fence);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || fence.ends_with('_'))
    })?;
    let inside = allowed.iter().any(|place| file.starts_with(place));
    (!inside).then(|| format!("{file} names `{named}`: only {} may name `{fence}`", allowed.join(", ")))
}
