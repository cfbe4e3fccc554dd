//! `pipelines/terraform/`, as text: what needs HCL to be understood is asked in `.ci/pipelines`.

use std::collections::BTreeSet;
use std::fs;

use shipmark::map::ServiceMap;

use super::actions::{example, uses};
use super::in_step::printed;
use super::{file, root};

/// The systems: each is a folder, and a map in `config/`.
const SYSTEMS: [&str; 4] = ["cqrs-es-example-swift", "hima-five-bomber", "lambda-microservice", "poc-mc-vision"];

/// All files of a folder, one after the other.
fn folder(path: &str) -> String {
    let folder = fs::read_dir(root().join(path)).unwrap();
    folder.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// The module that all of them call.
fn text() -> String {
    folder("pipelines/terraform/modules/pipelines")
}

/// What stands between quotation marks after each `NAME = `, however it is aligned.
fn values<'a>(text: &'a str, name: &str) -> BTreeSet<&'a str> {
    let name = format!("{name} ");
    let after = text.split(&*name).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('='));
    after.filter_map(|rest| rest.split('\n').next()?.split('"').nth(1)).collect()
}

#[test]
fn each_system_has_the_state_that_doctor_prints() {
    for system in SYSTEMS {
        let state = file(&format!("pipelines/terraform/{system}/state.tf.json"));
        let printed = printed("terraform", system, "prod", "dynamodb://shipmark?region=ap-northeast-1");
        assert_eq!(state, printed, "{system}");
        let main = file(&format!("pipelines/terraform/{system}/main.tf"));
        assert!(main.contains("  environment = \"prod\"\n"), "{system}: another environment than that of the policies");
        assert!(main.contains("  region = \"ap-northeast-1\"\n"), "{system}");
        let source = main.contains("source      = \"../modules/pipelines\"");
        assert!(source, "{system}: roles are written once, in the module");
    }
    let mut folders: Vec<_> = fs::read_dir(root().join("pipelines/terraform"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "modules")
        .collect();
    folders.sort();
    assert_eq!(folders, SYSTEMS);
}

/// What a pipeline runs decides services of its system's map, for no longer than the map allows.
#[test]
fn each_pipeline_runs_an_example_that_decides_services_of_its_map() {
    for system in SYSTEMS {
        let name = format!("config/{system}.toml");
        let map = ServiceMap::parse(&name, file(&name).as_bytes()).unwrap();
        assert!(map.defaults.build_timeout >= std::time::Duration::from_mins(60), "{system}: the projects' timeout");
        let main = file(&format!("pipelines/terraform/{system}/main.tf"));
        let buildspecs = values(&main, "buildspec");
        assert!(!buildspecs.is_empty(), "{system}");
        for path in buildspecs {
            let spec = example(path).unwrap();
            let decides = |command: &&str| command.starts_with("D=\"$(shipmark decide ");
            let decision =
                spec.commands().into_iter().find(decides).unwrap_or_else(|| panic!("{path} decides nothing"));
            let words = decision.trim_start_matches("D=\"$(shipmark decide ").split(')').next().unwrap().split(' ');
            for service in words {
                assert!(
                    map.services.iter().any(|known| known.name.as_str() == service),
                    "{path}: {service} of {system}"
                );
            }
            // What the buildspec wants of its project, besides what the module sets for all.
            let own = ["STACK_NAME", "SITE_BUCKET", "DATA_BUCKET", "DISTRIBUTION_ID"];
            for variable in
                own.iter().filter(|name| spec.commands().iter().any(|text| text.contains(&format!("${name}"))))
            {
                assert!(main.contains(variable), "{path} wants {variable} of {system}");
            }
        }
    }
    for name in ["SHIPMARK_STATE", "SHIPMARK_ENVIRONMENT", "REGISTRY", "REPOSITORY_URL"] {
        assert!(text().contains(&format!("        {name} ")), "{name}");
    }
}

#[test]
fn each_server_redeploys_the_other_and_the_map_names_both_pipelines() {
    let map = file("config/cqrs-es-example-swift.toml");
    for (server, other) in [("command", "query"), ("query", "command")] {
        let service = map.split(&format!("[services.{server}]\n")).nth(1).unwrap().split("\n\n").next().unwrap();
        assert!(service.contains(&format!("redeploys = [\"{other}\"]")), "{service}");
    }
    let main = file("pipelines/terraform/cqrs-es-example-swift/main.tf");
    assert!(main.contains("name        = \"server\"") && map.contains("\"server-command\", \"server-query\""));
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
        ("resources = [aws_codebuild_project.build[each.key].arn]", "resources = [\"*\"]", "any resource"),
        ("queued_timeout = 30", "queued_timeout = 480", "in the queue"),
        ("\"aws:SourceAccount\"", "\"aws:SourceArn\"", "for another account"),
        ("\"ecr:PutImage\"", "\"ecr:*\"", "any action"),
    ] {
        assert!(text.contains(from), "`{from}` is not there");
        let found = faults(&text.replacen(from, to, 1));
        assert!(found.iter().any(|found| found.contains(fault)), "{from} -> {to}: {found:?}");
    }
    // The state is touched by the printed policies alone.
    assert!(!file("pipelines/terraform/modules/pipelines/roles.tf").contains("dynamodb:"));
}
