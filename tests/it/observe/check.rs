//! The map held against observations: `check`, `explain`, `replay --observed`.

use serde_json::json;

use crate::support::{World, git};

/// A saved observation, whatever made it.
fn save(world: &World, changes: &[(&str, serde_json::Value)]) {
    let now = jiff::Timestamp::now().to_string();
    let mut build = json!({
        "revision": "3c12540a1b2c3d4e5f60718293a4b5c6d7e8f901", "at": now, "environment": "default", "command": ["./build.sh"],
        "exit": 0, "by": "strace 6.1", "doubts": [], "made_by": {},
    });
    let mut whole = json!({
        "schema": 1, "service": "api", "builds": [], "read": {"schema.json": "rustc", "api/x": "rustc", "gone": "cat"},
        "looked_at": ["other"], "listed": [], "missing": [],
    });
    for (key, value) in changes {
        let place = if whole.get(*key).is_some() { &mut whole } else { &mut build };
        place[*key] = value.clone();
    }
    whole["builds"] = json!([build]);
    world.write("observed/api.json", &whole.to_string());
}

const FILES: [(&str, &str); 4] = [("api/x", "1"), ("schema.json", "1"), ("other", "1"), ("build.sh", "1")];

fn world(map: &str) -> World {
    let world = World::new(map, &FILES);
    save(&world, &[]);
    world
}

const MAP: &str = "[services.api]\ninclude = ['api/**']\n[services.web]\ninclude = ['web']\n[lints]\nunowned = 'allow'\ndead-pattern = 'allow'\nno-inputs = 'allow'\nexcluded-include = 'allow'\n";

/// What is found, as `CODE: notes`.
fn found(world: &World) -> Vec<String> {
    let done = world.run(["check", "--format", "json"]);
    let whole: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let one = |finding: &serde_json::Value| {
        let notes: Vec<&str> = finding["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
        format!("{}: {}", finding["code"].as_str().unwrap(), notes.join("; "))
    };
    whole["findings"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_file_that_was_read_and_is_not_an_input_is_found_until_it_is_one() {
    let world = world(MAP);
    assert_eq!(found(&world), ["observed-not-covered: schema.json (read by rustc)"]);
    assert_eq!(world.run(["check"]).code, 0);
    assert_eq!(world.run(["check", "--deny", "observed-not-covered"]).code, 4);
    let sarif = world.run(["check", "--format", "sarif"]).stdout;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "observed-not-covered");
    assert!(
        world.run(["check"]).stdout.contains("= help: add `include = [\"schema.json\"]`, or list"),
        "{:?}",
        world.run(["check"])
    );
    for (more, notes) in [
        ("include = ['api/**', 'schema.json']", &[][..]),
        ("include = ['api/**']\nnot_inputs = { 'schema.json' = 'only printed' }", &[]),
        (
            "include = ['api/**', '*.json']\nexclude = ['*.json']",
            &["observed-not-covered: schema.json (read by rustc, cut by `*.json` (shipmark.toml:3))"],
        ),
    ] {
        world.write("shipmark.toml", &MAP.replace("include = ['api/**']", more));
        assert_eq!(found(&world), notes, "{more}");
    }
}

#[test]
fn what_was_missing_and_appears_is_found() {
    let world = world(&MAP.replace("['api/**']", "['api/**', 'schema.json']"));
    save(&world, &[("missing", json!([".cargo", "tsconfig.json"]))]);
    assert_eq!(found(&world), Vec::<String>::new());
    world.write(".cargo/config.toml", "x");
    assert_eq!(found(&world), ["observed-appeared: .cargo/config.toml"]);
    assert_eq!(world.run(["check", "--deny", "observed-appeared"]).code, 4);
}

#[test]
fn an_old_observation_is_found() {
    let map = MAP.replace("['api/**']", "['api/**', 'schema.json']");
    let world = world(&map);
    save(&world, &[("at", json!("2020-01-01T00:00:00Z"))]);
    let old = found(&world);
    assert!(old[0].starts_with("observation-old: the last observed build was ") && old.len() == 1, "{old:?}");
    // The id of a blob that holds `1`.
    save(&world, &[("made_by", json!({"build.sh": "56a6051ca2b02b04ef92d5150c9ef600403cb1de", "gone.sh": "0"}))]);
    assert_eq!(found(&world), ["observation-old: `gone.sh` is gone"]);
    world.write("build.sh", "2");
    assert_eq!(found(&world), ["observation-old: `build.sh` has changed since; `gone.sh` is gone"]);
    let help = world.run(["check"]).stdout;
    assert!(help.contains("`shipmark observe api --environment default -- ./build.sh`"), "{help}");
    save(&world, &[]);
    world.write("api/Dockerfile", "FROM scratch\n");
    world.write("shipmark.toml", &map.replace("'schema.json']", "'schema.json']\ndockerfile = 'api/Dockerfile'"));
    assert_eq!(found(&world), ["observation-old: `api/Dockerfile` is new"]);
}

#[test]
fn an_observation_that_saw_too_little_or_cannot_be_read_is_found() {
    let world = world(&MAP.replace("['api/**']", "['api/**', 'schema.json']"));
    save(&world, &[("exit", json!(2)), ("doubts", json!(["io_uring was used"]))]);
    assert_eq!(found(&world), ["observation-incomplete: the last build ended with status 2; io_uring was used"]);
    world.write("observed/api.json", "{");
    assert_eq!(found(&world), ["observation-incomplete: "]);
    assert!(world.run(["check"]).stdout.contains("cannot be used: it is damaged"));
}

#[test]
fn explain_names_the_observed_builds() {
    let world = world(MAP);
    let said = world.run(["explain", "schema.json", "other", "build.sh"]).stdout;
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("observed builds")).collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("  read by observed builds of api (rustc), last at 3c12540a1b2c, 20"), "{said}");
    assert!(lines[1].starts_with("  looked at by observed builds of api, last at 3c12540a1b2c, 20"), "{said}");
    let json = world.run(["explain", "--json", "schema.json"]).json();
    assert_eq!(
        (&json["paths"][0]["observed_by"][0]["service"], &json["paths"][0]["observed_by"][0]["read"]),
        (&"api".into(), &true.into())
    );
}

