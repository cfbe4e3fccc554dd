//! `status`: all environments side by side, what is expired, and the history of a mark.

use super::support::{Build, World, exported, git};

const MAP: &str = "environments = [\"stage\", \"prod\"]\n\
                   [services.a]\ninclude = [\"a\"]\noutputs = { IMAGE = \"*\" }\n[services.b]\ninclude = [\"b\"]\n";

const LONE: &str = "[services.a]\ninclude = [\"a\"]\n";

fn deploys(world: &World, args: &[&str]) -> Vec<serde_json::Value> {
    let log = world.run(["status", "--log", "--json"].iter().chain(args)).json();
    log["logs"][0]["deploys"].as_array().unwrap().clone()
}

/// The builds that recorded, newest first, each with whether its deploy was certain.
fn told(world: &World) -> Vec<(String, bool)> {
    let one = |deploy: &serde_json::Value| {
        (deploy["build"].as_str().unwrap().to_owned(), deploy["certain"].as_bool().unwrap())
    };
    deploys(world, &["a"]).iter().map(one).collect()
}

/// Decides, and records with an output.
fn deploy(world: &World, build: &str, args: &[&str], output: &str) {
    let build = Build::new(build);
    world.run_in(&build, ["decide", "a"].iter().chain(args));
    let done = world.run_in(&build, ["record", "a", "--output", output].iter().chain(args));
    assert_eq!(done.code, 0, "{done:?}");
}

/// One row a service, one column an environment; JSON has an entry for each of both.
#[test]
fn all_environments_stand_side_by_side() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    deploy(&world, "1", &["--environment", "stage", "--revision", "one"], "IMAGE=i");
    world.write("a/x", "2");
    let shown = world.run(["status", "--all-environments"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert_eq!(lines[0], "default: 2 services in 2 environments");
    assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["SERVICE", "stage", "prod"]);
    assert_eq!(lines[3], "a        one, just now, +1  never-deployed");
    assert_eq!(lines[4], "b        never-deployed     never-deployed");
    let whole = world.run(["status", "--all-environments", "--json"]).json();
    let pairs: Vec<_> =
        whole["services"].as_array().unwrap().iter().map(|one| (&one["environment"], &one["service"])).collect();
    assert_eq!(format!("{pairs:?}").matches("stage").count(), 2);
    assert_eq!(pairs.len(), 4);

    let plan = world.run(["plan", "--all-environments"]);
    let lines: Vec<&str> = plan.stdout.lines().collect();
    assert_eq!(lines[3], "a        build, changed         build, never-deployed");
    assert!(plan.stdout.contains("stage: 2 of 2 services would build: a and b.\n"), "{}", plan.stdout);
    let both = world.run(["plan", "--all-environments", "--format", "json"]).json();
    assert_eq!(both, world.plan(&["--environment", "stage", "--environment", "prod"]), "as if all were named");
}

/// A map that does not name its environments cannot say which all are.
#[test]
fn all_environments_need_a_map_that_names_them() {
    let world = World::new(LONE, &[("a/x", "1")]);
    for command in ["status", "plan"] {
        let refused = world.run([command, "--all-environments"]);
        assert_eq!(refused.code, 2);
        assert!(refused.stderr.contains("does not say which environments there are"), "{}", refused.stderr);
        // One that is named may just be the usual one; several are all that somebody thinks of.
        assert_eq!(world.run([command, "--all-environments", "--environment", "stage"]).code, 2);
        let named = world.run([command, "--all-environments", "--environment", "stage", "--environment", "prod"]);
        assert_eq!(named.code, 0, "{}", named.stderr);
        assert!(named.stdout.contains("stage") && named.stdout.contains("prod"), "{}", named.stdout);
    }
}

