//! A doubt names a build that a person can find, what ends it and by when; and what looks forgotten is named.

use super::{World, build, one};
use crate::support::{Build, Done};

/// A build that CodeBuild numbers, with its page.
fn numbered(id: &str) -> Build {
    build(id).with("CODEBUILD_BUILD_NUMBER", &format!("4{id}")).with("CODEBUILD_BUILD_URL", &format!("https://ci/{id}"))
}

fn decide(world: &World, id: &str) -> Done {
    let done = world.run_in(&numbered(id), ["decide"]);
    assert_eq!(done.code, 0, "{done:?}");
    done
}

fn plan(world: &World) -> String {
    world.run(["plan", "--format", "json"]).json()["services"][0]["detail"].as_str().unwrap().to_owned()
}

/// Makes the newest attempt old, and what bounds it if anything does.
fn age(world: &World) {
    world.edit_mark("a", |mark| {
        let attempt = mark["attempts"].as_array_mut().unwrap().last_mut().unwrap();
        attempt["opened_at"] = "2020-01-01T00:00:00Z".into();
        if attempt["state"] == "building" {
            attempt["deadline"] = "2020-01-01T01:00:00Z".into();
        }
    });
}

/// A deployed service whose input has changed since.
fn deployed() -> World {
    let world = one();
    world.deploy(&numbered("1"), "a");
    world.write("a/x", "2");
    world
}

fn attempts(world: &World) -> Vec<serde_json::Value> {
    world.run(["status", "--json"]).json()["services"][0]["attempts"].as_array().unwrap().clone()
}

#[test]
fn what_is_under_way_is_named_with_its_end() {
    let world = deployed();
    decide(&world, "2");
    world.write("a/x", "1");
    let detail = plan(&world);
    let start = "an attempt (build 42 (2, https://ci/2), just now) is under way; it ends when that build records or fails, at the latest 20";
    assert!(detail.starts_with(start) && detail.contains(" UTC"), "{detail}");
    let shown = world.run(["status"]).stdout;
    let line = "building: opened just now by build 42 (2, https://ci/2); it ends at the latest 20";
    assert!(shown.contains(line), "{shown}");
    let attempt = &attempts(&world)[0];
    assert_eq!((&attempt["number"], &attempt["url"]), (&"42".into(), &"https://ci/2".into()));
    assert!(attempt["ends_at"].is_string() && attempt["forgotten"].is_null(), "{attempt}");
    // What failed is doubt until something else is deployed.
    world.run_in(&numbered("2").failing(), ["record", "a"]);
    let detail = plan(&world);
    let failed = "something else may be deployed: an attempt (build 42 (2, https://ci/2), just now) failed, and may have left something; \
                  the next recorded deploy that nothing overlaps settles it (1 input)";
    assert_eq!(detail, failed);
    let workflow = |run: &str| {
        let of = |name: &str| format!("GITHUB_{name}");
        Build::default()
            .with("GITHUB_ACTIONS", "true")
            .with(&of("RUN_ID"), run)
            .with(&of("RUN_NUMBER"), "7")
            .with(&of("SERVER_URL"), "https://github.com")
            .with(&of("REPOSITORY"), "o/r")
            .with("SHIPMARK_PIPELINE", "shop")
    };
    world.run_in(&workflow("99"), ["decide", "a"]);
    let shown = world.run(["status"]).stdout;
    assert!(shown.contains("by build 7 (99-1, https://github.com/o/r/actions/runs/99)"), "{shown}");
}

#[test]
fn a_taint_says_when_and_what_settles_it() {
    let world = deployed();
    world.write("a/x", "1");
    world.run(["taint", "a", "--reason", "rolled back by hand"]);
    let detail = plan(&world);
    assert!(
        detail.starts_with("tainted by ") && detail.contains(", just now: rolled back by hand; the next recorded"),
        "{detail}"
    );
}

