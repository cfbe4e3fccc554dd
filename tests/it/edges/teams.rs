//! One map of many teams: a mistake in one team's table stops no other team, and `check` fails on it.

use super::{World, build, exported};
use crate::support::reason;

/// The services of two teams: `web` stands on `base` and a group, and deploys `query` again; `other` is somebody else's.
fn map(other: &str) -> String {
    format!(
        "project = \"shop\"\n[groups]\nshared = [\"shared\"]\n[services.base]\ninclude = [\"base\"]\n\
         [services.web]\ninclude = [\"web\"]\ngroups = [\"shared\"]\ndepends_on = [\"base\"]\nredeploys = [\"query\"]\n\
         [services.query]\ninclude = [\"query\"]\n{other}"
    )
}

fn world(other: &str) -> World {
    let files = ["base/x", "web/x", "query/x", "shared/x", "other/x"].map(|path| (path, "1"));
    World::new(&map(other), &files)
}

/// Mistakes in the tables of `other`.
const OF_OTHER: [&str; 10] = [
    "[services.other]\ninclude = [\"/other\"]\n",
    "[services.other]\ninclude = [\"other\"]\ninclud = [\"x\"]\n",
    "[services.other]\ninclude = \"other\"\n",
    "[services.other]\ninclude = [\"other\"]\ngroups = [\"shard\"]\n",
    "[groups]\nmine = [\"/x\"]\n[services.other]\ngroups = [\"mine\"]\n",
    "[services.other]\ninclude = [\"other\"]\ndepends_on = [\"bas\"]\n",
    "[services.other]\ndepends_on = [\"other2\"]\n[services.other2]\ndepends_on = [\"other\"]\n",
    "[services.other]\ninclude = [\"other\"]\nenvironments = [\"prd\"]\n",
    "[services.other]\ninclude = [\"other\"]\nbuild_timeout = \"long\"\n",
    "[services.other]\n[services.\"bad name\"]\ninclude = [\"x\"]\n",
];

/// Mistakes in tables that no service needs.
const OF_NOBODY: [&str; 2] = [
    "[services.other]\ninclude = [\"other\"]\n[[expect]]\nchanged = [\"x\"]\nbuilds = [\"wb\"]\n",
    "[services.other]\ninclude = [\"other\"]\n[lints]\nunowend = \"deny\"\n",
];

fn with_mistake(mistake: &str) -> World {
    let world = world("");
    let group = "[groups]\nmine";
    let map = match mistake.strip_prefix(group) {
        Some(rest) => {
            map("").replace("[groups]\n", &format!("{group}{}\n", rest.split_once('\n').unwrap().0))
                + rest.split_once('\n').unwrap().1
        }
        None => map(mistake),
    };
    world.write("shipmark.toml", &map);
    world
}

#[test]
fn a_mistake_in_a_table_that_is_not_needed_is_a_warning() {
    for mistake in OF_OTHER.into_iter().chain(OF_NOBODY) {
        let world = with_mistake(mistake);
        let done = world.run_in(&build("1"), ["decide", "web"]);
        assert_eq!(done.code, 0, "{mistake}\n{done:?}");
        assert_eq!(exported(&done.stdout, "BUILD_REASON_WEB"), "never-deployed");
        let warned = done.stderr.contains("warning: shipmark.toml:") && done.stderr.contains("`shipmark check` fails");
        assert!(warned, "{mistake}\n{done:?}");
        assert_eq!(world.run_in(&build("1"), ["record", "web"]).code, 0, "{mistake}");
        assert_eq!(reason(&world.plan(&["web"]), "web"), "unchanged", "{mistake}");
        let output = world.run(["output", "web", "X", "--default", "y"]);
        assert_eq!((output.code, output.stdout.as_str()), (0, "y\n"), "{mistake}");
        // Whoever asks for everything must correct it.
        for args in [&["check"][..], &["decide"], &["plan"], &["plan", "--print-map"]] {
            assert_eq!(world.run_in(&build("2"), args).code, 2, "{args:?}\n{mistake}");
        }
    }
}

