//! Requests that cannot be answered, and what is printed in which form.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use super::{change, commit, replay, repository};
use crate::support::{World, git};

#[test]
fn bad_requests_are_one_sentence_and_exit_2() {
    let world = repository();
    change(&world, "a/x", "2");
    for (args, sentence) in [
        (vec!["--fail-rate", "10"], "--fail-rate: `10` is not between 0 and 1\n  hint: 10 percent is 0.1"),
        (vec!["--fail-rate", "-0.5"], "unexpected argument '-0'"),
        (vec!["--fail-rate", "NaN"], "--fail-rate: `NaN` is not between 0 and 1"),
        (vec!["--seed", "2"], "--fail-rate <RATE>"),
        (vec!["--minutes", "soon"], "--minutes: `soon` is no number of minutes"),
        (vec!["--minutes", "a=-1"], "--minutes: `a=-1` is no number of minutes"),
        (vec!["--minutes", "c=1"], "has no service `c`"),
        (vec!["--minutes", ""], "--minutes is empty"),
        (vec!["--last", "0"], "0 is not in 1.."),
        (vec!["--since", "nowhere"], "the commit `nowhere` is not in the repository"),
        (vec!["--revision", ""], "--revision is empty"),
        (vec!["--against", "missing.toml"], "the service map `missing.toml` cannot be read"),
        (vec!["c"], "has no service `c`"),
    ] {
        let done = world.run(["replay"].iter().chain(&args));
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{args:?}: {done:?}");
        assert!(done.stderr.contains(sentence), "{args:?}: {}", done.stderr);
    }
}

#[test]
fn a_source_without_history_is_told() {
    let world = World::new(super::MAP, &[("a/x", "1")]);
    let done = world.run(["replay"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("is not the root of a git repository"), "{}", done.stderr);
    git(&world.source(), &["init", "-q", "-b", "main"]);
    let done = world.run(["replay"]);
    assert_eq!(done.code, 2, "no commit yet");
    assert!(done.stderr.contains("the commit `HEAD` is not in the repository"), "{}", done.stderr);
}

#[test]
fn a_page_that_cannot_be_written_is_told() {
    let world = repository();
    let done = world.run(["replay", "--html", "missing/replay.html"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("the page `missing/replay.html` cannot be written"), "{}", done.stderr);
}

#[test]
fn an_environment_is_named_where_the_map_has_several() {
    let map = "environments = [\"dev\", \"prod\"]\n[services.a]\ninclude = [\"env/${environment}/**\"]\n";
    let world = World::new(map, &[("env/dev/x", "1"), ("env/prod/x", "1")]);
    git(&world.source(), &["init", "-q", "-b", "main"]);
    commit(&world, "root");
    change(&world, "env/dev/x", "2");
    assert!(world.run(["replay"]).stderr.contains("no environment was named"));
    for (environment, builds) in [("dev", 1), ("prod", 0)] {
        assert_eq!(replay(&world, &["--environment", environment])["totals"]["builds"], builds, "{environment}");
    }
}

#[test]
fn names_that_are_no_text_are_carried_and_drive_no_terminal() {
    let world = repository();
    let name = OsString::from_vec(b"a/\xff\x1b[31m".to_vec());
    std::fs::write(world.source().join(name), "1").unwrap();
    commit(&world, "odd \u{1b}[31m name");
    let other = "[services.a]\ninclude = [\"b/**\"]\n";
    world.write("other.toml", other);
    let report = replay(&world, &[]);
    let change = &report["commits"][0]["changes"][0];
    assert_eq!(change["path_base64"], "YS//G1szMW0=");
    let done = world.run(["replay", "--against", "other.toml", "--fail-rate", "0.9", "--html", "page.html"]);
    assert!(!done.stdout.contains('\u{1b}') && done.stdout.contains(r"a/\xff\u{1b}[31m"), "{done:?}");
    assert!(!std::fs::read_to_string(world.source().join("page.html")).unwrap().contains('\u{1b}'));
}

#[test]
fn the_json_is_what_its_schema_says() {
    let world = repository();
    (2..12).for_each(|number| drop(change(&world, ["a/x", "b/x"][number % 2], &number.to_string())));
    world.write("other.toml", "[services.a]\ninclude = [\"shared/**\"]\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/replay.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for args in [
        &["--last", "3"][..],
        &["--against", "other.toml", "--fail-rate", "0.5", "--minutes", "9"],
        &["--since", "HEAD"],
    ] {
        let report = replay(&world, args);
        let errors: Vec<_> =
            validator.iter_errors(&report).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{args:?}: {errors:#?}");
    }
}
