//! An error of each family: what is wrong, where, and what to do.

use super::{Screen, are_as_kept, repository, world};
use crate::support::Build;

#[test]
fn the_errors_are_as_kept() {
    let world = world();
    let all = |commands: &[&[&str]]| commands.iter().fold(Screen::of(&world), |screen, args| screen.with(args)).text();
    let usage: &[&[&str]] = &[&[], &["decide", "--formt", "json"], &["decide", "--format", "text"], &["paln"]];
    let services: &[&[&str]] = &[&["decide", "ap"], &["plan", "nothing-like-it"]];
    let requests: &[&[&str]] = &[
        &["decide", "--extra", "nonsense"],
        &["decide", "--environment", ""],
        &["plan", "--timeout", "soon"],
        &["taint"],
    ];
    let source: &[&[&str]] =
        &[&["plan", "--source", "missing"], &["plan", "--source", "lib/log.py"], &["plan", "--base", "main"]];
    let maps: &[&[&str]] = &[&["plan", "--config", "missing.toml"], &["check", "--config", "lib/log.py"]];
    let stores: &[&[&str]] = &[
        &["plan", "--state", "gopher:x"],
        &["plan", "--state", "s3://A/x"],
        &["plan", "--state", "file:lib/log.py"],
        &["record", "api", "--state", "file:lib/log.py"],
    ];
    let tickets: &[&[&str]] = &[&["record", "--all"], &["stage", "api"], &["output", "api", "IMAGE_URI"]];
    let candidates: &[&[&str]] = &[&["begin"], &["promote", "--candidate", "nonsense"]];
    are_as_kept(
        "errors",
        [
            ("usage", all(usage)),
            ("requests", all(requests)),
            ("services", all(services)),
            ("source", all(source)),
            ("maps", all(maps)),
            ("stores", all(stores)),
            ("tickets", all(tickets)),
            ("candidates", all(candidates)),
            ("commits", commits()),
            ("marks", marks()),
        ],
    );
}

fn commits() -> String {
    let world = repository();
    Screen::of(&world).with(&["plan", "--base", "mian"]).with(&["replay", "--since", "v0"]).text()
}

/// A mark that is damaged, and one that a later program has written.
fn marks() -> String {
    let world = world();
    let build = Build::new("shop:1");
    world.deploy(&build, "api");
    world.put_mark("api", "{ half a ma");
    let screen =
        Screen::of(&world).with(&["plan", "api"]).with(&["status", "api"]).with_build(&build, &["record", "api"]);
    world.put_mark("api", "{ \"schema\": 99 }");
    screen.with(&["plan", "api"]).text()
}
