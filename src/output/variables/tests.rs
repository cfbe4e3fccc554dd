//! Which variables exist, and which are refused.

use super::*;
use crate::output::samples::{answer, build, outputs_of, skip};

fn pairs(answers: &[Answer]) -> Vec<(String, String)> {
    variables(answers, Case::Matters).unwrap().into_iter().map(|v| (v.name, v.value)).collect()
}

fn names(answers: &[Answer]) -> Vec<String> {
    pairs(answers).into_iter().map(|(name, _)| name).collect()
}

fn value(answers: &[Answer], name: &str) -> Option<String> {
    pairs(answers).into_iter().find(|(n, _)| n == name).map(|(_, value)| value)
}

#[test]
fn one_skipped_service_stands_in_the_documented_order() {
    let answers = [answer("prod", vec![skip("command", &[("IMAGE_URI", "repo@sha256:1")])])];
    let text: Vec<String> = pairs(&answers).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        text,
        [
            "BUILD_SKIPPED=true",
            "BUILD_REUSED=false",
            "BUILD_SKIPPED_COMMAND=true",
            "BUILD_REASON_COMMAND=unchanged",
            "BUILD_REUSED_COMMAND=false",
            &format!("BUILD_FINGERPRINT_COMMAND={}", "07".repeat(32)),
            "BUILD_SERVICES=",
            "BUILD_REVISION=3c12540a1b2c3d4e5f60718293a4b5c6d7e8f901",
            "IMAGE_URI_COMMAND=repo@sha256:1",
            "IMAGE_URI=repo@sha256:1",
        ]
    );
}

#[test]
fn one_building_service_makes_the_whole_build() {
    let services = vec![build("b", Reason::Changed), skip("a", &[("X", "1")]), build("c", Reason::Uncertain)];
    let answers = [answer("prod", services)];
    assert_eq!(value(&answers, "BUILD_SKIPPED").as_deref(), Some("false"));
    assert_eq!(value(&answers, "BUILD_SKIPPED_A").as_deref(), Some("true"));
    assert_eq!(value(&answers, "BUILD_SERVICES").as_deref(), Some("b c"));
    assert_eq!(value(&answers, "X_A").as_deref(), Some("1"));
    assert_eq!(value(&answers, "X"), None, "plain names are for a single service");
}

#[test]
fn nothing_decided_is_nothing_skipped() {
    assert_eq!(value(&[], "BUILD_SKIPPED").as_deref(), Some("false"));
    assert_eq!(value(&[answer("prod", vec![])], "BUILD_SKIPPED").as_deref(), Some("false"));
}

#[test]
fn a_building_service_hands_back_no_outputs() {
    let mut service = build("command", Reason::SkipTooOld);
    service.outputs = outputs_of(&[("IMAGE_URI", "old")]);
    assert_eq!(value(&[answer("prod", vec![service])], "IMAGE_URI_COMMAND"), None);
}

#[test]
fn several_environments_skip_only_together() {
    let one = answer("stage", vec![skip("a", &[("X", "1")]), skip("b", &[])]);
    let other = answer("prod", vec![build("a", Reason::DeployPending), skip("b", &[])]);
    let answers = [one, other];
    assert_eq!(value(&answers, "BUILD_SKIPPED").as_deref(), Some("false"));
    assert_eq!(value(&answers, "BUILD_REASON_A").as_deref(), Some("deploy-pending"));
    assert_eq!(value(&answers, "X_A"), None);
    assert_eq!(value(&answers, "BUILD_SERVICES").as_deref(), Some("a"));
}

#[test]
fn a_fingerprint_that_is_unknown_or_differs_is_empty() {
    let with = |fingerprint: Option<u8>| {
        let fingerprint = fingerprint.map(|byte| Fingerprint([byte; 32]));
        answer("prod", vec![ServiceAnswer { fingerprint, ..build("a", Reason::Changed) }])
    };
    let printed = |answers: &[Answer]| value(answers, "BUILD_FINGERPRINT_A").unwrap();
    assert_eq!(printed(&[with(Some(7)), with(Some(7))]), "07".repeat(32));
    for answers in [vec![with(None)], vec![with(Some(7)), with(Some(8))], vec![with(Some(7)), with(None)]] {
        assert_eq!(printed(&answers), "");
    }
}

