//! What is wrong with a pipeline, and that each fault is found.

use serde_json::{Value, json};

use super::actions::{Action, actions, example, pipeline, uses};
use super::policies;
use super::template::Template;
use super::{ECS, TEMPLATES, file};
use crate::codebuild::Buildspec;

/// All faults of a template with these parameters, one sentence each.
fn faults(text: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    let template = Template::read(text, parameters);
    let pipeline = pipeline(&template);
    let mut found = policies::faults(&template);
    found.extend(policies::trust_faults(&template));
    found.extend(unattended(&template));
    let mode = pipeline["ExecutionMode"].as_str();
    if pipeline["PipelineType"] != "V2" || !matches!(mode, Some("QUEUED" | "SUPERSEDED")) {
        found.push(format!("executions of type {} and mode {mode:?} do not take turns", pipeline["PipelineType"]));
    }
    match actions(&template) {
        Ok(actions) => {
            found.extend(flow(pipeline, &actions));
            found.extend(actions.iter().flat_map(settings));
            found.extend(files(&actions));
            found.extend(two_steps(&template, pipeline, &actions));
        }
        Err(why) => found.push(why),
    }
    found
}

/// Variables and artifacts that no earlier action makes.
fn flow(pipeline: &Value, actions: &[Action<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    let mut known = vec!["codepipeline.PipelineExecutionId".to_owned()];
    for variable in pipeline["Variables"].as_array().into_iter().flatten() {
        known.push(format!("variables.{}", variable["Name"].as_str().unwrap()));
    }
    let mut check = |user: &str, text: &str, place: (usize, i64)| {
        for name in uses(text) {
            let made = actions.iter().any(|other| other.place < place && other.variables().contains(&name));
            if !made && !known.contains(&name) {
                found.push(format!("{user} uses `#{{{name}}}`, which nothing before it makes"));
            }
        }
    };
    for (at, stage) in pipeline["Stages"].as_array().unwrap().iter().enumerate() {
        let conditions = ["BeforeEntry", "OnFailure", "OnSuccess"].map(|name| stage[name].to_string()).concat();
        check(&format!("the condition of {}", stage["Name"]), &conditions, (at, i64::MIN));
    }
    for action in actions {
        check(&format!("{}/{}", action.stage, action.name), &action.declared.to_string(), action.place);
    }
    for action in actions {
        let before = actions.iter().filter(|other| other.place < action.place);
        let made: Vec<_> = before.flat_map(|other| other.artifacts("OutputArtifacts")).collect();
        for input in action.artifacts("InputArtifacts").into_iter().filter(|input| !made.contains(input)) {
            found.push(format!("{}/{} takes `{input}`, which nothing before it makes", action.stage, action.name));
        }
    }
    found
}

/// What a build must be given, and what an action makes of a buildspec's artifacts.
fn settings(action: &Action<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            found.push(format!("{}/{}: {what}", action.stage, action.name));
        }
    };
    let inputs = action.artifacts("InputArtifacts");
    if let Some((project, spec)) = &action.build {
        let given = |name: &str, value: &str| action.variable(name).as_deref() == Some(value);
        if action.runs("shipmark decide") || action.runs("shipmark run") {
            let execution = given("SHIPMARK_EXECUTION", "#{codepipeline.PipelineExecutionId}");
            must(execution, "a retry cannot be told from a new execution without SHIPMARK_EXECUTION");
            must(given("SHIPMARK_FORCE", "#{variables.FORCE}"), "SHIPMARK_FORCE is not the pipeline's FORCE");
            must(given("SHIPMARK_STATE", "dynamodb://shipmark?region=eu-west-1"), "SHIPMARK_STATE is not the table");
            must(action.variable("SHIPMARK_ENVIRONMENT").is_some(), "no SHIPMARK_ENVIRONMENT");
        }
        if action.runs("$SHIPMARK_CANDIDATE") {
            must(given("SHIPMARK_CANDIDATE", "#{BuildVariables.SHIPMARK_CANDIDATE}"), "no SHIPMARK_CANDIDATE");
        }
        must(!inputs.is_empty(), "a build needs a source");
        let uploads = !spec.all_artifacts().is_empty();
        must(uploads != action.artifacts("OutputArtifacts").is_empty(), "its artifacts are not those of its buildspec");
        let minutes = project["TimeoutInMinutes"].as_i64();
        must(minutes.is_some_and(|minutes| minutes <= 60), "it may run for longer than the `build_timeout` of 1h");
    }
    if let Some(path) = action.declared["Configuration"]["TemplatePath"].as_str() {
        must(
            path.split_once("::").is_some_and(|(artifact, _)| inputs.contains(artifact)),
            "its template is in no input",
        );
    }
    found
}

