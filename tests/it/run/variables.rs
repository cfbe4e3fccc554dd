//! What a command sees of the decision, and of other services.

use super::{build, run_all};
use crate::support::World;

const MAP: &str = "\
[services.image]
include = [\"image\"]
outputs = { IMAGE_URI = \"*\" }
[services.api]
include = [\"api\"]
depends_on = [\"image\"]
";

/// Writes what it sees of itself and of the image, and where it is the image says what it made.
const SHOW: &str = "\
env | grep -E '^(BUILD_|IMAGE_|SHIPMARK_SERVICE)' | sort > ../tmp/$SHIPMARK_SERVICE.env
[ $SHIPMARK_SERVICE != image ] || echo IMAGE_URI=image-$(cat image/x) > $SHIPMARK_OUTPUTS";

fn world() -> World {
    World::new(MAP, &[("image/x", "1"), ("api/x", "1")])
}

/// What the command of a service saw.
fn seen(world: &World, service: &str) -> Vec<String> {
    let text = std::fs::read_to_string(world.path("tmp").join(format!("{service}.env"))).unwrap();
    text.lines().map(str::to_owned).filter(|line| !line.starts_with("BUILD_FINGERPRINT")).collect()
}

fn has(seen: &[String], line: &str) -> bool {
    seen.iter().any(|seen| seen == line)
}

#[test]
fn a_command_sees_the_decision_about_its_service() {
    let world = world();
    let run = world.run_in(&build("1"), ["run", "image", "--revision", "r1", "--", "sh", "-c", SHOW]);
    assert_eq!(run.code, 0, "{run:?}");
    let seen = seen(&world, "image");
    for line in [
        "BUILD_SKIPPED=false",
        "BUILD_SKIPPED_IMAGE=false",
        "BUILD_REASON=never-deployed",
        "BUILD_REASON_IMAGE=never-deployed",
        "BUILD_SERVICES=image",
        "BUILD_REVISION=r1",
        "SHIPMARK_SERVICE=image",
    ] {
        assert!(has(&seen, line), "{line}: {seen:?}");
    }
    assert!(!seen.iter().any(|line| line.starts_with("IMAGE_URI")), "{seen:?}");
}

#[test]
fn a_command_sees_the_outputs_of_what_it_depends_on() {
    let world = world();
    assert_eq!(run_all(&world, &build("1"), &[], SHOW).code, 0);
    let both = seen(&world, "api");
    assert!(has(&both, "IMAGE_URI_IMAGE=image-1"), "as this call has made them: {both:?}");
    assert!(has(&both, "BUILD_SERVICES=api"), "it is alone: {both:?}");
    world.write("api/x", "2");
    assert_eq!(run_all(&world, &build("2"), &[], SHOW).code, 0);
    assert!(has(&seen(&world, "api"), "IMAGE_URI_IMAGE=image-1"), "as they are recorded");
    world.write("image/x", "2");
    assert_eq!(run_all(&world, &build("3"), &[], SHOW).code, 0);
    assert!(has(&seen(&world, "api"), "IMAGE_URI_IMAGE=image-2"));
    assert!(!seen(&world, "api").iter().any(|line| line.starts_with("IMAGE_URI=")), "it is not its own");
}

/// One command cannot be given two values of one variable: then nothing starts.
#[test]
fn environments_that_differ_are_refused_before_anything_starts() {
    let map = "[services.command]\ninclude = [\"command\"]\nredeploys = [\"query\"]\n\
               [services.other]\ninclude = [\"other\"]\n[services.query]\ninclude = [\"query\"]\n";
    let world = World::new(map, &[("command/x", "1"), ("other/x", "1"), ("query/x", "1")]);
    for (id, environment) in [("1", "a"), ("2", "b")] {
        let script = format!("echo IMAGE_URI={environment} > $SHIPMARK_OUTPUTS");
        let args = ["run", "query", "--environment", environment, "--", "sh", "-c", &script];
        assert_eq!(world.run_in(&build(id), args).code, 0);
    }
    let args = ["run", "other", "command", "--environment", "a", "--environment", "b", "--", "touch", "../tmp/ran"];
    let done = world.run_in(&build("3"), args);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("`IMAGE_URI_QUERY` is not the same in `a` and `b`"), "{}", done.stderr);
    assert!(!world.path("tmp/ran").exists());
    for environment in ["a", "b"] {
        let mark = world.path("state/default").join(environment).join("other/mark.json");
        let mark: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(mark).unwrap()).unwrap();
        assert_eq!(mark["attempts"][0]["state"], "failed", "it was opened, and never started");
    }
}

#[test]
fn a_deploy_without_a_declared_output_says_where_to_write_it() {
    let world = world();
    let done = world.run_in(&build("1"), ["run", "image", "--", "true"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("let the command write NAME=VALUE to the file $SHIPMARK_OUTPUTS"), "{}", done.stderr);
}
