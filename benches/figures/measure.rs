//! Whole processes, measured in turn, so that a change of the machine's mood meets all of them.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::table::{Row, short};
use crate::{Outcome, SHIPMARK, Scale};

/// Measured times, sorted.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    pub(crate) fn best(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", short(self.best()), short(self.median()))
    }
}

/// Runs each command once a round, in turn, after a round that only warms the caches. A command is made anew for each run.
pub(crate) fn in_turn<const N: usize>(
    rounds: usize,
    mut commands: [&mut dyn FnMut() -> Outcome<Command>; N],
) -> Outcome<[Times; N]> {
    let mut times = [const { Vec::new() }; N];
    for round in 0..=rounds {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let time = timed(&mut command()?)?;
            if round > 0 {
                times.push(time);
            }
        }
    }
    Ok(times.map(Times::of))
}

fn timed(command: &mut Command) -> Outcome<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status()?;
    let time = started.elapsed();
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok(time)
}

/// The same command again and again.
pub(crate) fn always(make: impl Fn() -> Command) -> impl FnMut() -> Outcome<Command> {
    move || Ok(make())
}

/// shipmark, with arguments.
pub(crate) fn shipmark(arguments: &[&str]) -> Command {
    let mut command = Command::new(SHIPMARK);
    command.args(arguments);
    command
}

/// A pipeline in a directory.
pub(crate) fn pipeline(text: &str, directory: &std::path::Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", text]).current_dir(directory);
    command
}

/// How long it takes to start: `--version`.
pub(crate) fn start(scale: &Scale) -> Outcome<Vec<Row>> {
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
