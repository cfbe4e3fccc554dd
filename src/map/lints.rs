//! `[lints]`: a level for each code.

use std::collections::BTreeMap;

use super::problem::collect::{Report, Text, shown};
use crate::map::lint_codes::{Code, Level};

/// Checks the levels of the map.
pub(super) fn check(raw: &[(Text, Text)], report: &mut Report<'_>) -> BTreeMap<Code, Level> {
    raw.iter()
        .filter_map(|(code, level)| Some((self::code(code, report), self::level(level, report)?)))
        .filter_map(|(code, level)| Some((code?, level)))
        .collect()
}

fn code(text: &Text, report: &mut Report<'_>) -> Option<Code> {
    let meant = match Code::parse(&text.text) {
        Ok(code) => return Some(code),
        Err(meant) => meant,
    };
    let hint = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`shipmark check --list` lists the codes".to_owned(),
    };
    report.add("unknown-lint", &text.span, format!("there is no lint `{}`", shown(&text.text)), hint);
    None
}

fn level(text: &Text, report: &mut Report<'_>) -> Option<Level> {
    let found = Level::parse(&text.text);
    if found.is_none() {
        let hint = match report.meant(&text.text, Level::WORDS.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => "it is `allow`, `warn` or `deny`".to_owned(),
        };
        report.add("bad-value", &text.span, format!("a level may not be `{}`", shown(&text.text)), hint);
    }
    found
}
