//! What input links lead to, in every kind of source.

use std::fs;

use shipmark::map::rules::Via;
use shipmark::source::tree::commit::Repository;
use shipmark::source::tree::{Tree, directory, worktree, zip};

use super::{Source, doubts, rules};

/// What each service has, in a source: `path`, and `path <- link` where a link leads to it.
fn shown(tree: &Tree, service: usize) -> Vec<String> {
    let claims = tree.entries.iter().filter_map(|entry| Some((entry, entry.verdict.claim(service)?)));
    let show = |via: &Via| match via {
        Via::Link(link) => format!(" <- {link}"),
        _ => String::new(),
    };
    claims.map(|(entry, claim)| format!("{}{}", entry.path, show(&claim.via))).collect()
}

/// The inputs of the first service, which a directory, a working tree, a commit and a zip with links agree about.
fn everywhere(source: &Source, patterns: &[&str], exclude: &[&str]) -> Vec<String> {
    let commit = source.commit();
    let archive = tempfile::NamedTempFile::new().unwrap();
    source.git(&["archive", "--format=zip", "-o", archive.path().to_str().unwrap(), "HEAD"]);
    let map = format!("[services.a]\ninclude = {patterns:?}\nexclude = {exclude:?}\n");
    let map = shipmark::map::ServiceMap::parse("shipmark.toml", map.as_bytes()).unwrap();
    let rules = shipmark::map::rules::Rules::compile(&map, &Default::default(), &[0], false);
    let trees = [
        directory::read(source.root(), &rules).unwrap(),
        worktree::read(source.root(), &rules).unwrap(),
        Repository::open(source.root()).unwrap().read(&commit, &rules).unwrap(),
        zip::read(archive.path(), &rules).unwrap(),
    ];
    let ids = |tree: &Tree| tree.entries.iter().map(|entry| (entry.path.clone(), entry.id)).collect::<Vec<_>>();
    for tree in &trees {
        assert_eq!((shown(tree, 0), ids(tree)), (shown(&trees[0], 0), ids(&trees[0])), "{:?}", tree.source);
        assert_eq!(doubts(tree), [""; 0]);
        assert!(tree.entries.is_sorted_by(|one, other| one.path < other.path));
    }
    shown(&trees[0], 0)
}

#[test]
fn a_link_brings_the_file_or_the_directory_that_it_leads_to() {
    let source = Source::repository();
    for path in ["a/x", "lib/one", "lib/deep/two", "other/three", "untouched"] {
        source.write(path, path);
    }
    source.link("a/file", "../other/three");
    source.link("a/all", "../lib");
    let inputs = everywhere(&source, &["a"], &[]);
    assert_eq!(
        inputs,
        ["a/all", "a/file", "a/x", "lib/deep/two <- a/all", "lib/one <- a/all", "other/three <- a/file"]
    );
}

#[test]
fn a_pattern_goes_on_behind_a_link_and_excludes_cut_by_its_path() {
    let source = Source::repository();
    for path in ["lib/one.rs", "lib/deep/two.rs", "lib/deep/three.md", "lib/skip/four.rs"] {
        source.write(path, path);
    }
    source.link("a/now", "../lib");
    let inputs = everywhere(&source, &["a/now/**/*.rs"], &["a/now/skip"]);
    assert_eq!(inputs, ["a/now <- a/now", "lib/deep/two.rs <- a/now", "lib/one.rs <- a/now"]);
    assert_eq!(everywhere(&source, &["a/now/**/*.rs"], &["lib/skip"]).len(), 4, "an exclude of the target's own path");
    assert_eq!(everywhere(&source, &["a"], &["a/now"]), [""; 0]);
}

