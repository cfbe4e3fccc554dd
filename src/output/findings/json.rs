//! Findings for programs.

use bstr::BStr;
use serde_json::{Value, json};

use super::{Checked, word};
use crate::map::lint_codes::Level;
use crate::output::json::PathDocument;
use crate::upkeep::lint::{LinkSpan, Located};

pub(super) fn render(checked: &Checked) -> String {
    let mut whole = json!({
        "schema": 1,
        "map": checked.map,
        "services": checked.services,
        "expectations": checked.expectations,
        "files": checked.files,
        "errors": checked.count(Level::Deny),
        "warnings": checked.count(Level::Warn),
        "findings": checked.findings.iter().map(one).collect::<Vec<_>>(),
    });
    if let Some(pipelines) = checked.pipelines {
        whole["pipelines"] = pipelines.into();
    }
    format!("{whole:#}\n")
}

fn one(found: &Located) -> Value {
    let finding = &found.finding;
    let place = found.span.as_ref();
    json!({
        "code": finding.code.word(),
        "level": word(found.level),
        "message": finding.message,
        "help": finding.hint,
        "file": found.file,
        "line": place.map(|span| span.line),
        "column": place.map(|span| span.column),
        "end_column": place.map(LinkSpan::end),
        "source": place.map(|span| &span.excerpt.text),
        "notes": finding.notes,
        "paths": finding.paths.iter().map(|path| PathDocument::of(BStr::new(path))).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::checked;
    use super::*;

    #[test]
    fn everything_is_there_for_programs() {
        let whole: Value = serde_json::from_str(&render(&checked())).unwrap();
        assert_eq!((&whole["schema"], &whole["errors"], &whole["warnings"]), (&1.into(), &1.into(), &1.into()));
        let unowned = &whole["findings"][0];
        assert_eq!((&unowned["file"], &unowned["line"]), (&"ship,map.toml".into(), &Value::Null));
        assert_eq!(unowned["paths"][0], json!({ "path": "new/b" }));
        assert_eq!(unowned["paths"][2], json!({ "path": "new/\u{fffd}", "path_base64": "bmV3L/8=" }));
        let dead = &whole["findings"][1];
        assert_eq!((&dead["code"], &dead["level"]), (&"dead-pattern".into(), &"error".into()));
        let place = [&dead["line"], &dead["column"], &dead["end_column"]].map(Value::as_u64);
        assert_eq!((place, &dead["source"]), ([Some(2), Some(5), Some(8)], &"x = \"ä\"".into()));
    }
}
