//! Row 0: how long it takes to start; and the commands that the other rows run.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::measure::{always, in_turn};
use crate::table::Row;
use crate::{Outcome, SHIPMARK, Scale};

/// shipmark, with arguments.
pub(crate) fn shipmark(arguments: &[&str]) -> Command {
    let mut command = Command::new(SHIPMARK);
    command.args(arguments);
    command
}

/// A pipeline in a directory.
pub(crate) fn pipeline(text: &str, directory: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", text]).current_dir(directory);
    command
}

/// How long it takes to start: `--version`.
pub(crate) fn measure(scale: &Scale) -> Outcome<Vec<Row>> {
    let mut git = always(|| {
        let mut git = Command::new("git");
        git.arg("--version");
        git
    });
    let mut tool = always(|| shipmark(&["--version"]));
    let [tool, git] = in_turn(scale.rounds * 10, [&mut tool, &mut git])?;
    let mut row = Row::against("start: `--version`", &tool, ("git --version", &git), None);
    row.reach = "under 5 ms".to_owned();
    row.reached = Some(tool.median() < Duration::from_millis(5));
    Ok(vec![row])
}
