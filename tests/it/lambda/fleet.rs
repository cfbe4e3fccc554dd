//! A small pipeline that decides, and starts the pipelines of those services that build.

use serde_json::{Value, json};

use super::{Site, candidate};

fn start(site: &mut Site, variables: &Value) -> super::State {
    let start = json!({ "do": "start", "candidate": variables["SHIPMARK_CANDIDATE"], "pipelines": "shop-{service}",
        "revisions": { "Source": "abc" } });
    site.act(&start, &[])
}

#[test]
fn what_builds_is_started_once_with_its_candidate_and_its_revision() {
    let mut site = Site::new();
    let first = site.decide();
    site.ship(&first, "api");
    site.world.write("web/x", "2");
    let second = site.decide();
    assert_eq!(second["BUILD_SERVICES"], "web");
    let told = start(&mut site, &second).variables();
    assert_eq!(told, json!({ "EXECUTION_WEB": "x-0", "STARTED_SERVICES": "web" }));
    let started = site.rig.inside().started.clone();
    let [only] = &started[..] else { panic!("{started:?}") };
    assert_eq!(only["name"], "shop-web");
    let revision = json!([{ "actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "abc" }]);
    assert_eq!(only["sourceRevisions"], revision);
    let web = candidate(&second, "web");
    let variables = json!([{ "name": "SERVICE", "value": "web" }, { "name": "SHIPMARK_CANDIDATE", "value": web }]);
    assert_eq!(only["variables"], variables);
    // A retry of the stage is another job.
    assert_eq!(start(&mut site, &second).variables()["EXECUTION_WEB"], "x-0");
    assert_eq!(site.rig.inside().started.len(), 1);
    site.ship(&second, "web");
    assert_eq!(start(&mut site, &second).variables()["STARTED_SERVICES"], "none", "its deploy has begun");
    assert_eq!(site.decide()["BUILD_SKIPPED"], "true");
}

#[test]
fn a_start_that_fails_or_comes_too_late_is_red() {
    let mut site = Site::new();
    let first = site.decide();
    site.rig.inside().denied.insert("StartPipelineExecution");
    let (_, message) = start(&mut site, &first).failure();
    assert!(message.contains("shop-api") && message.contains("retry the stage"), "{message}");
    site.rig.inside().denied.clear();
    assert_eq!(start(&mut site, &first).variables()["STARTED_SERVICES"], "api web");
    site.ship(&first, "api");
    site.ship(&first, "web");
    let skipped = site.decide();
    let taint = json!({ "do": "taint", "services": ["web"], "reason": "rolled back" });
    site.act(&taint, &[]).variables();
    let (_, message) = start(&mut site, &skipped).failure();
    assert!(message.contains("no longer holds"), "{message}");
    let nothing = json!({ "do": "start", "candidate": "false", "pipelines": "shop-{service}" });
    site.act(&nothing, &[]).failure();
}
