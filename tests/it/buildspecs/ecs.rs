//! `ecs/`: one stage builds an image, and ECS deploys it in the next.

use serde_json::{Value, json};

use super::{Site, example};
use crate::codebuild::{Ended, Shell, default_shells};

const SOURCE: &str = "services/api/main.py";
const REPOSITORY: (&str, &str) = ("REPOSITORY_URL", "1.dkr.ecr.example.com/api");

fn ecs(shell: Shell) -> Site {
    let files = [SOURCE, "services/api/Dockerfile", "pipelines/ecs-service.yml"].map(|path| (path, "1"));
    Site::new(shell, &example("ecs/shipmark.toml"), &files, &[REPOSITORY])
}

/// The build stage, which succeeds, and the file that it hands to the ECS action.
fn builds(site: &Site) -> (Ended, Value) {
    let ended = site.build(&example("ecs/build.yml"));
    assert!(ended.succeeded, "{}", ended.log);
    let files = &ended.artifacts[""];
    let definitions = serde_json::from_slice(&files["imagedefinitions.json"]).unwrap();
    (ended, definitions)
}

/// An action before or after the deploy, by its buildspec.
fn act(site: &Site, action: &str, build: &Ended) -> bool {
    let variables = [("SHIPMARK_CANDIDATE", build.exported["SHIPMARK_CANDIDATE"].as_str()), ("SHIPMARK_STATE", "")];
    site.with(&variables, |site| site.build(&example(&format!("two-step/{action}.yml"))).succeeded)
}

/// What the ECS action does: it runs the image under the name of the container.
fn deploys(site: &Site, definitions: &Value) {
    let [one] = definitions.as_array().unwrap().as_slice() else { panic!("{definitions}") };
    let image = format!("{}={}", one["name"].as_str().unwrap(), one["imageUri"].as_str().unwrap());
    let done = site.action("kubectl", &["set", "image", "deployment/api", &image]);
    assert_eq!(done.code, 0, "{done:?}");
}

fn enter(site: &Site, build: &Ended, definitions: &Value) {
    assert!(act(site, "begin", build));
    deploys(site, definitions);
    assert!(act(site, "promote", build));
    site.agrees(&[("api/main.py", SOURCE)]);
}

#[test]
fn a_skip_hands_on_the_recorded_image_and_a_change_another_one() {
    for shell in default_shells() {
        let site = ecs(shell);
        let (first, definitions) = builds(&site);
        assert_eq!(first.exported["BUILD_SKIPPED"], "false");
        assert!(definitions[0]["imageUri"].as_str().unwrap().contains("/api@sha256:"), "{definitions}");
        enter(&site, &first, &definitions);

        let (again, same) = builds(&site);
        assert_eq!(again.exported["BUILD_SKIPPED"], "true");
        assert!(!site.did("docker"), "nothing changed");
        assert_eq!(same, definitions, "what runs already");
        assert!(!act(&site, "begin", &again), "a stage that is entered in spite of the skip deploys nothing");

        site.world.write(SOURCE, "2");
        let (changed, other) = builds(&site);
        assert_ne!(other, definitions);
        enter(&site, &changed, &other);

        // The deploy of a revert failed half-way: `promote` did not run, so what is deployed is in doubt and is built again.
        site.world.write(SOURCE, "3");
        let (broken, third) = builds(&site);
        assert!(act(&site, "begin", &broken));
        deploys(&site, &third);
        site.world.write(SOURCE, "2");
        let (reverted, second) = builds(&site);
        assert_eq!(reverted.exported["BUILD_SKIPPED"], "false");
        enter(&site, &reverted, &second);
    }
}

#[test]
fn without_a_state_or_an_image_nothing_is_handed_on() {
    for shell in default_shells() {
        let site = ecs(shell);
        let spec = example("ecs/build.yml");
        let failed = site.with(&[("FAILS", "docker push")], |site| site.build(&spec));
        assert!(!failed.succeeded);
        assert!(!act(&site, "begin", &failed), "{}", failed.exported["SHIPMARK_CANDIDATE"]);
        // A definition without an image would be an error of ECS; there is none to say what runs.
        let unknown = site.with(&[("FAILS", "aws ecr describe-images")], |site| site.build(&spec));
        assert!(
            !unknown.succeeded
                && unknown.artifacts.get("").is_none_or(|files| !files.contains_key("imagedefinitions.json"))
        );
        assert_eq!(json!(unknown.exported["BUILD_SKIPPED"]), "false");
    }
}
