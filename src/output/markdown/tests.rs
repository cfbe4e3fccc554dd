use super::*;
use crate::map::rules::Via;
use crate::output::samples::{REVISION, answer, build, change, changed, options, skip};
use crate::source::difference::ChangeKind;

/// What somebody may call a file to break a comment.
const HOSTILE: [&str; 10] = [
    "a | b",
    "a`|`b",
    "a\\|b",
    "@octocat #12 !3 GH-4",
    "<img src=x onerror=alert(1)>",
    "</code></details><h1>x",
    "[x](https://evil.test) www.evil.test",
    "a\n\n# heading\r\n---\n| x |",
    "``` ~~~ ***x***",
    "\u{202e}\u{1b}[31m:tada: &lt;b&gt;",
];

#[test]
fn a_comment_says_what_builds_and_why() {
    let changes = vec![
        change("services/command/x.rs", ChangeKind::Modified, Via::Own),
        change("lib/y.rs", ChangeKind::Added, Via::Group("shared".into())),
    ];
    let services = vec![changed("command", changes), build("gateway", Reason::NeverDeployed), skip("query", &[])];
    let mut answer = answer("prod", services);
    answer.unowned = Some(vec!["README.md".into()]);
    let text = render(&[answer], &[], &options());
    let expected = "\
### `cqrs`, `prod`: 2 of 3 services would build

The source at `3c12540a1b2c`, with what is not committed, compared with what is deployed.

| service | decision | why |
|---|---|---|
| `command` | **build**, changed | 2 inputs differ: `services/command/x.rs`, `lib/y.rs`; deployed: 3c12540a1b2c, 2 days ago, by deploy-prod&#58;42 |
| `gateway` | **build**, never-deployed | a sentence about never-deployed |

Skipped, unchanged: `query`

<details><summary>Changed inputs and their rules</summary>

| service | input | change | rule |
|---|---|---|---|
| `command` | `services/command/x.rs` | modified | `Server/Sources/**` |
| `command` | `lib/y.rs` | added | `Server/Sources/**` of group `shared` |

</details>

**1 file belongs to no service**: `README.md`
";
    assert_eq!(text, expected);
}

#[test]
fn a_change_of_the_map_says_which_decisions_it_flips() {
    let mut answer = answer("prod", vec![skip("a", &[])]);
    answer.base = Some(REVISION.to_owned());
    let name = |name: &str| crate::base::names::ServiceName::new(name).unwrap();
    let flip = MapFlip {
        service: name("a"),
        builds: false,
        reason: Reason::Changed,
        changes: vec![change("x", ChangeKind::Added, Via::Own)],
    };
    let change = MapChange::Known { flips: vec![flip], added: vec![name("new")], removed: vec![name("old")] };
    let text = render(&[answer.clone()], &[Some(change)], &options());
    let expected = "
**The map changes, and so does 1 decision**:

| service | map of the base | this map | because of |
|---|---|---|---|
| `a` | build | **skip** | `x` |

Only in this map: `new`

Only in the base's map: `old`
";
    assert!(text.ends_with(expected), "{text}");
    let unknown = render(&[answer], &[Some(MapChange::Unknown("<b> @x".to_owned()))], &options());
    assert!(unknown.ends_with("is not known**: &#60;b&#62; &#64;&#8203;x\n"), "{unknown}");
}

/// Another program's reading of the text: each cell has exactly the name, and there is nothing else in it.
#[test]
fn no_name_can_break_a_table_or_add_markup() {
    use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};
    for name in HOSTILE {
        let mut one = changed("a", vec![change(name, ChangeKind::Modified, Via::Link(name.into()))]);
        one.changes[0].rule = name.to_owned();
        let mut other = build("b", Reason::Uncertain);
        other.detail = name.to_owned();
        let mut answer = answer("prod", vec![one, other]);
        answer.unowned = Some(vec![name.into()]);
        let text = render(&[answer], &[], &options());
        let mut rows = Vec::new();
        let mut cell = None;
        for event in Parser::new_ext(&text, Extensions::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::TableRow | Tag::TableHead) => rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => cell = Some(String::new()),
                Event::End(TagEnd::TableCell) => {
                    let done = cell.take().unwrap();
                    rows.last_mut().iter_mut().for_each(|row| row.push(done.clone()));
                }
                Event::Text(text) | Event::Code(text) => cell.iter_mut().for_each(|cell| cell.push_str(&text)),
                Event::InlineHtml(html) => assert!(["<code>", "</code>"].contains(&&*html), "{name}: {html}"),
                Event::Html(html) => {
                    let own = ["<details><summary>Changed inputs and their rules</summary>\n", "</details>\n"];
                    assert!(own.contains(&&*html), "{name}: {html}");
                }
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::CodeBlock(_)) => {
                    panic!("{name}: markup in {text}")
                }
                _ => {}
            }
        }
        let shown = crate::base::text::printable(name.as_bytes());
        let cells: Vec<&str> = rows.iter().flatten().map(String::as_str).collect();
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 4, 4], "{name}: {text}");
        assert!(cells.iter().any(|cell| *cell == shown), "{name}: {cells:?}");
        assert!(cells.contains(&&*format!("{shown} by the link {shown}")), "{name}: {cells:?}");
        // A reference would be found in text, but not in code.
        let outside = text.split(['`']).step_by(2).collect::<String>();
        assert!(!outside.contains('@') && !outside.contains("https:"), "{name}: {outside}");
    }
}
