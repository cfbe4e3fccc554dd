//! A report for the summary of a job or a pull request.

use super::ObservedReport;
use crate::base::text::{count, printable};

pub(super) fn render(report: &ObservedReport<'_>) -> String {
    let (seen, gaps, build) = (report.seen, report.gaps, report.build);
    let state = if build.is_complete() { "complete" } else { "**incomplete**" };
    let mut out = format!(
        "### `{}`: {} of {} read, {state}\n\n",
        report.name(),
        seen.read.len(),
        count(report.names.len(), "file")
    );
    build.doubts.iter().for_each(|doubt| out.push_str(&format!("- {}\n", cell(doubt.as_bytes()))));
    if gaps.is_denied() {
        out.push_str("\n| read, and not covered | by | cut by |\n|---|---|---|\n");
        for (path, by) in &gaps.read {
            out.push_str(&format!("| {} | {} | |\n", cell(path), cell(by.as_bytes())));
        }
        for (path, (by, rule, at)) in &gaps.excluded {
            out.push_str(&format!("| {} | {} | {} ({at}) |\n", cell(path), cell(by.as_bytes()), cell(rule.as_bytes())));
        }
    }
    let lines = report.lines();
    if !lines.is_empty() {
        out.push_str(&format!("\nAdd to `[services.{}]`:\n\n```toml\n{}\n```\n", report.name(), lines.join("\n")));
    }
    out
}

/// A cell of a table, as code: a name may hold anything.
fn cell(text: &[u8]) -> String {
    format!("<code>{}</code>", printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('|', "&#124;"))
}
