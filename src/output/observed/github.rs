//! A report as workflow commands of GitHub Actions, at the service's place in the map.

use super::ObservedReport;
use crate::base::text::printable;
use crate::output::findings::annotation;

pub(super) fn render(report: &ObservedReport<'_>) -> String {
    let position = report.map.services[report.service].position;
    let file = report.map.file_of(position);
    let (gaps, name) = (report.gaps, report.name());
    let mut out = String::new();
    let mut say = |level: &str, title: &str, text: String| {
        out.push_str(&annotation(level, file, position.line, &format!("shipmark observe: {title}"), &text));
    };
    let lines = report.lines().join("\n");
    let help = if lines.is_empty() { String::new() } else { format!("\nadd to [services.{name}]:\n{lines}") };
    if !gaps.read.is_empty() {
        let paths: Vec<String> = gaps
            .read
            .iter()
            .map(|(path, by)| format!("{} (by {})", printable(path), printable(by.as_bytes())))
            .collect();
        say(
            "error",
            "not covered",
            format!("the build of {name} reads, and no rule covers:\n{}{help}", paths.join("\n")),
        );
    }
    if !gaps.excluded.is_empty() {
        let paths: Vec<String> = gaps
            .excluded
            .iter()
            .map(|(path, (_, rule, _))| format!("{} (cut by {})", printable(path), printable(rule.as_bytes())))
            .collect();
        say(
            "error",
            "excluded and read",
            format!("the build of {name} reads what excludes cut:\n{}", paths.join("\n")),
        );
    }
    if !report.build.is_complete() {
        let doubts = report.build.doubts.iter().map(|doubt| printable(doubt.as_bytes()));
        let status = (report.build.exit != 0).then(|| format!("the command ended with {}", report.build.exit));
        let why: Vec<String> = status.into_iter().chain(doubts).collect();
        say("warning", "incomplete", format!("the observation of {name} is incomplete:\n{}", why.join("\n")));
    }
    out
}
