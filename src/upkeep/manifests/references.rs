//! Paths that files name outside their own directories: `include_str!("../../x")`, `require("../../shared/x")`,
//! `"extends": "../tsconfig.base.json"`, a `.proto` file compiled by a build script.
//!
//! Every quoted text with `..` in it counts if something exists there, whatever it is for: a comment or a test may
//! name a path too, and then more is taken in than needed. Code that puts a path together from parts is not seen.

use std::collections::{BTreeMap, HashMap};

use bstr::ByteSlice as _;

use super::paths::{above, base, below, child, join, parent, within};
use super::words::quoted;
use super::{Files, clean, scripts};

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The file that names it.
    pub file: String,
    /// A file or directory that exists, and does not contain `file`.
    pub target: String,
    /// The script that copies it to where the file is; `None` if the file itself names it.
    pub by: Option<String>,
}

/// The ends of the names of files that are searched: code and what configures its build, but no data.
const ENDS: [&str; 27] = [
    ".rs", ".go", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".py", ".rb",
    ".php", ".swift", ".cs", ".fs", ".java", ".kt", ".kts", ".gradle", ".scala", ".proto", ".sh", ".hcl", ".css",
];

/// What code leaves out of the names of files that it imports.
const IMPORTED: [&str; 12] =
    [".ts", ".tsx", ".d.ts", ".mts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".json", ".py", ".rb"];

/// Files that say where the paths in the files below them begin.
const ROOTS: [&str; 7] =
    ["package.json", "cdk.json", "Cargo.toml", "go.mod", "pyproject.toml", "Package.swift", "build.gradle"];

/// Whether the quoted texts of a file are searched, by its name.
fn is_code(name: &str) -> bool {
    let file = base(name);
    let config = file.starts_with("tsconfig") && file.ends_with(".json");
    // Go runs what it calls tests, and never builds it.
    (config || ENDS.iter().any(|end| file.ends_with(end))) && !file.ends_with("_test.go")
}

/// All paths that files name, sorted.
pub(super) fn scan(files: &Files<'_>) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    let mut beside = Beside::default();
    for file in files.own() {
        let (code, script, setting) = (is_code(file), scripts::is_script(file), scripts::is_setting(file));
        if !code && !script && !setting {
            continue;
        }
        let Some(bytes) = files.bytes(file) else { continue };
        let mut targets = Vec::new();
        let up = bytes.contains_str("..");
        if script || (setting && up) {
            targets.extend(scripts::targets(files, file, &bytes.to_str_lossy()));
        }
        if code && up {
            let text = bytes.to_str_lossy();
            let paths = text.lines().filter(|line| line.contains("..")).flat_map(quoted);
            let paths = paths.filter(|path| path.starts_with("../") || path.contains("/../") || *path == "..");
            targets.extend(paths.filter_map(|path| target(files, file, path)));
        }
        if code {
            targets.extend(beside.named(files, file, &bytes));
        }
        found.extend(targets.into_iter().map(|target| Reference { file: file.to_owned(), target, by: None }));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Directories beside one another in a package, each with those of its subdirectories that have no manifest of their
/// own: what code may read from where it runs, by a path that begins there.
#[derive(Default)]
struct Beside<'f> {
    /// The package of each directory.
    packages: HashMap<&'f str, Option<&'f str>>,
    /// What is in each package, each with the text that a path into it begins with.
    places: BTreeMap<&'f str, Vec<(&'f str, String)>>,
}

impl<'f> Beside<'f> {
    /// The paths that code names from the directory of its package: `Templates/\(name).html`.
    fn named(&mut self, files: &Files<'f>, file: &'f str, bytes: &[u8]) -> Vec<String> {
        let root = *self.packages.entry(parent(file)).or_insert_with(|| package(files, file));
        let Some(root) = root else { return Vec::new() };
        let data = |place: &&str| files.has_directory(place) && !scripts::holds_project(files, place);
        let begun = |place: &'f str| (place, format!("{}/", base(place)));
        let all = || files.children(root).into_iter().filter(data).map(begun).collect();
        let places = self.places.entry(root).or_insert_with(all);
        let begins = |at: usize| at > 0 && matches!(bytes[at - 1], b'"' | b'\'' | b'`');
        let named = places.iter().filter(|(place, begun)| !within(file, place) && bytes.find_iter(begun).any(begins));
        let places: Vec<&str> = named.map(|(place, _)| *place).collect();
        if places.is_empty() {
            return Vec::new();
        }
        let text = bytes.to_str_lossy();
        let path = |text: &str| {
            let end = text.find(['$', '{', '%', '\\', '(', '*', '?', '#']);
            // What follows a variable is not known: all that is beside it may be meant.
            let plain = end.map_or(Some(text), |end| Some(text[..end].rsplit_once('/')?.0))?;
            let first = plain.split('/').next()?;
            places.iter().find(|place| base(place) == first)?;
            clean(plain).map(|path| below(root, &path)).filter(|path| files.exists(path))
        };
        text.lines().flat_map(quoted).filter(|text| text.contains('/')).filter_map(path).collect()
    }
}

/// The nearest directory above with a manifest, from which the paths in a file may begin.
fn package<'f>(files: &Files<'_>, file: &'f str) -> Option<&'f str> {
    above(file).find(|place| !files.present(place, &ROOTS).is_empty())
}

/// What a path means to a file: from the file's directory, else from the nearest one with a manifest.
fn target(files: &Files<'_>, file: &str, path: &str) -> Option<String> {
    let here = parent(file);
    let root = package(files, file);
    let path = path.split(['?', '#']).next().unwrap_or(path).trim_start_matches("./");
    let places = std::iter::once(here).chain(root.filter(|root| *root != here));
    let found = places.filter_map(|place| join(place, path)).find_map(|path| existing(files, path))?;
    (!found.is_empty() && !within(file, &found) && !within(&found, here)).then_some(found)
}

/// The path itself, or a file of that name with an end that imports leave out.
fn existing(files: &Files<'_>, path: String) -> Option<String> {
    if path.is_empty() || files.exists(&path) {
        return Some(path);
    }
    // TypeScript imports the JavaScript that a file will be compiled to.
    let stem = [".js", ".mjs", ".cjs", ".jsx"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(&path);
    let in_parent = || child(parent(&path), base(stem));
    IMPORTED.iter().map(|end| format!("{}{end}", in_parent())).find(|name| files.has(name))
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::*;

    fn references(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let names: Vec<BString> = all.iter().map(|(name, _)| BString::from(*name)).collect();
        let read = |name: &str| Some(all.iter().find(|(other, _)| *other == name)?.1.as_bytes().to_vec());
        scan(&Files::new(&names, &read)).into_iter().map(|found| (found.file, found.target)).collect()
    }

    #[test]
    fn quoted_paths_that_lead_out_are_found_in_code_of_any_kind() {
        let found = references(&[
            ("api/src/main.rs", "const X: &str = include_str!(\"../../docs/help.md\");"),
            ("docs/help.md", ""),
            ("fn/index.ts", "import { x } from '../shared/util.js'"),
            ("shared/util.ts", ""),
            ("web/tsconfig.json", "{ // base\n \"extends\": \"../tsconfig.base.json\" }"),
            ("tsconfig.base.json", ""),
            ("infra/package.json", ""),
            ("infra/bin/app.ts", "Code.fromAsset('../fn')"),
            ("up.py", "open('../x'); open('a/../..')"),
            ("ci/run.sh", "cp ../docs/help.md ."),
        ]);
        let found: Vec<(&str, &str)> = found.iter().map(|(file, target)| (file.as_str(), target.as_str())).collect();
        assert_eq!(
            found,
            [
                ("api/src/main.rs", "docs/help.md"),
                ("ci/run.sh", "docs/help.md"),
                ("fn/index.ts", "shared/util.ts"),
                ("infra/bin/app.ts", "fn"),
                ("web/tsconfig.json", "tsconfig.base.json"),
            ]
        );
    }

    #[test]
    fn code_may_read_from_the_directory_of_its_package() {
        let found = references(&[
            ("p/Package.swift", ""),
            ("p/Sources/Server/main.swift", "render(\"Templates/\\(kind)/x.html\"); load(\"config/a.json\")"),
            ("p/Sources/Tool/main.swift", "get(\"other/x\"); get(\"none/x\"); get(\"Sources/Server/main.swift\")"),
            ("p/Templates/a/x.html", ""),
            ("p/config/a.json", ""),
            ("p/other/Dockerfile", "FROM x"),
            ("p/other/x", ""),
        ]);
        let found: Vec<(&str, &str)> = found.iter().map(|(file, target)| (file.as_str(), target.as_str())).collect();
        let server = "p/Sources/Server/main.swift";
        assert_eq!(found, [(server, "p/Templates"), (server, "p/config/a.json")]);
    }

    #[test]
    fn a_path_around_the_file_itself_or_below_its_directory_is_none() {
        assert!(
            references(&[("a/b/x.js", "require('..'); require('../b/y'); require('../../a')"), ("a/b/y.js", "")])
                .is_empty()
        );
    }
}
