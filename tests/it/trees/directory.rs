//! A directory as it is.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::process::Command;

use rustix::fs::{Mode, OFlags, mkdirat, openat};
use shipmark::source::tree::directory::read;
use shipmark::source::tree::{FileKind, TreeError};

use super::{Source, doubts, everything, listing, paths, rules};

#[test]
fn it_has_the_ids_and_modes_that_git_gives() {
    let source = Source::repository();
    let names: [&[u8]; 8] =
        [b"a", b"a b/c", b"a-b", b"new\nline\"'`$(x)", b"-x!#", "日本".as_bytes(), b"latin\xe9/\xff", b"d/.gitignore"];
    for name in names {
        source.write(name, name);
    }
    source.write("empty", "");
    source.write("large", vec![7; 3_000_000]);
    source.write("run.sh", "#!/bin/sh\n");
    source.chmod("run.sh", 0o755);
    source.write("only-others-run.sh", "#!/bin/sh\n");
    source.chmod("only-others-run.sh", 0o655);
    source.link("links/to-file", "../a");
    source.link("links/to-directory", "../d");
    source.link("links/dangling", "no/such");
    source.link("links/circle", "circle");
    let commit = source.commit();
    let tree = read(source.root(), &everything()).unwrap();
    assert_eq!(listing(&tree), source.ls_tree(&commit));
    assert!(tree.keeps_modes);
    assert_eq!(tree.files, tree.entries.len());
    fs::remove_dir_all(source.root().join(".git")).unwrap();
    assert!(!read(source.root(), &everything()).unwrap().keeps_modes);
}

#[test]
fn gits_and_our_own_files_are_never_inputs_at_any_depth() {
    let source = Source::new();
    for path in [".git/config", ".shipmark/state/x", "a/.git", "a/.shipmark/y", ".gitignore", "a/.git-x"] {
        source.write(path, "x");
    }
    let tree = read(source.root(), &everything()).unwrap();
    assert_eq!(paths(&tree), [".gitignore", "a/.git-x"]);
    assert_eq!(tree.files, 2);
}

#[test]
fn only_what_a_service_can_select_is_entered_and_read() {
    let source = Source::new();
    source.write("a/x", "x");
    source.write("a/sub/y", "y");
    source.write("b/z", "z");
    assert!(Command::new("mkfifo").arg(source.root().join("b/pipe")).status().unwrap().success());
    let tree = read(source.root(), &rules(&[("a", &["a"])], false)).unwrap();
    assert_eq!((paths(&tree), tree.files), (vec!["a/sub/y".to_owned(), "a/x".to_owned()], 2));
    assert_eq!((doubts(&tree), tree.unowned.is_none()), (vec![], true));
}

#[test]
fn files_without_an_owner_are_found_where_they_are_sought() {
    let source = Source::new();
    for path in ["a/x", "b/z", "b-", "c/d/e"] {
        source.write(path, "x");
    }
    let tree = read(source.root(), &rules(&[("a", &["a"])], true)).unwrap();
    assert_eq!(tree.unowned.unwrap(), ["b-", "b/z", "c/d/e"]);
    assert_eq!(tree.files, 4);
}

#[test]
fn special_files_are_doubt_and_are_never_opened() {
    let source = Source::new();
    source.write("a/x", "x");
    assert!(Command::new("mkfifo").arg(source.root().join("a/pipe")).status().unwrap().success());
    let _socket = UnixListener::bind(source.root().join("a/socket")).unwrap();
    let tree = read(source.root(), &rules(&[("a", &["a"]), ("b", &["b"])], false)).unwrap();
    assert_eq!(doubts(&tree), ["a/pipe is a named pipe, not a file [0]", "a/socket is a socket, not a file [0]"]);
    assert_eq!(paths(&tree), ["a/x"]);
}

#[test]
fn a_link_out_of_the_source_hides_what_is_there() {
    let (source, cache) = (Source::new(), Source::new());
    cache.write("x", "x");
    source.write("b/x", "x");
    source.link("a", cache.root());
    source.link("b/file", cache.root().join("x"));
    source.link("unrelated", cache.root());
    source.link("b/nowhere", cache.root().join("no/such"));
    let tree = read(source.root(), &rules(&[("a", &["a/src/**"]), ("b", &["b"])], false)).unwrap();
    let [directory, file] = &doubts(&tree)[..] else { panic!("{:?}", doubts(&tree)) };
    assert!(directory.starts_with("a is a link to a directory outside the source"), "{directory}");
    assert!(file.starts_with("b/file is a link to a file outside the source"), "{file}");
    assert!(directory.ends_with("[0]") && file.ends_with("[1]"), "{directory} {file}");
    assert_eq!(paths(&tree), ["b/file", "b/nowhere", "b/x"]);
    assert_eq!(tree.entries[0].kind, FileKind::Symlink);
}

#[test]
fn a_link_pointed_elsewhere_is_another_content() {
    let source = Source::new();
    source.link("a", "one");
    let one = read(source.root(), &everything()).unwrap().entries[0].id;
    fs::remove_file(source.root().join("a")).unwrap();
    source.link("a", "two");
    assert_ne!(read(source.root(), &everything()).unwrap().entries[0].id, one);
}

#[test]
fn very_long_paths_and_very_deep_directories_are_read() {
    let source = Source::new();
    let make = |component: &str, depth: usize, file: &str| {
        // Such a path is longer than the operating system takes at once.
        let mut directory: OwnedFd = fs::File::open(source.root()).unwrap().into();
        for _ in 0..depth {
            mkdirat(&directory, component, Mode::RWXU).unwrap();
            directory = openat(&directory, component, OFlags::DIRECTORY, Mode::empty()).unwrap();
        }
        openat(&directory, file, OFlags::CREATE | OFlags::WRONLY, Mode::RWXU).unwrap();
    };
    make("d", 1_500, "deep");
    make(&"n".repeat(250), 30, "long");
    let tree = read(source.root(), &everything()).unwrap();
    assert_eq!(doubts(&tree), Vec::<String>::new());
    assert_eq!(tree.entries.iter().map(|entry| entry.path.len()).collect::<Vec<_>>(), [3_004, 7_534]);
}

#[test]
fn a_root_that_is_missing_or_no_directory_is_an_error() {
    let source = Source::new();
    source.write("file", "");
    for path in ["missing", "file"] {
        let error = read(&source.root().join(path), &everything()).unwrap_err();
        assert!(matches!(error, TreeError::Root { .. }), "{error}");
    }
}
