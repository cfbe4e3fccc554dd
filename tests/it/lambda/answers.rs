//! What a decision answers, and what the stages after it do with that.

use serde_json::{Value, json};

use super::rig::State;
use super::{Site, candidate, in_a_build};

#[test]
fn a_pipeline_deploys_what_was_decided_and_then_skips_it() {
    let mut site = Site::new();
    let first = site.decide();
    for service in ["API", "WEB"] {
        assert_eq!(first[format!("BUILD_SKIPPED_{service}")], "false");
        assert_eq!(first[format!("BUILD_REASON_{service}")], "never-deployed");
    }
    assert_eq!((&first["BUILD_SKIPPED"], &first["IMAGE_URI_WEB"]), (&json!("false"), &json!("none")));
    site.ship(&first, "api");
    site.ship(&first, "web");
    let second = site.decide();
    assert_eq!((&second["BUILD_SKIPPED"], &second["BUILD_SERVICES"]), (&json!("true"), &json!("none")));
    assert_eq!((&second["BUILD_SKIPPED_WEB"], &second["IMAGE_URI_WEB"]), (&json!("true"), &json!("r@sha256:1")));
    assert_eq!(in_a_build(&site, "web"), "unchanged", "a build of the same pipeline has the same home");
    let claims = json!({ "do": "promote", "claims": second["SHIPMARK_CANDIDATE"] });
    site.act(&claims, &[]).variables();
    let (kind, message) = site.begin(&second, "web").failure();
    assert_eq!(kind, "JobFailed");
    assert!(message.contains("its deploy stage must not deploy"), "{message}");
}

/// A missing variable may be a skip: all decisions have the same variables.
#[test]
fn every_answer_has_every_variable_of_every_service() {
    let mut site = Site::new();
    let names =
        |variables: &Value| variables.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    let first = site.decide();
    site.ship(&first, "web");
    let skipped = site.decide();
    let key = site.pack();
    let narrowed = site.act(&json!({ "do": "decide", "services": ["web"] }), &[&key]).variables();
    assert_eq!(names(&first), names(&skipped));
    assert_eq!(names(&first), names(&narrowed));
    assert_eq!((&narrowed["BUILD_SKIPPED_WEB"], &narrowed["BUILD_SKIPPED"]), (&json!("true"), &json!("false")));
    for (name, value) in
        [("BUILD_SKIPPED_API", "false"), ("BUILD_REASON_API", "not-decided"), ("SHIPMARK_CANDIDATE_API", "false")]
    {
        assert_eq!(narrowed[name], value);
    }
    let (kind, message) = site.begin(&narrowed, "api").failure();
    assert_eq!(kind, "JobFailed", "{message}");
}

#[test]
fn a_service_of_another_environment_is_there_and_not_skipped() {
    let map = "project = \"default\"\nenvironments = [\"dev\", \"prod\"]\n[services.api]\ninclude = [\"api/**\"]\nenvironments = [\"dev\"]\n[services.web]\ninclude = [\"web/**\"]\n";
    let mut site = Site::with(map);
    let decide = json!({ "do": "decide", "environment": "prod" });
    let key = site.pack();
    let first = site.act(&decide, &[&key]).variables();
    for action in ["begin", "promote"] {
        site.act(&json!({ "do": action, "candidate": candidate(&first, "web") }), &[]).variables();
    }
    let second = site.act(&decide, &[&key]).variables();
    assert_eq!((&second["BUILD_SKIPPED"], &second["BUILD_SKIPPED_WEB"]), (&json!("true"), &json!("true")));
    assert_eq!((&second["BUILD_SKIPPED_API"], &second["SHIPMARK_CANDIDATE_API"]), (&json!("false"), &json!("false")));
}

/// The last action of the pipeline sees what a condition has done wrong, and what was deployed past a skip.
#[test]
fn the_end_of_the_pipeline_fails_where_a_stage_was_skipped_that_was_to_run() {
    let mut site = Site::new();
    let first = site.decide();
    site.ship(&first, "api");
    let end = json!({ "do": "promote", "claims": first["SHIPMARK_CANDIDATE"] });
    let (_, message) = site.act(&end, &[]).failure();
    assert!(message.contains("`web` was to be built, and its deploy stage has not begun"), "{message}");
    site.ship(&first, "web");
    site.act(&end, &[]).variables();
    let skipped = site.decide();
    let taint = json!({ "do": "taint", "services": "web", "reason": "rolled back" });
    site.act(&taint, &[]).variables();
    let (_, message) = site.act(&json!({ "do": "promote", "claims": skipped["SHIPMARK_CANDIDATE"] }), &[]).failure();
    assert!(message.contains("no longer holds"), "{message}");
}

#[test]
fn a_failed_deploy_is_told() {
    let mut site = Site::new();
    let first = site.decide();
    site.begin(&first, "web").variables();
    let failed = json!({ "do": "promote", "candidate": candidate(&first, "web"), "failed": true });
    site.act(&failed, &[]).variables();
    assert_eq!(site.decide()["BUILD_REASON_WEB"], "never-deployed");
}

#[test]
fn inputs_that_are_no_files_come_with_the_request() {
    let map = "project = \"default\"\n[services.api]\ninclude = [\"api/**\"]\nenv = [\"NODE_VERSION\"]\n";
    let mut site = Site::with(map);
    let key = site.pack();
    let decide = |site: &mut Site, env: Value| site.act(&json!({ "do": "decide", "env": env }), &[&key]).variables();
    let first = decide(&mut site, json!({ "NODE_VERSION": "22" }));
    site.ship(&first, "api");
    assert_eq!(decide(&mut site, json!({ "NODE_VERSION": "22" }))["BUILD_SKIPPED"], "true");
    assert_eq!(decide(&mut site, json!({ "NODE_VERSION": "24" }))["BUILD_REASON_API"], "changed");
    assert_eq!(decide(&mut site, json!({}))["BUILD_REASON_API"], "env-missing");
}

#[test]
fn what_is_forced_builds() {
    let mut site = Site::new();
    let first = site.decide();
    site.ship(&first, "web");
    let key = site.pack();
    for force in [json!(true), json!(["web"])] {
        let forced = site.act(&json!({ "do": "decide", "force": force }), &[&key]).variables();
        assert_eq!(forced["BUILD_REASON_WEB"], "forced");
    }
}

/// Who deploys is known from the job, else from the request; else nothing is skipped.
#[test]
fn without_a_pipeline_nothing_is_skipped() {
    let mut site = Site::new();
    let first = site.decide();
    site.ship(&first, "web");
    site.rig.inside().denied.insert("GetJobDetails");
    let unknown = site.decide();
    assert_eq!(unknown["BUILD_SKIPPED_WEB"], "false");
    assert!(site.log().contains("add \"pipeline\""), "{}", site.log());
    let key = site.pack();
    let named = json!({ "do": "decide", "pipeline": "shop", "execution": "e-2", "revision": "abc" });
    // What the decision before has staged still waits, but for the same bytes.
    let named = site.act(&named, &[&key]).variables();
    assert_eq!((&named["BUILD_SKIPPED_WEB"], &named["BUILD_REVISION"]), (&json!("true"), &json!("abc")));
    let asked = site.rig.inside().calls.iter().filter(|call| *call == "GetJobDetails").count();
    assert_eq!(asked, 2, "it is not asked where the request says both");
    assert!(
        matches!(site.act(&json!({ "do": "decide", "pipeline": "other" }), &[&key]), State::Succeeded(other) if other["BUILD_SKIPPED_WEB"] == "false")
    );
}
