//! A draft from observations: what a build read is an input, whatever it looks like.

use serde_json::json;

use crate::support::World;

const DOCKERFILE: &str = "FROM scratch\nCOPY . .\n";

/// Two services, and files beside them that no manifest names.
fn world() -> World {
    let world = World::new(
        "",
        &[
            ("api/Dockerfile", DOCKERFILE),
            ("api/main.py", "x\n"),
            ("web/Dockerfile", DOCKERFILE),
            ("web/main.py", "x\n"),
            ("docs/spec.md", "x\n"),
            ("docs/guide.md", "x\n"),
            ("data/schema.json", "x\n"),
        ],
    );
    world.remove("shipmark.toml");
    world
}

fn save(world: &World, file: &str, service: &str, read: &[&str]) {
    let read: serde_json::Map<_, _> = read.iter().map(|path| ((*path).to_owned(), json!("cat"))).collect();
    let build = json!({
        "revision": null, "at": jiff::Timestamp::now().to_string(), "environment": "default", "command": ["./build.sh"],
        "exit": 0, "by": "strace 6.1", "doubts": [], "made_by": {},
    });
    let whole = json!({
        "schema": 1, "service": service, "builds": [build], "read": read, "looked_at": [], "listed": [], "missing": [],
    });
    world.write(file, &whole.to_string());
}

#[test]
fn what_an_observed_build_read_is_an_input_of_the_draft() {
    let world = world();
    let plain = world.run(["init", "--print"]).stdout;
    assert!(plain.contains("docs/") && !plain.contains("data/schema.json\""), "{plain}");
    save(&world, "observed/api.json", "api", &["api/main.py", "docs/spec.md", "data/schema.json", "gone"]);
    assert_eq!(world.run(["init", "--print"]).stdout, plain, "only where it is asked for");
    let done = world.run(["init", "--observed"]);
    assert_eq!(done.code, 0, "{done:?}");
    for path in ["docs/spec.md", "data/schema.json"] {
        let said = world.run(["explain", path]).stdout;
        assert!(said.contains("input of api") && !said.contains("web"), "{path}: {said}");
    }
    let checked = world.run(["check", "--deny", "observed-not-covered"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    assert!(world.run(["init", "--print", "--observed"]).stdout.contains("an observed build read it"), "{plain}");
}

#[test]
fn an_observation_of_no_service_of_the_draft_is_named_and_a_damaged_one_refused() {
    let world = world();
    let none = world.run(["init", "--print", "--observed"]);
    assert!(none.code == 2 && none.stderr.contains("there is no observation beside the map"), "{none:?}");
    save(&world, "observed/old.json", "old", &["docs/spec.md"]);
    let other = world.run(["init", "--print", "--observed"]);
    assert_eq!(other.code, 0, "{other:?}");
    assert!(other.stderr.contains("the observation of `old` is not used"), "{other:?}");
    world.write("observed/api.json", "{");
    let damaged = world.run(["init", "--print", "--observed"]);
    assert!(damaged.code == 2 && damaged.stderr.contains("`observed/api.json` cannot be used"), "{damaged:?}");
}

/// What `check` suggests about an observation it can also write.
#[test]
fn check_fixes_what_observed_builds_read() {
    let world = world();
    assert_eq!(world.run(["init"]).code, 0);
    save(&world, "observed/web.json", "web", &["data/schema.json"]);
    let found = world.run(["check", "--deny", "observed-not-covered"]);
    assert_eq!(found.code, 4, "{found:?}");
    let fixed = world.run(["check", "--fix"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert_eq!(world.run(["check", "--deny", "observed-not-covered"]).code, 0, "{fixed:?}");
    assert!(world.run(["explain", "data/schema.json"]).stdout.contains("input of web"));
}
