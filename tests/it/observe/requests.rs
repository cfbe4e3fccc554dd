//! Bad input: one clear message each, and no file is left half written.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{MAP, can_trace};
use crate::support::{Build, Done, World, run};

/// A script in the place of a program.
pub(super) fn program(world: &World, name: &str, text: &str) {
    let path = world.path("bin").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs shipmark where `PATH` begins with those.
pub(super) fn with_path(world: &World, args: &[&str]) -> Done {
    let path = format!("{}:/usr/bin:/bin", world.path("bin").display());
    run_with(world, &path, args)
}

fn run_with(world: &World, path: &str, args: &[&str]) -> Done {
    let mut command = world.command(&Build::default());
    command.env("PATH", path).args(args);
    run(command)
}

fn world() -> World {
    World::new(MAP, &[("api/x", "1")])
}

fn refused(done: &Done, error: &str, hint: &str) {
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.starts_with(&format!("error: {error}")), "{done:?}");
    assert!(done.stderr.contains(hint) && done.stderr.lines().count() == 2, "{done:?}");
    assert_eq!(done.stdout, "", "{done:?}");
}

#[test]
fn without_strace_one_line_says_what_to_do() {
    let world = world();
    program(&world, "build", "#!/bin/sh\n");
    let bin = world.path("bin").display().to_string();
    let done = run_with(&world, &bin, &["observe", "api", "--", "build"]);
    refused(&done, "`strace` cannot be used: it is not installed", "apt-get install strace");
    assert!(done.stderr.contains("--by access-times"), "{done:?}");
    assert!(!world.source().join("observed").exists());
}

#[test]
fn another_version_and_a_kernel_that_forbids_it_are_told() {
    let world = world();
    for (version, error) in [
        ("strace -- version 5.10", "`strace` 5.10 cannot be used: 5.15 or later is needed"),
        ("something else", "`strace` of unknown version cannot be used: 5.15 or later is needed"),
    ] {
        program(&world, "strace", &format!("#!/bin/sh\necho '{version}'\n"));
        refused(&with_path(&world, &["observe", "api", "--", "true"]), error, "install a newer one");
    }
    let forbids = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'strace -- version 6.1' && exit\n\
                   echo 'strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted' >&2; exit 1\n";
    program(&world, "strace", forbids);
    let done = with_path(&world, &["observe", "api", "--", "true"]);
    refused(
        &done,
        "processes cannot be traced here: strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted",
        "SYS_PTRACE",
    );
}

#[test]
fn a_command_that_cannot_be_started_is_refused() {
    let world = world();
    let done = world.run(["observe", "api", "--", "no-such-program"]);
    refused(&done, "the command `no-such-program` cannot be started: there is no such program", "sh -c");
    world.write("plain", "text");
    refused(&world.run(["observe", "api", "--", "./plain"]), "the command `./plain` cannot be started", "sh -c");
    if can_trace() {
        std::fs::set_permissions(world.source().join("plain"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let done = world.run(["observe", "api", "--", "./plain"]);
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("error: the command `./plain` could not be started"), "{done:?}");
    }
    assert!(!world.source().join("observed").exists());
}

#[test]
fn a_service_or_command_that_is_not_there_is_refused() {
    let world = world();
    let done = world.run(["observe", "apt", "--", "true"]);
    assert!(done.code == 2 && done.stderr.contains("did you mean `api`?"), "{done:?}");
    assert_eq!(world.run(["observe", "api"]).code, 2);
}

#[test]
fn a_damaged_file_or_one_of_another_service_is_refused_before_anything_runs_and_stays() {
    let world = world();
    for (text, error) in [
        ("{\"schema\":1", "it is damaged: "),
        ("{\"schema\":7}", "it has schema 7"),
        (
            r#"{"schema":1,"service":"web","builds":[],"read":{},"looked_at":[],"listed":[],"missing":[]}"#,
            "it is an observation of `web`",
        ),
    ] {
        world.write("observed/api.json", text);
        let done = world.run(["observe", "api", "--", "touch", "ran"]);
        refused(&done, &format!("the observation `observed/api.json` cannot be used: {error}"), "remove it");
        assert!(!world.source().join("ran").exists());
        assert_eq!(std::fs::read_to_string(world.source().join("observed/api.json")).unwrap(), text);
    }
}

#[test]
fn links_and_pipes_in_the_place_of_observations_are_never_followed() {
    let world = world();
    let outside = world.path("outside");
    std::fs::create_dir(&outside).unwrap();
    symlink(&outside, world.source().join("observed")).unwrap();
    let done = world.run(["observe", "api", "--", "touch", "ran"]);
    refused(&done, "the observation `observed/api.json` cannot be used: it is a link, or lies behind one", "remove it");
    assert_eq!(world.run(["check"]).code, 0);
    assert!(world.run(["check"]).stdout.contains("warning[observation-incomplete]"));
    world.remove("observed");
    std::fs::create_dir(world.source().join("observed")).unwrap();
    let pipe = world.source().join("observed/api.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused(
        &world.run(["observe", "api", "--", "true"]),
        "the observation `observed/api.json` cannot be used: it is not a plain file",
        "",
    );
    assert!(world.run(["explain", "api/x"]).stderr.contains("cannot be used: it is not a plain file"));
    std::fs::remove_file(&pipe).unwrap();
    symlink(outside.join("target"), &pipe).unwrap();
    refused(
        &world.run(["observe", "api", "--", "true"]),
        "the observation `observed/api.json` cannot be used: it is a link",
        "",
    );
    assert!(!outside.join("target").exists() && !world.source().join("ran").exists());
}

#[test]
fn a_link_that_the_build_itself_puts_there_is_not_written_through() {
    if !can_trace() {
        return;
    }
    let world = world();
    std::fs::create_dir(world.path("outside")).unwrap();
    let done = world.run(["observe", "api", "--", "ln", "-s", "../outside", "observed"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(
        done.stderr.contains("the observation `observed/api.json` is not saved: it is a link, or not a directory"),
        "{done:?}"
    );
    assert_eq!(std::fs::read_dir(world.path("outside")).unwrap().count(), 0);
}
