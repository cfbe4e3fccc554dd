//! What is wrong with a pipeline, and that each fault is found.

use serde_json::Value;

use super::actions::{Action, actions, pipeline, uses};
use super::policies;
use super::template::Template;
use super::{TEMPLATES, file};

/// All faults of a template, one sentence each.
fn faults(text: &str) -> Vec<String> {
    let template = Template::read(text, &[]);
    let pipeline = pipeline(&template);
    let mut found = policies::faults(&template);
    let mode = pipeline["ExecutionMode"].as_str();
    if pipeline["PipelineType"] != "V2" || !matches!(mode, Some("QUEUED" | "SUPERSEDED")) {
        found.push(format!("executions of type {} and mode {mode:?} do not take turns", pipeline["PipelineType"]));
    }
    match actions(&template) {
        Ok(actions) => {
            found.extend(flow(pipeline, &actions));
            found.extend(actions.iter().flat_map(settings));
            found.extend(two_steps(pipeline, &actions));
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

/// Where a stage deploys what an earlier one built: `begin` before and `promote` after the deploy, in one stage, which is skipped on
/// the word of the build alone.
fn two_steps(pipeline: &Value, actions: &[Action<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for deploy in actions.iter().filter(|action| action.provider() == "CloudFormation") {
        let (stage, order) = deploy.place;
        let same = || actions.iter().filter(|other| other.place.0 == stage);
        if !same().any(|other| other.place.1 < order && other.runs("shipmark begin ")) {
            found.push("no `begin` before the deploy in its stage".to_owned());
        }
        if !same().any(|other| other.place.1 > order && other.runs("shipmark promote ")) {
            found.push("no `promote` after the deploy in its stage".to_owned());
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

#[test]
fn the_templates_have_no_fault() {
    for name in TEMPLATES {
        assert_eq!(faults(&file(name)), [""; 0], "{name}");
    }
}

/// Breaks a template in one place, and says what is found.
#[track_caller]
fn broken(name: &str, from: &str, to: &str, fault: &str) {
    let text = file(name);
    assert!(text.contains(from), "`{from}` is not in {name}");
    let found = faults(&text.replacen(from, to, 1));
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
            ("                dynamodb:LeadingKeys", "                dynamodb:Attributes", "keys of other projects"),
            ("Resource: !Ref Connection", "Resource: \"*\"", "any resource"),
        ] {
            broken(name, from, to, fault);
        }
    }
    broken(one_step, "BuildSpec: buildspec-examples/all", "BuildSpec: all", "is no example");
    for (from, to, fault) in [
        ("Buildspec: buildspec-examples/two-step/build.yml", "Buildspec: buildspec-examples/two.yml", "is no example"),
        ("#{BuildVariables.IMAGE_URI}", "#{BuildVariables.IMAGE}", "`#{BuildVariables.IMAGE}`"),
        ("              Namespace: BuildVariables\n", "", "the condition of \"Deploy\" uses"),
        ("RunOrder: 1", "RunOrder: 3", "no `begin`"),
        ("RunOrder: 3", "RunOrder: 2", "no `promote`"),
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
        broken(two_step, from, to, fault);
    }
}
