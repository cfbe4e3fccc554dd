//! Events that come twice or late, and answers that are lost or refused.

use serde_json::json;

use super::rig::State;
use super::{Site, candidate};

#[test]
fn a_second_delivery_changes_nothing() {
    let mut site = Site::new();
    let key = site.pack();
    let (id, event) = site.job(&json!({ "do": "decide" }).to_string(), &[&key]);
    assert!(matches!(site.rig.deliver(&id, &event)[..], [Ok(_)]));
    let first = site.state(&id);
    let kept = site.world.attempts("web");
    assert!(matches!(site.rig.deliver("another-request", &event)[..], [Ok(_)]), "a refused answer is done");
    assert_eq!((site.state(&id), site.world.attempts("web")), (first.clone(), kept));
    assert!(site.log().contains("not its first delivery"));
    let variables = first.variables();
    let web = candidate(&variables, "web");
    for action in [
        json!({ "do": "begin", "candidate": web }),
        json!({ "do": "promote", "candidate": web, "outputs": { "IMAGE_URI": "i" } }),
    ] {
        let (id, event) = site.job(&action.to_string(), &[]);
        assert!(matches!(site.rig.deliver(&id, &event)[..], [Ok(_)]));
        let kept = site.world.kept("web");
        assert!(matches!(site.rig.deliver("again", &event)[..], [Ok(_)]));
        assert_eq!(String::from_utf8(site.world.kept("web")), String::from_utf8(kept), "{action}");
    }
    let skipped = site.decide();
    assert_eq!(skipped["BUILD_SKIPPED_WEB"], "true");
    // The decision, long after its deploy.
    let kept = site.world.attempts("web");
    assert!(matches!(site.rig.deliver("once-more", &event)[..], [Ok(_)]));
    assert_eq!(site.world.attempts("web"), kept);
}

/// An answer that is lost leaves the action waiting, so Lambda has to send the event again; it is given the same candidates.
#[test]
fn an_answer_that_is_lost_is_given_again() {
    let mut site = Site::new();
    let key = site.pack();
    let (id, event) = site.job(&json!({ "do": "decide" }).to_string(), &[&key]);
    site.rig.inside().denied.insert("PutJobSuccessResult");
    site.rig.send(&id, &event, super::PLENTY);
    let error = site.rig.result(&id).unwrap_err();
    assert!(error.contains("access is denied") && error.contains("AccessDenied"), "{error}");
    assert_eq!(site.state(&id), State::Open);
    let kept = site.world.attempts("web");
    site.rig.inside().denied.clear();
    assert!(matches!(site.rig.deliver(&id, &event)[..], [Ok(_)]));
    assert_eq!(site.world.attempts("web"), kept);
    let variables = site.state(&id).variables();
    site.ship(&variables, "web");
    assert_eq!(site.decide()["BUILD_SKIPPED_WEB"], "true");
}

#[test]
fn a_connection_that_is_cut_is_tried_again() {
    let mut site = Site::new();
    site.rig.inside().cut = [("PutJobSuccessResult", 2), ("GetJobDetails", 1)].into();
    assert_eq!(site.decide()["BUILD_SKIPPED"], "false");
}

/// What CodePipeline does not take must not leave the action waiting.
#[test]
fn variables_that_are_refused_are_a_failure() {
    let mut site = Site::new();
    site.rig.inside().refuse_variables = true;
    let key = site.pack();
    let (_, message) = site.act(&json!({ "do": "decide" }), &[&key]).failure();
    assert!(message.contains("OutputVariablesSizeExceededException"), "{message}");
}

/// Its candidate was superseded: staged once more, it would wait for a stage that never comes.
#[test]
fn a_decision_that_comes_again_after_a_later_one_has_begun_stages_nothing() {
    let mut site = Site::new();
    let key = site.pack();
    let (id, event) = site.job(&json!({ "do": "decide" }).to_string(), &[&key]);
    site.rig.deliver(&id, &event);
    let old = site.state(&id).variables();
    site.world.write("web/x", "2");
    let new = site.decide();
    site.ship(&new, "web");
    let kept = (site.world.attempts("web"), site.world.attempts("api"));
    assert!(matches!(site.rig.deliver("late", &event)[..], [Ok(_)]));
    assert_eq!((site.world.attempts("web"), site.world.attempts("api")), kept, "{}", site.log());
    assert_eq!(site.state(&id).variables(), old);
    assert!(site.log().contains("an earlier delivery of this job"), "{}", site.log());
    let (_, message) = site.begin(&old, "web").failure();
    assert!(message.contains("must not"), "{message}");
    assert_eq!(site.decide()["BUILD_SKIPPED_WEB"], "true");
}

#[test]
fn a_taint_that_comes_twice_is_one() {
    let mut site = Site::new();
    let first = site.decide();
    site.ship(&first, "web");
    let taint = json!({ "do": "taint", "services": ["web"], "reason": "rolled back", "id": "event-7" });
    assert!(matches!(site.rig.deliver("r-1", &taint)[..], [Ok(_)]));
    let kept = site.world.kept("web");
    assert!(matches!(site.rig.deliver("r-2", &taint)[..], [Ok(_)]));
    assert_eq!(site.world.kept("web"), kept);
    assert_eq!(site.decide()["BUILD_REASON_WEB"], "uncertain");
}
