//! The walks, replayed by the executable model: every answer of the engine must be the model's.
//!
//! Traces of the model's walk are replayed on the transitions (`engine::replay`). This is the other direction, from here: other
//! worlds, and all of the engine in them, with its tickets, retries and candidates, not only the transitions.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use shipmark::protocol::engine::mark::MOST_ATTEMPTS;

use super::profile::Profile;
use super::traced::Trace;
use super::world::World;
use crate::long::{Share, walks};
use crate::support::{say, skip};

/// The model, where it is beside the checkout, or where `SHIPMARK_MODEL` says.
fn model() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/protocol_model.py");
    let file = std::env::var_os("SHIPMARK_MODEL").map_or_else(beside, PathBuf::from);
    if !file.is_file() {
        skip("model", "the engine's traces on the executable model of the protocol, which is not here");
        return None;
    }
    Some(file)
}

/// What the model knows of what can go wrong: its stores always say what time it is.
fn known(profile: Profile) -> Profile {
    Profile { timeless: 0.0, ..profile }
}

/// The traces of worlds from that number on, until there are so many events.
fn traces(profile: &Profile, first: u64, events: usize) -> Vec<Value> {
    let mut lines = vec![json!({
        "traces": 1,
        "attempt_timeout": profile.timeout,
        "deploy_timeout": profile.deploy,
        "candidate_life": profile.life,
        "limit": MOST_ATTEMPTS,
    })];
    for number in first.. {
        let mut world = World::new(number, profile, None);
        world.trace = Some(Trace::new(world.tick()));
        for _ in 0..profile.walk * if world.quiet { 3 } else { 1 } {
            world.step().unwrap_or_else(|why| panic!("world {number}: {why}"));
            if world.trace.as_ref().is_none_or(Trace::has_ended) {
                break;
            }
        }
        lines.push(json!({"history": number}));
        lines.extend(world.trace.take().unwrap().lines);
        if lines.len() > events {
            break;
        }
    }
    lines
}

/// How many events the model has replayed, how often it disagreed, and what it says. The last trace of each test is kept.
fn replayed(model: &Path, lines: &[Value], options: &[&str]) -> (usize, usize, String) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default().replace("::", "-");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.jsonl"));
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(&file, text.join("\n")).unwrap();
    let output = Command::new("python3").arg(model).arg("--replay").arg(&file).args(options).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    let counts = text.trim_end().lines().last().and_then(|line| {
        let (events, rest) = line.split_once(" events, ")?;
        Some((events.parse().ok()?, rest.strip_suffix(" disagreements")?.parse().ok()?))
    });
    let (events, disagreements) = counts.unwrap_or_else(|| panic!("the model says {text} {errors}"));
    (events, disagreements, text)
}

/// All of these traces are the model's, too. Gives how many events.
fn agrees(model: &Path, profile: &Profile, first: u64, events: usize) -> usize {
    let lines = traces(profile, first, events);
    let (events, disagreements, text) = replayed(model, &lines, &[]);
    assert_eq!(disagreements, 0, "from world {first}: {text}");
    events
}

/// All that a trace can say, but for `orphan`: few worlds lose a service.
const KINDS: &[&str] =
    &["begin", "confirm", "decide", "doubt", "fail", "finish", "open", "promote", "rm", "stage", "taint", "tell"];

#[test]
fn every_answer_of_a_walk_is_the_models() {
    let Some(model) = model() else { return };
    let mut events = 0;
    for (profile, first, least) in [(Profile::rough(), 1, 1_500), (Profile::calm(), 100, 1_500)] {
        events += agrees(&model, &known(profile), first, least);
    }
    say(&format!("{events} events of walks, replayed by the model"));
}

/// A comparison that could not fail would prove nothing.
#[test]
fn the_model_agrees_and_disagrees_where_a_rule_is_left_out() {
    let Some(model) = model() else { return };
    let lines = traces(&known(Profile::wild()), 1, 4_000);
    let (events, disagreements, text) = replayed(&model, &lines, &[]);
    assert!(events > 3_500 && disagreements == 0, "{events} events: {text}");
    for kind in KINDS {
        assert!(lines.iter().any(|line| line["do"] == *kind), "no `{kind}` in the trace");
    }
    for fault in ["ignore-ended", "ignore-alive", "drop-all", "no-gate", "any-home", "any-environment", "rm-forgets"] {
        let (_, disagreements, _) = replayed(&model, &lines, &["--break", fault]);
        assert!(disagreements > 0, "{fault}: it does not matter in {events} events");
    }
}

mod long {
    use super::*;

    #[test]
    #[ignore = "long: walks for minutes"]
    fn every_answer_of_a_walk_is_the_models() {
        let Some(model) = model() else { return };
        let mut events = 0;
        for seed in walks(Share::Protocol, 0.2, 20) {
            for profile in [Profile::wild(), Profile::rough(), Profile::calm()] {
                events += agrees(&model, &known(profile), seed * 1_000, 4_000);
            }
        }
        say(&format!("{events} events of walks, replayed by the model"));
    }
}