/// A build that has outlived its timeout is dead; a candidate may still be deployed.
#[test]
fn what_has_outlived_its_timeout_is_said() {
    let world = World::new(LONE, &[("a/x", "1")]);
    world.run_in(&Build::new("1"), ["decide", "a"]);
    let pending = Build::new("2").pipeline("p");
    world.run_in(&pending, ["decide", "a"]);
    assert!(exported(&world.run_in(&pending, ["stage", "a"]).stdout).is_some());
    world.write("a/x", "2");
    world.run_in(&Build::new("3"), ["decide", "a"]);
    let expired = || {
        let attempts = world.run(["status", "--json"]).json()["services"][0]["attempts"].as_array().unwrap().clone();
        attempts.iter().map(|attempt| attempt["expired"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(expired(), [false, false, false]);
    world.edit_mark("a", |mark| {
        for attempt in mark["attempts"].as_array_mut().unwrap() {
            attempt["deadline"] = "2020-01-01T00:00:00Z".into();
            if attempt["build"] == "3" {
                // One that has begun to deploy.
                attempt["state"] = "deploying".into();
            }
        }
    });
    assert_eq!(expired(), [true, false, true], "a candidate deploys nothing, so its age is no doubt");
    let shown = world.run(["status"]).stdout;
    assert!(shown.contains("by build 1; it has outlived its timeout, so its build is dead"), "{shown}");
    assert!(shown.contains("by build 3; it has outlived its deadline"), "{shown}");
}

/// Each recorded deploy once, newest first; neither a skip nor a failure nor a repeated record is one.
#[test]
fn the_log_tells_what_was_deployed_when_and_by_which_build() {
    let world = World::new(LONE, &[("a/x", "1")]);
    assert!(world.run(["status", "--log", "a"]).stdout.contains("a in default: never-deployed"));
    deploy(&world, "1", &["--revision", "one", "--execution", "e-1"], "IMAGE=i1");
    deploy(&world, "skipped", &[], "IMAGE=i1");
    assert_eq!(told(&world), [("1".to_owned(), true)]);
    world.write("a/x", "2");
    world.run_in(&Build::new("failed"), ["decide", "a"]);
    world.run_in(&Build::new("failed").failing(), ["record", "a"]);
    deploy(&world, "2", &["--revision", "two"], "IMAGE=i2");
    assert_eq!(world.run_in(&Build::new("2"), ["record", "a", "--output", "IMAGE=i2"]).code, 0, "a retry");
    assert_eq!(told(&world), [("2".to_owned(), true), ("1".to_owned(), false)], "it was in doubt when the next came");
    let first = &deploys(&world, &["a"])[1];
    assert_eq!(
        (&first["revision"], &first["execution"], &first["outputs"]["IMAGE"]),
        (&"one".into(), &"e-1".into(), &"i1".into())
    );
    let shown = world.run(["status", "--log", "a"]).stdout;
    assert!(shown.starts_with("a in default: 2 recorded deploys, newest first\n"), "{shown}");
    assert!(shown.contains("two       deployed   2, shop\n  IMAGE=i2\n"), "{shown}");
    assert!(shown.contains("one       uncertain  1, shop, e-1\n  IMAGE=i1\n"), "{shown}");
}

/// A taint is told with the deploy that it put in doubt. What the service was before a rollback is told too.
#[test]
fn the_log_tells_taints_and_rollbacks() {
    let world = World::new(LONE, &[("a/x", "1")]);
    let build = |id: &str| Build::new(id).pipeline("p");
    let promote = |id: &str, candidate: &str| {
        for verb in ["begin", "promote"] {
            assert_eq!(world.run_in(&build(id), [verb, "--candidate", candidate]).code, 0);
        }
    };
    let first = world.candidate(&build("1"), "a", "1");
    promote("1", &first);
    let second = world.candidate(&build("2"), "a", "2");
    promote("2", &second);
    assert_eq!(told(&world), [("2".to_owned(), true), ("1".to_owned(), true)]);
    promote("rollback", &first);
    assert_eq!(told(&world), [("1".to_owned(), true), ("2".to_owned(), true), ("1".to_owned(), true)]);
    let ids: Vec<_> = deploys(&world, &["a"]).iter().map(|deploy| deploy["id"].clone()).collect();
    assert_ne!(ids[0], ids[2], "a rollback is a deploy of its own");
    world.run(["taint", "a", "--reason", "by hand"]);
    let shown = world.run(["status", "--log", "a"]).stdout;
    assert!(shown.contains("tainted") && shown.contains(": by hand\n"), "{shown}");
    world.deploy(&Build::new("3"), "a");
    let told = deploys(&world, &["a"]);
    assert_eq!((told.len(), &told[0]["taint"], &told[1]["taint"]["reason"]), (4, &().into(), &"by hand".into()));
}

/// The log moves with the state, and goes with it.
#[test]
fn the_log_is_exported_and_forgotten_with_its_mark() {
    let world = World::new(LONE, &[("a/x", "1")]);
    deploy(&world, "1", &[], "IMAGE=i1");
    world.write("a/x", "2");
    deploy(&world, "2", &[], "IMAGE=i2");
    let before = deploys(&world, &["a"]);
    let export = world.path("marks.jsonl");
    assert_eq!(world.run(["state", "export", "--out", export.to_str().unwrap()]).code, 0);
    assert_eq!(world.run(["state", "rm", "a"]).code, 0);
    assert!(deploys(&world, &["a"]).is_empty());
    assert_eq!(world.run(["state", "import", export.to_str().unwrap(), "--trusted", "--replace"]).code, 0);
    assert_eq!(deploys(&world, &["a"]), before);
}

/// Commits of the first-parent history that touch an input, counted by git too; merges are one.
#[test]
fn commits_behind_are_those_that_git_counts() {
    let world =
        World::new("[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n", &[("a/x", "0"), ("b/x", "0")]);
    let source = world.source();
    let run = |args: &[&str]| git(&source, args);
    let commit = |path: &str, text: &str| {
        world.write(path, text);
        run(&["add", "-A"]);
        run(&["commit", "-q", "-m", text]);
        run(&["rev-parse", "HEAD"])
    };
    run(&["init", "-q", "-b", "main"]);
    commit("a/x", "1");
    let base = commit("a/x", "2");
    world.deploy(&Build::new("1"), "a");
    world.deploy(&Build::new("1"), "b");
    commit("README", "3");
    run(&["checkout", "-q", "-b", "topic"]);
    commit("a/topic", "4");
    let side = commit("a/topic", "5");
    run(&["checkout", "-q", "main"]);
    commit("b/x", "6");
    run(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    commit("a/x", "7");
    let counted = |service: &str| {
        let found = world.run(["status", "--json", service]).json()["services"][0].clone();
        (found["commits_behind"].as_u64(), found["commits_unknown"].as_str().map(str::to_owned))
    };
    let by_git = |from: &str, path: &str| {
        run(&["rev-list", "--first-parent", "--count", &format!("{from}..HEAD"), "--", path]).parse::<u64>().ok()
    };
    assert_eq!((counted("a").0, counted("b").0), (Some(2), Some(1)));
    assert_eq!((by_git(&base, "a"), by_git(&base, "b")), (Some(2), Some(1)));
    let shown = world.run(["status"]).stdout;
    assert!(shown.contains("2 inputs, 2 commits") && shown.contains("1 input, 1 commit"), "{shown}");
    for revision in [&side, "HEAD~1", "HEAD"] {
        let id = run(&["rev-parse", revision]);
        world.edit_mark("a", |mark| mark["deployed"]["revision"] = id.clone().into());
        assert_eq!(counted("a").0, by_git(&id, "a"), "{revision}");
    }
    for (revision, why) in [("main", "no commit id"), ("0123456789abcdef0123456789abcdef01234567", "git fetch")] {
        world.edit_mark("a", |mark| mark["deployed"]["revision"] = revision.into());
        let (number, unknown) = counted("a");
        assert!(number.is_none() && unknown.unwrap().contains(why), "{revision}");
        let shown = world.run(["status"]).stdout;
        assert!(shown.contains("commits behind of a: unknown: ") && shown.contains(why), "{shown}");
    }
}