#[test]
fn chains_and_links_in_the_middle_of_the_way_are_followed() {
    let source = Source::repository();
    for path in ["real/x", "far/y"] {
        source.write(path, path);
    }
    source.link("a/first", "../second");
    source.link("second", "third/");
    source.link("third", "./real");
    source.link("real/on", "../alias/y");
    source.link("alias", "far");
    let inputs = everywhere(&source, &["a"], &[]);
    let expected = ["a/first", "alias <- a/first", "far/y <- a/first", "real/on <- a/first", "real/x <- a/first"];
    assert_eq!(inputs, [&expected[..], &["second <- a/first", "third <- a/first"]].concat());
}

#[test]
fn links_in_a_circle_and_links_that_lead_nowhere_end() {
    let source = Source::repository();
    source.write("a/x", "x");
    source.write("b/z", "z");
    source.link("a/self", "self");
    source.link("a/up", "../a");
    source.link("a/root", "..");
    source.link("a/gone", "../no/such");
    source.link("a/under-a-file", "x/y");
    source.link("b/back", "../a");
    let inputs = everywhere(&source, &["a"], &[]);
    let expected = ["a/gone", "a/root", "a/self", "a/under-a-file", "a/up", "a/x", "b/back <- a/root", "b/z <- a/root"];
    assert_eq!(inputs, expected);
}

#[test]
fn a_link_to_a_directory_without_files_leads_nowhere_as_in_a_commit() {
    let source = Source::repository();
    source.write("a/x", "x");
    source.link("a/to", "../empty");
    source.link("a/root", "../empty/../lib");
    source.write("lib/x", "x");
    fs::create_dir_all(source.path(b"empty/deep")).unwrap();
    assert_eq!(everywhere(&source, &["a/to/**/x", "a/x"], &[]), ["a/x"]);
    let rules = rules(&[("a", &["a/root/x"])], false);
    let passed = ["a/root <- a/root", "lib/x <- a/root"];
    assert_eq!(shown(&directory::read(source.root(), &rules).unwrap(), 0), passed, "the system passes it");
}

#[test]
fn a_link_to_a_directory_with_nothing_but_a_submodule_leads_to_its_commit() {
    let other = Source::repository();
    other.write("x", "x");
    other.commit();
    let source = Source::repository();
    source.git(&["submodule", "--quiet", "add", other.root().to_str().unwrap(), "libs/sub"]);
    source.link("a/to", "../libs");
    let commit = source.commit();
    source.git(&["submodule", "--quiet", "deinit", "--all"]);
    let rules = rules(&[("a", &["a"])], false);
    let of_commit = Repository::open(source.root()).unwrap().read(&commit, &rules).unwrap();
    assert_eq!(shown(&of_commit, 0), ["a/to", "libs/sub <- a/to"]);
    assert_eq!(shown(&worktree::read(source.root(), &rules).unwrap(), 0), shown(&of_commit, 0));
}

#[test]
fn a_rule_of_its_own_comes_before_a_link() {
    let source = Source::repository();
    source.write("lib/x", "x");
    source.write("lib/y", "y");
    source.link("a/lib", "../lib");
    assert_eq!(everywhere(&source, &["a", "lib/x"], &[]), ["a/lib", "lib/x", "lib/y <- a/lib"]);
    assert_eq!(everywhere(&source, &["**"], &[]), ["a/lib", "lib/x", "lib/y"]);
}

#[test]
fn a_link_that_a_rule_only_passes_through_is_not_a_file_of_the_service() {
    let source = Source::repository();
    source.write("lib/x", "x");
    source.link("a/lib", "../lib");
    let commit = source.commit();
    let tree = Repository::open(source.root()).unwrap().read(&commit, &rules(&[("a", &["a/lib/y"])], false)).unwrap();
    assert_eq!(shown(&tree, 0), ["a/lib <- a/lib"]);
    assert!(tree.entries[0].verdict.claims[0].by_policy, "so that the service has no inputs");
}

#[test]
fn a_text_file_with_the_text_of_a_link_is_none() {
    let source = Source::repository();
    source.write("lib/x", "x");
    source.write("a/lib", "../lib");
    assert_eq!(everywhere(&source, &["a"], &[]), ["a/lib"]);
}