#[test]
fn a_service_that_only_another_environment_builds_is_built() {
    let answers = [answer("stage", vec![skip("a", &[])]), answer("prod", vec![build("b", Reason::NeverDeployed)])];
    assert_eq!(value(&answers, "BUILD_SKIPPED").as_deref(), Some("false"));
    assert_eq!(value(&answers, "BUILD_SERVICES").as_deref(), Some("b"));
}

#[test]
fn environments_with_other_outputs_are_refused() {
    let one = answer("stage", vec![skip("a", &[("X", "1")])]);
    for outputs in [&[("X", "2")][..], &[], &[("X", "1"), ("Y", "1")]] {
        let error = variables(&[one.clone(), answer("prod", vec![skip("a", outputs)])], Case::Matters).unwrap_err();
        assert!(error.to_string().contains("`stage` and `prod`"), "{error}");
    }
    assert!(variables(&[one.clone(), one], Case::Matters).is_ok());
}

#[test]
fn redeployed_services_bring_their_outputs_unless_decided_themselves() {
    let mut command = build("command", Reason::Changed);
    command.redeploys.insert(ServiceName::new("query").unwrap(), outputs_of(&[("IMAGE_URI", "q")]));
    let mut worker = build("worker", Reason::Changed);
    worker.redeploys = command.redeploys.clone();
    let answers = [answer("prod", vec![command, worker])];
    assert_eq!(names(&answers).iter().filter(|name| *name == "IMAGE_URI_QUERY").count(), 1);
    let mut decided = answers[0].clone();
    decided.services.push(build("query", Reason::Changed));
    assert_eq!(value(&[decided], "IMAGE_URI_QUERY"), None);
}

#[test]
fn only_declared_outputs_are_printed_without_the_name_of_the_service() {
    let mut service = skip("a", &[("IMAGE_URI", "1"), ("NODE_OPTIONS", "--require=/tmp/x")]);
    service.declared.retain(|name| name.as_str() == "IMAGE_URI");
    let answers = [answer("prod", vec![service])];
    assert_eq!(value(&answers, "IMAGE_URI").as_deref(), Some("1"));
    assert_eq!(value(&answers, "NODE_OPTIONS"), None);
    assert_eq!(value(&answers, "NODE_OPTIONS_A").as_deref(), Some("--require=/tmp/x"));
}

#[test]
fn composed_names_that_are_reserved_are_refused() {
    let error = variables(&[answer("prod", vec![skip("preload", &[("LD", "x.so")])])], Case::Matters).unwrap_err();
    assert_eq!(error.to_string(), "the output `LD` of `preload` cannot be printed; rename the output or the service");
}

#[test]
fn collisions_name_both_sides() {
    let services = vec![skip("command", &[("IMAGE_URI", "1")]), skip("uri-command", &[("IMAGE", "2")])];
    let error = variables(&[answer("prod", services)], Case::Matters).unwrap_err().to_string();
    assert!(error.contains("`IMAGE_URI` of `command`") && error.contains("`IMAGE` of `uri-command`"), "{error}");
    let plain = skip("command", &[("IMAGE", "1"), ("IMAGE_COMMAND", "2")]);
    assert!(variables(&[answer("prod", vec![plain])], Case::Matters).is_err());
    let twins = vec![skip("svc-a", &[]), build("svc.a", Reason::Changed)];
    assert!(variables(&[answer("prod", twins)], Case::Matters).is_err());
}

#[test]
fn where_case_is_ignored_so_it_is_in_the_checks() {
    let path = [answer("prod", vec![skip("a", &[("Path", "x")])])];
    assert!(variables(&path, Case::Matters).is_ok());
    assert!(matches!(variables(&path, Case::Ignored), Err(OutputError::Reserved { .. })));
    let twins = [answer("prod", vec![skip("a", &[("x", "1"), ("X", "2")])])];
    assert!(variables(&twins, Case::Matters).is_ok());
    assert!(matches!(variables(&twins, Case::Ignored), Err(OutputError::Collision { .. })));
}

#[test]
fn no_variable_holds_nul() {
    let answers = [answer("prod", vec![skip("a", &[("X", "a\0b")])])];
    assert!(matches!(variables(&answers, Case::Matters), Err(OutputError::Nul { .. })));
}
