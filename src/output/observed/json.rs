//! A report for programs, schema 1. New keys may be added without changing the version.

use bstr::{BStr, BString};
use serde_json::{Value, json};

use super::ObservedReport;
use crate::output::json::PathDocument;

pub(super) fn render(report: &ObservedReport<'_>) -> String {
    let (seen, gaps, build) = (report.seen, report.gaps, report.build);
    let by = |(path, program): (&BString, &String)| {
        let mut one = name(path);
        one["program"] = program.as_str().into();
        one
    };
    let excluded = gaps.excluded.iter().map(|(path, (program, rule, at))| {
        let mut one = name(path);
        (one["program"], one["rule"], one["at"]) = (program.as_str().into(), rule.as_str().into(), at.as_str().into());
        one
    });
    let whole = json!({
        "schema": 1,
        "service": report.name(),
        "environment": build.environment,
        "revision": build.revision,
        "command": build.command,
        "exit": build.exit,
        "by": build.by,
        "complete": build.is_complete(),
        "doubts": build.doubts,
        "reads_git": seen.reads_git,
        "files": report.names.len(),
        "read": seen.read.len(),
        "looked_at": seen.looked_at.len(),
        "listed": seen.listed.len(),
        "missing": seen.missing.len(),
        "generated": seen.generated,
        "read_not_input": gaps.read.iter().map(by).collect::<Vec<_>>(),
        "read_excluded": excluded.collect::<Vec<_>>(),
        "looked_at_not_input": gaps.looked_at.iter().map(by).collect::<Vec<_>>(),
        "never_read": gaps.never_read.iter().map(name).collect::<Vec<_>>(),
        "suggestion": {
            "include": gaps.suggestion.include,
            "groups": gaps.suggestion.groups,
            "depends_on": gaps.suggestion.depends_on,
        },
        "sweeps": seen.sweeps,
        "saved": report.saved,
    });
    format!("{whole:#}\n")
}

fn name(path: &BString) -> Value {
    json!(PathDocument::of(BStr::new(path)))
}
