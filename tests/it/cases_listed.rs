//! The page of cases names tests that exist, and at least one for every case.

use std::fs;
use std::path::Path;

use super::support::tests_below;

/// The cases that the published buildspecs are run through, too.
const WITH_BUILDSPECS: [usize; 24] =
    [1, 2, 3, 4, 5, 6, 19, 20, 21, 24, 25, 28, 29, 30, 37, 38, 39, 40, 41, 42, 43, 44, 47, 48];

#[test]
fn every_case_has_tests_that_exist() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cases.md")).unwrap();
    let (tests, buildspecs) = (tests_below(&["src", "tests"]), tests_below(&["tests/it/buildspecs"]));
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()).collect();
    let numbers: Vec<usize> = (1..=104).collect();
    assert_eq!(rows.len(), numbers.len());
    for (number, row) in numbers.into_iter().zip(rows) {
        assert!(row.starts_with(&format!("| {number} | ")), "case {number} is missing, or not in order: {row}");
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let named: Vec<&str> = cell.split(", ").map(|name| name.trim_matches('`')).collect();
        for name in &named {
            assert!(tests.contains(*name), "case {number}: there is no test `{name}`");
        }
        let published = named.iter().any(|name| buildspecs.contains(*name));
        assert!(published || !WITH_BUILDSPECS.contains(&number), "case {number}: no buildspec is run through it");
    }
}
