//! A working tree as `git add -A` would store it. C git's own answer is the oracle of every test.

mod conversions;

use std::fs;
use std::process::Command;
use std::time::Duration;

use shipmark::source::tree::worktree::{names, read};

use super::{Source, doubts, everything, listing, paths, rules, text};
use crate::support::say;

/// Holds our reading against what C git stores of the same working tree, with an index of its own.
fn assert_as_git_adds(source: &Source) {
    let scratch = tempfile::tempdir().unwrap();
    let index = scratch.path().join("index");
    let own = source.root().join(".git/index");
    if own.exists() {
        fs::copy(&own, &index).unwrap();
        // Its time decides which entries git takes for racily clean.
        let written = fs::metadata(&own).unwrap().modified().unwrap();
        fs::File::options().write(true).open(&index).unwrap().set_modified(written).unwrap();
    }
    // Ours goes first: it must not profit from what git does to the files' times or to its store.
    let before = fs::read(&own).ok();
    let ours = listing(&read(source.root(), &everything()).unwrap());
    let named = names(source.root()).unwrap();
    assert_eq!(named, ours.iter().map(|(path, ..)| path.clone()).collect::<Vec<_>>());
    assert_eq!(fs::read(&own).ok(), before, "the index was not written");
    source.git_with_index(Some(&index), &["add", "-A"]);
    let tree = text(source.git_with_index(Some(&index), &["write-tree"]));
    assert_eq!(ours, source.ls_tree(&tree));
}

fn example() -> Source {
    let source = Source::repository();
    let names: [&[u8]; 6] = [b"a", b"a b/c", b"a-b", b"new\nline\"'`$(x)", "日本/x".as_bytes(), b"latin\xe9/\xff"];
    for name in names {
        source.write(name, name);
    }
    source.write("run.sh", "#!/bin/sh\n");
    source.chmod("run.sh", 0o755);
    source.link("link", "a");
    source.commit();
    source
}

#[test]
fn a_clean_tree_is_its_commit() {
    let source = example();
    assert_as_git_adds(&source);
    assert_eq!(listing(&read(source.root(), &everything()).unwrap()), source.ls_tree("HEAD"));
}

#[test]
fn changed_new_deleted_and_replaced_files_are_as_they_stand() {
    let source = example();
    source.write("a", "changed");
    source.write("a-b", "b-a");
    source.write("new/deep/file", "new");
    source.write("new/empty", "");
    fs::create_dir(source.path(b"empty-directory")).unwrap();
    source.chmod("run.sh", 0o644);
    source.write("new/run.sh", "x");
    source.chmod("new/run.sh", 0o755);
    fs::remove_file(source.path(b"link")).unwrap();
    source.link("link", "elsewhere");
    source.link("new/link", "../a");
    fs::remove_dir_all(source.path("日本".as_bytes())).unwrap();
    source.write("日本", "a file in place of a directory");
    fs::remove_file(source.path(b"a b/c")).unwrap();
    source.write("a b/c/d", "a directory in place of a file");
    assert_as_git_adds(&source);
}

#[test]
fn a_directory_replaced_by_a_link_has_no_files() {
    let source = example();
    fs::rename(source.path(b"a b"), source.path(b"moved")).unwrap();
    source.link("a b", "moved");
    assert_as_git_adds(&source);
}

#[test]
fn a_change_of_the_same_length_in_the_same_instant_is_seen() {
    let source = example();
    for round in 0..20 {
        source.write("a", format!("{round:04}"));
        source.git(&["add", "a"]);
        source.write("a", format!("{:04}", round + 100));
        assert_as_git_adds(&source);
    }
}

#[test]
fn an_entry_that_git_found_racily_clean_is_not_believed_when_the_file_is_empty() {
    let source = example();
    source.git(&["config", "core.trustctime", "false"]);
    let future = std::time::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    let set = |path: &[u8], time| fs::File::options().write(true).open(source.path(path)).unwrap().set_modified(time);
    source.write("a", "1");
    set(b"a", future).unwrap();
    source.git(&["add", "a"]);
    source.write("a", "2");
    set(b"a", future).unwrap();
    // Writing the index, git sees that the entry is racy and the file another: it notes a length of 0.
    source.write("b", "b");
    source.git(&["add", "b"]);
    source.write("a", "");
    set(b"a", future).unwrap();
    set(b".git/index", future + Duration::from_secs(10)).unwrap();
    assert_as_git_adds(&source);
}

