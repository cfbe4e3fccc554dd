//! Cases 83 and 84: what git ignores, and what it stores in another form, is told apart from a change of the source.

use super::support::{Build, World, entry, git, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n";

fn detail(world: &World, build: &str, source: &str) -> String {
    let answer = world.decide(&Build::new(build), &["--source", source]);
    let told = entry(&answer, "a")["detail"].as_str().unwrap().to_owned();
    assert_eq!(reason(&answer, "a"), "changed", "{told}");
    told
}

fn commit(world: &World) {
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", "x"]);
}

fn pack(world: &World, name: &str) -> String {
    let path = world.path(name).to_str().unwrap().to_owned();
    git(&world.source(), &["archive", "--format=zip", "-o", &path, "HEAD"]);
    path
}

/// Case 83, in a clone, in a directory without git, and in an artifact.
#[test]
fn files_that_an_install_phase_wrote_are_told_apart_by_what_git_ignores() {
    for with_git in [true, false] {
        let world = World::new(MAP, &[("a/x", "1"), ("a/.gitignore", "node_modules/\n"), (".gitignore", "*.log\n")]);
        if with_git {
            git(&world.source(), &["init", "-q"]);
            world.write("a/tracked.log", "1");
            git(&world.source(), &["add", "-f", "a/tracked.log"]);
            commit(&world);
        }
        let source = world.source().to_str().unwrap().to_owned();
        world.deploy(&Build::new("b:1"), "a");
        world.write("a/node_modules/m/index.js", "1");
        let told = detail(&world, "b:2", &source);
        let hint = "a/node_modules/m/index.js: git ignores it: decide before the install phase, or exclude it";
        assert!(told.contains(hint), "{told}");
        world.write("a/y.log", "1");
        assert!(detail(&world, "b:3", &source).contains("and 1 more: git ignores them"), "two");
        std::fs::remove_dir_all(world.source().join("a/node_modules")).unwrap();
        world.remove("a/y.log");
        world.write("a/x", "2");
        assert!(!detail(&world, "b:4", &source).contains("git ignores"), "an ordinary change");
        if with_git {
            world.write("a/tracked.log", "2");
            assert!(!detail(&world, "b:5", &source).contains("git ignores"), "it is tracked");
        }
    }
    let world = World::new(MAP, &[("a/x", "1"), (".gitignore", "*.log\n")]);
    git(&world.source(), &["init", "-q"]);
    commit(&world);
    let zip = pack(&world, "one.zip");
    assert_eq!(world.run_in(&Build::new("b:1"), ["decide", "--source", &zip]).code, 0);
    assert_eq!(world.run_in(&Build::new("b:1"), ["record", "a", "--source", &zip]).code, 0);
    world.write("a/z.log", "1");
    git(&world.source(), &["add", "-f", "a/z.log"]);
    commit(&world);
    let zip = pack(&world, "two.zip");
    assert!(detail(&world, "b:2", &zip).contains("a/z.log: git ignores it"), "an artifact");
}

/// Case 84: decided in an archive, planned in the clone that it was made of.
#[test]
fn an_archive_and_a_clone_agree_or_the_attribute_is_named() {
    for (attributes, agrees) in [
        ("", true),
        ("* text=auto\n", true),
        ("*.txt eol=lf\n", true),
        ("*.txt eol=crlf\n", false),
        ("*.txt ident\n", false),
        ("*.txt export-subst\n", false),
        ("*.txt export-ignore\n", false),
    ] {
        let world =
            World::new(MAP, &[("a/x.txt", "one\n$Id$\n$Format:%H$\n"), ("a/y", "1"), (".gitattributes", attributes)]);
        git(&world.source(), &["init", "-q"]);
        commit(&world);
        let zip = pack(&world, "source.zip");
        let build = Build::new("b:1");
        assert_eq!(world.run_in(&build, ["decide", "--source", &zip]).code, 0);
        assert_eq!(world.run_in(&build, ["record", "a", "--source", &zip]).code, 0);
        for args in [&["plan", "--format", "json"][..], &["plan", "--format", "json", "--revision", "HEAD"]] {
            let answer = world.run(args).json();
            let told = entry(&answer, "a")["detail"].as_str().unwrap();
            assert_eq!(reason(&answer, "a") == "unchanged", agrees, "{attributes}: {told}");
            if !agrees {
                let attribute = attributes.trim().rsplit(' ').next().unwrap();
                let names =
                    format!("a/x.txt has `{attribute}` in `.gitattributes`, so an archive and a clone differ there");
                assert!(told.contains(&names), "{args:?}: {attributes}: {told}");
            }
        }
    }
}

/// What is typed looks like the name in the source, and is a set of characters, or another form of the same letters.
#[test]
fn a_pattern_that_looks_like_a_name_and_is_none_is_corrected() {
    for (typed, name, corrected) in [
        ("app/[slug]", "app/[slug]/page.tsx", r"app/\[slug\]"),
        ("cafe\u{301}", "caf\u{e9}/x", "caf\u{e9}"),
        ("caf\u{e9}", "cafe\u{301}/x", "cafe\u{301}"),
    ] {
        let map = |pattern: &str| format!("[services.a]\ninclude = ['{pattern}', 'b']\n");
        let world = World::new(&map(typed), &[(name, "1"), ("b/x", "1")]);
        let line = format!("'{corrected}'");
        let decided = world.run_in(&Build::new("b:1"), ["decide", "a"]);
        let (plan, check) = (world.run(["plan"]), world.run(["check"]));
        for said in [&decided.stderr, &plan.stderr, &check.stdout] {
            assert!(said.contains(&line), "{typed}: {said}");
        }
        world.write("shipmark.toml", &map(corrected));
        assert!(!world.run(["plan"]).stderr.contains("selects no file"), "{corrected}");
    }
}
