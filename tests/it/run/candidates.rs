//! In a deploy stage, `run` deploys what an earlier stage has decided or built: begin, command, promote.

use super::{NOTE, build, noted, run_all, shop, states};
use crate::support::{Build, Done, World, exported, reason};

/// The build of a deploy stage, which got this value.
fn deploy(id: &str, candidate: &str) -> Build {
    build(id).with("SHIPMARK_CANDIDATE", candidate)
}

/// Decides ahead of the deploy stages, and gives the value for each service.
fn decided(world: &World, id: &str, services: &[&str]) -> Vec<String> {
    let done = world.run_in(&build(id), ["decide", "--stage"].iter().chain(services));
    assert_eq!(done.code, 0, "{done:?}");
    let value = |service: &&str| {
        let start = format!("export SHIPMARK_CANDIDATE_{}='", service.to_uppercase());
        let line = done.stdout.lines().find_map(|line| line.strip_prefix(start.as_str()));
        line.unwrap().trim_end_matches('\'').to_owned()
    };
    services.iter().map(value).collect()
}

fn run(world: &World, build: &Build, service: &str, script: &str) -> Done {
    world.run_in(build, ["run", service, "--", "sh", "-c", script])
}

/// Set-up D: a pipeline for each service, started by one that decides.
#[test]
fn a_child_of_a_fleet_deploys_what_was_decided_for_it() {
    let world = shop();
    run_all(&world, &build("0"), &[], "true");
    for service in ["web", "docs"] {
        world.write(&format!("{service}/x"), "2");
    }
    let values = decided(&world, "1", &["web", "docs", "cron"]);
    for (service, value) in ["web", "docs", "cron"].iter().zip(&values) {
        let done = run(&world, &deploy(&format!("child-{service}"), value), service, NOTE);
        assert_eq!(done.code, 0, "{done:?}");
    }
    assert_eq!(noted(&world), ["web", "docs"], "what is skipped only has its skip confirmed");
    for service in ["web", "docs", "cron"] {
        assert_eq!(world.planned(service), "unchanged", "{service}");
        assert!(world.certain(service));
    }
}

