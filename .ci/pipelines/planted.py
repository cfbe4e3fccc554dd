"""Plants one fault at a time into the published files, and sees that the tool which is there for it finds it."""

import os
import subprocess
import sys

import apply
import check
from check import LAMBDA, MODULE, PLACE, TERRAFORM, Files

PER_SERVICE = "pipelines/per-service.yml"
ALL = "pipelines/all-services.yml"
FUNCTION = "pipelines/lambda/function.yml"
FLEET = "pipelines/lambda/fleet.yml"
ROLES = f"{MODULE}/roles.tf"

# (tool, file, text, what it is replaced by, what the tool says)
FAULTS = [
    # A role lacks something, or has too much.
    ("simulate", PER_SERVICE, ', "s3:PutObjectAcl"]', "]", "s3:PutObjectAcl"),
    ("simulate", PER_SERVICE, "              - cloudformation:GetTemplate\n", "", "cloudformation:GetTemplate"),
    ("simulate", PER_SERVICE, "arn:${AWS::Partition}:codestar-connections", "arn:${AWS::Partition}:codeconnections", "codestar"),
    ("simulate", PER_SERVICE, '"${Project}/${Environment}"', '"${Project}/staging"', "must be denied"),
    ("simulate", PER_SERVICE, "ForAllValues:StringEquals", "ForAnyValue:StringEquals", "must be denied"),
    ("simulate", PER_SERVICE, '              "Null": { "dynamodb:LeadingKeys": "false" }\n', "", "must be denied"),
    ("simulate", PER_SERVICE, "service/${Cluster}/${EcsService}", "service/${Cluster}/*", "must be denied"),
    ("simulate", PER_SERVICE, "- !Sub \"${Project}/${ReuseFrom}\"", "- !Sub \"${Project}/other\"", "must be allowed"),
    ("simulate", ALL, "Resource: !Sub \"${Artifacts.Arn}/*\"", "Resource: \"*\"", "must be denied"),
    ("simulate", ALL, '{ StringEquals: { "aws:ResourceAccount": !Ref "AWS::AccountId" } }', "{}", "must be denied"),
    ("simulate", ROLES, '"s3:PutObjectAcl"', '"s3:PutObjectTagging"', "s3:PutObjectAcl"),
    ("simulate", ROLES, "resources = [aws_codebuild_project.build[each.key].arn]", 'resources = ["*"]', "must be denied"),
    ("simulate", "doctor (dynamodb)", '"shop/prod"', '"shop/staging"', "must be allowed"),
    ("simulate", FUNCTION, ', "s3:PutObjectAcl"]', "]", "s3:PutObjectAcl"),
    ("simulate", FUNCTION, '"${Project}/${Environment}"', '"${Project}/*"', "must be allowed"),
    ("simulate", FUNCTION, "ForAllValues:StringEquals", "ForAllValues:StringNotEquals", "must be denied"),
    ("simulate", FUNCTION, '                  "Null": { "dynamodb:LeadingKeys": "false" }\n', "", "must be denied"),
    ("simulate", FUNCTION, ':${Project}-*"', ':*"', "must be denied"),
    ("simulate", FUNCTION, "Resource: !GetAtt Function.Arn", 'Resource: "*"', "must be denied"),
    ("simulate", FUNCTION, "              - kms:GenerateDataKey\n", "", "kms:GenerateDataKey"),
    ("parliament", FUNCTION, '"lambda:ListFunctions"', '"lambda:ListFunction"', "ListFunction"),
    ("trust", FUNCTION, '"aws:SourceAccount"', '"aws:SourceOwner"', "another account"),
    ("parliament", PER_SERVICE, "              - ecr:PutImage\n", "              - ecr:PutImages\n", "ecr:PutImages"),
    ("parliament", ALL, '"s3:GetBucketLocation"]', '"s3:GetBucketPlace"]', "GetBucketPlace"),
    ("parliament", ALL, "- !GetAtt BuildProject.Arn", '- "arn:aws:s3:::x"', "RESOURCE_MISMATCH"),
    ("trust", PER_SERVICE, '"aws:SourceAccount"', '"aws:SourceOwner"', "another account"),
    ("trust", ALL, "Service: codebuild.amazonaws.com", "Service: ec2.amazonaws.com", "can be taken by"),
    ("trust", ROLES, '"aws:SourceAccount"', '"aws:SourceArn"', "another account"),
    # What the API does not know.
    ("model", PER_SERVICE, "BeforeEntry:", "BeforeEntri:", "beforeEntri"),
    ("model", PER_SERVICE, "ExecutionMode: QUEUED", "ExecutionMode: [QUEUED]", "executionMode"),
    ("model", PER_SERVICE, "MaximumRetryAttempts: 5", "MaximumRetries: 5", "MaximumRetries"),
    ("model", ALL, "QueuedTimeoutInMinutes: 30", "QueuedTimeoutInMinutes: half an hour", "queuedTimeoutInMinutes"),
    ("model", "pipelines/ecs-service.yml", "Essential: true", "Esential: true", "esential"),
    ("model", FUNCTION, "MaximumEventAgeInSeconds: 900", "MaximumEventAgeInSeconds: 9", "MaximumEventAgeInSeconds"),
    ("model", FUNCTION, "MemorySize: 1024", "MemorySizes: 1024", "MemorySizes"),
    ("model", FUNCTION, "EvaluationPeriods: 1", "EvaluationPeriod: 1", "EvaluationPeriod"),
    ("model", FLEET, "DefaultValue: none", "Default: none", "default"),
    # What the provider does not know, and what nothing declares.
    ("schema", f"{MODULE}/pipelines.tf", "  queued_timeout", "  queue_timeout", "`queue_timeout`"),
    ("schema", f"{MODULE}/pipelines.tf", "pipeline_type", "pipelinetype", "`pipelinetype`"),
    ("schema", f"{MODULE}/artifacts.tf", "    status = \"Enabled\"\n  }\n}", "  }\n}", "`status` is missing"),
    ("schema", f"{MODULE}/pipelines.tf", "var.common.kms_key_arn\n", "var.commn.kms_key_arn\n", "declares var.commn"),
    ("schema", f"{TERRAFORM}/hima-five-bomber/main.tf", "  common      = var.common\n", "", "needs `common`"),
    ("schema", f"{TERRAFORM}/poc-mc-vision/main.tf", "  name        =", "  title       =", "no variable `title`"),
    ("schema", f"{LAMBDA}/fleet.tf", "default_value", "defaults", "`defaults`"),
    ("schema", f"{LAMBDA}/approval.tf", "before_entry", "before_entri", "`before_entri`"),
    ("schema", f"{LAMBDA}/function.tf", "variable \"environment\"", "variable \"environments\"", "declares var.environment"),
    # What an engine makes of it.
    ("apply", PER_SERVICE, "      DeletionProtectionEnabled: true\n", "", "could be deleted"),
    ("apply", ALL, "VersioningConfiguration: { Status: Enabled }", "VersioningConfiguration: { Status: Suspended }", "no versions"),
    ("apply", FUNCTION, '            Condition: { StringEquals: { "aws:SourceAccount": !Ref "AWS::AccountId" } }\n', "", "another account"),
    ("apply", ALL, "Effect: Deny", "Effect: Allow", "without TLS"),
    # What CloudFormation's schemas do not know.
    ("cfn-lint", ALL, "PipelineType: V2", "PipelineTipe: V2", "PipelineTipe"),
    ("cfn-lint", "pipelines/ecs-service.yml", "!GetAtt TaskRole.Arn", "!GetAtt TaskRoll.Arn", "TaskRoll"),
    ("cfn-lint", FUNCTION, "MaximumRetryAttempts: 2", "MaximumRetries: 2", "MaximumRetries"),
    ("terraform fmt", f"{MODULE}/pipelines.tf", "  queued_timeout = 30", "  queued_timeout   = 30", "pipelines.tf"),
]