#[test]
fn a_forgotten_record_is_named_until_a_deploy_is_recorded() {
    let world = deployed();
    decide(&world, "2");
    age(&world);
    let question =
        "neither recorded nor failed: was it stopped, or is `shipmark record` (or `stage`) missing at its end?";
    let warned = decide(&world, "3").stderr;
    assert!(warned.contains("a: build, changed: ") || warned.contains("a: build, uncertain: "), "{warned}");
    assert_eq!(warned.matches("is `shipmark record`").count(), 1, "{warned}");
    world.write("a/x", "3");
    let shown = world.run(["status"]).stdout;
    assert_eq!(shown.matches("is `shipmark record`").count(), 1, "{shown}");
    assert_eq!(attempts(&world)[0]["forgotten"], "record", "the write that ended it keeps that nobody reported it");
    // The third build did not record either.
    age(&world);
    let warned = decide(&world, "4").stderr;
    assert_eq!(warned.matches("is `shipmark record`").count(), 1, "{warned}");
    // A build that reports its failure late has not forgotten it.
    world.run_in(&numbered("2").failing(), ["record", "a"]);
    assert_eq!(world.run_in(&numbered("4"), ["record", "a"]).code, 0);
    world.deploy(&numbered("5"), "a");
    let shown = world.run(["status"]).stdout;
    assert!(!shown.contains("missing"), "{shown}");
    // With no deploy ever recorded, each decision says it.
    let world = one();
    decide(&world, "1");
    age(&world);
    let warned = decide(&world, "2").stderr;
    assert!(warned.contains("no deploy is recorded; an attempt (build 41 (1, https://ci/1), "), "{warned}");
    assert!(warned.contains(&question[question.find("was").unwrap()..]), "{warned}");
}

#[test]
fn a_forgotten_begin_is_named() {
    let world = deployed();
    let candidate = world.candidate(&numbered("2"), "a", "2");
    let promoted = world.action("promote", &candidate);
    assert!(
        promoted.stderr.contains("promoted and never begun") && promoted.stderr.contains("`shipmark begin`"),
        "{promoted:?}"
    );
    let shown = world.run(["status"]).stdout;
    assert_eq!(shown.matches("is `shipmark begin` missing").count(), 1, "{shown}");
    assert_eq!(attempts(&world).iter().filter(|attempt| attempt["forgotten"] == "begin").count(), 1);
    world.write("a/x", "3");
    let warned = decide(&world, "3").stderr;
    assert_eq!(warned.matches("is `shipmark begin` missing").count(), 1, "{warned}");
    // Candidates pile up where a stage neither begins nor promotes.
    let world = deployed();
    world.candidate(&numbered("2"), "a", "2");
    assert!(!world.run(["status"]).stdout.contains("missing"), "one candidate may wait for its approval");
    world.candidate(&numbered("3"), "a", "3");
    assert!(world.run(["status"]).stdout.contains("is `shipmark begin` missing"));
    // Where the stage does its part nothing is said.
    let world = deployed();
    let candidate = world.candidate(&numbered("2"), "a", "2");
    world.ship(&candidate);
    world.candidate(&numbered("3"), "a", "3");
    world.candidate(&numbered("4"), "a", "4");
    assert!(!world.run(["status"]).stdout.contains("missing"));
}

#[test]
fn a_forgotten_promote_is_named() {
    let world = deployed();
    let candidate = world.candidate(&numbered("2"), "a", "2");
    assert_eq!(world.action("begin", &candidate).code, 0);
    let shown = world.run(["status"]).stdout;
    assert!(!shown.contains("missing"), "{shown}");
    age(&world);
    let shown = world.run(["status"]).stdout;
    assert!(shown.contains("was never promoted") && shown.contains("`shipmark promote`"), "{shown}");
    world.write("a/x", "3");
    let warned = decide(&world, "3").stderr;
    assert_eq!(warned.matches("`shipmark promote`").count(), 1, "{warned}");
    assert_eq!(world.action("promote", &candidate).code, 0);
    assert!(!world.run(["status"]).stdout.contains("missing"));
}

