//! The page for reviewers names tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::support::tests_below;

#[test]
fn every_test_that_the_security_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let tests: BTreeSet<String> = tests_below(&["src", "tests"]);
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| who "));
    let mut rows_seen = 0;
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        rows_seen += 1;
        for name in cell.split(", ").map(|name| name.trim_matches('`')) {
            assert!(tests.contains(name), "SECURITY.md names `{name}`, which is no test: {row}");
        }
    }
    assert!(rows_seen > 15, "the table was not found");
}