def lint(path, text):
    copy = f"{PLACE}/planted.yml"
    with open(copy, "w", encoding="utf-8") as file:
        file.write(text)
    program = os.path.join(os.path.dirname(sys.executable), "cfn-lint")
    return subprocess.run([program, copy], capture_output=True, text=True).stdout.splitlines()


def terraform_fmt(path, text):
    done = subprocess.run(["terraform", "fmt", "-check", "-diff", "-"], input=text, capture_output=True, text=True)
    return [path] if done.returncode != 0 else []


def found(tool, path, text):
    if tool == "cfn-lint":
        return lint(path, text)
    if tool == "terraform fmt":
        return terraform_fmt(path, text)
    files, only = Files(path, text), path
    if path in check.PRINTED:
        files.path = f"{PLACE}/{check.PRINTED[path]}"
    if tool == "apply":
        return list(apply.faults(files, only))
    return check.CHECKS[tool](files, only)


def main():
    missed = 0
    tools = sys.argv[1:]
    for tool, path, text, other, says in FAULTS:
        if tool not in tools:
            continue
        whole = Files().read(f"{PLACE}/{check.PRINTED[path]}" if path in check.PRINTED else path)
        if text not in whole:
            print(f"WRONG: {path}: `{text.strip()}` is not there, so no fault could be planted")
            missed += 1
            continue
        faults = [str(fault) for fault in found(tool, path, whole.replace(text, other, 1))]
        if not any(says in fault for fault in faults):
            missed += 1
            print(f"WRONG: {tool} does not find `{text.strip()}` -> `{other.strip()}` in {path}: {faults[:3]}")
    asked = sum(tool in tools for tool, *_ in FAULTS)
    print(f"planted faults: {asked - missed} of {asked} found")
    return 1 if missed or not asked else 0


if __name__ == "__main__":
    sys.exit(main())
