//! Faults that are planted in good templates, each with the code and the line where it is found.

use super::{found, good, line_of, world};

/// A fault: the template, what is replaced by what (the first place only), the code, and a text of the line that is found.
type Fault = (&'static str, &'static str, &'static str, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    // Conditions.
    ("shop.yml", "Operator: NE\n", "Operator: EQ\n", "skip-condition", "Operator: EQ"),
    ("shop.yml", "Value: \"true\"\n", "Value: \"false\"\n", "skip-condition", "Value: \"false\""),
    (
        "shop.yml",
        "                      Value: \"true\"\n",
        "",
        "skip-condition",
        "Variable: \"#{D.BUILD_SKIPPED_API}\"",
    ),
    (
        "shop.yml",
        "Value: \"true\", Operator: NE }",
        "Value: \"true\", Operator: MATCHES }",
        "skip-condition",
        "Operator: MATCHES",
    ),
    ("shop.yml", "PipelineType: V2", "PipelineType: V1", "skip-condition", "PipelineType: V1"),
    ("shop.yml", "      PipelineType: V2\n", "", "skip-condition", "  Pipeline:"),
    (
        "shop.yml",
        "Provider: VariableCheck\n",
        "Provider: DeploymentWindow\n",
        "skip-condition",
        "Provider: DeploymentWindow",
    ),
    (
        "shop.yml",
        "                  - Name: WebBuilds\n",
        "                  - Name: Extra\n                    RuleTypeId: { Category: Rule, Provider: VariableCheck }\n                    \
         Configuration: { Variable: \"#{D.BUILD_SKIPPED_API}\", Value: \"true\", Operator: NE }\n                  - Name: WebBuilds\n",
        "skip-condition",
        "- Name: WebBuilds",
    ),
    ("shop.yml", "Provider: VariableCheck\n", "Provider: LambdaInvoke\n", "skip-lambda", "Provider: LambdaInvoke"),
    (
        "cdk.json",
        "\"Provider\": \"VariableCheck\"",
        "\"Provider\": \"LambdaInvoke\"",
        "skip-lambda",
        "\"Provider\": \"LambdaInvoke\"",
    ),
    ("cdk.json", "\"Operator\": \"NE\"", "\"Operator\": \"EQ\"", "skip-condition", "\"Operator\": \"EQ\""),
    ("plan.json", "\"Operator\": \"NE\"", "\"Operator\": \"CONTAINS\"", "skip-condition", "\"Operator\": \"CONTAINS\""),
    // Variables.
    ("shop.yml", "#{D.BUILD_SKIPPED_API}", "#{Decide.BUILD_SKIPPED_API}", "pipeline-variable", "#{Decide."),
    ("shop.yml", "#{D.BUILD_SKIPPED_API}", "#{D.BUILD_SKIPPED_APP}", "pipeline-variable", "BUILD_SKIPPED_APP}"),
    ("shop.yml", "#{D.BUILD_SKIPPED_API}", "#{D.BUILD_SKIPPED}", "pipeline-variable", "#{D.BUILD_SKIPPED}"),
    ("shop.yml", "#{D.BUILD_SKIPPED_API}", "#{D.BUILD_REUSED_API}", "pipeline-variable", "BUILD_REUSED_API"),
    ("shop.yml", "#{D.BUILD_SKIPPED_API}", "BUILD_SKIPPED_API", "pipeline-variable", "Variable: \"BUILD_SKIPPED_API"),
    ("shop.yml", "              Namespace: D\n", "", "pipeline-variable", "Variable: \"#{D.BUILD_SKIPPED_API}"),
    (
        "shop.yml",
        "        - Name: Decide\n          Actions:",
        "        - Name: Decide\n          BeforeEntry: { Conditions: [{ Result: SKIP, Rules: [{ RuleTypeId: { Provider: VariableCheck }, \
         Configuration: { Variable: \"#{SourceVariables.X}\", Value: \"true\", Operator: NE } }] }] }\n          Actions:",
        "pipeline-variable",
        "Variable: \"#{D.BUILD_SKIPPED_API}",
    ),
    ("lambda.yml", "#{D.BUILD_SKIPPED_WEB_APP}", "#{D.BUILD_SKIPPED_WEB}", "pipeline-variable", "BUILD_SKIPPED_WEB}"),
    ("plan.json", "\"namespace\": \"D\"", "\"namespace\": null", "pipeline-variable", "\"Variable\": "),
    (
        "shop.yml",
        "#{D.SHIPMARK_CANDIDATE_WEB_APP}",
        "#{D.SHIPMARK_CANDIDAT_WEB_APP}",
        "pipeline-variable",
        "- shipmark begin",
    ),
    // The order of a stage that deploys.
    ("shop.yml", "              RunOrder: 2\n", "              RunOrder: 3\n", "stage-order", "- Name: DeployApi"),
    ("shop.yml", "              RunOrder: 4\n", "              RunOrder: 3\n", "stage-order", "- Name: DeployApi"),
    ("shop.yml", "ProjectName: !Ref MarkProject", "ProjectName: !Ref DecideProject", "stage-order", "- Name: BeginApi"),
    (
        "shop.yml",
        "                - shipmark promote --candidate",
        "                - shipmark promote --failed --candidate",
        "stage-order",
        "- Name: PromoteApi",
    ),
    ("shop.yml", "shipmark begin --candidate \"$SHIPMARK_CANDIDATE\" && ", "", "stage-order", "- Name: DeployWeb"),
    (
        "shop.yml",
        " && shipmark promote --candidate \"$SHIPMARK_CANDIDATE\"\n",
        "\n",
        "stage-order",
        "- Name: DeployWeb",
    ),
    (
        "shop.yml",
        " && shipmark promote --candidate \"$SHIPMARK_CANDIDATE\"\n",
        " && shipmark promote --claims \"$SHIPMARK_CANDIDATE\"\n",
        "stage-order",
        "- Name: DeployWeb",
    ),
    ("lambda.yml", "\"do\":\"begin\"", "\"do\":\"taint\"", "stage-order", "- Name: Begin"),
    (
        "lambda.yml",
        "\"do\":\"promote\",\"candidate\"",
        "\"do\":\"promote\",\"claims\"",
        "stage-order",
        "- Name: Promote",
    ),
    ("plan.json", "\"run_order\": 3", "\"run_order\": 2", "stage-order", "\"name\": \"Deploy\""),
    // Candidates.
    (
        "shop.yml",
        "                ProjectName: !Ref MarkProject\n                EnvironmentVariables: '[{\"name\": \"SHIPMARK_CANDIDATE\", \"value\": \"#{D.SHIPMARK_CANDIDATE_API}",
        "                ProjectName: !Ref MarkProject\n                EnvironmentVariables: '[{\"name\": \"SHIPMARK_CANDIDATE\", \"value\": \"#{D.SHIPMARK_CANDIDATE_WEB_APP}",
        "candidate-mismatch",
        "#{D.SHIPMARK_CANDIDATE_API}",
    ),
    ("lambda.yml", "#{D.BUILD_SKIPPED_WEB_APP}", "#{D.BUILD_SKIPPED_API}", "candidate-mismatch", "\"do\":\"begin\""),
    // Skips that nobody confirms.
    (
        "shop.yml",
        "value\": \"#{D.SHIPMARK_CANDIDATE}\"",
        "value\": \"#{D.SHIPMARK_CANDIDATE_API}\"",
        "skip-unconfirmed",
        "- Result: SKIP\n",
    ),
    (
        "lambda.yml",
        "{\"do\":\"promote\",\"claims\"",
        "{\"do\":\"begin\",\"candidate\"",
        "skip-unconfirmed",
        "- Result: SKIP",
    ),
    // Modes and timeouts.
    ("shop.yml", "ExecutionMode: QUEUED", "ExecutionMode: PARALLEL", "parallel-marks", "ExecutionMode: PARALLEL"),
    (
        "cdk.json",
        "\"ExecutionMode\": \"QUEUED\"",
        "\"ExecutionMode\": \"PARALLEL\"",
        "parallel-marks",
        "\"ExecutionMode\": \"PARALLEL\"",
    ),
    ("shop.yml", "prod: { Decide: 30 }", "prod: { Decide: 61 }", "short-timeout", "TimeoutInMinutes: !FindInMap"),
    (
        "shop.yml",
        "      TimeoutInMinutes: 10\n      QueuedTimeoutInMinutes: 20\n",
        "      TimeoutInMinutes: 10\n",
        "short-timeout",
        "TimeoutInMinutes: 10",
    ),
    (
        "shop.yml",
        "QueuedTimeoutInMinutes: 20",
        "QueuedTimeoutInMinutes: 51",
        "short-timeout",
        "QueuedTimeoutInMinutes: 51",
    ),
    (
        "lambda.yml",
        "QueuedTimeoutInMinutes: 30",
        "QueuedTimeoutInMinutes: 31",
        "short-timeout",
        "QueuedTimeoutInMinutes: 31",
    ),
    ("plan.json", "\"build_timeout\": 30", "\"build_timeout\": 90", "short-timeout", "\"build_timeout\": 90"),
    // Environments.
    (
        "shop.yml",
        "          - { Name: SHIPMARK_ENVIRONMENT, Value: !Ref Environment }\n",
        "",
        "pipeline-environment",
        "  DecideProject:",
    ),
    ("shop.yml", "Value: !Ref Environment }", "Value: production }", "pipeline-environment", "Value: production }"),
    ("lambda.yml", "\"environment\":\"prod\",", "", "pipeline-environment", "  Marks:"),
    ("plan.json", "\"value\": \"prod\"", "\"value\": \"prd\"", "pipeline-environment", "\"value\": \"prd\""),
    // Two pipelines and one stack.
    ("shared.yml", "Name: shop-web", "Name: shop-app", "shared-stack", "Name: STACK_NAME"),
    // Triggers.
    (
        "shop.yml",
        "\"services/**\", \"ci/**\"",
        "\"services/api/**\", \"ci/**\"",
        "trigger-hides-input",
        "Includes: [\"services/api/**\"",
    ),
    ("shop.yml", "\"services/**.md\"", "\"services/**.html\"", "trigger-hides-input", "Includes: [\"services/**\""),
    ("plan.json", "\"services/**\"", "\"services/*\"", "trigger-hides-input", "\"includes\": [\n"),
    // Roles.
    (
        "shop.yml",
        "ForAllValues:StringEquals:\n                dynamodb:LeadingKeys: [!Sub \"shop/${Environment}\"",
        "ForAllValues:StringLike:\n                dynamodb:LeadingKeys: [\"shop/*\"",
        "foreign-marks",
        "dynamodb:LeadingKeys: [",
    ),
    (
        "shop.yml",
        "[!Sub \"shop/${Environment}\", ",
        "[!Sub \"shop/${Environment}\", \"shop/stage\", ",
        "foreign-marks",
        "dynamodb:LeadingKeys: [",
    ),
    (
        "shop.yml",
        "              \"Null\": { \"dynamodb:LeadingKeys\": \"false\" }\n",
        "",
        "foreign-marks",
        "ForAllValues:StringEquals",
    ),
    (
        "shop.yml",
        "ManagedPolicyArns: [!Ref Marks]",
        "ManagedPolicyArns: [\"arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess\"]",
        "foreign-marks",
        "AmazonDynamoDBFullAccess",
    ),
    ("lambda.yml", "shop/prod/*", "shop/*", "foreign-marks", "shop/*"),
    ("lambda.yml", "arn:aws:s3:::site/*", "arn:aws:s3:::*", "foreign-marks", "arn:aws:s3:::*"),
    ("cdk.json", "\"shop/prod\",", "\"shop/*\", \"shop/stage\",", "foreign-marks", "\"dynamodb:LeadingKeys\": ["),
    ("plan.json", "[\\\"shop/prod\\\"]", "[\\\"shop/stage\\\"]", "foreign-marks", "LeadingKeys"),
];

