//! Templates that cannot be read: one message, and nothing else.

use std::fs::File;

use super::{run, world};

#[test]
fn what_cannot_be_read_is_one_message() {
    let world = world();
    let bomb = (1..10).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let below = format!("*a{}", level - 1);
        format!("{text}a{level}: &a{level} [{}]\n", vec![below; 10].join(", "))
    });
    for (name, template, expected) in [
        ("t.yml", String::new(), "`t.yml` line 1: it is empty"),
        ("t.yml", "Resources: [\n".to_owned(), "`t.yml` line "),
        ("t.yml", "a:\n  b: 1\n c: 2\n".to_owned(), "`t.yml` line "),
        ("t.yml", bomb, "it has more than 1000000 values, aliases included"),
        ("t.yml", "a: &x\n  b: *x\n".to_owned(), "`t.yml` line 2: an alias refers to a value that contains it"),
        ("t.yml", "[".repeat(100_000), "`t.yml` line 1: it is not valid YAML: recursion limit exceeded"),
        ("t.json", "{\"Resources\": {\n\"A\": }}".to_owned(), "`t.json` line 2: it is not valid JSON: expected value"),
        (
            "t.json",
            format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000)),
            "it nests more than 100 levels deep",
        ),
    ] {
        let done = run(&world, name, &template);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{}", done.stderr);
        assert!(done.stderr.contains(expected), "{expected}: {}", done.stderr);
        assert!(done.stderr.lines().count() == 2 && !done.stderr.contains("panicked"), "{}", done.stderr);
    }
}

#[test]
fn a_huge_file_is_not_read() {
    let world = world();
    File::create(world.source().join("huge.json")).unwrap().set_len(100 << 20).unwrap();
    let done = world.run(["check", "--template", "huge.json"]);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr.contains("the template `huge.json` cannot be read: it has more than 33554432 bytes"),
        "{}",
        done.stderr
    );
    let done = world.run(["check", "--template", "nowhere.yml"]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("the template `nowhere.yml` cannot be read"), "{}", done.stderr);
}

/// What has the wrong kind, goes in circles or has no known type is no template of a pipeline, and no reason to panic.
#[test]
fn odd_values_are_said_or_left_alone() {
    let world = world();
    for template in [
        "x",
        "- a\n- b\n",
        "Resources: 1\n",
        "Resources: { A: 1, B: { Type: [] }, C: { Type: No::Such::Type }, D: }\n",
        "Resources: { P: { Type: AWS::CodePipeline::Pipeline } }\n",
        "Resources: { P: { Type: AWS::CodePipeline::Pipeline, Properties: { Stages: { Actions: [1, [], x] } } } }\n",
        "Conditions: { A: !Condition B, B: !Condition A }\nResources: { P: { Type: AWS::CodePipeline::Pipeline, Properties: !If [A, {}, {Stages: []}] } }\n",
        "Resources: { P: { Type: AWS::CodePipeline::Pipeline, Properties: { Name: !GetAtt P.Name, Stages: !Ref P } } }\n",
        "Resources: { R: { Type: AWS::DynamoDB::Table, Properties: { TableName: !Ref R } }, P: { Type: AWS::CodePipeline::Pipeline, Properties: { RoleArn: !GetAtt R.Arn } } }\n",
        "{\"format_version\": 1, \"planned_values\": {\"root_module\": {\"resources\": [1, {\"type\": \"aws_codepipeline\"}, {\"type\": \"aws_codepipeline\", \"address\": \"module.\"}]}}}",
    ] {
        let done = run(&world, "t.yml", template);
        assert_eq!(done.code, 0, "{template}: {}{}", done.stderr, done.stdout);
        assert!(done.stdout.contains("\"unknown\""), "{template}: {}", done.stdout);
    }
}

/// A large plan ends in a message, or in a bounded number of findings.
#[test]
fn large_templates_are_bounded() {
    let world = world();
    let role = |number: usize| {
        format!("{{\"address\": \"aws_iam_role.r[{number}]\", \"type\": \"aws_iam_role\", \"values\": {{}}}}")
    };
    let pipeline = |number: usize| {
        format!("{{\"address\": \"aws_codepipeline.p[{number}]\", \"type\": \"aws_codepipeline\", \"values\": {{}}}}")
    };
    let plan = |resources: Vec<String>| {
        format!(
            "{{\"format_version\": \"1.2\", \"planned_values\": {{\"root_module\": {{\"resources\": [{}]}}}}}}",
            resources.join(",")
        )
    };
    let done = run(&world, "t.json", &plan((0..5001).map(role).collect()));
    assert_eq!(done.code, 2, "{}", done.stdout);
    assert!(done.stderr.contains("`t.json` line 1: it has more than 5000 pipelines"), "{}", done.stderr);
    let done = run(&world, "t.json", &plan((0..1200).map(pipeline).collect()));
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(
        done.stdout.contains("\"200 more findings are not printed\"") && done.stdout.contains("\"warnings\": 1001")
    );
}
