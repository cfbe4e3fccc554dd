//! What git's index says about a commit.

use std::fs;

use shipmark::source::tree::commit::Repository;

use super::{Source, rules};

#[test]
fn the_index_says_what_files_a_commit_has_only_if_it_is_of_that_commit() {
    let source = Source::repository();
    for path in ["a/x", "b/deep/x", "c.txt", "d/not", "e/y/.shipmark/x"] {
        source.write(path, path);
    }
    let first = source.commit();
    source.write("f/only/here", "1");
    let second = source.commit();
    let names = ["a", "b", "c.txt", "d/**/input", "e", "f"];
    let services: Vec<(&str, &[&str])> = names.iter().map(|name| (&name[..1], std::slice::from_ref(name))).collect();
    let rules = rules(&services, false);
    let lacking = |commit: &str| {
        let repository = Repository::open(source.root()).unwrap();
        let is_known = repository.has_checked_out(repository.pair(commit, commit).unwrap());
        (is_known, repository.changes(commit, commit, &rules).unwrap().without_inputs)
    };
    // Checked out as by a clone: git notes the directories of what it reads.
    source.git(&["read-tree", "HEAD"]);
    assert_eq!(lacking(&second), (true, vec![3, 4]));
    assert_eq!(lacking(&first), (false, vec![3, 4, 5]));
    // What is only staged is in no commit, also where git has noted its directories.
    source.write("d/input", "1");
    source.git(&["add", "d/input"]);
    assert_eq!(lacking(&second), (false, vec![3, 4]));
    source.git(&["write-tree"]);
    assert_eq!(lacking(&second), (false, vec![3, 4]));
    source.git(&["rm", "-q", "--cached", "d/input"]);
    source.git(&["rm", "-q", "--cached", "f/only/here"]);
    source.git(&["write-tree"]);
    assert_eq!(lacking(&first), (true, vec![3, 4, 5]));
    assert_eq!(lacking(&second), (false, vec![3, 4]));
}

#[test]
fn a_damaged_index_is_as_good_as_none() {
    let source = Source::repository();
    for path in ["a/x", "b/y/x", "c.txt"] {
        source.write(path, path);
    }
    source.link("b/link", "../c.txt");
    let first = source.commit();
    source.write("c.txt", "2");
    let second = source.commit();
    source.git(&["read-tree", "HEAD"]);
    let index = fs::read(source.path(b".git/index")).unwrap();
    let rules = rules(&[("a", &["a"]), ("b", &["b"]), ("d", &["d"])], false);
    let compared = |bytes: &[u8]| {
        fs::write(source.path(b".git/index"), bytes).unwrap();
        Repository::open(source.root()).unwrap().changes(&first, &second, &rules).unwrap()
    };
    let seen = |bytes: &[u8]| {
        let difference = compared(bytes);
        (difference.changes.len(), difference.without_inputs)
    };
    assert_eq!(seen(&index), (1, vec![2]));
    for end in (0..index.len() - 20).step_by(3) {
        assert_eq!(seen(&index[..end]), (1, vec![2]), "{end} of {} bytes", index.len());
    }
    // Like git, nobody verifies its checksum: another byte may say something else, but ends nothing.
    for at in 0..index.len() {
        let mut bytes = index.clone();
        bytes[at] ^= 0xff;
        compared(&bytes);
    }
}
