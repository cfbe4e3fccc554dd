//! Patterns with braces against the crate `globset`, since git has none: what a pattern covers is what it matches, or lies
//! below something that it matches.

use globset::{GlobBuilder, GlobMatcher};
use proptest::prelude::*;
use shipmark::base::names::EnvironmentName;
use shipmark::map::ServiceMap;
use shipmark::map::rules::Rules;

const ATOMS: [&str; 14] =
    ["a", "b", "ab", "*", "?", "[ab]", "{a,b}", "{ab,a/b}", "{a,{b,ab}}", "{a/*,b}", "/", "/", "/**/", "b{a,b}"];
const NAMES: [&str; 8] = ["a", "b", "ab", "ba", "aa", "bb", "c", "aab"];

/// A pattern that the map takes, and globset's matcher of it.
fn both(pattern: &str) -> Option<(Rules, GlobMatcher)> {
    let text = format!("[services.s]\ninclude = [{pattern:?}]\n");
    let map = ServiceMap::parse("shipmark.toml", text.as_bytes()).ok()?;
    let rules = Rules::compile(&map, &EnvironmentName::default(), &[0], false);
    let glob = GlobBuilder::new(pattern).literal_separator(true).build().ok()?;
    Some((rules, glob.compile_matcher()))
}

/// Whether globset's matcher matches the path or a directory above it.
fn covers(glob: &GlobMatcher, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.into_iter().any(|end| glob.is_match(&path[..end]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn braces_mean_what_globset_says(
        atoms in prop::collection::vec(prop::sample::select(&ATOMS[..]), 1..6),
        paths in prop::collection::vec(prop::collection::vec(prop::sample::select(&NAMES[..]), 1..5), 1..30),
    ) {
        let pattern = atoms.concat();
        // A `/` at the end means a directory to us, as it does to git, and nothing that exists to globset.
        prop_assume!(!pattern.ends_with('/'));
        // Three stars are two to git and to us, and within one component to globset.
        prop_assume!(!pattern.contains("***"));
        let Some((rules, glob)) = both(&pattern) else { return Ok(()) };
        for path in paths {
            let path = path.join("/");
            let ours = !rules.path(path.as_bytes()).claims.is_empty();
            prop_assert_eq!(ours, covers(&glob, &path), "`{}` and `{}`", pattern, path);
        }
    }
}
