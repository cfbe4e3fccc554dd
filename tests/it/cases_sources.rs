//! What counts as a change of a source: moved, deleted, renamed and hostile files, links, pipes, and very many at once.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::support::{Build, World, changes, entry, git, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

/// Names that a shell, a terminal or a parser could take for something else, none of which is in sorted order by chance.
const HOSTILE: [&[u8]; 17] = [
    b"with blank",
    b"new\nline",
    b"'single'",
    b"\"double\"",
    b"$(touch canary)",
    b"`touch canary`",
    b"; touch canary #",
    b"--force",
    b"!bang",
    b"#hash",
    b"~",
    b"*",
    b"back\\slash",
    b"tab\tand\rreturn",
    b"\x1b[31mred",
    "日本é\u{202e}".as_bytes(),
    b"\xff\xfe",
];

/// Both services are deployed.
fn world() -> World {
    let world = World::new(MAP, &[("a/keep", "0"), ("a/x", "1"), ("a/empty", ""), ("b/y", "1")]);
    for service in ["a", "b"] {
        world.deploy(&Build::new("1"), service);
    }
    world
}

fn executable(world: &World, path: &str) {
    std::fs::set_permissions(world.source().join(path), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Case 8: a file moves from service a to service b.
#[test]
fn a_moved_file_builds_both_services() {
    let world = world();
    std::fs::rename(world.source().join("a/x"), world.source().join("b/x")).unwrap();
    let answer = world.decide(&Build::new("2"), &[]);
    assert_eq!(changes(&answer, "a"), ["deleted a/x"]);
    assert_eq!(changes(&answer, "b"), ["added b/x"]);
    assert_eq!([reason(&answer, "a"), reason(&answer, "b")], ["changed", "changed"]);
}

/// Case 9: only deletions, of an empty file and of the last file.
#[test]
fn a_deletion_is_a_change() {
    let world = world();
    world.remove("a/empty");
    world.remove("b/y");
    let answer = world.decide(&Build::new("2"), &[]);
    assert_eq!(changes(&answer, "a"), ["deleted a/empty"]);
    assert_eq!(reason(&answer, "a"), "changed");
    assert_eq!(reason(&answer, "b"), "no-inputs");
}

/// Case 9: an empty file that appears.
#[test]
fn an_empty_file_that_is_new_is_a_change() {
    let world = world();
    world.write("a/also-empty", "");
    assert_eq!(changes(&world.plan(&["a"]), "a"), ["added a/also-empty"]);
    world.remove("a/also-empty");
    assert_eq!(world.planned("a"), "unchanged");
}

/// Case 10: `chmod +x` only.
#[test]
fn a_mode_is_a_change_where_both_sides_keep_modes() {
    let zip = world();
    executable(&zip, "a/x");
    assert_eq!(zip.planned("a"), "unchanged", "a zip keeps no modes");
    git(&zip.source(), &["init", "-q"]);
    assert_eq!(zip.reason(&Build::new("2"), "a"), "unchanged", "what was deployed kept none");

    let clone = World::new(MAP, &[("a/x", "1"), ("b/y", "1")]);
    git(&clone.source(), &["init", "-q"]);
    clone.deploy(&Build::new("1"), "a");
    executable(&clone, "a/x");
    assert_eq!(changes(&clone.decide(&Build::new("2"), &["a"]), "a"), ["mode a/x"]);
}

/// Case 10: a symlink pointed elsewhere; CodePipeline's zip makes it a file with the target's name.
#[test]
fn a_link_counts_as_its_target_text() {
    let world = world();
    let link = world.source().join("a/link");
    symlink("x", &link).unwrap();
    world.deploy(&Build::new("2"), "a");
    std::fs::remove_file(&link).unwrap();
    world.write("a/link", "x");
    assert_eq!(world.planned("a"), "unchanged");
    world.remove("a/link");
    symlink("nowhere", &link).unwrap();
    let answer = world.decide(&Build::new("3"), &["a"]);
    assert_eq!(changes(&answer, "a"), ["modified a/link"]);
}

/// Case 11: each name arrives in JSON byte for byte.
#[test]
fn hostile_names_are_exact_in_json() {
    let world = world();
    for name in HOSTILE {
        std::fs::write(world.source().join("a").join(OsStr::from_bytes(name)), "new").unwrap();
    }
    let answer = world.decide(&Build::new("2"), &["a"]);
    let mut expected: Vec<&[u8]> = HOSTILE.to_vec();
    expected.sort_unstable();
    let expected: Vec<String> =
        expected.iter().map(|name| format!("added a/{}", String::from_utf8_lossy(name))).collect();
    assert_eq!(changes(&answer, "a"), expected);
    let bytes: Vec<_> = entry(&answer, "a")["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|change| change["path_base64"].as_str())
        .collect();
    assert_eq!(bytes, ["YS///g=="], "only the one that is not UTF-8");
}

/// Case 11: no format and no message lets a name drive a terminal or a shell.
#[test]
fn hostile_names_stay_text_in_every_format() {
    for name in HOSTILE {
        let world = world();
        let path = [b"a/", name].concat();
        std::fs::write(world.source().join(OsStr::from_bytes(&path)), "new").unwrap();
        for format in ["shell", "dotenv", "json", "powershell", "github", "table"] {
            let done = world.run(["plan", "a", "--format", format]);
            assert_eq!(done.code, 0, "{done:?}");
            let lines = done.stdout.lines().chain(done.stderr.lines());
            let steering: Vec<&str> = lines.filter(|line| line.chars().any(char::is_control)).collect();
            assert!(steering.is_empty(), "{format}: {steering:?}");
        }
        let build = Build::new("2").with("CODEBUILD_RESOLVED_SOURCE_VERSION", &String::from_utf8_lossy(name));
        let script = "eval \"$(\"$0\" decide a)\" && \"$0\" decide a --format dotenv --out ../tmp/env && . ../tmp/env";
        let done = world.shell(&build, "sh", &format!("{script} && printf %s \"$BUILD_REASON_A\""));
        assert_eq!((done.code, done.stdout.as_str()), (0, "changed"), "{}", done.stderr);
        assert!(!world.source().join("canary").exists(), "something ran");
        let explained = world.run([OsStr::new("explain"), OsStr::new("--"), OsStr::from_bytes(&path)]);
        assert!(explained.stdout.contains("input of a"), "{explained:?}");
    }
}

/// Case 12: 300, 3,000 and 20,000 changed files in one push.
#[test]
fn very_many_changes_are_counted_exactly_and_cut_only_as_said() {
    for number in [99, 100, 101, 300, 3_000, 20_000] {
        let world = world();
        std::fs::create_dir(world.source().join("b/many")).unwrap();
        for file in 0..number {
            std::fs::write(world.source().join(format!("b/many/{file:05}")), "new").unwrap();
        }
        let cut = world.plan(&["b"]);
        let cut = entry(&cut, "b");
        assert_eq!(cut["changes_total"], number);
        assert_eq!(cut["changes"].as_array().unwrap().len(), number.min(100));
        let whole = changes(&world.decide(&Build::new("2"), &["b"]), "b");
        assert!(whole.into_iter().eq((0..number).map(|file| format!("added b/many/{file:05}"))), "{number}");
    }
}

/// Case 12: 20,000 files that no service covers.
#[test]
fn very_many_unowned_files_are_counted_exactly() {
    let world = world();
    std::fs::create_dir(world.source().join("many")).unwrap();
    for file in 0..20_000 {
        std::fs::write(world.source().join(format!("many/{file:05}")), "new").unwrap();
    }
    let cut = world.plan(&[]);
    assert_eq!((cut["unowned"].as_array().unwrap().len(), &cut["unowned_total"]), (100, &20_000.into()));
    let whole = world.plan(&["--all-changes"]);
    assert_eq!(whole["unowned"].as_array().unwrap().len(), 20_000);
}

/// Case 18: the revision is unset, an S3 version id, a branch name, or a commit.
#[test]
fn the_revision_is_shown_and_never_believed() {
    let world = world();
    let unset = world.decide(&Build::new("2"), &["a"]);
    assert_eq!((reason(&unset, "a"), &unset["revision"]), ("unchanged".to_owned(), &serde_json::Value::Null));
    let words = ["3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY", "main", "0123456789012345678901234567890123456789"];
    let named = |word: &str| Build::new(word).with("CODEBUILD_RESOLVED_SOURCE_VERSION", word);
    for word in words {
        let answer = world.decide(&named(word), &["a"]);
        assert_eq!((reason(&answer, "a"), &answer["revision"]), ("unchanged".to_owned(), &word.into()));
    }
    world.write("a/x", "2");
    world.deploy(&named("main"), "a");
    world.write("a/x", "3");
    assert_eq!(world.reason(&named("main").with("CODEBUILD_BUILD_ID", "5"), "a"), "changed", "the same branch");
}

/// Case 26: neither `.git` nor git.
#[test]
fn everything_works_without_git() {
    let world = world();
    let nothing = |id: &str| Build::new(id).with("PATH", "/nonexistent");
    world.write("a/x", "2");
    assert_eq!(changes(&world.decide(&nothing("2"), &["a"]), "a"), ["modified a/x"]);
    for args in [
        vec!["record", "a"],
        vec!["plan"],
        vec!["explain", "a/x"],
        vec!["check"],
        vec!["status"],
        vec!["taint", "b", "--reason", "by hand"],
    ] {
        let done = world.run_in(&nothing("2"), &args);
        assert_eq!(done.code, 0, "{args:?}: {}", done.stderr);
    }
    assert_eq!(world.planned("a"), "unchanged");
}

/// Case 36: an input that nobody can read: a named pipe.
#[test]
fn a_pipe_among_the_inputs_is_doubt_and_never_hangs() {
    for in_git in [false, true] {
        let world = world();
        if in_git {
            git(&world.source(), &["init", "-q"]);
            git(&world.source(), &["add", "-A"]);
        }
        world.remove("a/x");
        let made = world.shell(&Build::default(), "sh", "mkfifo a/x");
        assert_eq!(made.code, 0, "{made:?}");
        let within = |command: &str| world.shell(&Build::new("2"), "sh", &format!("timeout 60 \"$0\" {command}"));
        for command in ["plan a --format json", "decide a --format json"] {
            let done = within(command);
            assert_eq!(reason(&done.json(), "a"), "source-unreadable", "{command}");
        }
        let strict = within("decide a --strict --ticket ../tmp/another");
        assert_eq!((strict.code, strict.stdout.as_str()), (3, "export BUILD_SKIPPED='false'\nfalse\n"));
        assert!(strict.stderr.contains("a/x"), "{}", strict.stderr);
        within("record a");
        world.remove("a/x");
        world.write("a/x", "1");
        assert_ne!(world.planned("a"), "unchanged", "what was deployed is not known");
        assert_eq!(world.planned("b"), "unchanged");
    }
}

/// Case 45: CodeBuild's local cache put a link to a directory outside in place of a source directory.
#[test]
fn a_link_out_of_the_source_hides_what_is_below() {
    let world = world();
    std::fs::rename(world.source().join("a"), world.path("cached")).unwrap();
    symlink(world.path("cached"), world.source().join("a")).unwrap();
    let answer = world.decide(&Build::new("2"), &[]);
    assert_eq!(reason(&answer, "b"), "unchanged");
    assert_ne!(reason(&answer, "a"), "unchanged");
    world.write("shipmark.toml", &format!("{MAP}[services.c]\ninclude = [\"c\", \"b\"]\n"));
    symlink(world.path("cached"), world.source().join("c")).unwrap();
    assert_eq!(reason(&world.plan(&[]), "c"), "source-unreadable");
}

/// Case 66: what a link leads to changes, and no rule covers it.
#[test]
fn a_change_behind_an_input_link_is_a_change() {
    for in_git in [false, true] {
        let world =
            World::new(MAP, &[("a/x", "1"), ("b/y", "1"), ("lib/one", "1"), ("lib/deep/two", "1"), ("alone", "1")]);
        symlink("../alone", world.source().join("a/file")).unwrap();
        symlink("../lib", world.source().join("a/lib")).unwrap();
        if in_git {
            git(&world.source(), &["init", "-q"]);
        }
        let build = |id: &str, path: &str, expected: &[&str]| {
            world.write(path, id);
            let answer = world.decide(&Build::new(id), &[]);
            assert_eq!(changes(&answer, "a"), expected, "{in_git}");
            let vias = entry(&answer, "a")["changes"].as_array().unwrap().iter().map(|change| change["via"].clone());
            let expected = if path == "alone" { "link:a/file" } else { "link:a/lib" };
            assert!(vias.into_iter().all(|via| via == expected), "{answer}");
            assert_eq!(reason(&answer, "a"), "changed");
            world.deploy(&Build::new(id), "a");
            assert_eq!(world.planned("a"), "unchanged");
        };
        for service in ["a", "b"] {
            world.deploy(&Build::new("1"), service);
            assert_eq!(world.planned(service), "unchanged");
        }
        build("2", "alone", &["modified alone"]);
        build("3", "lib/deep/two", &["modified lib/deep/two"]);
        build("4", "lib/new", &["added lib/new"]);
        assert_eq!(world.planned("b"), "unchanged");
    }
}

/// Case 66: CodePipeline's zip has a text file in place of the link, so that the two differ in what is behind it.
#[test]
fn a_zip_and_a_clone_differ_by_what_is_behind_a_link_and_say_so() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/y", "1"), ("lib/one", "1"), ("a/lib", "../lib")]);
    world.deploy(&Build::new("1"), "a");
    world.deploy(&Build::new("1"), "b");
    world.remove("a/lib");
    symlink("../lib", world.source().join("a/lib")).unwrap();
    git(&world.source(), &["init", "-q"]);
    let answer = world.decide(&Build::new("2"), &[]);
    assert_eq!((reason(&answer, "a"), changes(&answer, "a")), ("changed".into(), vec!["added lib/one".to_owned()]));
    let detail = entry(&answer, "a")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("only one of the two sources shows") && detail.contains("link targets"), "{detail}");
    assert_eq!(reason(&answer, "b"), "unchanged");
}
