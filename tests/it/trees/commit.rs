//! Commits, and how two of them differ.

use std::fs;
use std::sync::atomic::AtomicBool;

use shipmark::base::fingerprint::hex;
use shipmark::map::rules::Rules;
use shipmark::source::difference;
use shipmark::source::difference::Change;
use shipmark::source::tree::commit::{Repository, head_revision};
use shipmark::source::tree::{SourceKind, directory};

use super::{Source, everything, listing, paths, rules, text};
use crate::support::say;

/// A repository with one of everything, committed.
fn example() -> (Source, String) {
    let source = Source::repository();
    let names: [&[u8]; 6] = [b"a", b"a b/c", b"a-b", b"new\nline\"'`$(x)", "日本/x".as_bytes(), b"latin\xe9/\xff"];
    for name in names {
        source.write(name, name);
    }
    source.write("empty", "");
    source.write("run.sh", "#!/bin/sh\n");
    source.chmod("run.sh", 0o755);
    source.link("link", "a");
    let commit = source.commit();
    (source, commit)
}

/// What differs in all, as `git diff --name-status` says it.
fn changed(source: &Source, rules: &Rules, base: &str, revision: &str) -> Vec<String> {
    let difference = Repository::open(source.root()).unwrap().changes(base, revision, rules).unwrap();
    let show = |change: &Change| format!("{} {}", change.kind.word(), change.path);
    difference::between(&difference, 0).iter().map(show).collect()
}

#[test]
fn a_commit_is_what_git_lists() {
    let (source, commit) = example();
    source.write("a", "changed and not committed");
    let tree = Repository::open(source.root()).unwrap().read("HEAD", &everything()).unwrap();
    assert_eq!(listing(&tree), source.ls_tree(&commit));
    assert_eq!((tree.source, tree.keeps_modes, tree.files), (SourceKind::Commit, true, 9));
    assert_eq!(head_revision(source.root()), Some(commit));
}

#[test]
fn a_commit_and_its_directory_have_the_same_content() {
    let (source, _) = example();
    let none = Default::default();
    let inputs = |tree| shipmark::source::inputs::collect(&tree, &everything(), |_| &none);
    let of_commit = inputs(Repository::open(source.root()).unwrap().read("HEAD", &everything()).unwrap());
    assert_eq!(of_commit, inputs(directory::read(source.root(), &everything()).unwrap()));
    assert!(of_commit[0].content.unwrap().modes.is_some());
}

#[test]
fn packed_objects_are_read_too() {
    let (source, first) = example();
    source.write("a", "2");
    source.commit();
    source.git(&["gc", "-q"]);
    source.git(&["tag", "-a", "-m", "x", "v1", &first]);
    let repository = Repository::open(source.root()).unwrap();
    assert_eq!(repository.resolve("v1").unwrap(), first);
    assert_eq!(listing(&repository.read("v1", &everything()).unwrap()), source.ls_tree(&first));
}

#[test]
fn every_way_to_differ_is_seen_and_a_rename_is_seen_twice() {
    let (source, first) = example();
    source.write("a", "2");
    source.git(&["mv", "a b/c", "moved"]);
    fs::remove_file(source.path(b"empty")).unwrap();
    source.chmod("run.sh", 0o644);
    fs::remove_file(source.path(b"link")).unwrap();
    source.link("link", "elsewhere");
    fs::remove_dir_all(source.path("日本".as_bytes())).unwrap();
    source.write("日本", "a file in place of a directory");
    let second = source.commit();
    let expected = [
        "modified a",
        "deleted a b/c",
        "deleted empty",
        "modified link",
        "added moved",
        "mode run.sh",
        "added 日本",
        "deleted 日本/x",
    ];
    assert_eq!(changed(&source, &everything(), &first, &second), expected);
    assert_eq!(changed(&source, &everything(), &first, &first), Vec::<String>::new());
}

#[test]
fn only_the_services_whose_files_differ_have_changes() {
    let source = Source::repository();
    for path in ["a/x", "b/x", "c/x"] {
        source.write(path, "1");
    }
    let first = source.commit();
    source.write("a/x", "2");
    source.write("c/x", "2");
    fs::remove_dir_all(source.path(b"b")).unwrap();
    let second = source.commit();
    let rules = rules(&[("a", &["a"]), ("b", &["b"]), ("never", &["never"])], true);
    let difference = Repository::open(source.root()).unwrap().changes(&first, &second, &rules).unwrap();
    let count = |service| difference::between(&difference, service).len();
    assert_eq!((count(0), count(1), count(2)), (1, 1, 0));
    assert_eq!(difference.without_inputs, [1, 2]);
    assert_eq!(difference.unowned.unwrap(), ["c/x"]);
    assert_eq!((difference.base, difference.revision), (first, second));
}

