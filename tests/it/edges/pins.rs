//! A service that another's deploy deploys again, while it is deployed anew.

use std::collections::BTreeMap;

use super::{World, build, exported};

const MAP: &str = "\
[services.command]
include = [\"command\"]
redeploys = [\"query\"]
[services.query]
include = [\"query\"]
outputs = { IMAGE = \"*\" }
";

/// How often each of the two is built.
const BUILDS: usize = 12;

fn deploy_query(world: &World, number: usize) {
    let build = build(&format!("query-{number}"));
    assert_eq!(world.run_in(&build, ["decide", "query", "--force"]).code, 0);
    let done = world.run_in(&build, ["record", "query", "--output", &format!("IMAGE=image-{number}")]);
    assert_eq!(done.code, 0, "{done:?}");
}

/// The image of each deploy that is known, by its artifact.
fn images(world: &World) -> BTreeMap<String, String> {
    let mark = world.stored("query");
    let deploys = mark["log"].as_array().unwrap().iter().chain([&mark["deployed"]]);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    deploys.map(|deploy| (text(&deploy["id"]), text(&deploy["outputs"]["IMAGE"]))).collect()
}

#[test]
fn the_image_that_is_printed_is_the_one_that_is_pinned_though_another_is_deployed_meanwhile() {
    let world = World::new(MAP, &[("command/x", "1"), ("query/x", "1")]);
    deploy_query(&world, 0);
    let printed: Vec<String> = std::thread::scope(|scope| {
        let (deployed, others) = std::sync::mpsc::channel();
        let world = &world;
        scope.spawn(move || {
            for number in 1..=BUILDS {
                deploy_query(world, number);
                // Nobody listens once all is decided.
                let _ = deployed.send(());
            }
        });
        let decide = |number| {
            // However busy the machine is, something is deployed before the second half.
            if number == BUILDS / 2 {
                others.recv().unwrap();
            }
            let done = world.run_in(&build(&format!("command-{number}")), ["decide", "command", "--force"]);
            exported(&done.stdout, "IMAGE_QUERY")
        };
        (1..=BUILDS).map(decide).collect()
    });
    let images = images(&world);
    let attempts = world.attempts("query");
    for (number, image) in printed.iter().enumerate() {
        let build = format!("command-{}", number + 1);
        let pin =
            attempts.iter().find(|attempt| attempt["build"] == build.as_str() && attempt["pinned_by"] == "command");
        let pin = pin.unwrap_or_else(|| panic!("{build} pinned nothing: {attempts:?}"));
        assert_eq!(images[pin["artifact"].as_str().unwrap()], *image, "{build}");
    }
    let mut distinct = printed.clone();
    distinct.dedup();
    assert!(distinct.len() > 1, "nothing was deployed meanwhile: {printed:?}");
}
