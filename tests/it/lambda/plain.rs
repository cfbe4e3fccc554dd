//! Requests that are no jobs: `aws lambda invoke`, a task of Step Functions, a rule of EventBridge.

use serde_json::{Value, json};

use super::{PLENTY, Site, candidate, git};

fn ask(site: &Site, event: &Value) -> Result<Value, Value> {
    // Lambda gives each invocation an id of its own.
    let request = format!("r-{}", fastrand::u64(..));
    site.rig.send(&request, event, PLENTY);
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    site.rig.result(&request).map(json).map_err(json)
}

#[test]
fn a_plain_request_returns_its_answer() {
    let mut site = Site::new();
    let first = site.decide();
    let web = candidate(&first, "web");
    assert_eq!(ask(&site, &json!({ "do": "begin", "candidate": web })), Ok(json!({})));
    let promote = json!({ "do": "promote", "candidate": web, "outputs": { "IMAGE_URI": "i" } });
    assert_eq!(ask(&site, &promote), Ok(json!({})));
    assert_eq!(site.decide()["IMAGE_URI_WEB"], "i");
    assert!(!site.rig.inside().calls.iter().any(|call| call == "PutJobFailureResult"));
}

/// The id of a schedule's event is always the same, and its source is not.
#[test]
fn requests_with_one_id_decide_about_their_own_sources() {
    let site = Site::new();
    let decide = |id: &str, content: &str| {
        site.world.write("api/x", content);
        git(&site.world.source(), &["add", "-A"]);
        git(&site.world.source(), &["commit", "-q", "--allow-empty", "-m", content]);
        let zip = site.world.path(&format!("{content}.zip"));
        std::fs::write(&zip, site.zip()).unwrap();
        let request = json!({ "do": "decide", "source": zip, "id": id, "pipeline": "shop", "services": ["api"] });
        ask(&site, &request).unwrap()
    };
    let deploy = |decided: &Value| {
        for verb in ["begin", "promote"] {
            let asked = ask(&site, &json!({ "do": verb, "candidate": candidate(decided, "api"), "id": "nightly" }));
            assert_eq!(asked, Ok(json!({})), "{decided}");
        }
    };
    let mut staged = Vec::new();
    for content in ["one", "two", "one", "two"] {
        let decided = decide("nightly", content);
        assert_eq!(decided["BUILD_SKIPPED_API"], "false", "{content}: {decided}");
        deploy(&decided);
        staged.push(decided);
    }
    assert_eq!(decide("nightly", "two")["BUILD_SKIPPED_API"], "true");
    // A rollback begins the same candidate once more, and is no second delivery of its first begin.
    deploy(&staged[2]);
    assert_eq!(decide("nightly", "two")["BUILD_SKIPPED_API"], "false", "one is live");
    assert_eq!(decide("another", "one")["BUILD_SKIPPED_API"], "false", "two may be");
}

/// A caller that waits sees the failure, and Lambda tries an asynchronous one again.
#[test]
fn a_plain_request_that_fails_is_an_error_of_the_function() {
    let site = Site::new();
    let error = ask(&site, &json!({ "do": "begin" })).unwrap_err();
    assert_eq!(error["errorType"], "ConfigurationError");
    assert!(error["errorMessage"].as_str().unwrap().contains("`candidate` is missing"), "{error}");
    let error = ask(&site, &json!({ "do": "decide" })).unwrap_err();
    assert!(error["errorMessage"].as_str().unwrap().contains("names no `source`"), "{error}");
    let error = ask(&site, &json!({ "do": "decide", "source": "s3://artifacts/x" })).unwrap_err();
    assert!(error["errorMessage"].as_str().unwrap().contains("access is denied"), "the function's own role: {error}");
}

#[test]
fn outside_of_lambda_it_says_so() {
    let world = crate::support::World::new("", &[]);
    let done = world.run(["lambda"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("AWS_LAMBDA_RUNTIME_API is not set"), "{}", done.stderr);
}
