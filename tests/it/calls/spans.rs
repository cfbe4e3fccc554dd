//! What `-v` shows of the time that a command takes: a line for each step, with its duration and its counts.

use serde_json::Value;

use super::{change, on_every_engine, services};
use crate::support::{Build, Done};

/// The fields of the lines that report a step of that name.
fn steps(done: &Done, name: &str) -> Vec<Value> {
    let lines = done.stderr.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let fields = lines.filter_map(|mut line| line.get_mut("fields").map(Value::take));
    let steps: Vec<Value> = fields.filter(|fields| fields["message"] == name).collect();
    assert!(steps.iter().all(|step| step["duration_ms"].as_f64().is_some_and(|duration| duration >= 0.0)), "{steps:?}");
    steps
}

const VERBOSE: [&str; 4] = ["decide", "-v", "--log-format", "json"];

#[test]
fn each_step_of_a_decision_is_reported_with_its_counts() {
    let world = services(3);
    let done = world.run_in(&Build::new("1"), VERBOSE);
    let only = |name: &str| {
        let steps = steps(&done, name);
        assert_eq!(steps.len(), 1, "{name}: {}", done.stderr);
        steps[0].clone()
    };
    let read = only("read source");
    assert_eq!((&read["source"], &read["files"], &read["inputs"]), (&"directory".into(), &4.into(), &3.into()));
    assert_eq!(only("hash inputs")["services"], 3);
    assert_eq!(only("decide")["services"], 3);
    let operations = steps(&done, "store operation");
    let count = |operation: &str| operations.iter().filter(|step| step["operation"] == operation).count();
    let counts = ["read batch", "list marks", "write names", "write mark"].map(count);
    assert_eq!(counts, [1, 1, 1, 3], "{operations:?}");
}

#[test]
fn each_request_to_a_store_is_reported() {
    let world = services(3);
    on_every_engine(&world, |engine, counted| {
        change(&world, 3, "1");
        let (done, seen) = counted.run(&counted.build("1"), &VERBOSE);
        let requests = steps(&done, "http request");
        assert_eq!(requests.len(), seen.len(), "{} {:?}: {}", engine.name, engine.kind, done.stderr);
        assert!(requests.iter().all(|request| request["status"].is_u64()), "{requests:?}");
    });
}

#[test]
fn without_v_no_step_is_reported() {
    let world = services(1);
    let done = world.run_in(&Build::new("1"), ["decide", "--log-format", "json"]);
    assert!(steps(&done, "read source").is_empty() && !done.stderr.contains("duration_ms"), "{}", done.stderr);
}
