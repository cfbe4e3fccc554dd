//! Findings as GitHub Actions workflow commands ([Workflow commands], "Setting an error message"), one line each.
//!
//! [Workflow commands]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

use super::Checked;
use crate::base::text;
use crate::map::lint_codes::Level;
use crate::upkeep::lint::Located;

pub(super) fn render(checked: &Checked) -> String {
    checked.findings.iter().map(one).collect()
}

fn one(found: &Located) -> String {
    let command = match found.level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "notice",
    };
    let mut properties = vec![("file", found.file.clone())];
    if let Some(span) = &found.span {
        properties.push(("line", span.line.to_string()));
        properties.push(("col", span.column.to_string()));
        properties.push(("endColumn", span.end().to_string()));
    }
    properties.push(("title", format!("shipmark {}", found.finding.code)));
    let properties = properties.iter().map(|(name, value)| format!("{name}={}", property(value)));
    let message = [&found.finding.message].into_iter().chain(&found.finding.notes).cloned();
    let message: Vec<String> = message.chain([format!("help: {}", found.finding.hint)]).collect();
    format!(
        "::{command} {}::{}\n",
        properties.collect::<Vec<_>>().join(","),
        data(&text::harmless(&message.join("\n")))
    )
}

/// One annotation of a line of a file.
pub(in crate::output) fn annotation(level: &str, file: &str, line: usize, title: &str, message: &str) -> String {
    format!("::{level} file={},line={line},title={}::{}\n", property(file), property(title), data(message))
}

/// Escapes a message the way [toolkit] does.
///
/// [toolkit]: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property.
fn property(text: &str) -> String {
    data(&text::printable(text.as_bytes())).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::samples::checked;
    use super::*;

    #[test]
    fn every_finding_is_one_command_with_its_escapes() {
        assert_eq!(
            render(&checked()),
            "::warning file=ship%2Cmap.toml,title=shipmark unowned::2 files that no service covers%0Anew/ (2 files)%0Ahelp: include them\n\
             ::error file=ship%2Cmap.toml,line=2,col=5,endColumn=8,title=shipmark dead-pattern::`a%25b` matches%0Ahelp: did you mean: `a`?\n"
        );
    }
}
