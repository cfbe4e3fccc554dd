//! The commands around a decision: `output`, `run`, `explain`, `check` and `status`.

use super::support::{Build, Done, World, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1"), ("b/y", "1")])
}

/// `run a` with a script, outside of a build.
fn run(world: &World, flags: &[&str], script: &str) -> Done {
    world.run(["run", "a"].iter().chain(flags).chain(&["--", "sh", "-c", script]))
}

/// A recorded output, nothing, and the default.
#[test]
fn output_prints_what_is_recorded() {
    let world = world();
    let output = |args: &[&str]| world.run(["output", "a", "IMAGE"].iter().chain(args));
    let none = output(&[]);
    assert_eq!((none.code, none.stdout.as_str()), (4, ""));
    let default = output(&["--default", "none yet"]);
    assert_eq!((default.code, default.stdout.as_str()), (0, "none yet\n"));
    world.reason(&Build::new("1"), "a");
    world.run_in(&Build::new("1"), ["record", "a", "--output", "IMAGE=repo@sha256:1"]);
    for args in [&[][..], &["--default", "x"]] {
        assert_eq!(output(args).stdout, "repo@sha256:1\n");
    }
    world.run(["taint", "a", "--reason", "by hand"]);
    let tainted = output(&[]);
    assert_eq!((tainted.code, tainted.stdout.as_str()), (0, "repo@sha256:1\n"), "outputs are kept");
    assert!(tainted.stderr.contains("uncertain"), "{}", tainted.stderr);
}

/// A command that deploys is recorded with its outputs, and not run again.
#[test]
fn run_records_what_its_command_says() {
    let world = world();
    let script = "echo ran >> ../tmp/ran; printf 'IMAGE=%s\\n\\n' \"it's 1\" >> \"$SHIPMARK_OUTPUTS\"";
    for _ in 0..2 {
        assert_eq!(run(&world, &[], script).code, 0);
    }
    assert_eq!(std::fs::read_to_string(world.path("tmp/ran")).unwrap(), "ran\n", "the second was skipped");
    assert_eq!(world.run(["output", "a", "IMAGE"]).stdout, "it's 1\n");
    world.write("a/x", "2");
    assert_eq!(run(&world, &[], "exit 0").code, 0);
    assert_eq!(world.planned("a"), "unchanged");
}

/// The exit status is the command's, and its attempt has failed.
#[test]
fn run_fails_as_its_command_does() {
    for (script, code) in [("exit 7", 7), ("kill -9 $$", 137), ("exit 255", 255)] {
        let world = world();
        assert_eq!(run(&world, &[], "true").code, 0);
        world.write("a/x", "2");
        let done = run(&world, &[], script);
        assert_eq!(done.code, code, "{}", done.stderr);
        assert!(done.stderr.contains("not recorded"), "{}", done.stderr);
        assert_eq!(world.stored("a")["attempts"][0]["state"], "failed");
        world.write("a/x", "1");
        assert_eq!(world.planned("a"), "uncertain", "something may be deployed of it");
    }
}

/// A command that cannot be started ends its attempt as failed: an earlier command of the same build may have deployed something.
#[test]
fn run_of_a_command_that_is_not_there_fails_its_attempt() {
    let world = world();
    run(&world, &[], "true");
    world.write("a/x", "2");
    let done = world.run(["run", "a", "--", "./no-such-command"]);
    assert_eq!(done.code, 127, "as a shell says it");
    assert!(done.stderr.contains("no-such-command"), "{}", done.stderr);
    assert_eq!(world.stored("a")["attempts"][0]["state"], "failed");
    world.write("a/x", "1");
    assert_eq!(world.planned("a"), "uncertain");
}

/// With `--no-record` nobody knows what a command that succeeded did; one that failed has failed all the same.
#[test]
fn run_without_record_leaves_its_attempt_open() {
    let world = world();
    run(&world, &[], "true");
    world.write("a/x", "2");
    assert_eq!(run(&world, &["--no-record"], "true").code, 0);
    let states = || world.attempts("a").iter().map(|attempt| attempt["state"].clone()).collect::<Vec<_>>();
    assert_eq!(states(), ["building"]);
    assert_eq!(world.planned("a"), "changed");
    world.write("a/x", "1");
    assert_eq!(world.planned("a"), "deploy-pending");
    assert_eq!(run(&world, &["--no-record"], "exit 3").code, 3);
    assert_eq!(states(), ["building", "failed"]);
    assert_eq!(world.planned("a"), "uncertain");
}

/// The command succeeded and recording failed: 1, and the next decision builds.
#[test]
fn run_fails_where_it_cannot_record() {
    let map = "[services.a]\ninclude = [\"a\"]\noutputs = { IMAGE = \"*@sha256:*\" }\n";
    for script in ["true", "echo IMAGE=x > $SHIPMARK_OUTPUTS", "printf 'IMAGE=r@sha256:1\\nPATH=x' > $SHIPMARK_OUTPUTS"]
    {
        let world = World::new(map, &[("a/x", "1")]);
        assert_eq!(run(&world, &[], script).code, 1, "{script}");
        assert_eq!(world.planned("a"), "never-deployed");
    }
    let world = World::new(map, &[("a/x", "1")]);
    assert_eq!(run(&world, &[], "echo IMAGE=r@sha256:1 > $SHIPMARK_OUTPUTS; rm -r ../state; : > ../state").code, 1);
    assert_eq!(world.planned("a"), "state-unavailable");
}

