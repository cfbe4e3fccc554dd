//! Single patterns against C git: what a pattern covers is what git's `:(glob)` pathspec selects, or lies below it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use shipmark::base::names::EnvironmentName;
use shipmark::map::ServiceMap;
use shipmark::map::rules::{PathCursor, Rules};

/// Names that a careless matcher stumbles over.
const NAMES: [&[u8]; 20] = [
    b"a",
    b"b",
    b"ab",
    b"aa",
    b"aab",
    b"A",
    b".a",
    b"a.b",
    "é".as_bytes(),
    b"\xff",
    b"*",
    b"[",
    b"]",
    b"a]",
    b"-",
    b"\\",
    b"a\nb",
    b" a",
    b"!a",
    b"a.",
];

/// What patterns are made of. Braces are ours alone and have tests of their own.
const ATOMS: [&str; 20] = [
    "a", "b", "a", "b", ".", "A", "é", "*", "*", "?", "**", "[ab]", "[!a]", "[^b]", "[]a]", "[a-]", "[*-\\]]", "\\*",
    "\\[", "***",
];

fn git(directory: &Path, arguments: &[&[u8]], input: &[u8]) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    let mut child = Command::new("git")
        .args(arguments.iter().map(|argument| std::ffi::OsStr::from_bytes(argument)))
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git is needed for this test");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// A repository whose index holds the paths. Nothing is ever checked out.
fn repository(paths: &BTreeSet<Vec<u8>>) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &[b"init", b"-q", b"."], b"");
    let mut input = Vec::new();
    for path in paths {
        input.extend_from_slice(b"100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\t");
        input.extend_from_slice(path);
        input.push(0);
    }
    git(directory.path(), &[b"update-index", b"-z", b"--index-info"], &input);
    directory
}

fn selected_by_git(directory: &Path, pattern: &str) -> BTreeSet<Vec<u8>> {
    let below = match pattern.ends_with('/') {
        true => format!(":(glob){pattern}**"),
        false => format!(":(glob){pattern}/**"),
    };
    let exact = format!(":(glob){pattern}");
    let output = git(directory, &[b"ls-files", b"-z", b"--", exact.as_bytes(), below.as_bytes()], b"");
    output.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
}

/// What the pattern selects of the paths; nothing where it is refused.
fn selected_by_us(pattern: &str, paths: &BTreeSet<Vec<u8>>) -> Option<BTreeSet<Vec<u8>>> {
    let quoted = pattern.replace('\\', "\\\\").replace('"', "\\\"");
    let map = format!("[services.a]\ninclude = [\"{quoted}\"]");
    let map = ServiceMap::parse("shipmark.toml", map.as_bytes()).ok()?;
    let rules = Rules::compile(&map, &EnvironmentName::default(), &[0], false);
    let mut cursor = PathCursor::new(&rules);
    Some(paths.iter().filter(|path| !cursor.verdict(path).claims.is_empty()).cloned().collect())
}

/// Git's pathspecs cut off the literal beginning before they match, and so take the stars of `b**/x` for a whole component
/// (`git_fnmatch` in git's dir.c); elsewhere, and here, they are a single `*`.
fn is_quirk(pattern: &str) -> bool {
    pattern.split('/').any(|component| component.contains("**") && component.bytes().any(|byte| byte != b'*'))
}

/// Paths of which none lies below another.
fn paths() -> impl Strategy<Value = BTreeSet<Vec<u8>>> {
    let path = prop::collection::vec(prop::sample::select(&NAMES[..]), 1..5).prop_map(|names| names.join(&b'/'));
    prop::collection::btree_set(path, 20..150).prop_map(|all| {
        let below = |path: &[u8]| (1..path.len()).any(|end| path[end] == b'/' && all.contains(&path[..end]));
        all.iter().filter(|path| !below(path)).cloned().collect()
    })
}

fn pattern() -> impl Strategy<Value = String> {
    let component = prop::collection::vec(prop::sample::select(&ATOMS[..]), 1..4).prop_map(|atoms| atoms.concat());
    let component = prop_oneof![2 => Just("**".to_owned()), 2 => Just("*".to_owned()), 8 => component];
    let slash = prop_oneof![9 => Just(""), 1 => Just("/")];
    (prop::collection::vec(component, 1..5), slash).prop_map(|(all, slash)| all.join("/") + slash)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_selects_what_git_selects(paths in paths(), patterns in prop::collection::vec(pattern(), 30)) {
        let repository = repository(&paths);
        for pattern in patterns {
            if is_quirk(&pattern) {
                continue;
            }
            if let Some(ours) = selected_by_us(&pattern, &paths) {
                prop_assert_eq!(ours, selected_by_git(repository.path(), &pattern), "{}", pattern);
            }
        }
    }
}
