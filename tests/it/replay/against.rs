//! Another map over the same history, failures, and minutes.

use serde_json::Value;

use super::{change, replay, repository};

/// The decisions that differ: what it means, the commit's subject, the service, and the first path with its rule.
fn flips(report: &Value) -> Vec<String> {
    let subject = |id: &Value| {
        let commits = report["commits"].as_array().unwrap();
        commits.iter().find(|commit| commit["commit"] == *id).unwrap()["subject"].as_str().unwrap().to_owned()
    };
    let flips = report["against"]["flips"].as_array().unwrap().iter();
    let words = flips.map(|flip| {
        let change = &flip["changes"][0];
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let (kind, service) = (text(&flip["kind"]), text(&flip["service"]));
        format!(
            "{kind}: {}: {service}: {} by {}",
            subject(&flip["commit"]),
            text(&change["path"]),
            text(&change["rule"])
        )
    });
    words.collect()
}

#[test]
fn every_decision_that_another_map_flips_is_told_with_the_path_that_decides_it() {
    let world = repository();
    change(&world, "a/x", "2");
    change(&world, "b/README.md", "1");
    change(&world, "shared/x", "2");
    let map = "[defaults]\nexclude = [\"**/*.md\"]\n[services.a]\ninclude = [\"a/**\"]\n[services.b]\n\
               include = [\"b/**\", \"shared/**\"]\n[services.c]\ninclude = [\"c/**\"]\n";
    std::fs::write(world.path("other.toml"), map).unwrap();
    let other = world.path("other.toml");
    let report = replay(&world, &["--against", other.to_str().unwrap()]);
    let expected = [
        "builds-more: b/README.md is 1: b: b/README.md by b/**",
        "builds-more: shared/x is 2: a: shared/x by shared/**",
        "possible-false-skip: shared/x is 2: b: shared/x by shared/**",
    ];
    assert_eq!(flips(&report), expected);
    assert_eq!(
        (&report["against"]["only_there"], &report["against"]["only_here"]),
        (&["c"][..].into(), &Value::Array(vec![]))
    );
    let table = world.run(["replay", "--against", other.to_str().unwrap()]).stdout;
    assert!(table.contains("3 of 6 decisions differ"), "{table}");
    assert!(table.contains("1 possible false skip (") && table.contains("2 builds more ("), "{table}");
}

#[test]
fn a_map_against_itself_flips_nothing() {
    let world = repository();
    change(&world, "a/x", "2");
    let report = replay(&world, &["--against", "shipmark.toml"]);
    assert_eq!(flips(&report).len(), 0);
    assert!(world.run(["replay", "--against", "shipmark.toml"]).stdout.contains("0 of 2 decisions differ"));
}

#[test]
fn failures_are_the_same_for_the_same_seed() {
    let world = repository();
    (2..30).for_each(|number| drop(change(&world, ["a/x", "b/x"][number % 2], &number.to_string())));
    let loss = |seed: &str| replay(&world, &["--fail-rate", "0.3", "--seed", seed])["loss"].clone();
    assert_eq!(loss("1"), loss("1"));
    assert_ne!(loss("1"), loss("2"));
    let found = loss("1");
    let lost = found["lost"].as_array().unwrap();
    assert!(!lost.is_empty(), "{found}");
    let behind: u64 = lost.iter().map(|it| it["behind"].as_u64().unwrap()).sum();
    assert_eq!(found["false_skips"], behind);
    assert_eq!(lost[0]["paths"][0]["path"], format!("{}/x", lost[0]["service"].as_str().unwrap()));
    for rate in ["0", "1"] {
        let found = replay(&world, &["--fail-rate", rate])["loss"].clone();
        assert_eq!(found["head"]["failed"], if rate == "0" { 0 } else { 28 }, "{found}");
    }
    let table = world.run(["replay", "--fail-rate", "0.3"]).stdout;
    assert!(table.contains("If 30% of builds fail (--seed 1):") && table.contains("LOST AT"), "{table}");
}

#[test]
fn minutes_are_saved_by_skips() {
    let world = repository();
    change(&world, "a/x", "2");
    change(&world, "b/x", "2");
    change(&world, "b/x", "3");
    let totals = replay(&world, &["--minutes", "4", "--minutes", "a=2.5"])["totals"].clone();
    assert_eq!(
        (&totals["minutes_saved"], &totals["minutes_of_building_all"]),
        (&(2.0 * 2.5 + 4.0).into(), &(3.0 * 6.5).into())
    );
    let done = world.run(["replay", "--minutes", "a=9"]);
    assert!(done.stdout.contains("MINUTES SAVED") && done.stdout.contains('?'), "b's minutes are not known: {done:?}");
    assert!(!done.stdout.contains("That saves"), "{done:?}");
}
