//! `--verify`: a skip relies on something that may be gone by now.

use crate::support::World;

use super::{build, one};

fn deployed() -> World {
    let world = World::new("[services.a]\ninclude = [\"a\"]\noutputs = { IMAGE = \"*\" }\n", &[("a/x", "1")]);
    world.decide(&build("1"), &["a"]);
    assert_eq!(world.run_in(&build("1"), ["record", "a", "--output", "IMAGE=one"]).code, 0);
    world
}

fn reason(world: &World, id: &str, command: &str) -> String {
    world.decide(&build(id), &["a", "--verify", command])["services"][0]["reason"].as_str().unwrap().to_owned()
}

#[test]
fn a_skip_needs_a_command_that_succeeds() {
    let world = deployed();
    assert_eq!(reason(&world, "2", "test \"$SHIPMARK_SERVICE:$IMAGE\" = a:one"), "unchanged");
    for command in ["false", "kill -9 $$", "exit 300", "no-such-command-anywhere"] {
        assert_eq!(reason(&world, "3", command), "gone", "{command}");
        assert_eq!(world.run_in(&build("3").failing(), ["record", "a"]).code, 0);
        assert_eq!(world.run(["taint", "a", "--reason", "over", "--nothing-running"]).code, 0);
        world.decide(&build("4"), &["a", "--force"]);
        assert_eq!(world.run_in(&build("4"), ["record", "a", "--output", "IMAGE=one"]).code, 0);
    }
    let empty = world.run_in(&build("5"), ["decide", "a", "--verify", ""]);
    assert_eq!(empty.code, 2, "{empty:?}");
}

#[test]
fn what_it_prints_is_not_evaluated_and_what_it_reads_is_empty() {
    let world = deployed();
    let command = "echo 'touch /tmp/never'; echo to-stderr >&2; test -z \"$(cat)\"";
    let done = world.run_in(&build("2"), ["decide", "a", "--verify", command]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("BUILD_SKIPPED='true'"), "{done:?}");
    assert!(!done.stdout.contains("touch"), "{done:?}");
    assert!(done.stderr.contains("touch /tmp/never") && done.stderr.contains("to-stderr"), "{done:?}");
}

#[test]
fn it_runs_only_where_something_would_be_skipped() {
    let world = one();
    let ran = world.path("ran");
    let command = format!("touch {}", ran.display());
    world.decide(&build("1"), &["a", "--verify", &command]);
    assert!(!ran.exists());
    assert_eq!(world.run_in(&build("1"), ["record", "a"]).code, 0);
    world.decide(&build("2"), &["a", "--verify", &command]);
    assert!(ran.exists());
    let planned = world.run(["plan", "a", "--verify", "touch never"]);
    assert_eq!(planned.code, 0, "{planned:?}");
    assert!(planned.stderr.contains("--verify would run for a"), "{planned:?}");
    assert!(!world.source().join("never").exists());
}

#[test]
fn a_deploy_while_it_runs_is_decided_again() {
    let world = deployed();
    // Another build opens an attempt for other contents and deploys them, while this one is verified.
    let other = world.path("other");
    std::fs::create_dir_all(other.join("a")).unwrap();
    std::fs::write(other.join("a/x"), "2").unwrap();
    std::fs::copy(world.source().join("shipmark.toml"), other.join("shipmark.toml")).unwrap();
    let shipmark = env!("CARGO_BIN_EXE_shipmark");
    let (source, ticket) = (other.display(), world.path("ticket"));
    let command = format!(
        "export CODEBUILD_BUILD_ID=shop:other; {shipmark} decide a --source {source} --ticket {ticket} && \
         {shipmark} record a --source {source} --ticket {ticket} --output IMAGE=two",
        ticket = ticket.display()
    );
    let answer = world.decide(&build("2"), &["a", "--verify", &command]);
    assert_eq!(answer["services"][0]["reason"], "changed", "{answer}");
}
