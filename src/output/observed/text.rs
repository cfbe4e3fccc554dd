//! A report for people.

use super::ObservedReport;
use crate::base::text::{count, printable};
use crate::output::paint::{Paint, Tone};
use crate::upkeep::lint::folded;

/// How many files of a kind are listed.
const LISTED: usize = 20;

pub(super) fn render(report: &ObservedReport<'_>, color: bool) -> String {
    let paint = Paint::new(color);
    let (seen, gaps, build) = (report.seen, report.gaps, report.build);
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let state = if build.is_complete() { "complete" } else { "incomplete" };
    line(paint.tone(
        Tone::Strong,
        &format!(
            "{}: read {} of {} of the source, looked at {}; exit {}; {state}, by {}",
            report.name(),
            seen.read.len(),
            count(report.names.len(), "file"),
            seen.looked_at.len(),
            build.exit,
            build.by
        ),
    ));
    if seen.reads_git {
        line("the build reads the revision, or other contents of .git".to_owned());
    }
    for (doubt, times) in &seen.doubts {
        let times = if *times > 1 { format!(" ({times} times)") } else { String::new() };
        line(paint.tone(Tone::Notice, &format!("doubt: {doubt}{times}")));
    }
    let swept = gaps.read.keys().filter(|path| seen.swept.contains(*path)).count();
    if swept > LISTED {
        for (program, files) in &seen.sweeps {
            line(format!("{} looked at {} of the source", printable(program.as_bytes()), count(*files, "file")));
        }
        line(format!("{swept} files that are not inputs were read only by what looks at all of the source"));
    }
    let told = |path: &bstr::BString| swept <= LISTED || !seen.swept.contains(path);
    let mut section = |title: String, tone: Tone, lines: Vec<String>| {
        if !lines.is_empty() {
            out.push_str(&format!("\n{}\n", paint.tone(tone, &title)));
            lines.iter().take(LISTED).for_each(|line| out.push_str(&format!("  {line}\n")));
            if lines.len() > LISTED {
                out.push_str(&format!("  and {} more (`--format json` lists all)\n", lines.len() - LISTED));
            }
        }
    };
    let by = |(path, program): (&bstr::BString, &String)| {
        format!("{}  by {}", printable(path), printable(program.as_bytes()))
    };
    let read = gaps.read.iter().filter(|(path, _)| told(path)).map(by).collect();
    section(format!("read, and not an input of {}: {}", report.name(), gaps.read.len()), Tone::Bad, read);
    let excluded = gaps.excluded.iter().map(|(path, (program, rule, at))| {
        format!(
            "{}  by {}, cut by `{}` ({at})",
            printable(path),
            printable(program.as_bytes()),
            printable(rule.as_bytes())
        )
    });
    section(format!("excluded by hand, and read: {}", gaps.excluded.len()), Tone::Bad, excluded.collect());
    section(
        format!("looked at, and not an input: {}", gaps.looked_at.len()),
        Tone::Faint,
        folded(report.names, &gaps.looked_at.keys().cloned().collect::<Vec<_>>()),
    );
    section(
        format!(
            "inputs that no observed build has read (a hint: only if the builds were clean): {}",
            gaps.never_read.len()
        ),
        Tone::Faint,
        folded(report.names, &gaps.never_read),
    );
    let lines = report.lines();
    if !lines.is_empty() {
        let place = report.map.line(report.map.services[report.service].position);
        let all = lines.iter().flat_map(|line| line.lines().map(str::to_owned)).collect();
        section(format!("to add to [services.{}] ({place}), beside what is there:", report.name()), Tone::Strong, all);
    }
    if !gaps.excluded.is_empty() {
        out.push_str("\nnarrow the exclude, or accept them: not_inputs = { \"PATH\" = \"why\" }\n");
    }
    let verdict = match (gaps.is_denied(), build.exit) {
        (true, _) => paint.tone(Tone::Bad, "the rules miss files that this build reads"),
        (false, 0) => paint.tone(Tone::Good, "the rules cover all files that this build read"),
        (false, _) => "the build failed; what it read until then is covered".to_owned(),
    };
    let saved = report.saved.map(|file| format!("; saved in {}", printable(file.as_bytes()))).unwrap_or_default();
    out.push_str(&format!("\n{verdict}{saved}\n"));
    out
}
