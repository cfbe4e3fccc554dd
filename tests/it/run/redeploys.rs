//! Services that deploy each other again, deployed by commands of their own in one call.

use super::{build, noted, run_all, states};
use crate::support::World;

/// Both deployed once.
fn world(map: &str) -> World {
    let world = World::new(map, &[("command/x", "1"), ("query/x", "1")]);
    let done = run_all(&world, &build("1"), &[], &script(1));
    assert_eq!(done.code, 0, "{done:?}");
    noted(&world);
    world
}

/// Notes which image of the other it was given, and makes one of its own.
fn script(number: usize) -> String {
    format!(
        "echo \"$SHIPMARK_SERVICE ${{IMAGE_COMMAND-none}} ${{IMAGE_QUERY-none}}\" >> ../tmp/log; \
         echo IMAGE=$SHIPMARK_SERVICE-{number} > $SHIPMARK_OUTPUTS"
    )
}

fn change_both(world: &World) {
    world.write("command/x", "2");
    world.write("query/x", "2");
}

const ONE_WAY: &str = "[services.command]\ninclude = [\"command\"]\nredeploys = [\"query\"]\n\
                       [services.query]\ninclude = [\"query\"]\n";

#[test]
fn what_comes_later_is_deployed_again_as_it_is_recorded() {
    let world = world(ONE_WAY);
    change_both(&world);
    assert_eq!(run_all(&world, &build("2"), &["--jobs", "2"], &script(2)).code, 0);
    assert_eq!(noted(&world), ["command none query-1", "query none none"]);
    assert_eq!((world.planned("command"), world.planned("query")), ("unchanged".into(), "unchanged".into()));
    assert!(world.certain("query"));
    assert_eq!(world.run(["output", "query", "IMAGE"]).stdout, "query-2\n");
}

#[test]
fn what_came_before_is_deployed_again_as_this_call_deployed_it() {
    let map = format!("{ONE_WAY}redeploys = [\"command\"]\n");
    let world = world(&map);
    change_both(&world);
    assert_eq!(run_all(&world, &build("2"), &["--jobs", "2"], &script(2)).code, 0);
    assert_eq!(noted(&world), ["command none query-1", "query command-2 none"]);
    assert_eq!((world.planned("command"), world.planned("query")), ("unchanged".into(), "unchanged".into()));
}

/// Otherwise it would be unknown which of two images of `query` was deployed last.
#[test]
fn two_that_deploy_the_same_never_run_at_once() {
    let world = world(ONE_WAY);
    change_both(&world);
    let alone = "mkdir ../tmp/alone && sleep 0.1 && rmdir ../tmp/alone";
    let done = run_all(&world, &build("2"), &["--jobs", "2"], alone);
    assert_eq!(done.code, 0, "{done:?}");
}

/// Another build that deploys `query` meanwhile is overwritten by the deploy of `command`, and must not be taken for certain.
#[test]
fn the_attempt_stays_open_until_all_that_deploy_it_again_have_ended() {
    let map = "[services.command]\ninclude = [\"command\"]\nredeploys = [\"query\"]\ndepends_on = [\"query\"]\n\
               [services.query]\ninclude = [\"query\"]\n";
    let world = world(map);
    change_both(&world);
    let script =
        "case $SHIPMARK_SERVICE in command) cp ../state/default/default/query/mark.json ../tmp/seen.json;; esac";
    assert_eq!(run_all(&world, &build("2"), &[], script).code, 0);
    let seen: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(world.path("tmp/seen.json")).unwrap()).unwrap();
    assert_eq!(seen["attempts"][0]["state"], "building", "{seen}");
    assert_eq!(states(&world, "query"), [""; 0]);
    assert_eq!(world.planned("query"), "unchanged");
}

#[test]
fn a_failure_of_what_is_deployed_again_does_not_stop_the_other() {
    let world = world(ONE_WAY);
    change_both(&world);
    let script = format!("{}; [ $SHIPMARK_SERVICE = command ]", script(2));
    assert_eq!(run_all(&world, &build("2"), &[], &script).code, 1);
    assert_eq!((world.planned("command"), world.planned("query")), ("unchanged".into(), "uncertain".into()));
}