#[test]
fn ignored_files_count_only_where_they_are_tracked() {
    let source = example();
    source.write("target/kept", "tracked before it was ignored");
    source.commit();
    source.write(".gitignore", "target/\n*.log\n!keep.log\n/only-here\n");
    source.write("d/.gitignore", "*\n!.gitignore\n");
    source.write(".git/info/exclude", "excluded\n");
    for path in ["target/x", "y.log", "keep.log", "only-here", "sub/only-here", "d/z", "excluded"] {
        source.write(path, path);
    }
    source.write("target/kept", "and changed");
    assert_as_git_adds(&source);
}

#[test]
fn intended_and_conflicted_files_count_as_they_stand() {
    let source = example();
    source.git(&["checkout", "-q", "-b", "other"]);
    source.write("a", "theirs");
    source.commit();
    source.git(&["checkout", "-q", "main"]);
    source.write("a", "ours");
    source.commit();
    let merged = Command::new("git").current_dir(source.root()).args(["merge", "-q", "other"]).output().unwrap();
    assert!(!merged.status.success(), "the merge conflicts");
    assert_as_git_adds(&source);
    source.write("intended", "x");
    source.git(&["add", "-N", "intended"]);
    assert_as_git_adds(&source);
}

/// What a step makes of a path, whatever is there.
fn disturb(source: &Source, random: &mut fastrand::Rng) {
    let name = |random: &mut fastrand::Rng| ["a", "b", "a-b", "a0", "x.log"][random.usize(..5)];
    let path = (0..random.usize(1..4)).map(|_| name(random)).collect::<Vec<_>>().join("/");
    let full = source.path(path.as_bytes());
    let clear = || match full.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(&full).unwrap(),
        Ok(_) => fs::remove_file(&full).unwrap(),
        Err(_) => {}
    };
    // A path that leads through a file or a link is left alone.
    let parts: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
    let is_other =
        |at: &usize| source.path(&path.as_bytes()[..*at]).symlink_metadata().is_ok_and(|found| !found.is_dir());
    if parts.iter().any(is_other) {
        return;
    }
    match random.usize(..9) {
        0..4 => {
            clear();
            source.write(&path, random.u32(..3).to_string());
        }
        4 => clear(),
        5 => {
            clear();
            source.link(&path, ["a", "../b", "nowhere"][random.usize(..3)]);
        }
        6 if full.is_file() && !full.is_symlink() => source.chmod(&path, [0o644, 0o755][random.usize(..2)]),
        7 if full.is_dir() && !full.is_symlink() => {
            source.write(format!("{path}/.gitignore"), ["*.log", "a", "/b/"][random.usize(..3)])
        }
        8 => {
            source.git(&["add", "-A"]);
        }
        _ => {}
    }
}

#[test]
fn whatever_happens_in_a_working_tree_is_as_git_adds_it() {
    for seed in 0..12 {
        let source = Source::repository();
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..4 {
            (0..25).for_each(|_| disturb(&source, &mut random));
            assert_as_git_adds(&source);
        }
    }
}

#[test]
fn what_is_in_conflict_counts_once_wherever_its_entries_are() {
    let source = Source::repository();
    for path in ["d/a", "d/conflict", "d/e", "d/conflict-x", "d/sub/x"] {
        source.write(path, path);
    }
    source.commit();
    let blob = text(source.git(&["rev-parse", "HEAD:d/a"]));
    let stages: String = (1..=3).map(|stage| format!("100644 {blob} {stage}\td/conflict\n")).collect();
    source.write("stages", format!("0 {} 0\td/conflict\n{stages}", "0".repeat(40)));
    source.write("update", "git update-index --index-info <stages && rm stages update");
    let updated = Command::new("sh").current_dir(source.root()).arg("update").status().unwrap();
    assert!(updated.success());
    assert_as_git_adds(&source);
    fs::remove_file(source.path(b"d/conflict")).unwrap();
    assert_as_git_adds(&source);
}

#[test]
fn a_tracked_directory_that_becomes_a_repository_is_as_git_adds_it() {
    let source = example();
    source.write("d/sub/x", "x");
    source.commit();
    source.git(&["-C", "d/sub", "init", "-q"]);
    source.write("d/sub/new", "new");
    assert_as_git_adds(&source);
}

