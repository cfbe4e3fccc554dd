//! The page of lints is the program's own table of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use shipmark::map::lint_codes::LINTS;
use shipmark::map::lint_examples::{Example, example};

/// What follows the table: notes, and each lint of templates before and after.
const TAIL: &str = include_str!("lints.tail.md");

const HEAD: &str = "# Lints

What `shipmark check` finds, by code. `deny` makes it exit 4. `shipmark check --explain CODE` says the same on a terminal.
A map gives other levels, and flags overrule it:

```toml
[lints]
unowned = \"deny\"
floating-base = \"allow\"
```

```sh
shipmark check --deny covered-pattern --allow unowned
```

| code | level | what it finds | what to do |
|---|---|---|---|
";

#[test]
fn the_page_of_lints_is_current() {
    let mut page = HEAD.to_owned();
    for lint in &LINTS {
        writeln!(page, "| `{}` | {} | {} | {} |", lint.code.word(), lint.level.word(), lint.reason, lint.fix).unwrap();
    }
    page.push_str(TAIL);
    page.push_str("\n## Before and after\n");
    for lint in &LINTS {
        if let Some(Example { before, after }) = example(lint.code) {
            let word = lint.code.word();
            writeln!(page, "\n### `{word}`\n\n```text\n{before}\n```\n\n```text\n{after}\n```").unwrap();
        }
    }
    let files = BTreeMap::from([("lints.md".to_owned(), page.into_bytes())]);
    super::are_current("docs", &files, |name| name == "lints.md");
}