#[test]
fn observations_are_owned_and_no_inputs_unless_included() {
    let world = world(
        &MAP.replace("unowned = 'allow'", "unowned = 'deny'")
            .replace("['api/**']", "['api/**', '*.json', 'other', 'build.sh']"),
    );
    assert_eq!(world.run(["check"]).code, 0, "{}", world.run(["check"]).stdout);
    let said = world.run(["explain", "observed/api.json"]).stdout;
    assert!(said.contains("input of no service: it is the map, or an observation beside it"), "{said}");
    // Another file there is like any other.
    world.write("observed/notes.txt", "x");
    assert_eq!(world.run(["check"]).code, 4);
    assert!(world.run(["check"]).stdout.contains("observed/notes.txt"));
    let map = std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
    world.write("shipmark.toml", &map.replace("'other'", "'other', 'observed/**'"));
    assert!(world.run(["explain", "observed/api.json"]).stdout.contains("input of api"));
}

#[test]
fn replay_shows_the_commits_that_would_have_been_skipped_falsely() {
    let world = world(MAP);
    let commit = |subject: &str| {
        git(&world.source(), &["add", "-A"]);
        git(&world.source(), &["commit", "-q", "-m", subject]);
    };
    git(&world.source(), &["init", "-q", "-b", "main"]);
    commit("root");
    world.write("schema.json", "2");
    commit("the schema");
    world.write("other", "2");
    commit("only looked at");
    let report = world.run(["replay", "--json", "--observed"]).json();
    let flips = report["against"]["flips"].as_array().unwrap();
    assert_eq!(flips.len(), 1, "{report}");
    assert_eq!((&flips[0]["kind"], &flips[0]["service"]), (&"possible-false-skip".into(), &"api".into()));
    assert_eq!(flips[0]["changes"][0]["path"], "schema.json");
    let table = world.run(["replay", "--observed"]).stdout;
    assert!(table.contains("1 possible false skip (what observed builds read builds, shipmark.toml skips)"), "{table}");
    world.remove("observed/api.json");
    let none = world.run(["replay", "--observed"]);
    assert!(none.code == 2 && none.stderr.contains("there is no observation of these services"), "{none:?}");
}
