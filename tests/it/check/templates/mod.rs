//! `check --template`: what is found in the template of a pipeline, what is left alone, and what cannot be told.

mod bad_input;
mod formats;
mod planted;
mod published;
mod unknown;

use serde_json::Value;

use crate::support::{Done, World};

/// The templates that are right, by their names.
pub(crate) const GOOD: [(&str, &str); 5] = [
    ("shop.yml", include_str!("fixtures/shop.yml")),
    ("lambda.yml", include_str!("fixtures/lambda.yml")),
    ("shared.yml", include_str!("fixtures/shared.yml")),
    // Written by `cdk synth` of aws-cdk-lib 2.276.0.
    ("cdk.json", include_str!("fixtures/cdk.json")),
    // The shape of `terraform show -json`, with what is known only after `apply`.
    ("plan.json", include_str!("fixtures/plan.json")),
];

pub(crate) const MAP: &str = r#"project = "shop"

[defaults]
build_timeout = "1h"
deploy_timeout = "1h"
exclude = ["**/*.md"]

[environments.stage]

[environments.prod]
pipelines = ["shop-api", "arn:aws:codepipeline:eu-west-1:111122223333:shop-web"]

[services.api]
include = ["services/api/**"]
redeploys = ["web-app"]

[services.web-app]
include = ["services/web-app/**"]
redeploys = ["api"]
"#;

pub(crate) const FILES: [(&str, &str); 9] = [
    ("services/api/main.js", "x"),
    ("services/api/README.md", "x"),
    ("services/web-app/index.html", "x"),
    (
        "ci/decide.yml",
        "env:\n  exported-variables: [BUILD_SKIPPED_API, BUILD_SKIPPED_WEB_APP, SHIPMARK_CANDIDATE, SHIPMARK_CANDIDATE_API, \
         SHIPMARK_CANDIDATE_WEB_APP]\nphases:\n  build:\n    commands:\n      - D=\"$(shipmark decide --stage api web-app)\" && eval \"$D\"\n",
    ),
    ("ci/begin.yml", "phases: { build: { commands: ['shipmark begin --candidate \"$SHIPMARK_CANDIDATE\"'] } }\n"),
    ("ci/promote.yml", "phases: { build: { commands: ['shipmark promote --candidate \"$SHIPMARK_CANDIDATE\"'] } }\n"),
    ("ci/deploy.yml", "phases: { build: { commands: [./deploy.sh] } }\n"),
    (
        "ci/one.yml",
        "phases:\n  build:\n    commands:\n      - D=\"$(shipmark decide \"$SERVICE\")\" && eval \"$D\"\n      - ./deploy.sh\n      - \
         shipmark record \"$SERVICE\"\n",
    ),
    ("deploy.sh", "x"),
];

/// A source with the map and its buildspecs.
fn world() -> World {
    World::new(MAP, &FILES)
}

/// The template of that name.
pub(crate) fn good(name: &str) -> String {
    let found = GOOD.iter().find(|(other, _)| *other == name);
    found.unwrap_or_else(|| panic!("no template `{name}`")).1.to_owned()
}

/// Checks a template.
fn run(world: &World, name: &str, template: &str) -> Done {
    world.write(name, template);
    world.run(["check", "--template", name, "--format", "json"])
}

/// What is found in a template, each as `CODE:LINE`.
fn found(world: &World, name: &str, template: &str) -> Vec<String> {
    let done = run(world, name, template);
    assert!(done.code == 0 || done.code == 4, "{}", done.stderr);
    let whole: Value = serde_json::from_str(&done.stdout).unwrap();
    let findings = whole["findings"].as_array().unwrap();
    assert_eq!(done.code == 4, findings.iter().any(|finding| finding["level"] == "error"), "{}", done.stdout);
    let one = |finding: &Value| {
        assert!(!finding["help"].as_str().unwrap().is_empty() && finding["file"] == name, "{finding}");
        format!("{}:{}", finding["code"].as_str().unwrap(), finding["line"])
    };
    findings.iter().map(one).collect()
}

/// The number of the line that has a text.
fn line_of(template: &str, text: &str) -> usize {
    let at = template.lines().position(|line| line.contains(text));
    1 + at.unwrap_or_else(|| panic!("no line has `{text}`"))
}

#[test]
fn good_templates_have_no_finding() {
    let world = world();
    for (name, template) in GOOD {
        assert_eq!(found(&world, name, template), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn several_templates_are_checked_together() {
    let world = world();
    let one = good("shared.yml").replace("Name: shop-web", "Name: shop-web2").replace("!Ref Stack }", "shop }");
    world.write("one.yml", &one);
    world.write("two.yml", &one.replace("Name: shop-api", "Name: shop-other"));
    let done = world.run(["check", "--template", "one.yml", "--template", "two.yml"]);
    assert_eq!(done.code, 4, "{}", done.stdout);
    assert!(done.stdout.contains("`shop-api` and `shop-other` deploy one stack"), "{}", done.stdout);
    assert!(done.stdout.contains("2 services, 4 pipelines, 2 templates: "), "{}", done.stdout);
}