#[test]
fn a_mistake_stops_the_services_whose_it_is() {
    for mistake in OF_OTHER {
        let world = with_mistake(mistake);
        for args in [&["decide", "other"][..], &["decide", "web", "other"], &["plan", "other"]] {
            assert_eq!(world.run_in(&build("1"), args).code, 2, "{args:?}\n{mistake}");
        }
    }
}

#[test]
fn a_mistake_in_what_a_service_needs_stops_it() {
    let good = map("");
    let refused = |map: &str, why: &str| {
        let world = world("");
        world.write("shipmark.toml", map);
        let done = world.run_in(&build("1"), ["decide", "web"]);
        assert_eq!((done.code, done.stdout.as_str()), (2, "export BUILD_SKIPPED='false'\nfalse\n"), "{why}\n{map}");
        assert!(!done.stderr.contains("warning"), "{why}: {done:?}");
    };
    let with = |from: &str, to: &str| good.replace(from, to);
    refused(&with("include = [\"web\"]", "include = [\"/web\"]"), "its own table");
    refused(&with("include = [\"base\"]", "include = [\"/base\"]"), "its dependency");
    refused(&with("include = [\"query\"]", "include = [\"/query\"]"), "what it deploys again");
    refused(&with("shared = [\"shared\"]", "shared = [\"/shared\"]"), "its group");
    refused(&format!("{good}[services.WEB]\ninclude = [\"w\"]\n"), "a variable that it shares");
    refused(&format!("{good}[defaults]\nexclud = []\n"), "the defaults");
    refused(&format!("{good}[services.other]\ninclude = [\"other\"\n"), "what may hide anything");
    refused(&format!("{good}[services]\nother = 1\n"), "a service of which nothing is known");
    let other = "[services.other]\ninclude = [\"/other\"]\n";
    refused(&format!("{good}{other}[defaults]\nunowned = \"build-all\"\n"), "every rule decides what is unowned");
}

#[test]
fn a_service_with_a_mistake_has_not_left_the_map() {
    let good = "[services.other]\ninclude = [\"other\"]\n";
    let world = world(good);
    for service in ["other", "query"] {
        world.deploy(&build("1"), service);
    }
    world.write("shipmark.toml", &map("[services.other]\ninclude = [\"/other\"]\nenvironments = [\"prd\"]\n"));
    let decided = world.run_in(&build("2"), ["decide", "web", "-v"]);
    assert_eq!(decided.code, 0, "{decided:?}");
    assert!(!decided.stderr.contains("marks of services that the map does not have"), "{decided:?}");
    // What is on the ticket counts as named.
    assert_eq!(world.run_in(&build("2"), ["record", "--all"]).code, 0);
    world.write("shipmark.toml", &map(good));
    assert_eq!(world.planned("other"), "unchanged");
}

#[test]
fn a_mistake_in_an_included_map_stops_only_its_own_services() {
    let root = "include_maps = [\"teams/*/map.toml\"]\n[services.web]\ninclude = [\"web\"]\n";
    let included = "[services.api]\ninclude = [\"/api\"]\n[services.jobs]\ninclude = [\"jobs\"]\n";
    let world = World::new(root, &[("web/x", "1"), ("jobs/x", "1"), ("teams/a/map.toml", included)]);
    for (service, code) in [("web", 0), ("jobs", 0), ("api", 2)] {
        let done = world.run_in(&build("1"), ["decide", service]);
        assert_eq!(done.code, code, "{service}: {done:?}");
        assert!(done.stderr.contains("teams/a/map.toml:2"), "{done:?}");
    }
    // A file that cannot be read as TOML may say anything, about any service.
    world.write("teams/a/map.toml", "[services.api\n");
    assert_eq!(world.run_in(&build("2"), ["decide", "web"]).code, 2);
}
