//! The list of the blocks of code that no test runs.

use std::collections::BTreeMap;

use crate::pages::not_run;

#[test]
fn what_is_not_run_is_as_kept() {
    let files = BTreeMap::from([("not-run.txt".to_owned(), not_run().into_bytes())]);
    super::are_current("tests/texts/pages", &files, |name| name.ends_with(".txt"));
}
