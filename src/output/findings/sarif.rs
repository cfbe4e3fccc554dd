//! Findings as SARIF 2.1.0 ([OASIS standard]), for code scanning.
//!
//! [OASIS standard]: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Checked, word};
use crate::map::lint_codes::{LINTS, Level, Lint};
use crate::upkeep::lint::Located;

/// Characters that need no escaping in the path of a URI (RFC 3986, 3.3).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn render(checked: &Checked) -> String {
    let driver = json!({
        "name": "shipmark",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": LINTS.iter().map(rule).collect::<Vec<_>>(),
    });
    let run = json!({
        "tool": { "driver": driver },
        "columnKind": "unicodeCodePoints",
        "results": checked.findings.iter().map(result).collect::<Vec<_>>(),
    });
    let whole =
        json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] });
    format!("{whole:#}\n")
}

fn rule(lint: &Lint) -> Value {
    let enabled = lint.level != Level::Allow;
    json!({
        "id": lint.code.word(),
        "shortDescription": { "text": lint.reason },
        "help": { "text": lint.fix },
        "defaultConfiguration": { "enabled": enabled, "level": word(lint.level) },
    })
}

fn result(found: &Located) -> Value {
    let finding = &found.finding;
    let mut place = json!({ "artifactLocation": { "uri": uri(&found.file) } });
    if let Some(span) = &found.span {
        place["region"] = json!({
            "startLine": span.line,
            "startColumn": span.column,
            "endColumn": span.end(),
        });
    }
    let help = format!("help: {}", finding.hint);
    let message = [&finding.message].into_iter().chain(&finding.notes).chain([&help]);
    let message: Vec<&str> = message.map(String::as_str).collect();
    json!({
        "ruleId": finding.code.word(),
        "ruleIndex": finding.code as usize,
        "level": word(found.level),
        "message": { "text": message.join("\n") },
        "locations": [{ "physicalLocation": place }],
    })
}

/// A file of the source as a relative reference, any other file with its scheme.
fn uri(file: &str) -> String {
    let path = utf8_percent_encode(file, PATH);
    if file.starts_with('/') { format!("file://{path}") } else { path.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::samples::checked;
    use super::*;

    #[test]
    fn a_result_names_its_rule_and_its_place() {
        let whole: Value = serde_json::from_str(&render(&checked())).unwrap();
        let run = &whole["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
        let place = &run["results"][1]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "ship%2Cmap.toml");
        assert_eq!(place["region"], json!({ "startLine": 2, "startColumn": 5, "endColumn": 8 }));
        assert_eq!((uri("/a b.toml"), uri("c/d-e.toml")), ("file:///a%20b.toml".to_owned(), "c/d-e.toml".to_owned()));
    }
}
