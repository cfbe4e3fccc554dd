//! `pipelines/terraform/`, as text: there is no Terraform here, so what needs HCL to be understood is not checked.

use std::collections::BTreeSet;
use std::fs;

use shipmark::map::ServiceMap;

use super::actions::{example, uses};
use super::in_step::printed;
use super::{file, root};

const MAP: &str = "config/cqrs-es-example-swift.toml";

/// All its files, one after the other.
fn text() -> String {
    let folder = fs::read_dir(root().join("pipelines/terraform/modules/pipelines")).unwrap();
    folder.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// What stands between quotation marks after each `NAME = `, however it is aligned.
fn values<'a>(text: &'a str, name: &str) -> BTreeSet<&'a str> {
    let name = format!("{name} ");
    let after = text.split(&*name).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('='));
    after.filter_map(|rest| rest.split('\n').next()?.split('"').nth(1)).collect()
}

#[test]
fn the_state_is_what_doctor_prints() {
    let state = file("pipelines/terraform/modules/pipelines/state.tf.json");
    assert_eq!(
        state,
        printed("terraform", "cqrs-es-example-swift", "prod", "dynamodb://shipmark?region=ap-northeast-1")
    );
}

#[test]
fn each_server_is_a_service_that_redeploys_the_other_and_has_an_example_for_its_buildspec() {
    let text = text();
    let buildspecs = values(&text, "buildspec");
    assert_eq!(buildspecs.len(), 2);
    let map = file(MAP);
    assert!(ServiceMap::parse(MAP, map.as_bytes()).is_ok());
    for (server, other, path) in [("command", "query", "docker-ecr.yml"), ("query", "command", "docker-ecr-query.yml")]
    {
        let path = format!("buildspec-examples/{path}");
        assert!(text.contains(&format!("buildspec = \"{path}\"")) && buildspecs.contains(path.as_str()), "{path}");
        let spec = example(&path).unwrap();
        let deploys = format!("D=\"$(shipmark decide {server}-image {server})\" && eval \"$D\"");
        assert!(spec.commands().contains(&deploys.as_str()), "{path}");
        let service = map.split(&format!("[services.{server}]\n")).nth(1).unwrap().split("\n\n").next().unwrap();
        assert!(service.contains(&format!("redeploys = [\"{other}\"]")), "{service}");
        // What the buildspec wants of its project.
        for name in ["REPOSITORY_URL", "STACK_NAME", "SHIPMARK_STATE", "SHIPMARK_ENVIRONMENT"] {
            assert!(values(&text, "name").contains(name), "{name}");
        }
    }
}

/// All faults that can be seen in the text, one sentence each.
fn faults(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let known = ["codepipeline.PipelineExecutionId", "variables.FORCE"].map(str::to_owned);
    must(uses(text) == known.into(), "other variables than the execution and FORCE");
    let execution = "{ name = \"SHIPMARK_EXECUTION\", value = \"#{codepipeline.PipelineExecutionId}\" }";
    must(text.contains(execution), "SHIPMARK_EXECUTION is not passed");
    must(
        text.contains("{ name = \"SHIPMARK_FORCE\", value = \"#{variables.FORCE}\" }"),
        "SHIPMARK_FORCE is not passed",
    );
    must(text.contains("  variable {\n    name          = \"FORCE\"\n    default_value = \"0\""), "no FORCE");
    must(text.contains("pipeline_type = \"V2\""), "variables need V2");
    let modes = values(text, "execution_mode");
    must(modes == ["QUEUED"].into() || modes == ["SUPERSEDED"].into(), "executions do not take turns");
    let lists =
        |name: &str| text.split(name).skip(1).map(|rest| rest.split(']').next().unwrap_or(rest)).collect::<Vec<_>>();
    let (made, taken) = (lists("output_artifacts = ["), lists("input_artifacts = ["));
    must(!taken.is_empty() && taken.iter().all(|list| made.contains(list)), "an artifact that nothing makes");
    must(text.contains("build_timeout = 60\n"), "a build may run for longer than the map's `build_timeout`");
    must(text.contains("queued_timeout = 30\n"), "a build may wait in the queue for 8 hours");
    must(text.contains("variable = \"aws:SourceAccount\"\n"), "a role can be taken for another account");
    must(text.contains("  environment = \"prod\"\n"), "another environment than that of the policies");
    let no_resource = "actions = [\"ecr:GetAuthorizationToken\"]\n    # It has no resource.\n    resources = [\"*\"]";
    let everybody = "identifiers = [\"*\"]";
    let any = text.matches("[\"*\"]").count() - text.matches(everybody).count();
    must(any == text.matches(no_resource).count(), "any resource");
    // The bucket refuses everything without TLS.
    let text = text.replace("[\"s3:*\"]", "[]");
    must(
        !text
            .split('"')
            .any(|quoted| !quoted.starts_with("${") && quoted.contains('*') && quoted.split(':').count() == 2),
        "any action",
    );
    found
}

#[test]
fn the_text_has_no_fault_and_every_fault_is_found() {
    let text = text();
    assert_eq!(faults(&text), [""; 0]);
    for (from, to, fault) in [
        ("#{variables.FORCE}", "#{BuildVariables.FORCE}", "other variables"),
        ("\"#{codepipeline.PipelineExecutionId}\"", "\"\"", "SHIPMARK_EXECUTION is not passed"),
        ("\"#{variables.FORCE}\"", "\"0\"", "SHIPMARK_FORCE is not passed"),
        ("default_value = \"0\"", "default_value = \"1\"", "no FORCE"),
        ("\"V2\"", "\"V1\"", "variables need V2"),
        ("\"QUEUED\"", "\"PARALLEL\"", "do not take turns"),
        ("output_artifacts = [\"Source\"]", "output_artifacts = [\"Zip\"]", "an artifact that nothing makes"),
        ("build_timeout = 60", "build_timeout = 600", "longer than the map's `build_timeout`"),
        ("resources = local.connections", "resources = [\"*\"]", "any resource"),
        ("queued_timeout = 30", "queued_timeout = 480", "in the queue"),
        ("\"aws:SourceAccount\"", "\"aws:SourceArn\"", "for another account"),
        ("  environment = \"prod\"", "  environment = \"stage\"", "than that of the policies"),
        ("\"ecr:PutImage\"", "\"ecr:*\"", "any action"),
    ] {
        assert!(text.contains(from), "`{from}` is not there");
        let found = faults(&text.replacen(from, to, 1));
        assert!(found.iter().any(|found| found.contains(fault)), "{from} -> {to}: {found:?}");
    }
    // The state is touched by the printed policies alone.
    assert!(!file("pipelines/terraform/modules/pipelines/roles.tf").contains("dynamodb:"));
}
