//! Moving the state: export, import, and what may be believed afterwards.

mod between;
mod damage;

use serde_json::Value;

use crate::support::{Build, Done, World, feed};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1"), ("b/x", "1")])
}

fn build(id: &str) -> Build {
    Build::new(id)
}

impl World {
    /// What `state export` writes.
    fn export(&self, args: &[&str]) -> String {
        let done = self.run(["state", "export"].iter().chain(args));
        assert_eq!(done.code, 0, "{done:?}");
        done.stdout
    }

    /// `state import` of a text, by standard input.
    fn import(&self, text: &str, args: &[&str]) -> Done {
        let mut command = self.command(&Build::default());
        command.args(["state", "import"]).args(args);
        feed(command, text)
    }

    fn forget(&self, services: &[&str]) {
        let done = self.run(["state", "rm"].iter().chain(services));
        assert_eq!(done.code, 0, "{done:?}");
    }

    /// Everything is exported, removed and imported again. What was removed has left its attempts, so it is replaced.
    fn restore(&self, args: &[&str]) -> Done {
        let text = self.export(&[]);
        self.forget(&["a", "b"]);
        let done = self.import(&text, &[&["--replace"], args].concat());
        assert_eq!(done.code, 0, "{done:?}");
        done
    }
}

/// The lines of an export as JSON.
fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Their kinds and services.
fn shape(text: &str) -> Vec<String> {
    let word = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let shape = |line: &Value| format!("{} {}", word(line, "kind"), word(line, "service")).trim().to_owned();
    lines(text).iter().map(shape).collect()
}

#[test]
fn an_export_has_everything_and_every_mark_after_what_it_names() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.candidate(&build("2"), "a", "2");
    world.deploy(&build("3"), "b");
    let text = world.export(&[]);
    let shape = shape(&text);
    assert_eq!(
        shape,
        ["", "snapshot a", "snapshot a", "candidate a", "mark a", "snapshot b", "mark b", "end"],
        "{text}"
    );
    let lines = lines(&text);
    assert_eq!((&lines[0]["shipmark_export"], &lines[0]["project"]), (&1.into(), &"default".into()));
    assert_eq!(lines[4]["mark"], world.stored("a"), "as it is stored");
    let of_b: Vec<&str> = text.lines().filter(|line| line.contains("\"service\":\"b\"")).collect();
    assert_eq!(body(&world.export(&["b"])).lines().take(2).collect::<Vec<_>>(), of_b);
}

#[test]
fn an_imported_mark_is_uncertain_until_the_next_deploy() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.run_in(&build("2"), ["decide", "b"]);
    let done = world.run_in(&build("2"), ["record", "b", "--output", "IMAGE=one"]);
    assert_eq!(done.code, 0, "{done:?}");
    let said = world.restore(&[]).stderr;
    assert!(said.contains("a in default: imported, uncertain\n") && said.contains("--trusted"), "{said}");
    assert_eq!(world.planned("a"), "uncertain");
    assert_eq!(world.run(["output", "b", "IMAGE"]).stdout, "one\n");
    assert_eq!(world.deploy(&build("3"), "a"), "uncertain");
    assert_eq!(world.planned("a"), "unchanged");
    world.write("b/x", "2");
    world.write("b/y", "1");
    let plan = world.plan(&["b"]);
    assert_eq!(crate::support::changes(&plan, "b"), ["modified b/x", "added b/y"], "its snapshot came with it");
}

#[test]
fn a_trusted_import_is_as_certain_as_the_export() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.deploy(&build("2"), "b");
    world.run(["taint", "b", "--reason", "by hand"]);
    let said = world.restore(&["--trusted"]).stderr;
    assert!(said.contains("a in default: imported, certain") && said.contains("b in default: imported, uncertain"));
    assert_eq!((world.planned("a"), world.planned("b")), ("unchanged".to_owned(), "uncertain".to_owned()));
    let attempts = world.attempts("b");
    assert!(attempts.iter().any(|attempt| attempt["taint"]["reason"] == "by hand"), "{attempts:?}");
    // In a store that has never known them, too.
    let elsewhere = self::world();
    assert_eq!(elsewhere.import(&world.export(&[]), &["--trusted"]).code, 0);
    assert_eq!((elsewhere.planned("a"), elsewhere.planned("b")), ("unchanged".to_owned(), "uncertain".to_owned()));
}