#[test]
fn a_submodule_counts_as_its_commit() {
    let (inner, outer) = (Source::repository(), Source::repository());
    inner.write("x", "1");
    let one = inner.commit();
    inner.write("x", "2");
    let two = inner.commit();
    outer.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{one},libs/sub")]);
    outer.git(&["commit", "-q", "-m", "1"]);
    outer.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{two},libs/sub")]);
    outer.git(&["commit", "-q", "-m", "2"]);
    let tree = Repository::open(outer.root()).unwrap().read("HEAD", &everything()).unwrap();
    assert_eq!(listing(&tree), outer.ls_tree("HEAD"));
    assert_eq!(hex(&tree.entries[0].id.0), two);
    assert_eq!(changed(&outer, &everything(), "HEAD~1", "HEAD"), ["modified libs/sub"]);
}

#[test]
fn a_repository_around_the_source_is_never_asked() {
    let (outer, _) = example();
    fs::create_dir(outer.path(b"inner")).unwrap();
    let error = Repository::open(&outer.path(b"inner")).err().unwrap().to_string();
    assert!(error.ends_with("/inner` is not the root of a git repository: it has no `.git`"), "{error}");
    assert_eq!(head_revision(&outer.path(b"inner")), None);
}

#[test]
fn a_dot_git_file_leads_to_the_repository() {
    let (source, commit) = example();
    source.git(&["worktree", "add", "-q", "--detach", "linked"]);
    let linked = source.path(b"linked");
    assert!(linked.join(".git").is_file());
    assert_eq!(head_revision(&linked), Some(commit));
}

#[test]
fn a_missing_commit_says_how_to_get_it() {
    let (source, commit) = example();
    let missing = "1".repeat(40);
    let resolve =
        |source: &Source, name: &str| Repository::open(source.root()).unwrap().resolve(name).unwrap_err().to_string();
    let error = resolve(&source, &missing);
    assert!(error.contains(&format!("`{missing}` is not in the repository")), "{error}");
    assert!(error.ends_with(&format!("fetch it, e.g. with `git fetch origin {missing}`")), "{error}");
    for not_a_commit in ["", "HEAD:a", "no-such-branch", "HEAD..HEAD"] {
        assert!(resolve(&source, not_a_commit).contains("is not in the repository"), "{not_a_commit}");
    }
    source.write("a", "2");
    source.commit();
    let url = format!("file://{}", source.root().display());
    let clone = Source::new();
    clone.git(&["clone", "-q", "--depth=1", &url, "."]);
    assert!(resolve(&clone, &commit).contains("git fetch --unshallow"));
}