/// An ECS action whose file the build before it does not hand on.
fn files(actions: &[Action<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for action in actions {
        let Some(file) = action.declared["Configuration"]["FileName"].as_str() else { continue };
        let inputs = action.artifacts("InputArtifacts");
        let made = actions.iter().filter(|other| !other.artifacts("OutputArtifacts").is_disjoint(&inputs));
        let has = |other: &Action<'_>| {
            let specs = other.build.iter().flat_map(|(_, spec)| spec.all_artifacts());
            specs.into_iter().any(|(_, artifact)| artifact.files.iter().any(|known| known == file))
        };
        if !made.into_iter().any(has) {
            found.push(format!("{}/{}: its file is in no input", action.stage, action.name));
        }
    }
    found
}

/// Where a stage deploys what an earlier one built: `begin` before and `promote` after the deploy, in one stage, which is skipped on
/// the word of the build alone.
fn two_steps(template: &Template, pipeline: &Value, actions: &[Action<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for deploy in actions.iter().filter(|action| matches!(action.provider(), "CloudFormation" | "ECS")) {
        let (stage, order) = deploy.place;
        let same = || actions.iter().filter(|other| other.place.0 == stage);
        if !same().any(|other| other.place.1 < order && other.runs("shipmark begin ")) {
            found.push("no `begin` before the deploy in its stage".to_owned());
        }
        if !same().any(|other| other.place.1 > order && other.runs("shipmark promote ")) {
            found.push("no `promote` after the deploy in its stage".to_owned());
        }
        if !tells(template, deploy.stage) {
            found.push("nobody tells that the deploy has failed".to_owned());
        }
        let conditions = &pipeline["Stages"][stage]["BeforeEntry"]["Conditions"];
        let rules = conditions[0]["Rules"].as_array();
        let skips = conditions[0]["Result"] == "SKIP" && rules.is_some_and(|rules| rules.len() == 1);
        // The result is taken when the rule fails.
        let rule = &conditions[0]["Rules"][0]["Configuration"];
        let on_true = rule["Operator"] == "NE" && rule["Value"] == "true";
        if !(skips && on_true && rule["Variable"] == "#{BuildVariables.BUILD_SKIPPED}") {
            found.push("the stage that deploys is not skipped on `true` alone".to_owned());
        }
        if !pipeline["Stages"][stage]["OnFailure"].is_null() {
            found.push("the stage that deploys must not roll back: the decision to skip it may be stale".to_owned());
        }
    }
    found
}

/// The longest that a build may wait and run, in minutes, so that one whose execution was abandoned does not act late.
const LONGEST: i64 = 120;

/// Builds that may act late, or whose logs nobody ever removes.
fn unattended(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for (name, project) in template.of_type("AWS::CodeBuild::Project") {
        if project["LogsConfig"]["CloudWatchLogs"]["GroupName"] != "Logs" {
            found.push(format!("{name} has no log group of its own"));
        }
        let minutes = |of: &str| project[of].as_i64().unwrap_or(480);
        if minutes("QueuedTimeoutInMinutes") + minutes("TimeoutInMinutes") > LONGEST {
            found.push(format!("{name} may wait in the queue for too long"));
        }
    }
    found
}

/// Where CloudFormation deploys: a rule that starts a build when the stage has failed, with the example that tells it.
fn tells(template: &Template, stage: &str) -> bool {
    template.of_type("AWS::Events::Rule").any(|(_, rule)| {
        let detail = &rule["EventPattern"]["detail"];
        let fits = detail["stage"] == json!([stage]) && detail["state"] == json!(["FAILED"]);
        let target = &rule["Targets"][0];
        let input = &target["InputTransformer"];
        let execution = input["InputPathsMap"]["execution"] == "$.detail.execution-id";
        let given = input["InputTemplate"].as_str().unwrap().replace("<execution>", "\"e-1\"");
        let given: Value = serde_json::from_str(&given).unwrap();
        let variable = json!([{ "name": "SHIPMARK_EXECUTION", "value": "e-1" }]);
        let project = target["Arn"].as_str().unwrap().trim_end_matches(".Arn");
        let project = &template.resource(project)["Properties"];
        let spec = Buildspec::parse(project["Source"]["BuildSpec"].as_str().unwrap()).unwrap();
        let example = example("buildspec-examples/two-step/failed.yml").unwrap();
        let same = spec.commands() == example.commands();
        fits && execution && given["environmentVariablesOverride"] == variable && same
    })
}

#[test]
fn the_templates_have_no_fault() {
    for name in TEMPLATES {
        assert_eq!(faults(&file(name), &[]), [""; 0], "{name}");
    }
    assert_eq!(faults(&file(TEMPLATES[0]), &ECS), [""; 0], "with ECS");
}

/// Breaks a template in one place, and says what is found.
#[track_caller]
fn broken(name: &str, parameters: &[(&str, &str)], (from, to, fault): (&str, &str, &str)) {
    let text = file(name);
    assert!(text.contains(from), "`{from}` is not in {name}");
    let found = faults(&text.replacen(from, to, 1), parameters);
    assert!(found.iter().any(|found| found.contains(fault)), "{from} -> {to}: {found:?}");
}

#[test]
fn every_fault_is_found() {
    let [two_step, one_step] = TEMPLATES;
    for name in TEMPLATES {
        for (from, to, fault) in [
            ("#{codepipeline.PipelineExecutionId}", "1", "without SHIPMARK_EXECUTION"),
            ("#{codepipeline.PipelineExecutionId}", "#{codepipeline.Execution}", "`#{codepipeline.Execution}`"),
            ("#{variables.FORCE}", "1", "is not the pipeline's FORCE"),
            ("Name: FORCE", "Name: FORCED", "`#{variables.FORCE}`"),
            ("dynamodb://${StateTable}", "dynamodb://other", "is not the table"),
            ("Name: SHIPMARK_ENVIRONMENT", "Name: ENVIRONMENT", "no SHIPMARK_ENVIRONMENT"),
            ("OutputArtifacts: [{ Name: Source }]", "OutputArtifacts: [{ Name: Zip }]", "takes `Source`"),
            ("              InputArtifacts: [{ Name: Source }]\n", "", "needs a source"),
            ("ExecutionMode: QUEUED", "ExecutionMode: PARALLEL", "do not take turns"),
            ("TimeoutInMinutes: 60", "TimeoutInMinutes: 61", "longer than the `build_timeout`"),
            ("- dynamodb:GetItem", "- dynamodb:*", "`dynamodb:*`"),
            ("table/${StateTable}\"", "table/*\"", "any table"),
            (
                "                dynamodb:LeadingKeys",
                "                dynamodb:Attributes",
                "keys of other environments",
            ),
            ("- !Sub \"${Project}/${Environment}\"", "- !Sub \"${Project}/*\"", "keys of other environments"),
            ("{ \"dynamodb:LeadingKeys\": \"false\" }", "{ \"dynamodb:LeadingKeys\": \"true\" }", "without keys"),
            ("                  - !Ref Connection\n", "                  - \"*\"\n", "any resource"),
            ("\"aws:SourceAccount\"", "\"aws:SourceOwner\"", "taken for another account"),
            ("GroupName: !Ref Logs, ", "", "no log group of its own"),
            ("QueuedTimeoutInMinutes: ", "QueuedTimeoutInMinutes: 1", "may wait in the queue"),
        ] {
            broken(name, &[], (from, to, fault));
        }
    }
    broken(one_step, &[], ("BuildSpec: buildspec-examples/all", "BuildSpec: all", "is no example"));
    for fault in [
        ("Buildspec: buildspec-examples/ecs/", "Buildspec: buildspec-examples/ec/", "is no example"),
        ("FileName: imagedefinitions.json", "FileName: images.json", "its file is in no input"),
        ("RunOrder: 2", "RunOrder: 4", "no `begin`"),
        ("RunOrder: 4", "RunOrder: 3", "no `promote`"),
        ("state: [FAILED]", "state: [STOPPED]", "nobody tells"),
        ("Operator: NE", "Operator: EQ", "not skipped on `true` alone"),
    ] {
        broken(two_step, &ECS, fault);
    }
    for (from, to, fault) in [
        ("Buildspec: buildspec-examples/two-step/build.yml", "Buildspec: buildspec-examples/two.yml", "is no example"),
        ("#{BuildVariables.IMAGE_URI}", "#{BuildVariables.IMAGE}", "`#{BuildVariables.IMAGE}`"),
        ("              Namespace: BuildVariables\n", "", "the condition of \"Deploy\" uses"),
        ("RunOrder: 2", "RunOrder: 4", "no `begin`"),
        ("RunOrder: 4", "RunOrder: 3", "no `promote`"),
        ("state: [FAILED]", "state: [STOPPED]", "nobody tells"),
        ("stage: [Deploy]", "stage: [Build]", "nobody tells"),
        ("$.detail.execution-id", "$.detail.pipeline", "nobody tells"),
        ("\"SHIPMARK_EXECUTION\", \"value\": <", "\"EXECUTION\", \"value\": <", "nobody tells"),
        ("promote --failed --project", "promote --project", "nobody tells"),
        ("\"value\": \"#{BuildVariables.SHIPMARK_CANDIDATE}\"", "\"value\": \"\"", "no SHIPMARK_CANDIDATE"),
        ("Result: SKIP", "Result: FAIL", "not skipped on `true` alone"),
        ("Operator: NE", "Operator: EQ", "not skipped on `true` alone"),
        ("              OutputArtifacts: [{ Name: Built }]\n", "", "takes `Built`"),
        ("              OutputArtifacts: [{ Name: Built }]\n", "", "not those of its buildspec"),
        ("TemplatePath: Built::", "TemplatePath: Source::", "its template is in no input"),
        (
            "          BeforeEntry:",
            "          OnFailure: { Result: ROLLBACK }\n          BeforeEntry:",
            "must not roll back",
        ),
    ] {
        broken(two_step, &[], (from, to, fault));
    }
}
