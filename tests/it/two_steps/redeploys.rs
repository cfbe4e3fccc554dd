//! Case 40: two services in one stack, each deployed with the other's recorded outputs.

use super::build;
use crate::support::{Build, World, entry, exported, reason};

const MAP: &str = "
[services.command]
include = [\"command\"]
redeploys = [\"query\"]
[services.query]
include = [\"query\"]
";

/// Both deployed once, `query` with an output.
fn world() -> World {
    let world = World::new(MAP, &[("command/x", "1"), ("query/x", "1")]);
    for service in ["query", "command"] {
        let build = build(&format!("first-{service}"));
        world.reason(&build, service);
        let image = format!("IMAGE_URI={service}-1");
        assert_eq!(world.run_in(&build, ["record", service, "--output", &image]).code, 0);
    }
    assert_eq!((world.planned("command"), world.planned("query")), ("unchanged".into(), "unchanged".into()));
    world
}

/// The pins of `command` in the mark of `query`: state and pinning service.
fn pins(world: &World) -> Vec<(String, String)> {
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    world.attempts("query").iter().map(|attempt| (word(&attempt["state"]), word(&attempt["pinned_by"]))).collect()
}

fn pinned(state: &str) -> Vec<(String, String)> {
    vec![(state.to_owned(), "command".to_owned())]
}

/// Something that was deployed of the other, and nobody knows what.
fn unknown() -> Vec<(String, String)> {
    vec![("failed".to_owned(), String::new())]
}

#[test]
fn the_outputs_of_the_other_are_handed_to_the_build() {
    let world = world();
    world.write("command/x", "2");
    let done = world.run_in(&build("1"), ["decide", "command"]);
    assert!(done.stdout.contains("export BUILD_SKIPPED_COMMAND='false'\n"), "{}", done.stdout);
    assert!(done.stdout.contains("export IMAGE_URI_QUERY='query-1'\n"), "{}", done.stdout);
    assert!(!done.stdout.contains("SKIPPED_QUERY"), "query was not decided: {}", done.stdout);
}

#[test]
fn the_other_is_in_doubt_from_the_decision_on_and_uncertain_after() {
    let world = world();
    world.write("command/x", "2");
    assert_eq!(world.reason(&build("c"), "command"), "changed");
    assert_eq!(pins(&world), pinned("building"));
    // Meanwhile query deploys a newer one; command will deploy the older one again.
    world.write("query/x", "2");
    assert_eq!(world.deploy(&build("q"), "query"), "changed");
    assert_eq!(world.planned("query"), "deploy-pending", "command has not deployed yet");
    assert_eq!(world.run_in(&build("c"), ["record", "command"]).code, 0);
    assert_eq!(world.planned("query"), "uncertain");
    assert_eq!(world.planned("command"), "unchanged");
    assert_eq!(world.deploy(&build("q2"), "query"), "uncertain");
    assert_eq!(world.planned("query"), "unchanged", "this one began after command had ended");
}

#[test]
fn an_undisturbed_deploy_leaves_the_other_as_it_was() {
    let world = world();
    world.write("command/x", "2");
    assert_eq!(world.deploy(&build("c"), "command"), "changed");
    assert_eq!((world.planned("command"), world.planned("query")), ("unchanged".into(), "unchanged".into()));
    assert_eq!(world.run(["output", "query", "IMAGE_URI"]).stdout, "query-1\n");
    assert_eq!(pins(&world), []);
}

#[test]
fn a_failed_deploy_is_remembered_in_the_other_too() {
    let world = world();
    world.write("command/x", "2");
    world.reason(&build("c"), "command");
    world.write("query/x", "2");
    world.run_in(&build("c").failing(), ["record", "command"]);
    assert_eq!(pins(&world), pinned("failed"));
    assert_eq!(world.deploy(&build("q"), "query"), "changed");
    assert_eq!(world.planned("query"), "unchanged", "it began after command had failed");
}

/// A service that is skipped in the very call is deployed again with what it had, so it is in doubt like any other.
#[test]
fn the_other_is_in_doubt_where_the_same_call_skips_it() {
    let world = world();
    world.write("command/x", "2");
    let decided = world.decide(&build("c"), &["command", "query"]);
    assert_eq!((reason(&decided, "command"), reason(&decided, "query")), ("changed".into(), "unchanged".into()));
    assert_eq!(pins(&world), pinned("building"));
    let shell = world.run_in(&build("c"), ["decide", "command", "query"]).stdout;
    assert_eq!(shell.matches("export IMAGE_URI_QUERY='query-1'\n").count(), 1, "{shell}");
    world.write("query/x", "2");
    assert_eq!(world.deploy(&build("q"), "query"), "changed");
    assert_eq!(world.run_in(&build("c"), ["record", "--all"]).code, 0);
    assert_eq!(world.planned("query"), "uncertain", "command has deployed the old one again");
}

/// Two services of which nothing is recorded yet.
fn undeployed() -> World {
    World::new(MAP, &[("command/x", "1"), ("query/x", "1")])
}

/// Nobody knows as what it is deployed too: as a placeholder, or as what was recorded meanwhile.
#[test]
fn the_other_is_in_doubt_where_nothing_was_recorded_of_it() {
    let world = undeployed();
    let decided = world.decide(&build("c"), &["command"]);
    assert_eq!(entry(&decided, "command")["redeploys"], serde_json::Value::Null, "there is nothing to hand over");
    assert_eq!(pins(&world), pinned("building"));
    assert_eq!(world.deploy(&build("q"), "query"), "never-deployed");
    assert_eq!(world.planned("query"), "deploy-pending", "command has not deployed yet");
    let recorded = world.run_in(&build("c"), ["record", "command"]);
    let told = "query: was deployed to default too, as something of which nothing was recorded";
    assert!(recorded.code == 0 && recorded.stderr.contains(told), "{recorded:?}");
    assert_eq!(world.planned("query"), "uncertain");
    assert_eq!(world.deploy(&build("q2"), "query"), "uncertain");
    assert_eq!(world.planned("query"), "unchanged", "this one began after command had ended");
    assert_eq!(pins(&world), []);
}

/// The stage goes back to its old variables, a placeholder for the other among them.
#[test]
fn a_rollback_to_a_deploy_that_knew_nothing_of_the_other_is_doubt() {
    let world = undeployed();
    let first = world.candidate(&build("c"), "command", "1");
    world.ship(&first);
    assert_eq!(pins(&world), unknown());
    assert_eq!(world.deploy(&build("q"), "query"), "never-deployed");
    assert_eq!(world.planned("query"), "unchanged", "command had ended before it began");
    world.ship(&world.candidate(&build("c2"), "command", "2"));
    assert_eq!(world.planned("query"), "unchanged");
    assert_eq!(world.action("begin", &first).code, 0, "the rollback");
    assert_eq!((pins(&world), world.planned("query")), (pinned("deploying"), "deploy-pending".to_owned()));
    assert_eq!(world.action("promote", &first).code, 0);
    assert_eq!(world.planned("query"), "uncertain");
    assert_eq!(world.deploy(&build("q2"), "query"), "uncertain");
    assert_eq!(world.planned("query"), "unchanged");
}

/// Between the decision and `stage` nobody knows that the stage will deploy the other as it was: as nothing.
#[test]
fn a_skip_that_knew_nothing_of_the_other_is_stale_once_that_is_deployed() {
    let world = undeployed();
    world.ship(&world.candidate(&build("c"), "command", "1"));
    assert_eq!((world.reason(&build("s"), "command"), world.reason(&build("t"), "command")), twice("unchanged"));
    world.stage(&build("s"), &["command"]);
    assert_eq!(pins(&world), [unknown(), pinned("pending")].concat());
    assert_eq!(world.deploy(&build("q"), "query"), "never-deployed");
    assert_eq!(world.planned("query"), "deploy-pending", "what was staged may deploy a placeholder over it");
    let again = world.run_in(&build("s"), ["stage", "command"]);
    assert!(again.code == 2 && again.stderr.contains("--stage NAME"), "{again:?}");
    let done = world.run_in(&build("t"), ["stage", "command"]);
    assert_eq!((done.code, exported(&done.stdout)), (1, None), "{done:?}");
}

fn twice(reason: &str) -> (String, String) {
    (reason.to_owned(), reason.to_owned())
}

#[test]
fn what_is_decided_too_is_not_pinned() {
    let world = undeployed();
    let both = build("both");
    world.decide(&both, &["command", "query"]);
    assert_eq!(pins(&world), [("building".to_owned(), String::new())], "its own attempt only");
    assert_eq!(world.run_in(&both, ["record", "--all"]).code, 0);
}

#[test]
fn pins_are_staged_begun_and_promoted_along() {
    let world = world();
    let candidate = world.candidate(&build("c"), "command", "2");
    assert_eq!(pins(&world), pinned("pending"));
    assert_eq!(world.action("begin", &candidate).code, 0);
    assert_eq!(pins(&world), pinned("deploying"));
    let promoted = world.action("promote", &candidate);
    assert_eq!(promoted.code, 0, "{promoted:?}");
    assert_eq!(pins(&world), []);
    assert_eq!((world.planned("command"), world.planned("query")), ("unchanged".into(), "unchanged".into()));
    assert_eq!(world.run(["output", "query", "IMAGE_URI"]).stdout, "query-1\n");
}

#[test]
fn a_staged_pin_is_doubt_for_a_newer_deploy_of_the_other() {
    let world = world();
    let candidate = world.candidate(&build("c"), "command", "2");
    world.write("query/x", "2");
    assert_eq!(world.deploy(&Build::new("q"), "query"), "changed");
    assert_eq!(world.planned("query"), "deploy-pending");
    world.ship(&candidate);
    assert_eq!(world.planned("query"), "changed", "the older one is deployed again, for certain");
}

#[test]
fn a_skip_stages_its_pins_too_unless_they_are_stale() {
    let world = world();
    assert_eq!(world.reason(&build("s"), "command"), "unchanged");
    world.stage(&build("s"), &["command"]);
    assert_eq!(pins(&world), pinned("pending"));
    assert_eq!(world.reason(&build("t"), "command"), "unchanged");
    world.write("query/x", "2");
    world.deploy(&build("q"), "query");
    let done = world.run_in(&build("t"), ["stage", "command"]);
    assert_eq!((done.code, exported(&done.stdout)), (1, None), "{done:?}");
    assert!(
        done.stderr.contains("`query`: another deploy was recorded since `command` was decided"),
        "{}",
        done.stderr
    );
}

/// Whatever it has deployed of the other is what is recorded there.
#[test]
fn a_failed_build_ends_its_pins_which_are_no_doubt() {
    let world = world();
    world.write("command/x", "2");
    world.reason(&build("c"), "command");
    assert_eq!(pins(&world), pinned("building"));
    world.stage(&build("c").failing(), &["command"]);
    assert_eq!(pins(&world), pinned("failed"));
    assert_eq!((world.planned("command"), world.planned("query")), ("uncertain".into(), "unchanged".into()));
}

/// What a skip's deploy stage will deploy again could not be written into a mark that cannot be read.
#[test]
fn a_skip_needs_the_marks_of_what_it_deploys_again() {
    let world = world();
    world.put_mark("query", "rubbish");
    assert_eq!(world.planned("command"), "state-unavailable");
    let answer = world.decide(&build("1"), &["command"]);
    assert_eq!(reason(&answer, "command"), "state-unavailable");
    assert_eq!(world.run_in(&build("2"), ["decide", "command", "--strict"]).code, 3);
}
