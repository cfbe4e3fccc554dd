//! The blocks of code of a Markdown page, and the marks above those that no test runs.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// How a mark starts: `<!-- no-run: REASON -->`, which does not show where the page is rendered.
const MARK: &str = "<!-- no-run: ";

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// The word behind its fence.
    pub(crate) language: String,
    /// What it shows.
    pub(crate) text: String,
    /// The line of its fence, from one.
    pub(crate) line: usize,
    /// Why no test runs it, if a mark says so.
    pub(crate) not_run: Option<String>,
}

impl Block {
    /// The line below its last fence.
    pub(super) fn below(&self) -> usize {
        self.line + self.text.lines().count() + 2
    }

    /// Its first line, by which it is named.
    pub(crate) fn first(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}

/// All blocks of a page, and what is wrong with its marks.
pub(crate) fn blocks(markdown: &str) -> (Vec<Block>, Vec<String>) {
    let mut reader = Reader { markdown, blocks: Vec::new(), wrong: Vec::new(), mark: None };
    let mut open = None;
    for (event, range) in Parser::new(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => open = Some((kind, String::new())),
            Event::Text(text) if open.is_some() => {
                open.iter_mut().for_each(|(_, block)| block.push_str(&text));
            }
            Event::End(TagEnd::CodeBlock) => {
                let (kind, text) = open.take().unwrap();
                reader.block(&kind, text, &range);
            }
            Event::Html(html) if html.contains("no-run") => reader.mark(&html, &range),
            Event::InlineHtml(html) if html.contains("no-run") => reader.no_mark(&html, &range),
            _ => {}
        }
    }
    reader.no_mark_is_left();
    (reader.blocks, reader.wrong)
}

struct Reader<'a> {
    markdown: &'a str,
    blocks: Vec<Block>,
    wrong: Vec<String>,
    /// The line of the last mark, and its reason.
    mark: Option<(usize, String)>,
}

impl Reader<'_> {
    fn line(&self, range: &Range<usize>) -> usize {
        self.markdown[..range.start].matches('\n').count() + 1
    }

    fn mark(&mut self, html: &str, range: &Range<usize>) {
        self.no_mark_is_left();
        let line = self.line(range);
        let reason = html.trim_end().strip_prefix(MARK).and_then(|rest| rest.strip_suffix(" -->")).map(str::trim);
        match reason {
            Some(reason) if reason.contains(' ') => self.mark = Some((line, reason.to_owned())),
            _ => self.no_mark(html, range),
        }
    }

    fn no_mark(&mut self, html: &str, range: &Range<usize>) {
        let line = self.line(range);
        self.wrong.push(format!("line {line}: not a line `{MARK}REASON -->`: {}", html.trim_end()));
    }

    fn block(&mut self, kind: &CodeBlockKind<'_>, text: String, range: &Range<usize>) {
        let line = self.line(range);
        let above = self.mark.take_if(|(mark, _)| *mark + 1 == line);
        self.no_mark_is_left();
        let language = match kind {
            CodeBlockKind::Fenced(language) => language.to_string(),
            CodeBlockKind::Indented => "indented".to_owned(),
        };
        self.blocks.push(Block { language, text, line, not_run: above.map(|(_, reason)| reason) });
    }

    fn no_mark_is_left(&mut self) {
        if let Some((line, reason)) = self.mark.take() {
            self.wrong.push(format!("line {line}: the mark `{reason}` is not directly above a block"));
        }
    }
}

#[test]
fn a_mark_is_a_comment_with_a_reason_directly_above_its_block() {
    let page = |mark: &str| format!("Text:\n{mark}\n```sh\necho 1\n```\n\n- a list:\n\n  ```toml\n  a = 1\n  ```\n");
    let read = |text: &str| {
        let (blocks, wrong) = blocks(text);
        let blocks = blocks.into_iter().map(|block| (block.language, block.text, block.line, block.not_run));
        (blocks.collect::<Vec<_>>(), wrong)
    };
    let block = |reason: Option<&str>| {
        let toml = ("toml".to_owned(), "a = 1\n".to_owned(), 9, None);
        vec![("sh".to_owned(), "echo 1\n".to_owned(), 3, reason.map(str::to_owned)), toml]
    };
    assert_eq!(read(&page("")), (block(None), vec![]));
    assert_eq!(read(&page("<!-- no-run: needs a moon -->")), (block(Some("needs a moon")), vec![]));
    for wrong in
        ["<!-- no-run -->", "<!-- no-run: -->", "<!-- no-run:  -->", "<!-- no-run: why? -->", "a <!-- no-run: b c -->"]
    {
        let (read, said) = read(&page(wrong));
        assert_eq!((read, said.len()), (block(None), 1), "{wrong}: {said:?}");
    }
    let (_, said) = read(&format!("<!-- no-run: needs a moon -->\n\n{}<!-- no-run: at the end -->\n", page("")));
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(read("    an old form\n").0[0].0, "indented");
}
