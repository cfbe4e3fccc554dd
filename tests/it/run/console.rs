//! What commands print: whose it is, whole lines, and every byte of it.

use super::{build, run_all, shop};
use crate::support::{Build, World, output};

/// What `run` printed on standard output, as bytes.
fn printed(world: &World, build: &Build, args: &[&str], script: &str) -> (Vec<u8>, Vec<u8>) {
    let mut command = world.command(build);
    command.args(["run"]).args(args).args(["-q", "--", "sh", "-c", script]);
    let output = output(command);
    assert!(output.status.success(), "{output:?}");
    (output.stdout, output.stderr)
}

#[test]
fn each_line_says_whose_it_is() {
    let world = shop();
    let script = "echo one; echo two >&2; echo three";
    let (out, err) = printed(&world, &build("1"), &["docs", "web"], script);
    assert_eq!(out, b"docs | one\ndocs | three\nweb | one\nweb | three\n");
    assert_eq!(err, b"docs | two\nweb | two\n");
}

#[test]
fn one_command_has_the_streams_of_the_program() {
    let world = shop();
    for (id, args) in [("1", ["run", "web"]), ("2", ["run", "docs"])] {
        let mut command = world.command(&build(id));
        command.args(args).args(["-q", "--", "cat"]);
        let output = assert_cmd::Command::from_std(command).write_stdin("half a line").output().unwrap();
        assert_eq!(output.stdout, b"half a line");
    }
    // `--all`, of which only one must run.
    for service in ["image", "api", "cron"] {
        world.reason(&build("3"), service);
        assert_eq!(world.run_in(&build("3"), ["record", service]).code, 0);
    }
    world.write("web/x", "2");
    assert_eq!(printed(&world, &build("4"), &["--all"], "printf x").0, b"x");
}

#[test]
fn several_commands_read_nothing() {
    let world = shop();
    let mut command = world.command(&build("1"));
    command.args(["run", "docs", "web", "-q", "--", "cat"]);
    let output = assert_cmd::Command::from_std(command).write_stdin("for whom?").output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), b"".to_vec()));
}

#[test]
fn every_byte_passes_unchanged() {
    let world = shop();
    let script = "printf '\\377\\000\\n'; head -c 300000 /dev/zero; printf '\\nend'";
    let (out, _) = printed(&world, &build("1"), &["web", "docs"], script);
    let mut expected = Vec::new();
    for (service, end) in [("docs", "\n"), ("web", "")] {
        let prefix = format!("{service} | ").into_bytes();
        expected.extend([&prefix[..], b"\xff\0\n", &prefix, &vec![0; 300_000], b"\n", &prefix, b"end"].concat());
        // Only what comes after a line without an end gets a line of its own.
        expected.extend(end.bytes());
    }
    assert!(out == expected, "{} bytes, not {}", out.len(), expected.len());
}

#[test]
fn a_message_never_continues_a_line_of_a_command() {
    let world = shop();
    let done = world.run_in(&build("1"), ["run", "docs", "web", "--", "sh", "-c", "printf half >&2"]);
    assert_eq!(done.code, 0);
    for service in ["docs", "web"] {
        assert!(done.stderr.contains(&format!("{service} | half\n{service}: recorded as deployed")), "{}", done.stderr);
    }
}

#[test]
fn lines_of_commands_at_once_stay_whole() {
    let world = shop();
    let script = "n=0; while [ $n -lt 300 ]; do printf '%s' $SHIPMARK_SERVICE; printf ' %s\\n' $n; n=$((n + 1)); done";
    let (out, _) = printed(&world, &build("1"), &["--all", "--jobs", "5"], script);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count(), 1500);
    for service in super::SERVICES {
        let prefix = format!("{service} | {service} ");
        let numbers =
            text.lines().filter_map(|line| line.strip_prefix(&prefix)).map(|rest| rest.parse::<u32>().unwrap());
        assert!(numbers.eq(0..300), "{service}: {text}");
    }
}

fn workflow(id: &str) -> Build {
    Build::default()
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_REPOSITORY", "o/r")
        .with("GITHUB_WORKFLOW", "deploy")
        .with("GITHUB_RUN_ID", id)
}

#[test]
fn a_workflow_has_a_group_for_each_service() {
    let world = shop();
    let script = "echo $SHIPMARK_SERVICE 1; printf half";
    let (out, _) = printed(&world, &workflow("1"), &["docs", "web"], script);
    let expected = "::group::docs\ndocs 1\nhalf\n::endgroup::\n::group::web\nweb 1\nhalf\n::endgroup::\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

/// Both have begun before either goes on, and still the lines of each are together.
#[test]
fn groups_of_commands_at_once_are_not_mixed() {
    let world = shop();
    let script = "echo $SHIPMARK_SERVICE 1; touch ../tmp/at-$SHIPMARK_SERVICE; \
                  while [ ! -e ../tmp/at-docs ] || [ ! -e ../tmp/at-web ]; do sleep 0.01; done; \
                  echo $SHIPMARK_SERVICE 2 >&2; echo $SHIPMARK_SERVICE 3";
    let (out, err) = printed(&world, &workflow("1"), &["docs", "web", "--jobs", "2"], script);
    let text = String::from_utf8(out).unwrap();
    let group = |name: &str| format!("::group::{name}\n{name} 1\n{name} 3\n::endgroup::\n");
    let (docs, web) = (group("docs"), group("web"));
    assert!(text == format!("{docs}{web}") || text == format!("{web}{docs}"), "{text}");
    let mut err: Vec<String> = String::from_utf8(err).unwrap().lines().map(str::to_owned).collect();
    err.sort();
    assert_eq!(err, ["docs 2", "web 2"]);
}

/// Something in the background keeps the pipe open for longer than anybody would wait.
#[test]
fn what_a_command_leaves_in_the_background_holds_nothing_up() {
    let world = shop();
    let script = "sleep 600 & echo $! >> ../tmp/pids; echo done";
    let done = run_all(&world, &build("1"), &["--jobs", "5"], script);
    let pids = std::fs::read_to_string(world.path("tmp/pids")).unwrap();
    for pid in pids.lines() {
        assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success(), "it still ran");
    }
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("web | done\n"), "{}", done.stdout);
}

#[test]
fn a_prefix_has_a_colour_where_it_is_wanted() {
    let world = shop();
    let (out, _) = printed(&world, &build("1"), &["docs", "web", "--color", "always"], "echo x");
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("\u{1b}[36mdocs |\u{1b}[0m x\n\u{1b}[33mweb |\u{1b}[0m x\n"), "{text:?}");
}
