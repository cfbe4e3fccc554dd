//! What the program prints as JSON is what the published schemas describe.

use std::path::Path;

use serde_json::Value;

use super::support::{Build, World};

const MAP: &str = "\
[environments.stage]
[environments.prod]
reuse_from = \"stage\"
[services.a]
include = [\"a\"]
outputs = { IMAGE = \"*\" }
redeploys = [\"b\"]
[services.b]
include = [\"b\"]
";

/// Whether a document is as its schema says.
pub(crate) fn holds(schema: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{schema}.schema.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors = validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path()));
    assert_eq!(errors.collect::<Vec<_>>(), [""; 0], "{document:#}");
}

#[test]
fn every_document_is_as_its_schema_says() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    let step = |id: &str, args: &[&str]| {
        let done = world.run_in(&Build::new(id), args.iter().copied());
        assert_eq!(done.code, 0, "{args:?}: {done:?}");
        done
    };
    let json = |id: &str, args: &[&str]| step(id, &[args, &["--format", "json"]].concat()).json();
    let status = |args: &[&str]| json("s", &[&["status", "--all-environments"], args].concat());
    holds("status", &status(&[]));
    holds("decision", &json("1", &["decide", "--environment", "stage"]));
    holds("status", &status(&[]));
    step("1", &["record", "--all", "--environment", "stage", "--output", "a:IMAGE=i"]);
    let reused = json("2", &["decide", "--environment", "prod"]);
    holds("decision", &reused);
    assert_eq!(reused["services"][0]["reused_from"], "stage");
    holds("candidates", &json("2", &["stage", "--all", "--environment", "prod"]));
    for decided in json("3", &["decide", "--environment", "stage", "--environment", "prod"]).as_array().unwrap() {
        holds("decision", decided);
    }
    holds("decision", &json("4", &["decide", "--stage", "--environment", "stage"]));
    step("5", &["taint", "a", "--environment", "stage", "--reason", "by hand"]);
    holds("decision", &json("6", &["plan", "--environment", "stage", "--explain"]));
    holds("status", &status(&[]));
    holds("log", &status(&["--log"]));
    let failed = world.run_in(&Build::new("6").failing(), ["stage", "a", "--environment", "prod", "--format", "json"]);
    holds("candidates", &failed.json());
    let refused = world.run(["decide", "nobody", "--environment", "prod", "--format", "json"]);
    assert_eq!(refused.code, 2);
    holds("decision", &serde_json::from_str(&refused.stdout).unwrap());
}
