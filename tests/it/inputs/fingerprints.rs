//! Fingerprints: what an image is tagged with, and when it may be looked up by that.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::{World, build};
use crate::support::{entry, git, reason};

/// Two services with the same inputs.
const TWINS: &str = "[services.api]\ninclude = [\"a\"]\n[services.web]\ninclude = [\"a\"]\n";

fn twins() -> World {
    World::new(TWINS, &[("a/x", "1")])
}

fn fingerprint(answer: &Value, service: &str) -> String {
    let found = entry(answer, service);
    let whole = found["fingerprint"].as_str().unwrap();
    assert_eq!((whole.len(), &whole[..12]), (64, found["fingerprint_short"].as_str().unwrap()));
    whole.to_owned()
}

#[test]
fn services_projects_extras_and_files_make_fingerprints() {
    let world = twins();
    let first = world.plan(&[]);
    let mut seen = vec![fingerprint(&first, "api"), fingerprint(&first, "web")];
    seen.push(fingerprint(&world.plan(&["--project", "other"]), "api"));
    seen.push(fingerprint(&world.plan(&["--extra", "BASE=1"]), "api"));
    // Neither the environment nor the revision makes another image.
    assert_eq!(fingerprint(&world.plan(&["--environment", "stage"]), "api"), seen[0]);
    world.write("a/x", "2");
    seen.push(fingerprint(&world.plan(&[]), "api"));
    world.write("a/x", "1");
    assert_eq!(fingerprint(&world.plan(&[]), "api"), seen[0]);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[test]
fn a_mode_makes_another_fingerprint_where_modes_are_kept() {
    let world = twins();
    let source = world.source();
    git(&source, &["init", "--quiet"]);
    git(&source, &["add", "--all"]);
    git(&source, &["commit", "--quiet", "--message", "one"]);
    let plain = fingerprint(&world.plan(&[]), "api");
    let file = source.join("a/x");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_ne!(fingerprint(&world.plan(&[]), "api"), plain);
}

#[test]
fn a_reason_says_whether_an_image_may_be_looked_up() {
    let world = twins();
    let decide = |id: &str, args: &[&str]| world.decide(&build(id), &[&["api"], args].concat());
    let first = decide("1", &[]);
    assert_eq!(reason(&first, "api"), "never-deployed");
    assert_eq!(world.run_in(&build("1"), ["record", "api"]).code, 0);
    // A forced build and a skip have the fingerprint of what is deployed: only the reason tells them from a change.
    let forced = decide("2", &["--force"]);
    assert_eq!((reason(&forced, "api").as_str(), fingerprint(&forced, "api")), ("forced", fingerprint(&first, "api")));
    world.run_in(&build("2").failing(), ["record", "api"]);
    // A build that failed may have left a bad image under the same fingerprint.
    let retried = decide("3", &[]);
    assert_eq!(reason(&retried, "api"), "uncertain");
    assert_eq!(fingerprint(&retried, "api"), fingerprint(&first, "api"));
}

#[test]
fn an_unknown_content_has_no_fingerprint() {
    let world = twins();
    world.remove("a/x");
    let answer = world.plan(&["api"]);
    assert_eq!(reason(&answer, "api"), "no-inputs");
    assert_eq!(
        (&entry(&answer, "api")["fingerprint"], &entry(&answer, "api")["fingerprint_short"]),
        (&Value::Null, &Value::Null)
    );
    let shell = world.run_in(&build("1"), ["decide", "api"]);
    assert!(shell.stdout.contains("export BUILD_FINGERPRINT_API=''\n"), "{shell:?}");
}