#[test]
fn a_mark_that_is_there_is_replaced_only_if_that_is_said() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.deploy(&build("2"), "b");
    let text = world.export(&[]);
    let world = self::world();
    world.write("a/x", "2");
    world.deploy(&build("3"), "a");
    let before = world.stored("a");
    let done = world.import(&text, &["--trusted"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("a in default: not imported") && done.stderr.contains("--replace"), "{done:?}");
    assert_eq!(world.stored("a"), before);
    assert_eq!(world.planned("b"), "unchanged", "the other is imported");
    assert_eq!(world.import(&text, &["--trusted", "--replace"]).code, 0);
    assert_eq!(world.planned("a"), "uncertain", "what was deployed here is live, whatever the export says");
    assert!(world.stored("a")["serial"].as_u64() > before["serial"].as_u64());
}

/// An open attempt of the export, and one of the mark that is replaced, may still deploy.
#[test]
fn attempts_stay_as_doubt() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.reason(&build("2"), "a");
    let text = world.export(&["a"]);
    world.write("a/x", "3");
    world.reason(&build("3"), "a");
    world.write("a/x", "1");
    assert_eq!(world.import(&text, &["--trusted", "--replace"]).code, 0);
    // The two that were open here, the deploy that was replaced, and the one that was open in the export.
    let open = |world: &World| world.attempts("a").iter().filter(|attempt| attempt["ended"].is_null()).count();
    assert_eq!((world.attempts("a").len(), open(&world)), (4, 3));
    assert_eq!(world.planned("a"), "deploy-pending");
    world.forget(&["a"]);
    assert_eq!(world.import(&text, &["--trusted"]).code, 1, "not unless it is said");
    assert_eq!(world.import(&text, &["--trusted", "--replace"]).code, 0);
    assert_eq!(world.planned("a"), "uncertain", "what the two deploy may have been removed");
    let elsewhere = self::world();
    assert_eq!(elsewhere.import(&text, &["--trusted"]).code, 0);
    assert_eq!((elsewhere.attempts("a").len(), open(&elsewhere)), (1, 1));
    assert_eq!(elsewhere.planned("a"), "deploy-pending");
}

/// Case 49: whatever was decided before the export is never certain after the import.
#[test]
fn no_ticket_from_before_an_import_fits_after_it() {
    for args in [&[][..], &["--trusted"]] {
        let world = world();
        world.deploy(&build("1"), "a");
        world.write("a/x", "2");
        world.reason(&build("2"), "a");
        let before = world.stored("a")["serial"].as_u64();
        world.restore(args);
        assert!(world.stored("a")["serial"].as_u64() > before);
        let done = world.run_in(&build("2"), ["record", "a"]);
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stderr.contains("but uncertain"), "{done:?}");
        assert_eq!(world.planned("a"), "uncertain");
    }
}

#[test]
fn a_candidate_is_deployed_after_a_move() {
    let world = world();
    let candidate = world.candidate(&build("1"), "a", "2");
    world.restore(&[]);
    let waits = |attempt: &Value| attempt["state"] == "pending";
    assert_eq!(world.attempts("a").into_iter().filter(waits).count(), 1);
    let said = world.ship(&candidate);
    assert!(said.contains("recorded as deployed"), "{said}");
    assert_eq!(world.planned("a"), "unchanged", "its stage began after the import, and nothing else is open");
}

#[test]
fn a_newer_mark_is_moved_with_what_this_version_does_not_know() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.edit_mark("a", |mark| {
        mark["schema"] = 99.into();
        mark["future"] = "kept".into();
    });
    let text = world.export(&["a"]);
    world.forget(&["a"]);
    for world in [world, self::world()] {
        assert_eq!(world.import(&text, &["--replace"]).code, 0);
        let mark = world.stored("a");
        assert_eq!((&mark["schema"], &mark["future"], &mark["certain"]), (&99.into(), &"kept".into(), &false.into()));
        assert_eq!(world.planned("a"), "state-unreadable");
    }
}

