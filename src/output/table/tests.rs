//! The table as people see it.

use bstr::BString;

use super::*;
use crate::output::samples::{answer, baseline, build, change, changed, options, outputs_of, skip, time};
use crate::protocol::answer::Baseline;

fn many(number: usize) -> Vec<Change> {
    (0..number).map(|i| change(format!("Server/Sources/{i}.swift"), ChangeKind::Added, Via::Own)).collect()
}

/// A night's worth of answers: something unchanged, something changed, something in doubt, and something new.
fn night() -> Answer {
    let mut changes = vec![
        change("Server/Sources/Query/configure.swift", ChangeKind::Modified, Via::Own),
        change("Server/template.yaml", ChangeKind::Modified, Via::Group("infra".to_owned())),
        change("Server/Sources/Query/古い.swift", ChangeKind::Deleted, Via::Own),
        change("base/run.sh", ChangeKind::Mode, Via::Dependency("base".to_owned().try_into().unwrap())),
    ];
    changes.extend(many(24));
    let mut query = changed("query", changes);
    query.detail = "28 of 69 inputs differ".to_owned();
    query.rules_changed = true;
    query.redeploys.insert("command".to_owned().try_into().unwrap(), outputs_of(&[("IMAGE_URI", "x")]));
    let mut worker = build("worker", Reason::Uncertain);
    worker.baseline = Some(Baseline { certain: false, recorded_at: Some(time("2026-11-23T19:00:00Z")), ..baseline() });
    let mut lost = build("reports", Reason::StateUnavailable);
    lost.inputs = None;
    let mut answer =
        answer("prod", vec![skip("command", &[]), query, worker, lost, build("new", Reason::NeverDeployed)]);
    answer.unowned = Some((0..12).map(|i| BString::from(format!("docs/{i:02}.md"))).collect());
    answer
}

fn text(answers: &[Answer], options: &Options) -> String {
    render(answers, options)
}

#[test]
fn it_reads_well_at_night() {
    let expected = "\
cqrs, prod: 69 files, revision 3c12540a1b2c

SERVICE  DECISION  REASON             INPUTS  DEPLOYED
command  skip      unchanged              69  3c12540a1b2c, 2 days ago
query    build     changed                69  3c12540a1b2c, 2 days ago
worker   build     uncertain              69  3c12540a1b2c, 1 hour ago, uncertain
reports  build     state-unavailable       -  not known
new      build     never-deployed         69  never

query: 28 of 69 inputs differ
  Server/Sources/Query/configure.swift  modified  by Server/Sources/**
  Server/template.yaml                  modified  by Server/Sources/** (group infra)
  Server/Sources/Query/古い.swift       deleted   by Server/Sources/**
  base/run.sh                           mode      by Server/Sources/** (dependency base)
  Server/Sources/0.swift                added     by Server/Sources/**
  … and 23 more (--all-changes)
  its rules differ from those of its last deploy
  deploying it deploys command again, as last recorded

worker: a sentence about uncertain

reports: a sentence about state-unavailable

new: a sentence about never-deployed

warning: 12 files belong to no service:
  docs/00.md
  docs/01.md
  docs/02.md
  docs/03.md
  docs/04.md
  docs/05.md
  docs/06.md
  docs/07.md
  docs/08.md
  docs/09.md
  … and 2 more (--all-changes)

4 of 5 services would build: query, worker, reports and new.
";
    let text = text(&[night()], &options());
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let colored = text(&[night()], &Options { color: true, ..options() });
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), text(&[night()], &options()));
}

#[test]
fn all_changes_cuts_nothing() {
    let text = text(&[night()], &Options { all_changes: true, ..options() });
    assert!(text.contains("Server/Sources/23.swift") && text.contains("docs/11.md"));
    assert!(!text.contains('…'), "{text}");
}

#[test]
fn a_file_name_cannot_drive_the_terminal() {
    let hostile = "a\n\u{1b}]0;owned\u{7}\u{202e}b";
    let mut answer = answer("prod", vec![changed("a", vec![change(hostile, ChangeKind::Added, Via::Own)])]);
    answer.unowned = Some(vec![BString::from(hostile), BString::from(&b"\xff\x9b"[..])]);
    answer.revision = Some("\u{1b}[2J".to_owned());
    answer.services[0].detail = hostile.to_owned();
    answer.services[0].changes[0].rule = hostile.to_owned();
    let text = text(&[answer], &options());
    assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text}");
    assert_eq!(text.matches(r"a\n\u{1b}]0;owned\u{7}\u{202e}b").count(), 4, "{text}");
    assert!(text.contains(r"  \xff\x9b"), "{text}");
}

#[test]
fn one_long_path_does_not_push_the_others_aside() {
    let changes =
        vec![change("x".repeat(4_000), ChangeKind::Added, Via::Own), change("y", ChangeKind::Added, Via::Own)];
    let text = text(&[answer("prod", vec![changed("a", changes)])], &options());
    let short = text.lines().find(|line| line.starts_with("  y")).unwrap();
    assert!(short.len() < 100, "{short}");
}

#[test]
fn an_unknown_change_set_is_said_to_be_unknown() {
    let mut service = build("a", Reason::Changed);
    service.changes_total = None;
    let text = text(&[answer("prod", vec![service])], &options());
    assert!(text.contains("which inputs differ is not known"), "{text}");
}

#[test]
fn the_last_line_says_it_all() {
    let last = |services| text(&[answer("prod", services)], &options()).lines().last().unwrap().to_owned();
    assert_eq!(last(vec![]), "There is no service to build.");
    assert_eq!(last(vec![skip("a", &[])]), "Nothing would build: a is as deployed.");
    assert_eq!(last(vec![skip("a", &[]), skip("b", &[])]), "Nothing would build: all 2 services are as deployed.");
    assert_eq!(last(vec![build("a", Reason::Forced)]), "1 of 1 service would build: a.");
    let twelve = (0..12).map(|i| build(&format!("s{i}"), Reason::Forced)).collect();
    assert!(last(twelve).ends_with("s8, s9 and 2 more."));
}

#[test]
fn environments_stand_one_below_the_other() {
    let text = text(&[answer("stage", vec![skip("a", &[])]), answer("prod", vec![skip("a", &[])])], &options());
    assert!(text.contains("\n\ncqrs, prod: "), "{text}");
}

#[test]
fn or_side_by_side() {
    let stage = answer("stage", vec![skip("a", &[]), build("b", Reason::DeployPending)]);
    let prod = answer("prod", vec![build("a", Reason::Changed), build("b", Reason::NeverDeployed)]);
    let expected = "\
cqrs: 2 services in 2 environments

SERVICE  stage                  prod
a        skip, unchanged        build, changed
b        build, deploy-pending  build, never-deployed

stage: 1 of 2 services would build: b.
prod: 2 of 2 services would build: a and b.
";
    assert_eq!(text(&[stage, prod], &Options { side_by_side: true, ..options() }), expected);
}
