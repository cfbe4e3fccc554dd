//! Outputs of one service that the build of another passes on.

use super::codes;
use crate::support::World;

const MAP: &str = "[services.query]\ninclude = ['query']\noutputs = { IMAGE_URI = '*' }\n\
                   [services.command]\ninclude = ['command']\n";

fn world(map: &str, path: &str, script: &str) -> World {
    let map = format!("[defaults]\nunowned = 'ignore'\n{map}");
    World::new(&map, &[("query/x", "x"), ("command/x", "x"), (path, script)])
}

fn buildspec(commands: &[&str]) -> String {
    let commands: String = commands.iter().map(|command| format!("      - {command}\n")).collect();
    format!("version: 0.2\nphases:\n  build:\n    commands:\n{commands}")
}

#[test]
fn an_image_of_a_service_that_is_not_deployed_again_by_the_map_is_found() {
    for used in
        ["./deploy \"$IMAGE_URI_QUERY\"", "./deploy ${IMAGE_URI_QUERY:-none}", "./deploy $(shipmark output query X)"]
    {
        let script = buildspec(&["D=\"$(shipmark decide command)\" && eval \"$D\"", used, "shipmark record command"]);
        let world = world(MAP, "ci/buildspec.yml", &script);
        assert_eq!(codes(&world), ["passed-on"], "{used}");
        world.write("shipmark.toml", &format!("[defaults]\nunowned = 'ignore'\n{MAP}redeploys = ['query']\n"));
        assert_eq!(codes(&world), Vec::<String>::new(), "{used}");
    }
}

#[test]
fn the_finding_names_the_line_and_what_to_write() {
    let script = buildspec(&["shipmark run command -- ./deploy $IMAGE_URI_QUERY"]);
    let said = world(MAP, "command/buildspec.yml", &script).run(["check"]).stdout;
    let expected = "`command/buildspec.yml` passes on `IMAGE_URI_QUERY` of `query`, which `command` does not redeploy\n --> command/buildspec.yml:5";
    assert!(said.contains(expected), "{said}");
    assert!(said.contains("`redeploys = [\"query\"]` in `command`"), "{said}");
}

#[test]
fn a_script_of_one_service_is_its_build() {
    let script = "#!/bin/sh\naws cloudformation deploy --parameter-overrides \\\n  Query=$IMAGE_URI_QUERY\n";
    assert_eq!(codes(&world(MAP, "command/deploy.sh", script)), ["passed-on"]);
    assert_eq!(codes(&world(MAP, "query/deploy.sh", script)), Vec::<String>::new(), "its own output");
    assert_eq!(codes(&world(MAP, "tools/deploy.sh", script)), Vec::<String>::new(), "nobody knows whose build it is");
}

#[test]
fn what_is_built_together_or_only_mentioned_is_not_found() {
    for commands in [
        &["shipmark decide query command", "./deploy $IMAGE_URI_QUERY"][..],
        &["shipmark run --all -- ./deploy $IMAGE_URI_QUERY"],
        &["shipmark decide command", "echo it's done", "echo x # not $IMAGE_URI_QUERY"],
        &["shipmark decide $SERVICES", "./deploy $IMAGE_URI_QUERY"],
        &["shipmark decide command", "./deploy $IMAGE_URI_COMMAND $MY_IMAGE_URI_QUERY"],
    ] {
        assert_eq!(codes(&world(MAP, "ci/buildspec.yml", &buildspec(commands))), Vec::<String>::new(), "{commands:?}");
    }
}
