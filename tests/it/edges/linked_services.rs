//! A service directory that is a link, named by the map itself.

use std::os::unix::fs::symlink;

use super::super::support::{Build, World, changes, git, reason};

/// `services/api` is a link to `other/api`.
fn world(include: &str) -> World {
    let map = format!("[services.api]\ninclude = [\"{include}\"]\n");
    let world = World::new(&map, &[("other/api/x", "1")]);
    std::fs::create_dir(world.source().join("services")).unwrap();
    symlink("../other/api", world.source().join("services/api")).unwrap();
    world
}

/// The only thing to say is that a zip of CodePipeline needs a rule for the target.
fn assert_checked(world: &World) {
    let checked = world.run(["check", "--format", "json"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let findings = checked.json()["findings"].as_array().unwrap().clone();
    let codes: Vec<&str> = findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["link-target"], "{checked:?}");
}

#[test]
fn a_service_directory_that_is_a_link_is_checked_and_decided_as_what_it_leads_to() {
    for include in ["services/api/**", "services/api", "services/*/**"] {
        for in_git in [false, true] {
            let world = world(include);
            if in_git {
                git(&world.source(), &["init", "-q"]);
            }
            assert_checked(&world);
            world.deploy(&Build::new("1"), "api");
            world.write("other/api/x", "2");
            let decided = world.run_in(&Build::new("2"), ["decide", "--format", "json"]);
            let answer = decided.json();
            assert_eq!(reason(&answer, "api"), "changed", "{include}");
            assert_eq!(changes(&answer, "api"), ["modified other/api/x"], "{include}");
            assert_eq!(answer["unowned"], serde_json::json!([]), "{include}: {answer:#}");
            assert!(!decided.stderr.contains("no service covers"), "{include}: {}", decided.stderr);
        }
    }
}

#[test]
fn what_changes_behind_a_linked_service_directory_is_not_unowned_between_commits() {
    for include in ["services/api/**", "services/api"] {
        let world = world(include);
        git(&world.source(), &["init", "-q"]);
        for content in ["1", "2"] {
            world.write("other/api/x", content);
            git(&world.source(), &["add", "-A"]);
            git(&world.source(), &["commit", "-q", "-m", "x"]);
        }
        let answer = world.plan(&["--base", "HEAD~1", "--revision", "HEAD"]);
        assert_eq!(changes(&answer, "api"), ["modified other/api/x"], "{include}");
        assert_eq!(answer["unowned"], serde_json::json!([]), "{include}: {answer:#}");
    }
}
