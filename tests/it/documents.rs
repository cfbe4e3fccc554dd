//! Every command that a document shows is one that this program takes.

use std::path::Path;
use std::process::Command;

use clap::Parser as _;
use clap::error::ErrorKind;
use shipmark::app::cli::Cli;

const DOCUMENTS: [&str; 20] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/before-the-build.md",
    "docs/buildspecs.md",
    "docs/editors.md",
    "docs/fingerprints.md",
    "docs/guide.md",
    "docs/install.md",
    "docs/maps.md",
    "docs/observe.md",
    "docs/promise.md",
    "docs/pull-requests.md",
    "docs/reference.md",
    "docs/replay.md",
    "docs/setups.md",
    "docs/shadow.md",
    "docs/stores.md",
    "docs/upgrade.md",
    "ARCHITECTURE.md",
];

/// Spans of code, and lines of blocks of code, that begin with the program's name, up to what the shell does with it.
fn commands(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2);
    let spans = prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).map(|span| span.replace('\n', " "));
    let blocks = text.split("```").skip(1).step_by(2).flat_map(str::lines);
    let lines = blocks.map(|line| line.trim_start().trim_start_matches("- ").to_owned());
    let words = spans.chain(lines).filter(|code| code.starts_with("shipmark "));
    let end = |code: &str| [" && ", " || ", " | ", " >", " #"].iter().filter_map(|mark| code.find(mark)).min();
    words.map(|code| code[..end(&code).unwrap_or(code.len())].to_owned()).collect()
}

/// The words of a command as a shell splits them; variables are empty there, so they stand for themselves here.
pub(crate) fn words(command: &str) -> Vec<String> {
    let script = format!("set -f; set -- {}; printf '%s\\n' \"$@\"", command.replace('$', "VARIABLE"));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "`{command}` is no command of a shell");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_documents_is_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        for command in commands(&text).iter().filter(|command| !command.contains("COMMAND")) {
            count += 1;
            // Some spans name a subcommand only, and leave out what it needs.
            let parsed = Cli::try_parse_from(words(command)).err().map(|error| (error.kind(), error.to_string()));
            let fine = matches!(
                parsed,
                None | Some((
                    ErrorKind::MissingRequiredArgument | ErrorKind::DisplayHelp | ErrorKind::DisplayVersion,
                    _
                ))
            );
            assert!(fine, "{document}: `{command}`: {parsed:?}");
        }
    }
    assert!(count > 30, "only {count} commands were found");
}