#[test]
fn eighty_services_with_one_fault_get_one_warning() {
    let names: Vec<String> = (0..80).map(|number| format!("s{number:02}")).collect();
    let map: String = names.iter().map(|name| format!("[services.{name}]\ninclude = [\"{name}\"]\n")).collect();
    let files: Vec<(String, &str)> = names.iter().map(|name| (format!("{name}/x"), "1")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let world = World::new(&map, &files);
    decide(&world, "1");
    world.run_in(&numbered("1"), ["record", "--all"]);
    names.iter().for_each(|name| world.write(&format!("{name}/x"), "2"));
    decide(&world, "2");
    for name in &names {
        world.edit_mark(name, |mark| mark["attempts"][0]["deadline"] = "2020-01-01T01:00:00Z".into());
    }
    names.iter().for_each(|name| world.write(&format!("{name}/x"), "3"));
    decide(&world, "3");
    let warned = decide(&world, "4").stderr;
    let warnings: Vec<&str> = warned.lines().filter(|line| line.starts_with("warning")).collect();
    assert!(warnings.len() <= 2, "{warnings:#?}");
}

#[test]
fn the_lines_of_two_environments_differ() {
    let world =
        World::new("[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n", &[("a/x", "1"), ("b/x", "1")]);
    let both = ["--environment", "stage", "--environment", "prod"];
    let decided = world.run_in(&numbered("1"), ["decide"].iter().chain(&both));
    for line in ["a in stage: build, ", "a in prod: build, ", "b in prod: build, "] {
        assert_eq!(decided.stderr.matches(line).count(), 1, "{decided:?}");
    }
    let lines: Vec<&str> = decided.stderr.lines().collect();
    let unique: std::collections::BTreeSet<&&str> = lines.iter().collect();
    assert_eq!(unique.len(), lines.len(), "{decided:?}");
    let alone = world.run_in(&numbered("2"), ["decide", "--environment", "stage"]);
    assert!(alone.stderr.contains("a: build, "), "{alone:?}");
}

#[test]
fn the_line_for_two_pipelines_can_be_pasted() {
    let map = "[environments.default]\n[services.a]\ninclude = [\"a\"]\n";
    let world = World::new(map, &[("a/x", "1")]);
    let of = |id: &str, pipeline: &str| Build::new(id).pipeline(pipeline).with("SHIPMARK_ENVIRONMENT", "default");
    world.deploy(&of("1", "shop"), "a");
    let decided = world.run_in(&of("2", "shop-hotfix"), ["decide", "a"]);
    let said = "pipeline `shop` deployed it last, and this is pipeline `shop-hotfix` (1 input); to let each count as the other's, \
                write in the map, under `[environments.default]`";
    let line = decided.stderr.lines().find(|line| line.contains(said)).unwrap_or_else(|| panic!("{decided:?}"));
    let at = line.find("pipelines = [").unwrap();
    let line = &line[at..=at + line[at..].find(']').unwrap()];
    assert_eq!(line, "pipelines = [\"shop-hotfix\", \"shop\"]");
    world
        .write("shipmark.toml", &map.replace("[environments.default]\n", &format!("[environments.default]\n{line}\n")));
    world.deploy(&of("6", "shop-hotfix"), "a");
    world.deploy(&of("3", "shop-hotfix"), "a");
    let decided = world.run_in(&of("4", "shop"), ["decide", "a"]);
    assert!(decided.stderr.contains("a: skip, unchanged"), "{decided:?}");
    // One in another account is listed by its ARN.
    let arn = "arn:aws:codebuild:eu-west-1:2:build/project:1";
    let other = of("5", "other").with("CODEBUILD_BUILD_ARN", arn);
    let decided = world.run_in(&other, ["decide", "a"]);
    assert!(!decided.stderr.contains("arn:aws:codepipeline"), "nothing says where `shop-hotfix` is: {decided:?}");
}
