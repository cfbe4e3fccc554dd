//! What the stores of AWS cost: requests, bytes and capacity units of each command, counted, and how long a decision takes beside the
//! `aws` commands of a hand-written buildspec. It prints the tables of BENCHMARKS.md.
//!
//! The engines are those of the tests, on this machine. Counting goes through the tests' proxy, timing does not. Requests are
//! asserted: a skip that needs more than one read for each mark and one for the names of the services (DynamoDB: for each hundred of
//! these), or a build that needs more than one write more a service, ends the run with status 1. Times are not asserted, for a busy
//! machine is no error.

#![expect(clippy::disallowed_methods, reason = "the environment of the program is made here, and the day is printed")]

mod capacity;
mod count;
mod latency;
#[path = "../common/material.rs"]
mod material;
#[path = "../common/measure.rs"]
mod measure;

// What the tests have is used as it stands there.
#[path = "../../tests/it/calls/counted.rs"]
mod counted;
#[path = "../../tests/it/engines/mod.rs"]
#[expect(clippy::unwrap_used, dead_code, unused_imports, reason = "the tests use more of it, and may fail anywhere")]
mod engines;
#[path = "../../tests/it/proxy/mod.rs"]
#[expect(clippy::unwrap_used, dead_code, unused_imports, reason = "the tests use more of it, and may fail anywhere")]
mod proxy;
#[path = "../../tests/it/support/mod.rs"]
#[expect(clippy::unwrap_used, dead_code, unused_imports, reason = "the tests use more of it, and may fail anywhere")]
mod support;

use std::error::Error;
use std::io::Write as _;

use engines::Engine;
use support::SHIPMARK;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How much is counted and how often it is measured.
struct Scale {
    /// Services, and the files of each.
    shapes: &'static [(usize, usize)],
    rounds: usize,
}

const FULL: Scale = Scale { shapes: &[(1, 500), (10, 500), (200, 500), (1, 100_000)], rounds: 11 };
const QUICK: Scale = Scale { shapes: &[(1, 500), (10, 500), (101, 5)], rounds: 3 };

fn main() -> Outcome<()> {
    let scale = if std::env::args().any(|argument| argument == "--quick") { QUICK } else { FULL };
    let engines: Vec<&Engine> = engines::dynamodb().into_iter().chain(engines::s3()).collect();
    if engines.is_empty() {
        return Err("no engine of a store can run on this machine: see above".into());
    }
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d");
    say(&format!("Measured on {date}: {}.\n", measure::machine()?))?;
    say(count::HEAD)?;
    scale.shapes.iter().try_for_each(|(services, files)| count::count(&engines, *services, *files))?;
    latency::measure(&engines, scale.rounds)
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
