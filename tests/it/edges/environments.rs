//! What differs by environment: where a service exists, where the state lives, and whether anything is skipped.

use serde_json::Value;

use super::{World, build, exported};
use crate::support::reason;

/// Two services, the second of which exists in previews alone.
const PREVIEWS: &str = "project = \"shop\"\nenvironments = [\"prod\", \"pr-*\", \"pr-1*\"]\n\
                        [services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\nenvironments = [\"pr-1*\"]\n";

fn world(map: &str) -> World {
    World::new(map, &[("a/x", "1"), ("b/x", "1")])
}

fn names(answer: &Value) -> Vec<&str> {
    answer["services"].as_array().unwrap().iter().map(|service| service["service"].as_str().unwrap()).collect()
}

#[test]
fn a_service_exists_wherever_one_of_its_patterns_fits() {
    let world = world(PREVIEWS);
    let decided = |environment: &str| world.decide(&build(environment), &["--environment", environment]);
    assert_eq!(names(&decided("prod")), ["a"]);
    assert_eq!(names(&decided("pr-2")), ["a"]);
    // Both patterns fit, and neither table says anything.
    assert_eq!(names(&decided("pr-17")), ["a", "b"]);
    let done = world.run_in(&build("1"), ["decide", "b", "--environment", "pr-2"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, "export BUILD_SKIPPED='false'\nfalse\n"));
    assert!(
        done.stderr.contains("does not exist in the environment `pr-2`") && done.stderr.contains("pr-1*"),
        "{done:?}"
    );
    for command in [&["plan", "b"][..], &["run", "b", "--", "true"], &["record", "b"], &["stage", "b"]] {
        let done =
            world.run_in(&build("1"), command.iter().take(2).chain(&["--environment", "prod"]).chain(&command[2..]));
        assert_eq!(done.code, 2, "{command:?}: {done:?}");
    }
}

#[test]
fn a_typo_in_an_environment_is_a_problem_of_the_map() {
    for (listed, near) in [("prd", "did you mean `prod`?"), ("pr-7", "did you mean `pr-*`?"), ("test", "it has")] {
        let world = world(&PREVIEWS.replace("[\"pr-1*\"]\n", &format!("[\"{listed}\"]\n")));
        let done = world.run_in(&build("1"), ["decide", "--environment", "prod"]);
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("unknown-environment") && done.stderr.contains(near), "{done:?}");
        assert!(done.stdout.contains("BUILD_SKIPPED='false'"), "{done:?}");
    }
    let nowhere = world(&PREVIEWS.replace("[\"pr-1*\"]\n", "[]\n")).run(["check"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    let undeclared = world("[services.a]\ninclude = [\"a\"]\nenvironments = [\"prod\"]\n");
    assert_eq!(undeclared.run(["plan"]).code, 2, "there is no list to be held against");
}

#[test]
fn where_nothing_is_decided_nothing_is_skipped_in_any_format() {
    let world = world(&PREVIEWS.replace("[services.a]\ninclude = [\"a\"]\n", ""));
    for (format, expected) in [
        ("shell", "export BUILD_SKIPPED='false'\n"),
        ("dotenv", "BUILD_SKIPPED=\"false\"\n"),
        ("powershell", "$env:BUILD_SKIPPED = 'false'\n"),
        ("json", "\"services\": []"),
    ] {
        let done = world.run_in(&build("1"), ["decide", "--environment", "prod", "--format", format]);
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains(expected), "{format}: {done:?}");
    }
}

#[test]
fn an_environment_that_fits_two_tables_is_one_error() {
    let tables = |last: &str| {
        format!(
            "[environments.\"pr-*\"]\n[environments.\"*-1\"]\n[environments.\"pr-1*\"]\n{last}\n[services.a]\ninclude = [\"a\"]\n"
        )
    };
    let silent = world(&tables(""));
    assert_eq!(silent.run(["plan", "--environment", "pr-1"]).code, 0, "none of them says anything");
    for said in ["max_skip_age = \"1d\"", "shadow = false", "state = \"file:x\"", "pipelines = [\"shop\"]"] {
        let done = world(&tables(said)).run(["plan", "--environment", "pr-1"]);
        assert_eq!(done.code, 2, "{said}: {done:?}");
        assert!(
            done.stderr.contains("fits both `*-1` and `pr-1*`") || done.stderr.contains("fits both `pr-*` and `pr-1*`"),
            "{done:?}"
        );
        assert!(done.stderr.contains("[environments.pr-1]"), "{done:?}");
    }
}

