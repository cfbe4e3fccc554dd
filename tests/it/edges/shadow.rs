//! Shadow: nothing is skipped, what skips would have passed on is compared with what the builds made, and people see both.

use super::{World, build, exported};
use crate::schemas::holds;
use crate::support::Build;

const MAP: &str = "\
project = \"shop\"
[environments.prod]
shadow = true
[environments.stage]
[services.a]
include = [\"a\"]
outputs = { IMAGE = \"*\" }
[services.b]
include = [\"b\"]
";

fn world() -> World {
    World::new(MAP, &[("a/x", "1"), ("b/x", "1")])
}

fn at(id: &str, environment: &str) -> Build {
    build(id).with("SHIPMARK_ENVIRONMENT", environment).with("CODEBUILD_BUILD_URL", &format!("https://ci/{id}"))
}

/// A build of both services in `prod`, of which `a` makes that image. Gives what `decide` said.
fn deploy(world: &World, id: &str, image: &str) -> String {
    let decided = world.run_in(&at(id, "prod"), ["decide"]);
    assert_eq!(decided.code, 0, "{decided:?}");
    let recorded = world.run_in(&at(id, "prod"), ["record", "--all", "--output", &format!("a:IMAGE={image}")]);
    assert_eq!(recorded.code, 0, "{recorded:?}");
    decided.stderr
}

fn shown(world: &World, args: &[&str]) -> String {
    let done = world.run(["status", "--shadow", "--environment", "prod"].iter().chain(args));
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout
}

/// The counts of `a` and `b`: would skip, agreed, contradicted.
fn counts(world: &World) -> Vec<[u64; 3]> {
    let document: serde_json::Value = serde_json::from_str(&shown(world, &["--format", "json"])).unwrap();
    holds("shadow", &document);
    let number = |entry: &serde_json::Value, name: &str| entry[name].as_u64().unwrap();
    let services = document["services"].as_array().unwrap().iter();
    services.map(|entry| ["would_skip", "agreed", "contradicted"].map(|name| number(entry, name))).collect()
}

#[test]
fn what_skipping_would_have_saved_is_counted() {
    let world = world();
    assert!(shown(&world, &[]).contains("0 builds would have been skipped; no skip is contradicted."));
    deploy(&world, "1", "one");
    assert_eq!(counts(&world), [[0, 0, 0]; 2], "a first build is no skip");
    for id in ["2", "3"] {
        let said = deploy(&world, id, "one");
        assert!(!said.contains("contradict"), "{said}");
    }
    world.write("b/x", "2");
    deploy(&world, "4", "one");
    assert_eq!(counts(&world), [[3, 3, 0], [2, 2, 0]]);
    // What the builds took: two minutes in the median.
    for service in ["a", "b"] {
        let path = world.path("state").join("shop/prod").join(service).join("mark.json");
        if !path.exists() {
            // In another store nobody edits them.
            return;
        }
        let mut mark: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        mark["deployed"]["seconds"] = 120.into();
        let log = mark["log"].as_array_mut().unwrap();
        log.iter_mut().zip([10, 120, 999]).for_each(|(logged, seconds)| logged["seconds"] = seconds.into());
        std::fs::write(&path, mark.to_string()).unwrap();
    }
    let text = shown(&world, &[]);
    assert!(text.contains("SERVICE  IN SHADOW  WOULD SKIP  AGREED  CONTRADICTED  MINUTES SAVED\n"), "{text}");
    assert!(text.contains("a        yes                 3       3             0              6\n"), "{text}");
    assert!(
        text.ends_with("5 builds would have been skipped, saving 10 minutes; no skip is contradicted.\n"),
        "{text}"
    );
}

#[test]
fn a_contradiction_stays_and_is_warned_of_until_it_is_cleared() {
    let world = world();
    for (id, image) in [("1", "one"), ("2", "two")] {
        deploy(&world, id, image);
    }
    assert_eq!(counts(&world), [[1, 0, 1], [1, 1, 0]]);
    let text = shown(&world, &[]);
    let line = "  IMAGE differed in build 2 (https://ci/2), just now; a skip would have kept the deploy of build 1\n";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("2 builds would have been skipped") && text.contains("; 1 skip is contradicted."), "{text}");
    // The command that it suggests is what clears it.
    let warned = deploy(&world, "3", "two");
    let line = warned.lines().find(|line| line.contains("contradict")).unwrap_or_else(|| panic!("{warned}"));
    assert!(line.starts_with("warning: shadow builds contradict 1 skip of a in prod (last: IMAGE differed in build 2"));
    assert!(line.contains(": shipmark status a --shadow --state "), "{line}");
    world.write("shipmark.toml", &MAP.replace("shadow = true", "shadow = false"));
    let still = world.run_in(&at("4", "prod"), ["decide"]);
    assert!(still.stderr.contains("contradict 1 skip of a in prod"), "it stays when the shadow ends: {still:?}");
    assert_eq!(world.decide(&at("4", "prod"), &["a"])["services"][0]["reason"], "unchanged", "it decides nothing");
    let elsewhere = world.run_in(&at("5", "stage"), ["decide"]);
    assert!(!elsewhere.stderr.contains("contradict"), "{elsewhere:?}");
    let cleared = world.run(["status", "--shadow", "--clear", "--environment", "prod"]);
    assert_eq!(cleared.code, 0, "{cleared:?}");
    assert!(cleared.stdout.contains("IMAGE differed in build 2"), "what is cleared is shown: {cleared:?}");
    assert!(cleared.stderr.contains("a in prod: its shadow counts start again"), "{cleared:?}");
    assert_eq!(counts(&world), Vec::<[u64; 3]>::new(), "nothing is in shadow, and nothing is counted");
    let quiet = world.run_in(&at("6", "prod"), ["decide"]);
    assert!(!quiet.stderr.contains("contradict"), "{quiet:?}");
    let again = world.run(["status", "--shadow", "--clear", "--environment", "prod"]);
    assert!(again.stderr.contains("there were no shadow counts to clear"), "{again:?}");
}

#[test]
fn a_deploy_stage_counts_too() {
    let world = world();
    let ship = |id: &str, image: &str| {
        let build = at(id, "prod");
        assert_eq!(world.run_in(&build, ["decide", "a"]).code, 0);
        let staged = world.run_in(&build, ["stage", "a", "--output", &format!("IMAGE={image}")]);
        world.ship(&exported(&staged.stdout, "SHIPMARK_CANDIDATE"));
    };
    ship("1", "one");
    ship("2", "one");
    ship("3", "other");
    assert_eq!(counts(&world), [[2, 1, 1], [0, 0, 0]]);
    let text = shown(&world, &["a"]);
    assert!(text.contains("IMAGE differed in build 3") && text.contains("how long they took is unknown"), "{text}");
}

#[test]
fn a_plan_shows_what_would_be_skipped() {
    let world = world();
    deploy(&world, "1", "one");
    let plan = world.run(["plan", "--environment", "prod"]).stdout;
    assert!(plan.contains("a        skip      in shadow"), "{plan}");
    assert!(
        plan.ends_with("2 of 2 services would build: a and b. Without shadow, 2 of them would be skipped.\n"),
        "{plan}"
    );
    let both = world.run(["plan", "--all-environments"]).stdout;
    assert!(both.contains("skip, in shadow"), "{both}");
}

#[test]
fn what_clear_and_shadow_cannot_be_combined_with_is_refused() {
    let world = world();
    for args in [&["--clear"][..], &["--shadow", "--log"], &["--shadow", "--max-age", "1d"]] {
        let done = world.run(["status", "--environment", "prod"].iter().chain(args));
        assert_eq!(done.code, 2, "{args:?}: {done:?}");
    }
}

#[test]
fn counts_that_cannot_be_read_are_not_zero() {
    let world = world();
    deploy(&world, "1", "one");
    deploy(&world, "2", "two");
    let path = world.path("state").join("shop/prod/a/mark.json");
    if !path.exists() {
        // In another store nobody damages them.
        return;
    }
    std::fs::write(&path, "{").unwrap();
    for args in [&["--shadow"][..], &["--shadow", "--clear"]] {
        let done = world.run(["status", "--environment", "prod"].iter().chain(args));
        assert!(done.stderr.contains("the counts of a are unknown: "), "{done:?}");
        assert_eq!(done.code, if args.len() == 1 { 0 } else { 1 }, "{done:?}");
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{", "what cannot be read is not overwritten");
}
