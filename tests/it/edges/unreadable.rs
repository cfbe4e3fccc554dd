//! A service whose only input cannot be read has one: it is never said to select nothing.

use std::os::unix::fs::symlink;

use super::super::support::{Build, Done, World, entry, git, reason};

/// What makes the only input of `only` unreadable, and a world where it is so.
fn worlds() -> Vec<(&'static str, World, Vec<String>)> {
    let map = |include: &str| {
        format!("[services.only]\ninclude = [\"{include}\"]\n[services.other]\ninclude = [\"other\"]\n")
    };
    let world = |include: &str| World::new(&map(include), &[("other", "1")]);
    let mut worlds = Vec::new();
    for include in ["only", "only/**"] {
        let piped = world(include);
        let made = piped.shell(&Build::default(), "sh", "mkdir only && mkfifo only/pipe");
        assert_eq!(made.code, 0, "{made:?}");
        worlds.push(("a pipe", piped, vec![]));

        let outside = world(include);
        std::fs::create_dir(outside.path("outside")).unwrap();
        std::fs::write(outside.path("outside/x"), "1").unwrap();
        symlink(outside.path("outside"), outside.source().join("only")).unwrap();
        worlds.push(("a link to a directory outside", outside, vec![]));

        let inner = world(include);
        std::fs::create_dir(inner.source().join("only")).unwrap();
        std::fs::write(inner.path("outside"), "1").unwrap();
        symlink(inner.path("outside"), inner.source().join("only/x")).unwrap();
        worlds.push(("a link to a file outside", inner, vec![]));

        for zipped in [false, true] {
            let clone = world(include);
            let from = World::new("", &[("x", "1")]);
            for repository in [&from, &clone] {
                git(&repository.source(), &["init", "-q"]);
                git(&repository.source(), &["add", "-A"]);
                git(&repository.source(), &["commit", "-q", "-m", "x"]);
            }
            let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add"];
            git(&clone.source(), &[&add[..], &[from.source().to_str().unwrap(), "only"]].concat());
            git(&clone.source(), &["commit", "-q", "-m", "x"]);
            std::fs::remove_dir_all(clone.source().join("only")).unwrap();
            std::fs::create_dir(clone.source().join("only")).unwrap();
            let mut args = vec![];
            if zipped {
                let zip = clone.path("source.zip").to_str().unwrap().to_owned();
                git(&clone.source(), &["archive", "--format=zip", "-o", &zip, "HEAD"]);
                args = vec!["--source".to_owned(), zip];
            }
            worlds.push((if zipped { "a submodule in a zip" } else { "an absent submodule" }, clone, args));
        }
    }
    worlds
}

fn assert_never_empty(what: &str, done: &Done) {
    for text in [&done.stdout, &done.stderr] {
        assert!(!text.contains("no-inputs") && !text.contains("select no file"), "{what}: {done:?}");
    }
}

#[test]
fn no_inputs_never_hides_what_cannot_be_read() {
    for (what, world, args) in worlds() {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let planned = world.run([&["plan", "--format", "json"], &args[..]].concat());
        let build = Build::new("1");
        let decided = world.run_in(&build, [&["decide", "--format", "json"], &args[..]].concat());
        assert_never_empty(what, &planned);
        // A plan in a clone takes the submodule's commit from the index.
        let unreadable = [&decided, &planned].into_iter().take(if what == "an absent submodule" { 1 } else { 2 });
        for done in unreadable {
            let answer = done.json();
            assert_eq!(reason(&answer, "only"), "source-unreadable", "{what}: {answer:#}");
            assert!(entry(&answer, "only")["detail"].as_str().unwrap().contains("`only"), "{what}: {answer:#}");
            assert_never_empty(what, done);
        }
        // What was deployed is unknown, and so is what comes next.
        let recorded = world.run_in(&build, [&["record", "only"], &args[..]].concat());
        assert_eq!(recorded.code, 0, "{what}: {recorded:?}");
        assert_never_empty(what, &recorded);
        let again = world.decide(&Build::new("2"), &args);
        assert_eq!(reason(&again, "only"), "source-unreadable", "{what}");
        assert_never_empty(what, &world.run(["status"]));
    }
}

/// A commit knows a submodule by its id, so that only links remain.
#[test]
fn no_inputs_never_hides_a_link_that_leads_out_of_a_commit() {
    for (what, world, _) in worlds().into_iter().filter(|(what, ..)| what.starts_with("a link")) {
        git(&world.source(), &["init", "-q"]);
        git(&world.source(), &["add", "-A"]);
        git(&world.source(), &["commit", "-q", "-m", "x"]);
        let answer = world.plan(&["--base", "HEAD", "--revision", "HEAD"]);
        assert_eq!(reason(&answer, "only"), "source-unreadable", "{what}: {answer:#}");
        let adopted = world.run(["adopt", "only", "--from-git", "HEAD", "--yes"]);
        assert_ne!(adopted.code, 0, "{what}: {adopted:?}");
        assert!(adopted.stderr.contains("cannot be read: `only"), "{what}: {adopted:?}");
        for args in [&["check"][..], &["replay"], &["explain", "only"]] {
            assert_never_empty(what, &world.run(args));
        }
    }
}
