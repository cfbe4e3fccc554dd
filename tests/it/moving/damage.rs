//! Exports that are not whole, and stores that are not.

use serde_json::Value;

use super::{body, build, lines, world};
use crate::support::World;

/// The export of two services that are deployed, and an empty store.
fn exported() -> (World, String) {
    let from = world();
    from.deploy(&build("1"), "a");
    from.candidate(&build("2"), "a", "2");
    from.deploy(&build("3"), "b");
    (world(), from.export(&[]))
}

/// The export with one line, counted from 1, edited.
fn edited(text: &str, number: usize, edit: impl FnOnce(&mut Value)) -> String {
    let mut lines = lines(text);
    edit(&mut lines[number - 1]);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Imports something that is wrong with service `a` only: `b` is imported, and `a` is told with the line and the cause.
fn refuses_a_only(text: &str, told: &[&str]) {
    let (world, _) = exported();
    let done = world.import(text, &["--trusted"]);
    assert_eq!(done.code, 1, "{done:?}");
    for part in told {
        assert!(done.stderr.contains(part), "{part}: {done:?}");
    }
    assert_eq!((world.planned("a"), world.planned("b")), ("never-deployed".to_owned(), "unchanged".to_owned()));
    assert_eq!(body(&world.export(&["a"])), "{\"kind\":\"end\",\"services\":0}\n", "nothing of it is half there");
}

#[test]
fn a_damaged_line_refuses_its_service_only() {
    let (_, text) = exported();
    type Edit = fn(&mut Value);
    let cases: [(usize, Edit, &str); 9] = [
        (2, |line| line["hash"] = "0".repeat(64).into(), "the snapshot is damaged"),
        (3, |line| line["base64"] = "AAAA".into(), "the snapshot is damaged"),
        (4, |line| line["candidate"]["staged_at"] = "x".into(), "not the JSON that shipmark writes"),
        (4, |line| line["candidate"]["id"] = "../../b".into(), "letters and digits only"),
        (4, |line| line["candidate"]["schema"] = 99.into(), "newer shipmark"),
        (5, |line| line["mark"]["serial"] = u64::MAX.into(), "its serial"),
        (5, |line| line["mark"]["environment"] = "prod".into(), "the mark of `a` in `prod`"),
        (5, |line| line["mark"]["attempts"][0]["opened"] = u64::MAX.into(), "later than the mark itself"),
        (5, |line| line["mark"]["deployed"]["content"]["fingerprint"] = "12".into(), "not the JSON"),
    ];
    for (number, edit, cause) in cases {
        let text = edited(&text, number, edit);
        refuses_a_only(&text, &[&format!("a in default: not imported, line {number}: "), cause]);
    }
}

#[test]
fn a_line_that_is_none_refuses_the_service_that_it_stands_with() {
    let (_, text) = exported();
    let lines: Vec<&str> = text.lines().collect();
    for number in 2..=5 {
        for bad in ["{", "{\"kind\":\"mark\",\"environment\":\"\",\"service\":\"a\",\"mark\":{}}", "\u{0}"] {
            let mut lines = lines.clone();
            lines[number - 1] = bad;
            refuses_a_only(
                &(lines.join("\n") + "\n"),
                &[&format!("line {number} of the export: "), "a in default: not"],
            );
        }
    }
}

#[test]
fn lines_that_are_missing_or_come_twice_are_told() {
    let (_, text) = exported();
    let lines: Vec<&str> = text.lines().collect();
    let without_mark = [&lines[..4], &lines[5..]].concat().join("\n");
    refuses_a_only(&without_mark, &["its mark is missing before line 5", "2 marks were exported, and here are 1"]);
    let (world, _) = exported();
    let twice = [&lines[..7], &lines[1..]].concat().join("\n");
    let done = world.import(&twice, &["--trusted", "--replace"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("a in default: not imported, line 8: its lines do not stand together"), "{done:?}");
    assert_eq!(world.planned("b"), "unchanged", "the first stands");
}

/// Whatever is whole before the cut is imported, and the exit status says that it is not all.
#[test]
fn an_export_that_was_cut_off_is_never_taken_for_a_whole_one() {
    let (_, text) = exported();
    let marks: Vec<usize> = text.match_indices("{\"kind\":\"mark\"").map(|(at, _)| at).collect();
    let step = text.len() / 11;
    let ends = text.match_indices('\n').map(|(at, _)| at + 1).filter(|end| *end < text.len());
    // Without the newline at its end it is whole.
    for cut in (0..text.len() - 1).step_by(step).chain(ends).chain([text.len() - 2]) {
        let (world, _) = exported();
        let done = world.import(&text[..cut], &["--trusted"]);
        assert!(done.code == 1 || done.code == 2, "{cut}: {done:?}");
        let whole = |mark: usize| cut > mark && text[mark..cut].contains('\n');
        let there = |service| world.planned(service) != "never-deployed";
        assert_eq!((there("a"), there("b")), (whole(marks[0]), whole(marks[1])), "{cut}: {done:?}");
    }
}

#[test]
fn what_is_no_export_is_refused() {
    let world = world();
    let newer = "{\"shipmark_export\":2,\"project\":\"default\"}\n{\"kind\":\"end\",\"services\":0}\n";
    for (text, cause) in [("", "it is empty"), ("PK\u{3}\u{4}", "line 1"), ("[]\n", "line 1"), (newer, "version 2")] {
        let done = world.import(text, &[]);
        assert_eq!(done.code, 2, "{text:?}: {done:?}");
        assert!(done.stderr.contains(cause), "{text:?}: {done:?}");
    }
    assert_eq!(world.run(["state", "import", "missing.jsonl"]).code, 2);
    assert_eq!(world.run(["state", "import", "."]).code, 2);
}

/// What cannot be read is told and left out; the rest is exported.
#[test]
fn a_damaged_store_is_exported_as_far_as_it_goes() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.deploy(&build("2"), "b");
    let snapshots = world.mark("b").with_file_name("snapshots");
    let snapshot = std::fs::read_dir(snapshots).unwrap().next().unwrap().unwrap().path();
    std::fs::write(snapshot, "x").unwrap();
    std::fs::write(world.mark("a"), "{").unwrap();
    let out = world.path("tmp/out.jsonl");
    let done = world.run(["state", "export", "--out", out.to_str().unwrap()]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("a in default: the mark was left out: "), "{done:?}");
    assert!(done.stderr.contains("b in default: a snapshot was left out: "), "{done:?}");
    let text = std::fs::read_to_string(&out).unwrap();
    assert_eq!(super::shape(&text), ["", "mark b", "end"]);
    let elsewhere = super::world();
    assert_eq!(elsewhere.import(&text, &["--trusted"]).code, 0);
    assert_eq!(elsewhere.planned("b"), "unchanged");
    let whole = elsewhere.export(&["b"]);
    std::fs::remove_dir_all(world.path("state")).unwrap();
    std::fs::write(world.path("state"), "no directory").unwrap();
    assert_eq!(world.run(["state", "export", "--out", out.to_str().unwrap()]).code, 1);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text, "an unreachable store takes no earlier export away");
    assert_eq!(world.import(&whole, &[]).code, 1);
}