/// Paths, their services, and the rule that made them inputs; or why none.
#[test]
fn explain_names_the_rule_or_the_nearest_miss() {
    let map = "[groups]\nshared = [\"lib\"]\n\
               [services.a]\ninclude = [\"src/a\"]\nexclude = [\"**/*.md\"]\ngroups = [\"shared\"]\n\
               [services.b]\ninclude = [\"src/b\"]\ndepends_on = [\"a\"]\n";
    let world = World::new(map, &[]);
    for (path, expected) in [
        (
            "src/a/x",
            &["  input of a: `src/a` (shipmark.toml:4)", "  input of b: `src/a` (shipmark.toml:4), through b -> a"][..],
        ),
        ("lib/l", &["  input of a: `lib` (shipmark.toml:2), through group shared"]),
        (
            "src/a/x.md",
            &[
                "  not an input of a: `**/*.md` (shipmark.toml:5) excludes it; else an input by `src/a` (shipmark.toml:4)",
                "cut by an exclude",
            ],
        ),
        ("scr/a/x", &["no rule matches it; `src/a` (shipmark.toml:4) is one letter away"]),
        ("shipmark.toml", &["  input of no service: it is the map"]),
        ("./src/b/", &["  input of b: `src/b` (shipmark.toml:8)"]),
    ] {
        let done = world.run(["explain", path]);
        assert_eq!(done.code, 0, "{}", done.stderr);
        assert!(expected.iter().all(|line| done.stdout.contains(line)), "{path}:\n{}", done.stdout);
    }
    assert_eq!(world.run(["explain", "../outside"]).code, 2);
}

/// A failing `[[expect]]`, and a service without inputs, are denied.
#[test]
fn check_fails_where_the_rules_do_not_do_what_was_expected() {
    let expect = |builds: &str| format!("{MAP}[[expect]]\nchanged = [\"a/new\"]\nbuilds = [{builds}]\n");
    let world = world();
    for (builds, code) in [("\"a\"", 0), ("\"b\"", 4), ("\"a\", \"b\"", 4), ("", 4)] {
        world.write("shipmark.toml", &expect(builds));
        let done = world.run(["check"]);
        assert_eq!(done.code, code, "{builds}: {}{}", done.stdout, done.stderr);
        assert_eq!(
            done.stdout.contains("error[expect]: these changes build a, and should build "),
            code == 4,
            "{}",
            done.stdout
        );
    }
    world.write("shipmark.toml", MAP);
    world.write("README", "x");
    let warned = world.run(["check"]);
    assert_eq!(warned.code, 0);
    assert!(warned.stdout.contains("warning[unowned]: 1 file"), "{}", warned.stdout);
    world.remove("b/y");
    let denied = world.run(["check"]);
    assert_eq!(denied.code, 4);
    assert!(denied.stdout.contains("error[no-inputs]") && denied.stdout.contains("dead-pattern"), "{}", denied.stdout);
}

/// What is deployed where, since when, and what is open.
#[test]
fn status_tells_what_is_known_and_fails_on_doubt_or_age() {
    let world = world();
    let status = |args: &[&str]| world.run(["status"].iter().chain(args));
    assert_eq!(status(&[]).code, 0);
    assert_eq!(status(&["--max-age", "1d"]).code, 4, "never deployed");
    for service in ["a", "b"] {
        world.deploy(&Build::new("project:1"), service);
    }
    assert_eq!(status(&["--max-age", "1d"]).code, 0);
    world.write("a/x", "2");
    world.write("a/z", "2");
    let whole = status(&["--json"]).json();
    let found = &whole["services"][0];
    assert_eq!((&found["service"], &found["state"], &found["behind"]), (&"a".into(), &"deployed".into(), &2.into()));
    assert_eq!(found["build"], "project:1");
    assert_eq!(world.reason(&Build::new("2"), "a"), "changed");
    assert_eq!(status(&["--json", "a"]).json()["services"][0]["attempts"][0]["state"], "building");
    assert_eq!(status(&["a", "--max-age", "1d"]).code, 4, "an attempt is open");
    assert_eq!(status(&["b", "--max-age", "1d"]).code, 0);
    world.edit_mark("b", |mark| mark["deployed"]["recorded_at"] = "2020-01-01T00:00:00Z".into());
    assert_eq!(status(&["b", "--max-age", "1d"]).code, 4, "too old");
    world.run(["taint", "b", "--reason", "by hand"]);
    let tainted = status(&["b"]);
    assert!(tainted.stdout.contains("uncertain") && tainted.stdout.contains("by hand"), "{}", tainted.stdout);
    world.put_mark("b", "damaged");
    assert_eq!(status(&["--json", "b"]).json()["services"][0]["state"], "state-unreadable");
    assert_eq!(status(&["b", "--max-age", "9999d"]).code, 4);
    assert_eq!(reason(&world.plan(&["b"]), "b"), "state-unreadable");
}

/// A reader that has seen enough is no failure, and nothing panics over it.
#[test]
fn a_reader_may_stop_reading() {
    let world = world();
    let paths = "a/x ".repeat(20_000);
    let done =
        world.shell(&Build::default(), "bash", &format!("\"$0\" explain {paths} | head -n 1; exit ${{PIPESTATUS[0]}}"));
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, "a/x\n", ""));
}
