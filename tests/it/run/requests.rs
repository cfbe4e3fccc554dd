//! What `run` refuses before it decides.

use super::{build, shop};

#[test]
fn a_wrong_request_opens_no_attempt_and_runs_nothing() {
    for (args, said) in [
        (&["--", "true"][..], "no service was named"),
        (&["--all", "web", "--", "true"], "cannot be used with"),
        (&["web", "docs", "web", "--", "true"], "`web` is named twice"),
        (&["web", "--jobs", "0", "--", "true"], "'0' for '--jobs"),
        (&["web", "--jobs", "many", "--", "true"], "'many' for '--jobs"),
        (&["web"], "<CMD>"),
        (&["wbe", "--", "true"], "did you mean `web`?"),
        (&["", "--", "true"], "empty"),
        (&["--all", "--environment", "", "--", "true"], "empty"),
    ] {
        let world = shop();
        let done = world.run_in(&build("1"), ["run"].iter().chain(args));
        assert_eq!(done.code, 2, "{args:?}: {done:?}");
        assert_eq!(done.stdout, "", "{args:?}");
        assert!(done.stderr.contains(said), "{args:?}: {}", done.stderr);
        assert!(!world.has_mark("web"), "{args:?}");
    }
}

#[test]
fn what_this_build_has_staged_is_recorded_by_its_deploy_stage() {
    let world = shop();
    world.reason(&build("1"), "web");
    world.stage(&build("1"), &["web"]);
    let done = world.run_in(&build("1"), ["run", "docs", "web", "--", "touch", "../tmp/ran"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(!world.path("tmp/ran").exists());
    assert_eq!(world.attempts("docs")[0]["state"], "failed", "it was opened, and never started");
}

#[test]
fn a_build_of_an_open_pull_request_runs_nothing() {
    let world = shop();
    let review = build("1").with("CODEBUILD_WEBHOOK_EVENT", "PULL_REQUEST_UPDATED");
    for review in [review.clone(), review.with("SHIPMARK_CANDIDATE", "x")] {
        let done = world.run_in(&review, ["run", "--all", "--", "touch", "../tmp/ran"]);
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("shipmark plan"), "{}", done.stderr);
        assert!(!world.path("tmp/ran").exists());
    }
}
