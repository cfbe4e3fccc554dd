//! What docs/pull-requests.md shows is run: the buildspec's commands as a webhook starts them, and the workflow's.

use std::path::Path;

use super::super::codebuild::{Buildspec, yaml};
use super::super::pages::Page;
use super::super::support::{Build, Done, SHIPMARK};
use super::Clone;

/// Runs all of the page.
pub(crate) fn page(page: &Page) {
    the_commands_plan_in_a_clone(page.block("sh", "shipmark plan"));
    the_buildspec_plans_in_the_shallow_clone_of_a_webhook(page.block("yaml", "CODEBUILD_WEBHOOK_BASE_REF"));
    the_workflow_plans_in_a_full_clone(page.block("yaml", "GITHUB_BASE_REF"));
}

fn the_commands_plan_in_a_clone(commands: &str) {
    let clone = Clone::new(&[]);
    let mut plans = Vec::new();
    for command in commands.lines() {
        let done = shell(&clone, &Build::default().with("CI", ""), &[command]);
        assert_eq!(done.code, 0, "{command}: {done:?}");
        plans.push(done.stdout);
    }
    let builds =
        ["1 of 2 services would build: a.", "1 of 2 services would build: a.", "2 of 2 services would build: a and b."];
    for (plan, builds) in plans.iter().zip(builds) {
        assert!(plan.contains(builds), "{builds}: {plan}");
    }
    let [_, _, _, comment, json] = &plans[..] else { panic!("five commands, not {}", plans.len()) };
    assert!(comment.contains("| `a` | **build**, changed |"), "{comment}");
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(super::super::support::reason(&json, "a"), "changed");
}

/// Runs commands in the clone, with the program on the search path.
fn shell(clone: &Clone, build: &Build, commands: &[&str]) -> Done {
    let directory = Path::new(SHIPMARK).parent().unwrap().display();
    let script = format!("set -e\nPATH={directory}:$PATH\n{}", commands.join("\n"));
    clone.world.shell(build, "sh", &script)
}

fn comment(clone: &Clone) -> String {
    std::fs::read_to_string(clone.world.path("comment.md")).unwrap()
}

fn the_buildspec_plans_in_the_shallow_clone_of_a_webhook(buildspec: &str) {
    let spec = Buildspec::parse(buildspec).unwrap();
    let clone = Clone::new(&["--depth", "1", "--single-branch"]);
    let pull_request = Build::new("plan:1").with("CODEBUILD_WEBHOOK_EVENT", "PULL_REQUEST_UPDATED");
    let build = pull_request.clone().with("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/main");
    let done = shell(&clone, &build, &spec.commands());
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("1 of 2 services would build: a."), "{done:?}");
    assert!(comment(&clone).contains("| `a` | **build**, changed |"), "{}", comment(&clone));
    // A build that no webhook has started fails before it says anything.
    let done = shell(&clone, &pull_request, &spec.commands());
    assert!(done.code != 0 && done.stderr.contains("names no commit before the dots"), "{done:?}");
}

fn the_workflow_plans_in_a_full_clone(workflow: &str) {
    let workflow = yaml(workflow).unwrap();
    let steps = workflow["jobs"]["plan"]["steps"].as_array().unwrap();
    let plan = steps.iter().filter_map(|step| step["run"].as_str()).find(|run| run.starts_with("shipmark")).unwrap();
    let clone = Clone::new(&[]);
    let done = shell(&clone, &Build::default().with("GITHUB_BASE_REF", "main").with("GITHUB_ACTIONS", "true"), &[plan]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(comment(&clone).contains("| `a` | **build**, changed |"), "{}", comment(&clone));
}