/// The last stage always runs, also where a condition has skipped a stage that was to deploy.
#[test]
fn what_was_to_be_built_and_has_not_begun_is_not_confirmed() {
    let world = shop();
    run_all(&world, &build("0"), &[], "true");
    world.write("web/x", "2");
    let value = decided(&world, "1", &["web", "docs"]).join(" ");
    let confirmed = world.action_with(&build("3"), &["promote", "--claims", &value]);
    assert_eq!(confirmed.code, 1, "{confirmed:?}");
    assert!(confirmed.stderr.contains("`web` was to be built, and its deploy stage has not begun"), "{confirmed:?}");
    for other in [&["--failed"][..], &["--output", "A=b"], &["--candidate", &value]] {
        let refused = world.action_with(&build("3"), &[&["promote", "--claims", &value], other].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
    }
}

#[test]
fn a_command_that_fails_is_a_deploy_that_failed() {
    let world = shop();
    run_all(&world, &build("0"), &[], "true");
    world.write("web/x", "2");
    let values = decided(&world, "1", &["web"]);
    let done = run(&world, &deploy("2", &values[0]), "web", "exit 7");
    assert_eq!(done.code, 7, "{done:?}");
    assert_eq!(states(&world, "web"), ["failed"]);
    world.write("web/x", "1");
    assert_eq!(world.planned("web"), "uncertain");
    // The stage is retried, with the source that was decided.
    world.write("web/x", "2");
    assert_eq!(run(&world, &deploy("3", &values[0]), "web", "true").code, 0);
    assert_eq!(world.planned("web"), "unchanged");
    world.write("web/x", "1");
    assert_eq!(world.planned("web"), "changed");
}

#[test]
fn a_command_of_a_candidate_that_is_not_there_is_a_deploy_that_failed() {
    let world = shop();
    let values = decided(&world, "1", &["web"]);
    let done = world.run_in(&deploy("2", &values[0]), ["run", "web", "--", "./not-there"]);
    assert_eq!(done.code, 127, "{done:?}");
    assert_eq!(states(&world, "web"), ["failed"]);
}

#[test]
fn a_skip_that_no_longer_holds_fails() {
    let world = shop();
    run_all(&world, &build("0"), &[], "true");
    let values = decided(&world, "1", &["web"]);
    world.write("web/x", "2");
    assert_eq!(world.deploy(&build("2"), "web"), "changed");
    let done = run(&world, &deploy("3", &values[0]), "web", NOTE);
    assert_eq!((done.code, noted(&world)), (1, vec![]), "{done:?}");
    assert!(done.stderr.contains("that no longer holds"), "{}", done.stderr);
}

#[test]
fn a_candidate_that_was_overtaken_runs_nothing() {
    let world = shop();
    let older = decided(&world, "1", &["web"]).remove(0);
    world.write("web/x", "2");
    let newer = decided(&world, "2", &["web"]).remove(0);
    assert_eq!(run(&world, &deploy("3", &newer), "web", "true").code, 0);
    world.write("web/x", "1");
    let done = run(&world, &deploy("4", &older), "web", NOTE);
    assert_eq!((done.code, noted(&world)), (1, vec![]), "{done:?}");
    assert!(done.stderr.contains("must not be deployed"), "{}", done.stderr);
    world.write("web/x", "2");
    assert_eq!(world.planned("web"), "unchanged");
}

/// Whatever should have handed the value on has failed: to decide anew would deploy past the gate.
#[test]
fn a_value_that_is_none_is_never_a_decision_of_its_own() {
    let world = shop();
    let value = decided(&world, "1", &["web"]).remove(0);
    for (value, code, said) in [
        ("", 2, "SHIPMARK_CANDIDATE is empty"),
        (" ", 2, "SHIPMARK_CANDIDATE is empty"),
        ("false", 1, "its build has failed"),
        ("none", 2, "is not what `shipmark` printed"),
        (&value[1..], 2, "is not what `shipmark` printed"),
        (&format!("{value} false"), 1, "its build has failed"),
    ] {
        let done = run(&world, &deploy("2", value), "web", NOTE);
        assert_eq!(done.code, code, "{value}: {done:?}");
        assert!(done.stderr.contains(said), "{value}: {}", done.stderr);
        assert_eq!(noted(&world), [""; 0]);
    }
    let other = run(&world, &deploy("2", &value), "docs", NOTE);
    assert_eq!(other.code, 2, "{other:?}");
    assert!(other.stderr.contains("SHIPMARK_CANDIDATE has nothing of `docs`") && other.stderr.contains("it has web"));
    assert_eq!(states(&world, "web"), ["pending"], "it waits on");
}

/// Set-up C, behind the approval: all that was decided, in dependency order, in one build.
#[test]
fn one_build_deploys_all_that_was_decided() {
    let world = shop();
    run_all(&world, &build("0"), &[], "true");
    for service in ["image", "web"] {
        world.write(&format!("{service}/x"), "2");
    }
    let decision = world.run_in(&build("1"), ["decide", "--stage"]);
    let value = exported(&decision.stdout).unwrap();
    let done = run_all(&world, &deploy("2", &value), &["--jobs", "2"], NOTE);
    assert_eq!(done.code, 0, "{done:?}");
    let ran = noted(&world);
    assert_eq!(ran.len(), 4, "docs was skipped: {ran:?}");
    let at = |name: &str| ran.iter().position(|ran| ran == name).unwrap();
    assert!(at("image") < at("api") && at("api") < at("cron"));
    let answer = world.plan(&[]);
    super::SERVICES.iter().for_each(|service| assert_eq!(reason(&answer, service), "unchanged", "{service}"));
    // The stage behind it confirms what was skipped.
    let confirmed = world.action_with(&build("3"), &["promote", "--claims", &value]);
    assert_eq!(confirmed.code, 0, "{confirmed:?}");
    assert!(confirmed.stderr.contains("docs: its skip for default still holds"), "{}", confirmed.stderr);
    let answer = world.plan(&[]);
    super::SERVICES.iter().for_each(|service| assert_eq!(reason(&answer, service), "unchanged", "{service}"));
}

#[test]
fn what_a_failure_stops_waits_for_a_retry() {
    let world = shop();
    let values = decided(&world, "1", &super::SERVICES).join(" ");
    let script = format!("{NOTE}; [ $SHIPMARK_SERVICE != api ]");
    assert_eq!(run_all(&world, &deploy("2", &values), &[], &script).code, 1);
    assert_eq!(noted(&world), ["docs", "image", "api", "web"]);
    assert_eq!((states(&world, "api"), states(&world, "cron")), (vec!["failed".into()], vec!["pending".into()]));
    assert_eq!(run_all(&world, &deploy("3", &values), &[], NOTE).code, 0);
    assert_eq!(world.planned("cron"), "unchanged");
}

const IMAGES: &str = "\
[services.command]
include = [\"command\"]
redeploys = [\"query\"]
outputs = { IMAGE = \"*\" }
[services.query]
include = [\"query\"]
";

const SHOW: &str = "env | grep -E '^(BUILD_REASON|BUILD_SKIPPED|IMAGE)' | sort > ../tmp/$SHIPMARK_SERVICE.env";

fn seen(world: &World, service: &str) -> String {
    std::fs::read_to_string(world.path("tmp").join(format!("{service}.env"))).unwrap()
}

/// Both deployed once, with an image each.
fn images() -> World {
    let world = World::new(IMAGES, &[("command/x", "1"), ("query/x", "1")]);
    let done = run_all(&world, &build("0"), &[], "echo IMAGE=$SHIPMARK_SERVICE-1 > $SHIPMARK_OUTPUTS");
    assert_eq!(done.code, 0, "{done:?}");
    world.write("command/x", "2");
    world
}

#[test]
fn what_was_built_before_is_handed_to_the_command() {
    let world = images();
    world.reason(&build("1"), "command");
    let value = world.stage(&build("1"), &["command", "--output", "IMAGE=command-2", "--output", "TAG=t2"]);
    let done = run(&world, &deploy("2", &value), "command", SHOW);
    assert_eq!(done.code, 0, "{done:?}");
    let seen = seen(&world, "command");
    for line in ["IMAGE=command-2", "IMAGE_COMMAND=command-2", "IMAGE_QUERY=query-1", "BUILD_REASON=changed"] {
        assert!(seen.lines().any(|seen| seen == line), "{line}: {seen}");
    }
    assert_eq!(world.run(["output", "command", "IMAGE"]).stdout, "command-2\n");
    assert_eq!((world.planned("command"), world.planned("query")), ("unchanged".into(), "unchanged".into()));
}

#[test]
fn what_the_command_builds_is_recorded() {
    let world = images();
    let value = decided(&world, "1", &["command"]).remove(0);
    let done = run(&world, &deploy("2", &value), "command", "echo IMAGE=command-2 > $SHIPMARK_OUTPUTS");
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.run(["output", "command", "IMAGE"]).stdout, "command-2\n");
    let half = decided(&world, "3", &["query"]).remove(0);
    assert_eq!(run(&world, &deploy("4", &half), "query", "true").code, 0, "a skip, confirmed");
    world.write("query/x", "2");
    let value = decided(&world, "5", &["query"]).remove(0);
    let done = run(&world, &deploy("6", &value), "query", "printf IMAGE=quer > $SHIPMARK_OUTPUTS");
    assert_eq!(done.code, 1, "{done:?}");
    assert_eq!(states(&world, "query"), ["failed"]);
}

/// Two services staged for one deploy stage: neither may be taken for deployed while the other may deploy it again.
#[test]
fn services_of_one_stage_are_deployed_by_one_run() {
    let world = images();
    world.write("query/x", "2");
    world.decide(&build("1"), &[]);
    let images = ["--output", "command:IMAGE=command-2", "--output", "query:IMAGE=query-2"];
    let value = world.stage(&build("1"), &[&["command", "query", "--stage", "prod"][..], &images].concat());
    let done = run_all(&world, &deploy("2", &value), &["--jobs", "2"], SHOW);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(seen(&world, "command").contains("IMAGE_QUERY=query-2\n"), "{}", seen(&world, "command"));
    for service in ["command", "query"] {
        assert_eq!((world.planned(service), world.certain(service)), ("unchanged".into(), true));
    }
}

#[test]
fn a_deploy_stage_without_a_map_deploys_one_service() {
    let world = shop();
    let early = decided(&world, "0", &["cron"]);
    assert_eq!(world.run_in(&build("1"), ["decide", "web", "docs"]).code, 0);
    let values = ["web", "docs"].map(|service| world.stage(&build("1"), &[service]));
    world.remove("shipmark.toml");
    let done = run(&world, &deploy("2", &values[0]), "web", NOTE);
    assert_eq!((done.code, noted(&world)), (0, vec!["web".to_owned()]), "{done:?}");
    let several = run_all(&world, &deploy("3", &values.join(" ")), &[], NOTE);
    assert_eq!((several.code, noted(&world)), (2, vec![]), "there is no order without a map: {several:?}");
    let unbuilt = run(&world, &deploy("4", &early[0]), "cron", NOTE);
    assert_eq!((unbuilt.code, noted(&world)), (2, vec![]), "its source cannot be compared: {unbuilt:?}");
}

/// A child that checks out a newer commit would record the decision's contents for what it builds.
#[test]
fn what_is_built_in_the_deploy_stage_is_built_from_the_source_that_was_decided() {
    let world = shop();
    let values = decided(&world, "1", &["web"]);
    world.write("web/x", "a newer commit");
    let newer = run(&world, &deploy("2", &values[0]), "web", NOTE);
    assert_eq!((newer.code, noted(&world)), (2, vec![]), "{newer:?}");
    assert!(newer.stderr.contains("the source is not the one that was decided"), "{newer:?}");
    assert!(!world.attempts("web").iter().any(|attempt| attempt["state"] == "deploying"), "nothing has begun");
    world.write("web/x", "1");
    let extra = ["run", "web", "--extra", "BASE=2", "--", "sh", "-c", NOTE];
    assert_eq!(world.run_in(&deploy("3", &values[0]), extra).code, 2, "an extra is an input too");
    let done = run(&world, &deploy("4", &values[0]), "web", NOTE);
    assert_eq!((done.code, noted(&world)), (0, vec!["web".to_owned()]), "{done:?}");
    assert_eq!(world.planned("web"), "unchanged");
}

#[test]
fn a_candidate_of_several_environments_is_deployed_to_one() {
    let world = shop();
    let both = ["--environment", "stage", "--environment", "prod"];
    assert_eq!(world.run_in(&build("1"), ["decide", "web"].iter().chain(&both)).code, 0);
    let value = world.stage(&build("1"), &[&["web"][..], &both].concat());
    let one = |id: &str, flags: &[&str]| {
        let args = ["run", "web"].iter().chain(flags).chain(&["--", "sh", "-c", NOTE]);
        (world.run_in(&deploy(id, &value), args).code, noted(&world).len())
    };
    assert_eq!(one("2", &[]), (2, 0));
    assert_eq!(one("3", &["--environment", "prod"]), (0, 1));
    let planned = |environment: &str| reason(&world.plan(&["web", "--environment", environment]), "web");
    assert_eq!((planned("prod"), planned("stage")), ("unchanged".into(), "never-deployed".into()));
}

/// Case 103: the comparison of the source needs only what the service needs.
#[test]
fn another_teams_mistake_does_not_stop_a_deploy_stage() {
    let world = shop();
    let map = std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
    world.write("shipmark.toml", &format!("{map}\n[services.theirs]\ninclude = [\"/absolute\"]\n"));
    let values = decided(&world, "1", &["web", "docs", "cron"]);
    let done = run(&world, &deploy("2", &values[0]), "web", NOTE);
    assert_eq!((done.code, noted(&world)), (0, vec!["web".to_owned()]), "{done:?}");
    let several = run_all(&world, &deploy("3", &values[1..].join(" ")), &[], NOTE);
    assert_eq!((several.code, noted(&world).len()), (0, 2), "{several:?}");
}
