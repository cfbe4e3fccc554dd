//! One page, and which of its blocks a test has run.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::block::{Block, blocks};
use crate::codebuild::{Buildspec, yaml};

/// A page of the repository.
pub(crate) struct Page {
    pub(crate) name: String,
    pub(super) blocks: Vec<Block>,
    wrong_marks: Vec<String>,
    /// The places of the blocks that were given to a test.
    run: RefCell<BTreeSet<usize>>,
}

impl Page {
    /// Reads a page by its path from the root of the repository.
    pub(crate) fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        let (blocks, wrong_marks) = blocks(&text);
        Self { name: name.to_owned(), blocks, wrong_marks, run: RefCell::default() }
    }

    /// The one block of a language that has this part, for the test that runs it.
    pub(crate) fn block(&self, language: &str, part: &str) -> &str {
        &self.blocks[self.place(language, part)].text
    }

    /// All blocks of a language, for the test that runs them.
    pub(crate) fn blocks(&self, language: &str) -> Vec<&str> {
        let of = |block: &Block| block.language == language && block.not_run.is_none();
        let places = self.blocks.iter().enumerate().filter(|(_, block)| of(block));
        places.map(|(place, block)| (self.run.borrow_mut().insert(place), block.text.as_str()).1).collect()
    }

    /// Whether it has neither blocks nor marks.
    pub(super) fn is_plain(&self) -> bool {
        self.blocks.is_empty() && self.wrong_marks.is_empty()
    }

    /// All blocks of a language, for a test that reads them.
    pub(crate) fn all(&self, language: &str) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter(move |block| block.language == language).map(|block| block.text.as_str())
    }

    /// Where the one block of a language with this part is. From now on it counts as run.
    pub(super) fn place(&self, language: &str, part: &str) -> usize {
        let has = |block: &Block| block.language == language && block.text.contains(part);
        let places: Vec<usize> = (0..self.blocks.len()).filter(|place| has(&self.blocks[*place])).collect();
        let [place] = places[..] else {
            panic!("{}: {} `{language}` blocks have `{part}`", self.name, places.len());
        };
        self.run.borrow_mut().insert(place);
        place
    }

    /// The output that is shown directly after a block, with an empty line between them, if any.
    pub(super) fn output_after(&self, place: usize) -> Option<&str> {
        let below = self.blocks[place].below() + 1;
        let block = self.blocks.get(place + 1).filter(|block| block.language == "text" && block.line == below)?;
        self.run.borrow_mut().insert(place + 1);
        Some(&block.text)
    }

    /// What is wrong with the page: blocks that cannot be what they say, that nothing has run, or whose mark says otherwise.
    pub(super) fn wrong(&self) -> Vec<String> {
        let mut wrong: Vec<String> = self.wrong_marks.iter().map(|text| format!("{}, {text}", self.name)).collect();
        for (place, block) in self.blocks.iter().enumerate() {
            let at = |text: &str| format!("{}, line {}: {text}: {}", self.name, block.line, block.first());
            wrong.extend(flaw(block).map(|flaw| at(&flaw)));
            match (self.run.borrow().contains(&place), &block.not_run) {
                (true, Some(_)) => wrong.push(at("a test runs this, and a mark says that none does")),
                (false, None) => wrong.push(at("no test runs this, and no mark says why")),
                _ => {}
            }
        }
        wrong
    }
}

/// Why a block cannot be what its fence says, whether it is run or not.
fn flaw(block: &Block) -> Option<String> {
    let text = block.text.as_str();
    match block.language.as_str() {
        "sh" => {
            let output = Command::new("sh").args(["-n", "-c", text]).output().unwrap();
            (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
        }
        "toml" => toml::from_str::<toml::Table>(text).err().map(|error| error.to_string()),
        "json" => serde_json::from_str::<serde_json::Value>(text).err().map(|error| error.to_string()),
        "yaml" if text.starts_with("version: 0.2") => Buildspec::parse(text).err(),
        "yaml" => yaml(text).err(),
        "text" | "mermaid" => None,
        other => Some(format!("`{other}` is not a language of these pages")),
    }
}

#[test]
fn a_block_that_nothing_runs_is_reported_and_so_is_one_that_is_not_what_it_says() {
    let page = |text: &str| {
        let (blocks, wrong_marks) = blocks(text);
        Page { name: "page.md".to_owned(), blocks, wrong_marks, run: RefCell::default() }
    };
    let one = page("```sh\necho 1\n```\n");
    assert_eq!(one.wrong(), ["page.md, line 1: no test runs this, and no mark says why: echo 1"]);
    assert_eq!(one.block("sh", "echo"), "echo 1\n");
    assert_eq!(one.wrong(), [""; 0]);
    let marked = page("<!-- no-run: needs a moon -->\n```sh\necho 1\n```\n");
    assert_eq!(marked.wrong(), [""; 0]);
    marked.block("sh", "echo");
    assert_eq!(marked.wrong().len(), 1);
    for (language, text) in [
        ("sh", "if"),
        ("toml", "a ="),
        ("json", "{"),
        ("yaml", "a: ["),
        ("yaml", "version: 0.2\nphase: {}"),
        ("", "x"),
        ("rb", "x"),
    ] {
        let wrong = page(&format!("<!-- no-run: needs a moon -->\n```{language}\n{text}\n```\n")).wrong();
        assert_eq!(wrong.len(), 1, "{language}: {wrong:?}");
    }
}
