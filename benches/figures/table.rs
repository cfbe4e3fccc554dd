//! The table that is printed, row by row.

use std::fmt;
use std::process::Command;

use crate::Outcome;
use crate::measure::{self, Times};

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
            ratio: measure::ratio(tool.median(), rival.1.median()),
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

/// What the figures were measured on.
pub(crate) fn machine() -> Outcome<String> {
    let git = Command::new("git").arg("--version").output()?.stdout;
    Ok(format!("{}; {}", measure::machine()?, String::from_utf8_lossy(&git).trim()))
}
