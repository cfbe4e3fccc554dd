//! Whole processes, measured in turn, so that a change of the machine's mood meets all of them.

use std::fmt;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Outcome, SHIPMARK};

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

/// A duration with three digits or so.
pub(crate) fn short(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1_000.0;
    match milliseconds {
        m if m < 10.0 => format!("{m:.2} ms"),
        m if m < 1_000.0 => format!("{m:.0} ms"),
        m => format!("{:.2} s", m / 1_000.0),
    }
}

/// How many times longer the rival takes, or this.
pub(crate) fn ratio(tool: Duration, rival: Duration) -> String {
    let ratio = tool.as_secs_f64() / rival.as_secs_f64();
    if ratio < 1.0 { format!("{:.1}x faster", 1.0 / ratio) } else { format!("{ratio:.2}x slower") }
}

/// What was measured, and on what.
pub(crate) fn machine() -> Outcome<String> {
    let cores = std::thread::available_parallelism()?;
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let megabytes = fs::metadata(SHIPMARK)?.len() as f64 / 1e6;
    Ok(format!("{cores} cores, {}; the binary has {megabytes:.1} MB", model.unwrap_or("unknown model")))
}