#[test]
fn a_damaged_mark_can_be_replaced() {
    let world = world();
    world.deploy(&build("1"), "a");
    let text = world.export(&["a"]);
    world.put_mark("a", "{");
    assert_eq!(world.import(&text, &["--trusted"]).code, 1);
    assert_eq!(world.kept("a"), b"{", "not unless it is said");
    assert_eq!(world.import(&text, &["--trusted", "--replace"]).code, 0);
    assert_eq!(world.planned("a"), "deploy-pending", "nobody knows what the damaged mark knew of");
    assert_eq!(world.run(["taint", "a", "--reason", "all was stopped", "--nothing-running"]).code, 0);
    world.deploy(&build("2"), "a");
    assert_eq!(world.planned("a"), "unchanged");
}

/// Another store does not know the place of what waits in this one, so that nobody could cancel it there.
#[test]
fn a_candidate_of_another_store_is_not_let_in_and_is_doubt() {
    let from = world();
    from.deploy(&build("1"), "a");
    let candidate = from.candidate(&build("2"), "a", "2");
    let world = self::world();
    assert_eq!(world.import(&from.export(&[]), &["--trusted"]).code, 0);
    assert_eq!(world.planned("a"), "deploy-pending");
    let begun = world.run(["begin", "--candidate", &candidate]);
    assert_eq!(begun.code, 1, "{begun:?}");
    assert!(begun.stderr.contains("must not be deployed"), "{begun:?}");
    assert_eq!(world.planned("a"), "deploy-pending");
}

/// A service that left the map is exported and removed all the same; a name that nobody knows is a mistake.
#[test]
fn services_that_left_the_map_are_moved_and_removed() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.deploy(&build("2"), "b");
    world.write("shipmark.toml", "project = \"default\"\n[services.a]\ninclude = [\"a\"]\n");
    assert!(world.export(&[]).contains("\"service\":\"b\""));
    for args in [["state", "rm", "bb"], ["state", "export", "bb"]] {
        let done = world.run(args);
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("neither the map `shipmark.toml` nor the store"), "{done:?}");
    }
    let done = world.run(["state", "export", "services-b"]);
    assert!(done.stderr.contains("there is a and b"), "{done:?}");
    world.forget(&["b"]);
    assert_eq!(shape(&world.export(&[])), ["", "snapshot a", "mark a", "mark b", "end"], "its deploy is doubt yet");
    assert_eq!(world.run(["state", "rm", "--orphans"]).code, 0);
    assert_eq!(shape(&world.export(&[])), ["", "snapshot a", "mark a", "end"]);
    world.forget(&["a"]);
}

#[test]
fn neither_needs_a_map_or_a_source() {
    let world = World::new(&format!("project = \"p\"\nenvironments = [\"stage\", \"prod\"]\n{MAP}"), &[("a/x", "1")]);
    for name in ["stage", "prod"] {
        let build = build(name).with("SHIPMARK_ENVIRONMENT", name);
        world.deploy(&build, "a");
    }
    let all = world.export(&[]);
    assert_eq!(shape(&all), ["", "snapshot a", "mark a", "snapshot a", "mark a", "end"], "both environments");
    let here = ["--project", "p", "--state", world.state()];
    let exported =
        world.action_with(&Build::default(), &[&["state", "export", "--environment", "prod"][..], &here].concat());
    assert_eq!(exported.code, 0, "{exported:?}");
    assert_eq!(body(&exported.stdout), body(&world.export(&["--environment", "prod"])));
    let file = world.path("tmp/all.jsonl");
    std::fs::write(&file, &all).unwrap();
    let elsewhere = format!("file:{}", world.path("elsewhere").display());
    let import = ["state", "import", "--trusted", "--state", &elsewhere, file.to_str().unwrap()];
    for (environment, code) in [("stage", 0), ("prod", 0), ("test", 2)] {
        let done = world.action_with(&Build::default(), &[&import[..], &["--environment", environment]].concat());
        assert_eq!(done.code, code, "{done:?}");
    }
    let other = World::new(MAP, &[]).import(&all, &[]);
    assert_eq!(other.code, 2, "{other:?}");
    assert!(other.stderr.contains("the export is of project `p`, not of `default`"), "{other:?}");
}

/// What follows the header, which has the time of the export.
fn body(text: &str) -> &str {
    text.split_once('\n').unwrap().1
}