#[test]
fn a_link_into_git_or_shipmark_is_doubt() {
    let source = Source::repository();
    source.write("a/x", "x");
    source.link("a/head", "../.git/HEAD");
    source.link("b/state", "../.shipmark");
    let commit = source.commit();
    let rules = rules(&[("a", &["a"]), ("b", &["b"]), ("c", &["c"])], false);
    let expected = [
        "a/head is a link into `.git`, where nothing is ever an input [0]",
        "b/state is a link into `.shipmark`, where nothing is ever an input [1]",
    ];
    assert_eq!(doubts(&directory::read(source.root(), &rules).unwrap()), expected);
    assert_eq!(doubts(&worktree::read(source.root(), &rules).unwrap()), expected);
    assert_eq!(doubts(&Repository::open(source.root()).unwrap().read(&commit, &rules).unwrap()), expected);
}

#[test]
fn a_path_that_leaves_the_source_and_comes_back_is_inside_where_it_can_be_seen() {
    let source = Source::new();
    source.write("a/x", "x");
    source.write("lib/x", "x");
    source.link("a/absolute", source.root().join("lib"));
    source.link("b/around", format!("../../{}/lib/x", source.root().file_name().unwrap().to_str().unwrap()));
    let tree = directory::read(source.root(), &rules(&[("a", &["a"]), ("b", &["b"])], false)).unwrap();
    assert_eq!(shown(&tree, 0), ["a/absolute", "a/x", "lib/x <- a/absolute"]);
    assert_eq!(shown(&tree, 1), ["b/around", "lib/x <- b/around"]);
}

#[test]
fn a_target_that_cannot_be_listed_is_doubt() {
    let source = Source::new();
    source.link("a/lib", "../lib");
    fs::create_dir(source.root().join("lib")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(source.root().join("lib/pipe")).status().unwrap().success());
    let tree = directory::read(source.root(), &rules(&[("a", &["a"]), ("b", &["b"])], false)).unwrap();
    assert_eq!(doubts(&tree), ["lib/pipe is a named pipe, not a file [0]"]);
}

#[test]
fn git_s_index_of_any_form_hides_no_link_of_a_commit() {
    let whole: &[&[&str]] = &[&["update-index", "--index-version", "2"]];
    let extended: &[&[&str]] = &[&["add", "--intent-to-add", "later"]];
    let compressed: &[&[&str]] = &[&["update-index", "--index-version", "4"]];
    let split: &[&[&str]] = &[&["update-index", "--split-index"]];
    let sparse: &[&[&str]] = &[&["sparse-checkout", "set", "--cone", "--sparse-index", "lib"]];
    let unmerged: &[&[&str]] = &[&["update-index", "--index-version", "3"], &["rm", "--cached", "-q", "a/x"]];
    for form in [whole, extended, compressed, split, sparse, unmerged] {
        let source = Source::repository();
        // Names of all lengths, since an entry is padded to eight bytes.
        (1..=20).for_each(|length| source.write(format!("a/plain/{}", "n".repeat(length)), "1"));
        for path in ["a/x", "lib/deep/two", "other/three"] {
            source.write(path, "1");
        }
        source.link("a/deep/down/file", "../../../other/three");
        let first = source.commit();
        source.write("other/three", "2");
        let second = source.commit();
        source.write("later", "");
        // What git knows of directories is in an index that it read from a commit.
        source.git(&["read-tree", "HEAD"]);
        form.iter().for_each(|arguments| drop(source.git(arguments)));
        let repository = Repository::open(source.root()).unwrap();
        let difference = repository.changes(&first, &second, &rules(&[("s", &["a"]), ("t", &["lib"])], false)).unwrap();
        let changed: Vec<_> =
            difference.changes.iter().map(|it| (it.path.to_string(), it.verdict.claim(0).is_some())).collect();
        assert_eq!(changed, [("other/three".to_owned(), true)], "{form:?}");
    }
}
