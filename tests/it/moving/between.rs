//! From any store into any other, on real engines.

use serde_json::Value;

use super::{MAP, build, lines};
use crate::engines::{self, Engine, Kind};
use crate::support::{Build, World, run};

/// A store of its own on an engine, and who may use it.
fn store(engine: &Engine) -> (String, Build) {
    let url = match engine.kind {
        Kind::DynamoDb => format!("dynamodb://{}?endpoint={}", engine.new_table(), engine.endpoint),
        Kind::S3 => format!("s3://{}/marks?endpoint={}", engine.new_bucket(), engine.endpoint),
    };
    let build = engine.variables().iter().fold(Build::default(), |build, (name, value)| build.with(name, value));
    (url, build)
}

/// What does not move: an import writes a new serial and a new date, and attempts lose their ids and places.
fn moved(text: &str) -> Vec<Value> {
    let mut lines = lines(text);
    lines.remove(0);
    for line in &mut lines {
        if let Some(mark) = line["mark"].as_object_mut() {
            mark.remove("serial");
            mark.remove("written_at");
            mark["deployed"].as_object_mut().unwrap().remove("ended");
            for attempt in mark["attempts"].as_array_mut().unwrap() {
                let attempt = attempt.as_object_mut().unwrap();
                for place in ["id", "opened", "ended", "deadline", "lane", "place", "candidate", "decided"] {
                    attempt.remove(place);
                }
                // What waits there may be deployed from there.
                if attempt["state"] == "pending" {
                    attempt.insert("state".to_owned(), "building".into());
                }
            }
        }
    }
    lines
}

/// A service with a candidate, one with an open attempt, and in `b` more bytes than DynamoDB has in an item.
fn deployed() -> World {
    let world = World::new(&format!("project = \"default\"\n{MAP}"), &[("a/x", "1")]);
    let mut random = fastrand::Rng::with_seed(1);
    for at in 0..9000 {
        // Long names that do not compress.
        world.write(&format!("b/{:x}{:x}", random.u128(..), random.u128(..)), &at.to_string());
    }
    world.deploy(&build("1"), "a");
    world.deploy(&build("2"), "b");
    world.candidate(&build("3"), "a", "2");
    world.write("b/0", "other");
    world.reason(&build("4"), "b");
    world.remove("b/0");
    world.write("a/x", "1");
    world
}

#[test]
fn the_state_moves_from_any_store_to_any_other() {
    let world = deployed();
    let first = world.export(&[]);
    let snapshot = lines(&first).iter().filter_map(|line| line["base64"].as_str().map(str::len)).max().unwrap();
    let engines: Vec<&Engine> = engines::dynamodb().into_iter().chain(engines::s3()).collect();
    let mut text = first.clone();
    for engine in &engines {
        let (url, build) = store(engine);
        let run = |args: &[&str]| world.run_in(&build, args.iter().chain(&["--state", &url]));
        let file = world.path("tmp/state.jsonl");
        std::fs::write(&file, &text).unwrap();
        let imported = run(&["state", "import", "--trusted", file.to_str().unwrap()]);
        assert_eq!(imported.code, 0, "{}: {imported:?}", engine.name);
        assert_eq!(run(&["state", "import", file.to_str().unwrap()]).code, 1, "{}: never overwritten", engine.name);
        let exported = run(&["state", "export"]);
        assert_eq!(exported.code, 0, "{}: {exported:?}", engine.name);
        assert_eq!(moved(&exported.stdout), moved(&first), "{}", engine.name);
        text = exported.stdout;
        let replaced = run(&["state", "import", "--replace", file.to_str().unwrap()]);
        assert_eq!(replaced.code, 0, "{}: {replaced:?}", engine.name);
        let planned = run(&["plan", "--format", "json", "a"]).json();
        assert_eq!(crate::support::reason(&planned, "a"), "uncertain", "{}", engine.name);
        assert_eq!(run(&["state", "rm", "a", "b"]).code, 0);
        // A build and a candidate are on their way yet, and the deploys that were forgotten are doubt.
        let left = super::shape(&run(&["state", "export"]).stdout);
        assert_eq!(left, ["", "snapshot a", "candidate a", "mark a", "mark b", "end"], "{}", engine.name);
    }
    assert!(engines.is_empty() || snapshot > 4 * 400 * 1024 / 3, "{snapshot} bytes are one item");
    let last = format!("file:{}", world.path("last").display());
    assert_eq!(world.import(&text, &["--trusted", "--state", &last]).code, 0);
    assert_eq!(moved(&world.export(&["--state", &last])), moved(&first));
    let planned = world.plan(&["--state", &last]);
    for service in ["a", "b"] {
        assert_eq!(crate::support::reason(&planned, service), "deploy-pending");
    }
}

/// The way that the help shows: one program writes what another reads.
#[test]
fn an_export_is_piped_into_an_import() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    world.deploy(&build("1"), "a");
    let other = format!("file:{}", world.path("other").display());
    let script = format!("\"$0\" state export | \"$0\" state import --trusted --state '{other}'");
    let piped = world.shell(&Build::default(), "sh", &script);
    assert_eq!(piped.code, 0, "{piped:?}");
    let mut plan = world.command(&Build::default());
    plan.args(["plan", "--format", "json", "a", "--state", &other]);
    let plan = run(plan);
    assert_eq!(crate::support::reason(&plan.json(), "a"), "unchanged");
}