/// What cannot be looked at is not gone.
#[test]
fn what_is_below_a_directory_that_cannot_be_entered_is_doubt() {
    let source = example();
    source.write("closed/deep/file", "x");
    source.commit();
    source.chmod("closed", 0o444);
    let can_enter = source.path(b"closed/deep").symlink_metadata().is_ok();
    let tree = read(source.root(), &everything()).unwrap();
    source.chmod("closed", 0o755);
    if can_enter {
        return say("whoever runs this may read everything: what cannot be entered is not tested");
    }
    let doubts = doubts(&tree);
    assert!(doubts.iter().any(|doubt| doubt.starts_with("closed/deep/file cannot be")), "{doubts:?}");
}

#[test]
fn embedded_repositories_count_as_their_commit() {
    let source = example();
    let inner = |path: &str| {
        fs::create_dir_all(source.path(path.as_bytes())).unwrap();
        source.git(&["-C", path, "init", "-q"]);
        source.write(format!("{path}/x"), path);
        source.git(&["-C", path, "add", "-A"]);
        source.git(&["-C", path, "commit", "-q", "-m", "x"]);
    };
    inner("libs/new");
    assert_as_git_adds(&source);
    source.commit();
    assert_as_git_adds(&source);
    source.git(&["-C", "libs/new", "commit", "-q", "--allow-empty", "-m", "bumped"]);
    assert_as_git_adds(&source);
    fs::remove_dir_all(source.path(b"libs/new/.git")).unwrap();
    fs::remove_file(source.path(b"libs/new/x")).unwrap();
    assert_as_git_adds(&source);
}

#[test]
fn flags_of_the_index_are_heeded() {
    let source = example();
    source.git(&["update-index", "--assume-unchanged", "a"]);
    source.git(&["update-index", "--skip-worktree", "a-b", "a b/c"]);
    source.write("a", "not looked at");
    fs::remove_file(source.path(b"a-b")).unwrap();
    assert_as_git_adds(&source);
}

#[test]
fn a_repository_without_a_commit_is_read() {
    let source = Source::repository();
    source.write("x", "x");
    assert_as_git_adds(&source);
}

#[test]
fn only_what_is_asked_for_is_read() {
    let source = example();
    source.write("b/x", "x");
    source.write("a b/new", "x");
    source.write(".shipmark/state/x", "x");
    assert!(Command::new("mkfifo").arg(source.path(b"a b/pipe")).status().unwrap().success());
    let tree = read(source.root(), &rules(&[("a", &["a b"])], true)).unwrap();
    assert_eq!(paths(&tree), ["a b/c", "a b/new"]);
    assert_eq!(doubts(&tree), Vec::<String>::new());
    assert!(tree.unowned.unwrap().contains(&"b/x".into()));
}

#[test]
fn a_tracked_file_that_became_a_pipe_is_doubt() {
    let source = example();
    fs::remove_file(source.path(b"a")).unwrap();
    assert!(Command::new("mkfifo").arg(source.path(b"a")).status().unwrap().success());
    let tree = read(source.root(), &everything()).unwrap();
    assert_eq!(doubts(&tree), ["a is a named pipe, not a file [0]"]);
}

#[test]
fn settled_files_are_taken_from_the_index_without_being_read() {
    let source = example();
    // The index must be written in a later second than the files, or git itself does not believe it.
    std::thread::sleep(Duration::from_millis(1_100));
    source.git(&["update-index", "--refresh"]);
    source.git(&["rm", "-q", "--cached", "a b/c"]);
    let before = fs::metadata(source.path(b"a")).unwrap().modified().unwrap();
    source.write("a", "b");
    fs::File::options().write(true).open(source.path(b"a")).unwrap().set_modified(before).unwrap();
    source.git(&["config", "core.trustctime", "false"]);
    let tree = read(source.root(), &everything()).unwrap();
    let theirs = source.ls_tree("HEAD");
    assert_eq!(listing(&tree)[&b"a"[..]], theirs[&b"a"[..]], "the same length and time: believed, as git does");
}

#[test]
fn only_the_root_of_a_working_tree_will_do() {
    let source = example();
    let error = read(&source.path(b"a b"), &everything()).unwrap_err().to_string();
    assert!(error.ends_with("is not the root of a git repository: it has no `.git`"), "{error}");
}
