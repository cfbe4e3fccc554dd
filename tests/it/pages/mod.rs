//! Every block of code of every page is run as it is shown, or a mark above it says why not.
//!
//! A page's test takes its blocks one by one and runs them in a world of its own. One that it leaves out fails the test, unless
//! `<!-- no-run: REASON -->` is directly above; `tests/texts/pages/` lists those. Where a `text` block is directly below a `sh`
//! block that a [`Reader`] types, it is the output, and compared whole; `…` stands for what the page leaves out.

mod block;
mod builds;
mod laptops;
pub(crate) mod log;
mod page;
mod reader;
mod shown;

pub(crate) use page::Page;
pub(crate) use reader::Reader;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// The pages with blocks, and what runs them: a test for each.
macro_rules! pages {
    ($($test:ident $page:literal $run:path;)*) => {
        const PAGES: &[&str] = &[$($page),*];

        $(#[test]
        fn $test() {
            let page = Page::read($page);
            $run(&page);
            let wrong = page.wrong();
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        })*
    };
}

pages! {
    architecture "ARCHITECTURE.md" nothing;
    before_the_build "docs/before-the-build.md" builds::before_the_build;
    benchmarks "BENCHMARKS.md" nothing;
    buildspecs "docs/buildspecs.md" builds::buildspecs;
    editors "docs/editors.md" laptops::editors;
    fingerprints "docs/fingerprints.md" builds::fingerprints;
    guide "docs/guide.md" builds::guide;
    install "docs/install.md" nothing;
    lints "docs/lints.md" laptops::lints;
    maps "docs/maps.md" super::maps::page;
    observe "docs/observe.md" super::observe::page::page;
    pull_requests "docs/pull-requests.md" super::pulls::snippets::page;
    readme "README.md" super::readme::page;
    replay "docs/replay.md" laptops::replay;
    security "SECURITY.md" laptops::security;
    setups "docs/setups.md" super::setups::page;
    shadow "docs/shadow.md" laptops::shadow;
    stores "docs/stores.md" laptops::stores;
}

/// A part of docs/lints.md, which is made from it.
const PARTS: [&str; 1] = ["tests/it/generated/lints.tail.md"];

/// Of a page all of whose blocks are marked.
fn nothing(_: &Page) {}

/// All Markdown files of the repository, by their paths from its root.
pub(crate) fn all() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    below("", &mut found);
    found
}

fn below(directory: &str, found: &mut BTreeMap<String, String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(root.join(directory)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if directory.is_empty() { name.clone() } else { format!("{directory}/{name}") };
        // What is built, and what git keeps, is not part of the repository.
        if entry.file_type().unwrap().is_dir() && !["target", ".git"].contains(&name.as_str()) {
            below(&path, found);
        } else if name.ends_with(".md") {
            found.insert(path, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

#[test]
fn every_page_with_blocks_is_run() {
    let found: BTreeSet<String> = all().into_keys().filter(|name| !Page::read(name).is_plain()).collect();
    let listed: BTreeSet<String> = PAGES.iter().chain(&PARTS).map(|page| (*page).to_owned()).collect();
    assert_eq!(
        found, listed,
        "a page with blocks of code belongs into the list of tests/it/pages/mod.rs, and no other does"
    );
}

/// The blocks that no test runs, for whoever reviews a new one.
pub(crate) fn not_run() -> String {
    let mut text = String::new();
    for page in PAGES {
        for block in Page::read(page).blocks.iter() {
            if let Some(reason) = &block.not_run {
                writeln!(text, "{page}: {reason}\n  {}", block.first()).unwrap();
            }
        }
    }
    text
}
