//! Tables and sentences about services: planned, decided, deployed, explained, checked and replayed.

use super::{Screen, World, are_as_kept, commit, repository, world};
use crate::support::Build;

/// A build of that number, in a pipeline.
fn build(number: usize) -> Build {
    Build::new(&format!("shop:{number}"))
        .pipeline("shop")
        .with("CODEBUILD_RESOLVED_SOURCE_VERSION", &format!("r{number}"))
}

/// Every service is deployed; then the library changes, and `api` is decided and not yet recorded.
fn in_the_middle() -> World {
    let world = world();
    ["api", "jobs", "web"].iter().for_each(|service| drop(world.deploy(&build(1), service)));
    world.write("lib/log.py", "2\n");
    world.write("services/web/new.html", "1\n");
    world.reason(&build(2), "api");
    world
}

#[test]
fn the_tables_are_as_kept() {
    let new = world();
    let middle = in_the_middle();
    let tainted = in_the_middle();
    let taint = Screen::of(&tainted).with(&["taint", "jobs", "--reason", "deployed by hand"]).with(&["status"]).text();
    are_as_kept(
        "tables",
        [
            ("plan-first", Screen::of(&new).with(&["plan"]).text()),
            ("plan", Screen::of(&middle).with(&["plan"]).text()),
            ("plan-explain", Screen::of(&middle).with(&["plan", "api", "--explain"]).text()),
            ("status", Screen::of(&middle).with(&["status"]).text()),
            ("taint", taint),
            ("explain", explained(&middle)),
            ("check", checked()),
            ("decide", decided()),
            ("doctor", Screen::of(&new).with(&["doctor"]).text()),
            ("init", Screen::of(&new).with(&["init", "--print"]).text()),
            ("two-steps", two_steps()),
            ("replay", replayed()),
        ],
    );
}

fn explained(world: &World) -> String {
    let paths = ["lib/log.py", "services/api/README.md", "services/web/new.html", "service/api/main.py"];
    Screen::of(world).with(&[&["explain"], &paths[..]].concat()).text()
}

/// Decide, record, and decide again.
fn decided() -> String {
    let world = world();
    let screen = Screen::of(&world).with_build(&build(1), &["decide", "api", "jobs"]);
    let screen = screen.with_build(&build(1), &["record", "api", "--output", "IMAGE_URI=shop/api@sha256:1"]);
    world.write("services/jobs/run.py", "2\n");
    let screen = screen.with_build(&build(2), &["decide", "api", "jobs", "--format", "table"]);
    screen.with_build(&build(2).failing(), &["record", "--all"]).with(&["status"]).text()
}

/// A deploy stage of its own.
fn two_steps() -> String {
    let world = world();
    let candidate = world.candidate(&build(1), "api", "1");
    let screen = Screen::of(&world).with(&["status", "api"]);
    world.ship(&candidate);
    screen.with(&["status", "api"]).text()
}

/// A map with mistakes that `check` finds, and an expectation that fails.
fn checked() -> String {
    let world = world();
    let screen = Screen::of(&world).with(&["check"]);
    let map = "[groups]\nunused = [\"nothing/**\"]\n[services.api]\ninclude = [\"services/api/**\", \"services/apj\"]\n\
               [[expect]]\nchanged = [\"lib/log.py\"]\nbuilds = [\"api\"]\n";
    world.write("shipmark.toml", map);
    screen.with(&["check"]).text()
}

fn replayed() -> String {
    let world = repository();
    for (path, subject) in [("lib/log.py", "Log more"), ("docs/x.md", "Say so"), ("services/web/a", "Add a page")] {
        world.write(path, subject);
        commit(&world, subject);
    }
    Screen::of(&world).with(&["replay"]).with(&["plan", "--base", "HEAD~2"]).text()
}
