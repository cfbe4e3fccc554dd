//! Random patterns, read by our parser and matched by `globset`, against the oracle, which does neither: with braces, which
//! git does not have, and without regard to case. What git knows too is held against git in `rules_git`.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use shipmark::base::names::EnvironmentName;
use shipmark::map::rules::PatternSet;
use shipmark::pattern::Pattern;

use crate::rules_oracle::covers;

const ATOMS: [&str; 48] = [
    "a", "b", "ab", "A", ".", ".", "é", "-", "!", "*", "*", "*", "?", "?", "**", "***", "/", "/", "/", "/**/", "[ab]",
    "[!a]", "[^b]", "[]a]", "[!]a]", "[a-]", "[-a]", "[*-\\]]", "[\\]]", "[\\^a]", "[\\^]", "[\\!]", "[\\!\\^]",
    "[\\!-]", "[!!]", "[^^]", "[!-]", "[a-c]", "[Z-a]", "[!A]", "[{,}]", "\\*", "\\[", "\\{", "{a,b}", "{,a}",
    "{ab,a/b}", "{a/*,b}",
];

/// Names that a careless matcher stumbles over.
const NAMES: [&[u8]; 34] = [
    b"a",
    b"b",
    b"ab",
    b"aa",
    b"aab",
    b"ba",
    b"A",
    b"AB",
    b"aB",
    b"c",
    b"Z",
    b"_",
    b"^",
    b"!",
    b"-",
    b"]",
    b"[",
    b"{",
    b",",
    b"*",
    b"a*",
    b"\\",
    b".",
    b"..",
    b"...",
    b"a.",
    b".a",
    b"a.b",
    b"a\nb",
    b"\n",
    "é".as_bytes(),
    b"\xff",
    b"a\xffb",
    b"\xc3",
];

fn pattern() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&ATOMS[..]), 1..7).prop_map(|atoms| atoms.concat())
}

fn paths() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let path = prop::collection::vec(prop::sample::select(&NAMES[..]), 1..5).prop_map(|names| names.join(&b'/'));
    prop::collection::vec(path, 1..60)
}

#[test]
fn patterns_cover_what_the_oracle_says() {
    let config = Config { cases: 3_000, failure_persistence: None, ..Config::default() };
    let (read, covered) = (Cell::new(0), Cell::new(0));
    let compare = |(pattern, paths): (String, Vec<Vec<u8>>)| {
        let Some(parsed) = Pattern::foreign(&pattern) else { return Ok(()) };
        read.set(read.get() + 1);
        let resolved = || parsed.resolve(&EnvironmentName::default()).into_iter().map(|components| (0, components));
        let (exact, folded) = (PatternSet::new(resolved()), PatternSet::folded(resolved()));
        for path in paths {
            let shown = path.escape_ascii();
            let ours = exact.covers(&path);
            covered.set(covered.get() + usize::from(ours));
            prop_assert_eq!(ours, covers(&pattern, &path, false), "`{}` and `{}`", pattern, shown);
            prop_assert_eq!(folded.covers(&path), covers(&pattern, &path, true), "`{}` and `{}`", pattern, shown);
        }
        Ok(())
    };
    TestRunner::new(config).run(&(pattern(), paths()), compare).unwrap_or_else(|error| panic!("{error}"));
    assert!(read.get() > 1_000 && covered.get() > 1_000, "the patterns say little: {read:?}, {covered:?}");
}
