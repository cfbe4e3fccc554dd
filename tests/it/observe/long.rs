//! The long tier: a source of a hundred thousand files.

use super::builds::many_files;
use super::can_trace;

#[test]
#[ignore = "long: a hundred thousand files"]
fn a_source_of_a_hundred_thousand_files() {
    if can_trace() {
        many_files(1000);
    }
}
