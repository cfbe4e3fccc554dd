//! What a machine lacks: a test that cannot run says so, and where `CI` is set only for a limit that is known.

use super::program::{another_test, rust_files};

/// The limits by their names; `.ci/run` reads them too.
const KNOWN: &str = include_str!("../../known-limits.txt");

/// Prints that something was not checked, past the test runner, which hides what a test prints that passes.
///
/// # Panics
///
/// Where `CI` is set and `limit` is not a name in `tests/known-limits.txt`: what can be installed has to be there.
pub(crate) fn skip(limit: &str, why: &str) {
    say(&format!("SKIPPED: {why} [{limit}]"));
    assert!(!in_ci() || is_known(limit), "CI is set, and `{limit}` is not in tests/known-limits.txt: {why}");
}

/// Whether this is a run that counts.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// Prints something that a reader of the whole run should see: what was skipped, or what was counted.
pub(crate) fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "\n{text}");
}

/// The names of the known limits.
fn known() -> impl Iterator<Item = &'static str> {
    let lines = KNOWN.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(": ").unwrap_or_else(|| panic!("not `NAME: WHAT`: {line}")).0)
}

fn is_known(limit: &str) -> bool {
    known().any(|name| name == limit)
}

/// A limit that nothing is skipped for would excuse whatever takes its name later.
#[test]
fn every_known_limit_is_one_for_which_something_is_skipped() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<String> =
        ["run", "release"].map(|name| std::fs::read_to_string(root.join(".ci").join(name)).unwrap()).into();
    texts.extend(rust_files(&root.join("tests/it")).iter().map(|file| std::fs::read_to_string(file).unwrap()));
    let unused: Vec<_> = known()
        .filter(|name| {
            let rust = ["skip", "Shared::new"].map(|function| format!("{function}(\"{name}\""));
            let shell = ["skip", "skip_step"].map(|function| format!("{function} {name} "));
            !rust.iter().chain(&shell).any(|call| texts.iter().any(|text| text.contains(call)))
        })
        .collect();
    assert_eq!(unused, Vec::<&str>::new());
}

/// In a process of its own, with and without `CI`.
#[test]
fn only_a_known_limit_is_skipped_in_ci() {
    for (ci, limit, passes) in [("", "surprise", true), ("true", "surprise", false), ("true", "root", true)] {
        let mut skip = another_test("support::limits::a_skip");
        let output = skip.env("CI", ci).env("SHIPMARK_TEST_LIMIT", limit).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), passes, "{ci:?} {limit}: {text}");
        assert!(text.contains(&format!("SKIPPED: a test [{limit}]")), "{text}");
    }
}

#[test]
#[ignore = "helper of `only_a_known_limit_is_skipped_in_ci`"]
fn a_skip() {
    skip(&std::env::var("SHIPMARK_TEST_LIMIT").unwrap(), "a test");
}
