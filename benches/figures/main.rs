//! The figures of BENCHMARKS.md: shipmark and its rivals in turn, in one run, on generated material.
//!
//! `cargo bench` prints a Markdown table. `cargo bench -- --quick` takes a tenth of the material and fewer rounds; `cargo bench
//! -- plans start` measures only these parts. It asserts nothing about time: the table has a verdict, so a busy machine does not
//! fail a build. It does assert what is measured: if a decision was meant to skip and did not, the run ends.

mod artifact;
mod directory;
mod draft;
mod history;
#[path = "../common/material.rs"]
mod material;
#[path = "../common/measure.rs"]
mod measure;
mod memory;
mod observe;
mod replay;
mod rules;
mod start;
mod table;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

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

/// A part of the table, by the name with which it is asked for.
type Part = (&'static str, fn(&Path, &Scale) -> Outcome<Vec<Row>>);

const PARTS: [Part; 9] = [
    ("rules", |_, scale| rules::measure(scale)),
    ("start", |_, scale| start::measure(scale)),
    ("directories", directory::measure),
    ("plans", history::measure),
    ("replay", replay::measure),
    ("memory", memory::measure),
    ("observe", observe::measure),
    ("artifact", artifact::measure),
    ("draft", draft::measure),
];

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let scale = if arguments.iter().any(|argument| argument == "--quick") { QUICK } else { FULL };
    // Cargo adds a flag of its own.
    let asked: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    if let Some(unknown) = asked.iter().find(|asked| PARTS.iter().all(|(name, _)| name != *asked)) {
        return Err(format!("there is no part `{unknown}`").into());
    }
    let folder = tempfile::tempdir()?;
    say(&format!("{}\n\n{}", table::machine()?, table::HEAD))?;
    for (name, measure) in PARTS {
        if asked.is_empty() || asked.iter().any(|asked| *asked == name) {
            show(measure(folder.path(), &scale)?)?;
        }
    }
    Ok(())
}

fn show(rows: Vec<Row>) -> Outcome<()> {
    rows.iter().try_for_each(|row| say(&row.to_string()))
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
