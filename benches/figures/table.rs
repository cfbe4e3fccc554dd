//! The table that is printed, row by row.

use std::fmt;
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::measure::Times;
use crate::{Outcome, SHIPMARK};

/// The head of the table.
pub(crate) const HEAD: &str = "| work | shipmark: best, median | rival | rival: best, median | ratio of medians | reach | verdict |\n\
                               |---|---|---|---|---|---|---|";

/// One comparison, or one figure without a rival.
pub(crate) struct Row {
    pub(crate) work: String,
    pub(crate) tool: String,
    pub(crate) rival: String,
    pub(crate) rivals_time: String,
    pub(crate) ratio: String,
    pub(crate) reach: String,
    pub(crate) reached: Option<bool>,
}

impl Row {
    /// shipmark's time against a rival's. `reach` is a text and what it asks of (shipmark's median / the rival's).
    pub(crate) fn against(work: &str, tool: &Times, rival: (&str, &Times), reach: Option<(&str, f64)>) -> Self {
        let ratio = tool.median().as_secs_f64() / rival.1.median().as_secs_f64();
        Self {
            work: work.to_owned(),
            tool: tool.to_string(),
            rival: format!("`{}`", rival.0.replace('|', "\\|")),
            rivals_time: rival.1.to_string(),
            ratio: if ratio < 1.0 { format!("{:.1}x faster", 1.0 / ratio) } else { format!("{ratio:.2}x slower") },
            reach: reach.map_or_else(String::new, |(text, _)| text.to_owned()),
            reached: reach.map(|(_, most)| ratio <= most),
        }
    }

    /// A figure of shipmark's alone.
    pub(crate) fn alone(work: &str, tool: String, reach: &str, reached: Option<bool>) -> Self {
        Self {
            work: work.to_owned(),
            tool,
            rival: String::new(),
            rivals_time: String::new(),
            ratio: String::new(),
            reach: reach.to_owned(),
            reached,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.reached {
            Some(true) => "reached",
            Some(false) => "**missed**",
            None => "",
        };
        let Self { work, tool, rival, rivals_time, ratio, reach, .. } = self;
        write!(f, "| {work} | {tool} | {rival} | {rivals_time} | {ratio} | {reach} | {verdict} |")
    }
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

/// What the figures were measured on.
pub(crate) fn machine() -> Outcome<String> {
    let cores = std::thread::available_parallelism()?;
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let git = Command::new("git").arg("--version").output()?.stdout;
    let megabytes = fs::metadata(SHIPMARK)?.len() as f64 / 1e6;
    let git = String::from_utf8_lossy(&git).trim().to_owned();
    Ok(format!("{cores} cores, {}; {git}; the binary has {megabytes:.1} MB", model.unwrap_or("unknown model")))
}