#[test]
fn an_environment_may_keep_its_state_elsewhere() {
    let map = |prod: &str, stage: &str| {
        format!(
            "project = \"shop\"\n[state]\nurl = \"file:common\"\n[environments.prod]\n{prod}\n[environments.stage]\n{stage}\n[services.a]\ninclude = [\"a\"]\n"
        )
    };
    let world = world(&map("state = \"file:../production\"", ""));
    let run = |id: &str, args: &[&str]| {
        let mut command = world.command(&build(id));
        command.env_remove("SHIPMARK_STATE").args(args);
        crate::support::run(command)
    };
    let deploy = |id: &str, environment: &str| {
        let decided = run(id, &["decide", "a", "--environment", environment]);
        assert_eq!(run(id, &["record", "a", "--environment", environment]).code, 0);
        exported(&decided.stdout, "BUILD_REASON_A")
    };
    assert_eq!(deploy("1", "prod"), "never-deployed");
    assert_eq!(deploy("2", "stage"), "never-deployed");
    assert_eq!((deploy("3", "prod"), deploy("4", "stage")), ("unchanged".to_owned(), "unchanged".to_owned()));
    assert!(world.path("production/shop/prod/a").is_dir() && !world.path("production/shop/stage").exists());
    assert!(world.source().join("common/shop/stage/a").is_dir() && !world.source().join("common/shop/prod").exists());
    // A suggested command names the store that was asked.
    let planned = run("5", &["decide", "a", "--environment", "prod"]).stderr;
    assert!(planned.contains("/production --project shop --environment prod"), "{planned}");
    // One call has one store, unless a flag or a variable says which.
    let both = ["decide", "a", "--environment", "prod", "--environment", "stage"];
    let refused = run("6", &both);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("`prod` and `stage` keep their state in different stores"), "{refused:?}");
    assert_eq!(run("7", &[&both[..], &["--state", "file:elsewhere"]].concat()).code, 0);
    for command in [&["status", "--all-environments"][..], &["state", "export"]] {
        assert_eq!(run("8", command).code, 2, "{command:?}");
    }
    for command in [
        &["status"][..],
        &["state", "export"],
        &["taint", "a", "--reason", "x"],
        &["output", "a", "X", "--default", "y"],
    ] {
        let done = run("9", &[command, &["--environment", "prod"]].concat());
        assert_eq!(done.code, 0, "{command:?}: {done:?}");
    }
    assert_eq!(deploy("10", "prod"), "uncertain", "the taint is in its own store");
    assert_eq!(deploy("11", "stage"), "unchanged");
}

#[test]
fn in_shadow_nothing_is_skipped_and_every_other_reason_comes_first() {
    let map = |environment: &str, service: &str| {
        format!(
            "project = \"shop\"\n[environments.prod]\n{environment}\n[environments.stage]\n[services.a]\ninclude = [\"a\"]\n{service}\n[services.b]\ninclude = [\"b\"]\n"
        )
    };
    let world = world(&map("shadow = true", ""));
    let decide = |id: &str, environment: &str| {
        let decided = world.decide(&build(id), &["a", "b", "--environment", environment]);
        assert_eq!(world.run_in(&build(id), ["record", "--all", "--environment", environment]).code, 0);
        (reason(&decided, "a"), reason(&decided, "b"))
    };
    let both = |word: &str| (word.to_owned(), word.to_owned());
    for environment in ["prod", "stage"] {
        assert_eq!(decide(&format!("1-{environment}"), environment), both("never-deployed"));
    }
    assert_eq!(decide("2", "prod"), both("shadow"));
    assert_eq!(decide("3", "stage"), both("unchanged"));
    world.write("a/x", "2");
    assert_eq!(decide("4", "prod"), ("changed".to_owned(), "shadow".to_owned()));
    let shell = world.run_in(&build("5"), ["decide", "b", "--environment", "prod"]);
    assert_eq!(
        (exported(&shell.stdout, "BUILD_SKIPPED").as_str(), exported(&shell.stdout, "BUILD_REASON_B").as_str()),
        ("false", "shadow")
    );
    assert!(shell.stderr.contains("b: build, shadow: it would be skipped, but runs in shadow"), "{shell:?}");
    assert_eq!(world.run_in(&build("5"), ["record", "b", "--environment", "prod"]).code, 0);
    // A service's own word comes before that of its environment.
    world.write("shipmark.toml", &map("shadow = true", "shadow = false"));
    let planned = world.plan(&["--environment", "prod"]);
    assert_eq!((reason(&planned, "a").as_str(), reason(&planned, "b").as_str()), ("unchanged", "shadow"));
    world.write("shipmark.toml", &map("", "shadow = true"));
    let planned = world.plan(&["--environment", "prod"]);
    assert_eq!((reason(&planned, "a").as_str(), reason(&planned, "b").as_str()), ("shadow", "unchanged"));
    world.write("shipmark.toml", &map("shadow = \"yes\"", ""));
    let wrong = world.run(["plan", "--environment", "prod"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("`shadow` is a string"), "{wrong:?}");
}

#[test]
fn an_age_limit_is_the_services_or_the_environments_or_the_default() {
    let map = "project = \"shop\"\n[environments.prod]\nmax_skip_age = \"30d\"\n[environments.stage]\n[defaults]\nmax_skip_age = \"1s\"\n\
               [services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\nmax_skip_age = \"2d\"\n";
    let map = shipmark::map::ServiceMap::parse("map", map.as_bytes()).unwrap();
    let age = |service: usize, environment: &str| {
        let environment = shipmark::base::names::EnvironmentName::new(environment).unwrap();
        map.max_skip_age(&map.services[service], &environment).unwrap().as_secs()
    };
    assert_eq!([age(0, "prod"), age(0, "stage"), age(1, "prod"), age(1, "stage")], [2_592_000, 1, 172_800, 172_800]);
}

#[test]
fn a_list_beside_tables_says_how_to_write_both() {
    let world =
        world("environments = [\"stage\"]\n[environments.prod]\nshadow = true\n[services.a]\ninclude = [\"a\"]\n");
    let done = world.run(["plan", "--environment", "stage"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("`[environments.stage]` declares one too"), "{done:?}");
}
