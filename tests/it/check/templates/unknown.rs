//! What a template does not tell is said, as `unknown`.

use super::{found, good, line_of, world};

#[test]
fn what_cannot_be_told_is_unknown() {
    let world = world();
    for (name, from, to, at) in [
        ("shop.yml", ", Default: prod", "", "SHIPMARK_ENVIRONMENT"),
        ("shop.yml", "BuildSpec: ci/decide.yml", "BuildSpec: ci/nowhere.yml", "BuildSpec: ci/nowhere.yml"),
        ("shop.yml", "ProjectName: !Ref DecideProject", "ProjectName: !ImportValue Decide", "!ImportValue"),
        ("shop.yml", "ExecutionMode: QUEUED", "ExecutionMode: !Ref Connection", "ExecutionMode:"),
        ("shop.yml", "ManagedPolicyArns: [!Ref Marks]", "ManagedPolicyArns: [!Ref Connection]", "ManagedPolicyArns"),
        (
            "shop.yml",
            "ServiceRole: !GetAtt BuildRole.Arn",
            "ServiceRole: !Ref Connection",
            "ServiceRole: !Ref Connection",
        ),
        ("shop.yml", "Operator: NE\n", "Operator: !Ref Connection\n", "Operator: !Ref Connection"),
        ("shop.yml", "Resources:\n", "Resources:\n  Inner: { Type: AWS::CloudFormation::Stack }\n", "  Inner:"),
        ("shop.yml", "Resources:\n", "Resources:\n  Fn::ForEach::Inner: [x, [y], {}]\n", "  Fn::ForEach"),
        ("shop.yml", "Parameters:\n", "Transform: Mine\nParameters:\n", "Transform: Mine"),
        (
            "shop.yml",
            "        - Name: Confirm\n",
            "        - !If [Open, {}, !Ref \"AWS::NoValue\"]\n        - Name: Confirm\n",
            "!If [Open",
        ),
        ("shop.yml", "[\"services/**.md\"]", "[!Ref Connection]", "[!Ref Connection]"),
        ("lambda.yml", "FunctionName: !Ref Marks", "FunctionName: elsewhere", "- Name: Decide"),
        ("shared.yml", "      Name: shop-web\n", "", "  Two:"),
    ] {
        let template = good(name);
        assert!(template.contains(from), "{name} has no `{from}`");
        let changed = template.replacen(from, to, 1);
        let found = found(&world, name, &changed);
        let line = line_of(&changed, at);
        // A stage is in the list of actions, and its name is that of its first action.
        let near = |found: &String| {
            let of = found.strip_prefix("unknown:").and_then(|line| line.parse::<usize>().ok());
            of.is_some_and(|of| of == line || (at == "- Name: Decide" && of > line))
        };
        assert!(found.iter().any(near), "{name}: `{from}` -> `{to}`: no unknown:{line} in {found:?}");
    }
}

#[test]
fn a_given_parameter_is_known() {
    let world = world();
    let template = good("shop.yml").replace(", Default: prod", "");
    world.write("t.yml", &template);
    let check = |parameter: &str| world.run(["check", "--template", "t.yml", "--parameter", parameter]);
    let done = check("Environment=prod");
    assert_eq!((done.code, done.stdout.lines().count()), (0, 1), "{}", done.stdout);
    let done = check("Environment=live");
    assert_eq!(done.code, 4);
    assert!(done.stdout.contains("error[pipeline-environment]: the map has no environment `live`"), "{}", done.stdout);
    let done = check("Environment");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("`--parameter Environment` is not NAME=VALUE"), "{}", done.stderr);
}

#[test]
fn a_template_without_a_pipeline_is_not_fine() {
    let world = world();
    assert_eq!(found(&world, "t.yml", "Resources:\n  T: { Type: AWS::SNS::Topic }\n"), ["unknown:1"]);
    assert_eq!(
        found(&world, "t.json", "{\"format_version\": \"1.0\", \"terraform_version\": \"1.9.0\"}"),
        ["unknown:1", "unknown:1"]
    );
    let other =
        "Resources:\n  P:\n    Type: AWS::CodePipeline::Pipeline\n    Properties: { Name: other, Stages: [] }\n";
    assert_eq!(found(&world, "t.yml", other), ["unknown:2"]);
}