#[test]
fn a_directory_that_the_repository_lacks_is_doubt_for_its_services_only() {
    let source = Source::repository();
    source.write("a/x", "a");
    source.write("b/x", "b");
    source.commit();
    let lost = text(source.git(&["rev-parse", "HEAD:a"]));
    fs::remove_file(source.root().join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    let rules = rules(&[("a", &["a"]), ("b", &["b"])], false);
    let tree = Repository::open(source.root()).unwrap().read("HEAD", &rules).unwrap();
    assert_eq!(paths(&tree), ["b/x"]);
    assert_eq!((tree.unreadable.len(), &tree.unreadable[0].services[..]), (1, &[0][..]));
}

/// Of as many directories as are shared out to several threads.
#[test]
fn without_inputs_is_whose_files_the_revision_lacks() {
    let source = Source::repository();
    let names: Vec<String> = (0..150).map(|service| format!("s{service:03}")).collect();
    for (service, name) in names.iter().enumerate() {
        let files: &[&str] = match service % 4 {
            0 => &["not"],
            1 => &["a/b/c/not", "a/b/c/input"],
            2 => &["not", "a/not", "b/input", "c/not"],
            _ => &[],
        };
        files.iter().for_each(|file| source.write(format!("services/{name}/{file}"), name));
    }
    let first = source.commit();
    source.write("services/s001/a/b/c/input", "changed");
    fs::remove_file(source.path(b"services/s002/b/input")).unwrap();
    let second = source.commit();
    let patterns: Vec<String> = names.iter().map(|name| format!("services/{name}/**/input")).collect();
    let patterns: Vec<[&str; 1]> = patterns.iter().map(|pattern| [pattern.as_str()]).collect();
    let services: Vec<(&str, &[&str])> =
        names.iter().map(String::as_str).zip(patterns.iter().map(|one| &one[..])).collect();
    let expected: Vec<usize> = (0..150).filter(|service| matches!(service % 4, 0 | 3) || *service == 2).collect();
    for enough in [true, false] {
        let mut repository = Repository::open(source.root()).unwrap();
        let pair = repository.pair(&first, &second).unwrap();
        repository.read_ahead(pair, &AtomicBool::new(enough));
        let difference = repository.between(pair, &rules(&services, false)).unwrap();
        assert_eq!(difference.without_inputs, expected);
        assert_eq!(difference.changes.len(), 2);
    }
}

/// Git's index says which files the commit has that is checked out, so that its directories need not be read.
fn without_index(source: &Source) {
    fs::remove_file(source.path(b".git/index")).unwrap();
}

#[test]
fn what_was_read_ahead_is_not_read_again_and_what_could_not_be_is_still_an_error() {
    let source = Source::repository();
    for path in ["a/b/c/x", "a/b/y", "z/x"] {
        source.write(path, path);
    }
    let commit = source.commit();
    without_index(&source);
    let ahead = |enough| {
        let mut repository = Repository::open(source.root()).unwrap();
        let pair = repository.pair(&commit, &commit).unwrap();
        repository.read_ahead(pair, &AtomicBool::new(enough));
        (repository, pair)
    };
    let (read, not_read) = (ahead(false), ahead(true));
    fs::rename(source.path(b".git/objects"), source.path(b".git/elsewhere")).unwrap();
    fs::create_dir(source.path(b".git/objects")).unwrap();
    let rules = rules(&[("a", &["a/b/c"]), ("b", &["z/y"])], false);
    assert_eq!(read.0.between(read.1, &rules).unwrap().without_inputs, [1]);
    assert!(not_read.0.between(not_read.1, &rules).unwrap_err().to_string().contains("git has no tree"));
    fs::remove_dir(source.path(b".git/objects")).unwrap();
    fs::rename(source.path(b".git/elsewhere"), source.path(b".git/objects")).unwrap();
    let lost = text(source.git(&["rev-parse", "HEAD:a/b"]));
    fs::remove_file(source.root().join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    let (repository, pair) = ahead(false);
    assert!(repository.between(pair, &rules).unwrap_err().to_string().contains(&lost));
}

#[test]
fn a_directory_that_the_repository_lacks_matters_where_no_other_has_an_input() {
    let source = Source::repository();
    source.write("a/x", "a");
    source.write("z/x", "z");
    let first = source.commit();
    source.write("other", "changed");
    let second = source.commit();
    without_index(&source);
    let lost = text(source.git(&["rev-parse", "HEAD:a"]));
    fs::remove_file(source.root().join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    let repository = Repository::open(source.root()).unwrap();
    let changes = |patterns: &[&str]| repository.changes(&first, &second, &rules(&[("a", patterns)], false));
    assert_eq!(changes(&["a", "z"]).unwrap().without_inputs, Vec::<usize>::new());
    let error = changes(&["a", "y"]).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("a directory of the revision cannot be read, git has no tree `{lost}`")),
        "{error}"
    );
}

#[test]
fn a_repository_of_another_user_is_not_read() {
    let nobody = Some(65_534);
    for name in ["", ".git"] {
        let (source, _) = example();
        if std::os::unix::fs::chown(source.path(name.as_bytes()), nobody, None).is_err() {
            return say("only root can give a repository to another user");
        }
        assert_eq!(head_revision(source.root()), None);
        let error = Repository::open(source.root()).map(drop).unwrap_err().to_string();
        let root = source.root().canonicalize().unwrap();
        let path = root.join(name);
        let path = path.to_string_lossy();
        let path = path.trim_end_matches('/');
        assert_eq!(
            error,
            format!(
                "`{path}` belongs to another user, so its git repository is not read; \
                 `git config --global --add safe.directory {}` says that you trust it",
                root.display()
            )
        );
    }
}
