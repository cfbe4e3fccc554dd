//! Findings for the tests of the formats.

use super::Checked;
use crate::map::MapFile;
use crate::map::lint_codes::{Code, Level};
use crate::pattern::Position;
use crate::upkeep::lint::{Finding, FindingPlace, LinkSpan, Located};

/// One finding about the whole map and one at a position, with characters that the formats have to escape.
pub(super) fn checked() -> Checked {
    let source = MapFile::new("\nx = \"ä\"");
    let (line, column) = source.place(5);
    let whole = Finding::new(Code::Unowned, FindingPlace::WholeMap, "2 files that no service covers")
        .hint("include them")
        .notes(vec!["new/ (2 files)".to_owned()])
        .paths(["new/b".into(), "new/\u{e4}".into(), b"new/\xff".into()]);
    let placed =
        Finding::new(Code::DeadPattern, FindingPlace::Map(Position { file: 0, line, column }), "`a%b` matches")
            .hint("did you mean: `a`?");
    let located = |level: Level, finding: Finding, span: Option<LinkSpan>| Located {
        level,
        finding,
        file: "ship,map.toml".to_owned(),
        span,
    };
    let span = LinkSpan { line, column, excerpt: source.excerpt(&source.token(line, column)) };
    let findings = vec![located(Level::Warn, whole, None), located(Level::Deny, placed, Some(span))];
    Checked { map: "ship,map.toml".to_owned(), services: 1, expectations: 0, pipelines: None, files: 3, findings }
}
