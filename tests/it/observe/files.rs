//! Names and links: what a path leads through, whatever it is called.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use super::{MAP, can_trace, missed, paths, read, saved, script};
use crate::support::{World, git};

#[test]
fn names_that_are_no_text_or_look_like_a_trace() {
    if !can_trace() {
        return;
    }
    let world =
        World::new(MAP, &[("api/x", "1"), ("a>b<c \"q\") = 3", "1"), ("x <unfinished ...>", "1"), ("new\nline", "1")]);
    let raw = std::ffi::OsStr::from_bytes(b"no\xffutf");
    std::fs::write(world.source().join(raw), "1").unwrap();
    let report = script(&world, "cat * > /dev/null 2>&1 || true");
    let missed = &report["read_not_input"];
    let bytes = missed.as_array().unwrap().iter().find(|one| one["path_base64"] == "bm//dXRm");
    assert!(bytes.is_some_and(|one| one["program"] == "cat"), "{report}");
    assert_eq!(saved(&world)["read_base64"]["bm//dXRm"], "cat");
    let names: Vec<String> = read(&world);
    assert_eq!(names, ["a>b<c \"q\") = 3", "new\nline", "shipmark.toml", "x <unfinished ...>"]);
    assert!(report["suggestion"]["include"].as_array().unwrap().contains(&"no?utf".into()), "{report}");
    // What it suggests is right: with it, nothing is missed.
    let include: Vec<String> =
        report["suggestion"]["include"].as_array().unwrap().iter().map(|one| one.to_string()).collect();
    let quoted = include.join(", ");
    world.write("shipmark.toml", &format!("[services.api]\ninclude = ['api/**', {quoted}]\n"));
    assert_eq!(super::missed(&script(&world, "cat * > /dev/null 2>&1 || true")), Vec::<String>::new());
}

#[test]
fn links_are_read_and_so_is_what_they_lead_to() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("real/file", "1"), ("other/script", "cat link/file"), ("api/x", "1")]);
    symlink("real", world.source().join("link")).unwrap();
    symlink("/etc", world.source().join("outside")).unwrap();
    symlink("../real/file", world.source().join("api/up")).unwrap();
    assert_eq!(missed(&script(&world, "cat link/file")), ["link", "real/file"]);
    assert_eq!(
        missed(&script(&world, "cat api/up; cat outside/hostname >/dev/null 2>&1 || true")),
        ["outside", "real/file"]
    );
    assert_eq!(missed(&script(&world, "readlink link")), ["link"]);
}

#[test]
fn a_source_that_is_reached_by_a_link() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1"), ("lib/a", "1"), ("run.sh", "#!/bin/sh\ntrue\n"), ("looked", "1")]);
    symlink(world.source(), world.path("alias")).unwrap();
    let alias = world.path("alias");
    let text = format!(
        "cd {0}/lib && cat a && cat {0}/api/x && chmod +x ../run.sh && {0}/run.sh && [ -f {0}/looked ]",
        alias.display()
    );
    let done =
        world.run(["observe", "api", "--format", "json", "--source", alias.to_str().unwrap(), "--", "sh", "-c", &text]);
    let report = done.json();
    assert_eq!(missed(&report), ["lib/a", "run.sh"]);
    assert_eq!(paths(&report, "looked_at_not_input"), ["looked"]);
}

#[test]
fn what_has_a_new_name_was_read() {
    if !can_trace() {
        return;
    }
    let world = World::new(
        MAP,
        &[("api/x", "1"), ("a", "1"), ("b", "1"), ("dir/one", "1"), ("dir/sub/two", "1"), ("stay", "1")],
    );
    let report = script(&world, "mv a a.new; ln b b.new; mv dir moved; cat moved/one; echo 1 > stay");
    assert_eq!(missed(&report), ["a", "b", "dir/one", "dir/sub/two"]);
}

#[test]
fn a_committed_file_that_is_written_and_read_stays_an_input_and_a_new_one_is_none() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1"), ("config.h", "1"), (".gitignore", "cache\n"), ("cache/old", "1")]);
    git(&world.source(), &["init", "-q"]);
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", "all"]);
    let report =
        script(&world, "echo 2 > config.h; cat config.h; echo 3 > made.h; cat made.h cache/old; git rev-parse HEAD");
    assert_eq!(missed(&report), ["config.h"]);
    assert_eq!(report["reads_git"], true);
    assert_eq!(report["revision"], git(&world.source(), &["rev-parse", "HEAD"]));
}

#[test]
fn what_is_only_looked_at_missing_or_listed_is_told_apart() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1"), ("seen", "1"), ("dir/a", "1")]);
    let report = script(&world, "test -f seen; ls dir; cat none/at/all nothing made 2>/dev/null; echo x > made; true");
    assert_eq!((missed(&report).len(), paths(&report, "looked_at_not_input")), (0, vec!["seen".to_owned()]));
    let saved = saved(&world);
    assert_eq!(
        saved["missing"],
        serde_json::json!(["none", "nothing"]),
        "cut to what can appear, and not what it made itself"
    );
    assert_eq!(saved["listed"], serde_json::json!(["dir"]));
}
