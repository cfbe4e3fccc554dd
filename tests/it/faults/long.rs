//! The whole table of faults, and not one for each sentence.

use std::time::Duration;

use super::cases::all_cases;
use super::{budget, on_all, reads, retries, snapshots, stages, writes};

#[test]
#[ignore = "long: the whole table of faults"]
fn a_state_that_cannot_be_read_is_doubt() {
    reads::each_is_doubt(all_cases);
}

#[test]
#[ignore = "long: the whole table of faults"]
fn a_snapshot_that_cannot_be_read_changes_no_decision() {
    snapshots::only_explains(all_cases);
}

#[test]
#[ignore = "long: the whole table of faults"]
fn a_state_that_cannot_be_written_is_doubt() {
    writes::each_is_doubt(all_cases);
}

#[test]
#[ignore = "long: the whole table of faults"]
fn what_passes_after_two_requests_is_no_doubt() {
    retries::passes_after_two_requests(all_cases);
}

#[test]
#[ignore = "long: the whole table of faults"]
fn what_does_not_pass_is_asked_once() {
    retries::is_asked_once(all_cases);
}

/// Case 80 to the letter.
#[test]
#[ignore = "long: throttled for eight of the ten seconds of the default"]
fn a_store_that_throttles_for_eight_of_ten_seconds_is_waited_for() {
    on_all(|site| budget::is_waited_for(site, Duration::from_secs(8), "10s"));
}

#[test]
#[ignore = "long: the whole table of faults"]
fn a_candidate_that_cannot_be_read_is_not_missing() {
    stages::is_not_missing(all_cases);
}
