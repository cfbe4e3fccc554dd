use clap::Parser as _;

use super::*;
use crate::app::cli::Cli;

/// How many seconds a command line has for its store, and how many to record after it has decided.
fn limits(line: &str) -> (u64, u64) {
    let cli = Cli::parse_from(line.split(' '));
    let settings = Settings::new(&cli.global, cli.command.writes(), Environment::default()).unwrap();
    let store = settings.open(&StoreUrl::in_source(Path::new("/nowhere")));
    let first = store.budget().limit().as_secs();
    settings.start_recording();
    (first, store.budget().limit().as_secs())
}

#[test]
fn what_records_has_more_time_than_what_reads() {
    for line in ["plan", "decide", "run a -- true", "status", "output a X", "state export", "doctor"] {
        assert_eq!(limits(&format!("shipmark {line}")), (10, 60), "{line}");
    }
    for line in ["record a", "stage a", "begin --candidate x", "promote --candidate x", "taint a --reason x"] {
        assert_eq!(limits(&format!("shipmark {line}")).0, 60, "{line}");
    }
    for line in ["state import x", "state rm a"] {
        assert_eq!(limits(&format!("shipmark {line}")).0, 60, "{line}");
    }
}

#[test]
fn what_was_typed_counts_everywhere() {
    for line in ["decide", "record a", "run --timeout 3s a -- true"] {
        let line = if line.contains("--timeout") { line.to_owned() } else { format!("{line} --timeout 3s") };
        assert_eq!(limits(&format!("shipmark {line}")), (3, 3), "{line}");
    }
}