#[test]
fn every_planted_fault_is_found_at_its_line() {
    let world = world();
    let mut missed = Vec::new();
    for (name, from, to, code, at) in FAULTS {
        let template = good(name);
        assert!(template.contains(from), "{name} has no `{from}`");
        let changed = template.replacen(from, to, 1);
        let line = match at.strip_suffix('\n') {
            // The second such line.
            Some(at) => 1 + changed.lines().enumerate().filter(|(_, line)| line.contains(at)).nth(1).unwrap().0,
            None => line_of(&changed, at),
        };
        let found = found(&world, name, &changed);
        if !found.contains(&format!("{code}:{line}")) {
            missed.push(format!("{name}: `{from}` -> `{to}`: no {code}:{line} in {found:?}"));
        }
    }
    assert!(FAULTS.len() >= 50);
    assert!(missed.is_empty(), "\n{}", missed.join("\n"));
}

/// Faults of the map, with a good template.
#[test]
fn a_map_that_lacks_something_is_found_too() {
    for (name, from, to, code, at) in [
        (
            "shop.yml",
            "build_timeout = \"1h\"",
            "build_timeout = \"29m\"",
            "short-timeout",
            "TimeoutInMinutes: !FindInMap",
        ),
        (
            "shop.yml",
            "deploy_timeout = \"1h\"",
            "deploy_timeout = \"29m\"",
            "short-timeout",
            "QueuedTimeoutInMinutes: 20",
        ),
        ("shared.yml", "redeploys = [\"web-app\"]\n", "", "shared-stack", "Name: STACK_NAME"),
        ("shared.yml", "\"shop-api\", ", "", "shared-stack", "Name: STACK_NAME"),
        (
            "shop.yml",
            "[services.web-app]",
            "[services.web-app]\nenvironments = [\"stage\"]",
            "pipeline-variable",
            "Variable: \"#{D.BUILD_SKIPPED_WEB_APP}",
        ),
        (
            "shop.yml",
            "[services.web-app]\n",
            "[services.site]\n",
            "pipeline-variable",
            "Variable: \"#{D.BUILD_SKIPPED_WEB_APP}",
        ),
        (
            "shop.yml",
            "[services.api]",
            "[services.api]\ngroups = [\"g\"]\n[groups]\ng = [\"deploy.sh\"]\n[services.api2]",
            "trigger-hides-input",
            "Includes: [\"services/**\"",
        ),
    ] {
        let changed = super::MAP.replacen(from, to, 1).replace(
            "[services.api]\ngroups = [\"g\"]\n",
            "[services.api]\ninclude = [\"services/api/**\"]\ngroups = [\"g\"]\n",
        );
        let changed = if name == "shop.yml" && to.contains("site") {
            changed.replace("redeploys = [\"web-app\"]\n", "")
        } else {
            changed
        };
        let world = crate::support::World::new(&changed, &super::FILES);
        let template = good(name);
        let found = found(&world, name, &template);
        let line = line_of(&template, at);
        assert!(found.contains(&format!("{code}:{line}")), "{name}: {from} -> {to}: no {code}:{line} in {found:?}");
    }
}
