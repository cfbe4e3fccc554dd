//! The figures of BENCHMARKS.md: shipmark and its rivals in turn, in one run, on generated material.
//!
//! `cargo bench` prints a Markdown table. `cargo bench -- --quick` takes a tenth of the material and fewer rounds. Nothing is
//! asserted about time: a verdict stands in the table, and a busy machine fails no build. What is measured is asserted, though:
//! a decision that was meant to skip and did not ends the run.

mod directory;
mod history;
#[path = "../common/material.rs"]
mod material;
#[path = "../common/measure.rs"]
mod measure;
mod memory;
mod replay;
mod rules;
mod start;
mod table;

use std::error::Error;
use std::io::Write as _;

use table::Row;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The binary under test, built by cargo with the release profile.
const SHIPMARK: &str = env!("CARGO_BIN_EXE_shipmark");

/// How much is generated and how often it is measured.
struct Scale {
    services: usize,
    files_per_service: usize,
    file_bytes: usize,
    many_files: usize,
    paths: usize,
    commits: usize,
    rounds: usize,
}

const FULL: Scale = Scale {
    services: 200,
    files_per_service: 500,
    file_bytes: 6_000,
    many_files: 1_000_000,
    paths: 1_000_000,
    commits: 10_000,
    rounds: 9,
};

const QUICK: Scale = Scale {
    services: 20,
    files_per_service: 500,
    file_bytes: 6_000,
    many_files: 100_000,
    paths: 100_000,
    commits: 1_000,
    rounds: 3,
};

fn main() -> Outcome<()> {
    let scale = if std::env::args().any(|argument| argument == "--quick") { QUICK } else { FULL };
    let folder = tempfile::tempdir()?;
    say(&format!("{}\n\n{}", table::machine()?, table::HEAD))?;
    show(rules::measure(&scale)?)?;
    show(start::measure(&scale)?)?;
    show(directory::measure(folder.path(), &scale)?)?;
    show(history::measure(folder.path(), &scale)?)?;
    show(replay::measure(folder.path(), &scale)?)?;
    show(memory::measure(folder.path(), &scale)?)
}

fn show(rows: Vec<Row>) -> Outcome<()> {
    rows.iter().try_for_each(|row| say(&row.to_string()))
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
