"""Makes everything that an engine takes, and reads back what matters: protection, policies, who may take a role.

The engine is ministack, which imitates CloudFormation and the services behind it, but has no CodePipeline. That it takes a template is
less than AWS's word for it; what it refuses, AWS would refuse too.
"""

import json
import os
import socket
import subprocess
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import template
from check import ECS, KEY, NO_SOURCE, PLACE, Files

# The second it has, but stumbles over a number that is a parameter. It also ignores point-in-time recovery.
LACKS = {"AWS::CodePipeline::Pipeline", "AWS::ECS::Service"}
PARAMETERS = {
    "pipelines/per-service.yml": {"CreateStateTable": "yes", "StateTable": "per-service", "Stack": "shop"},
    "pipelines/per-service.yml (ECS)": {**ECS, "CreateStateTable": "yes", "StateTable": "ecs", "ImageRepository": "api"},
    "pipelines/all-services.yml": {"CreateStateTable": "yes", "StateTable": "all-services"},
    "pipelines/ecs-service.yml": {},
    "pipelines/lambda/function.yml": {},
    "pipelines/lambda/function.yml (key)": {"KmsKey": KEY},
    f"{PLACE}/dynamodb.json": {},
    f"{PLACE}/s3.json": {},
}


class Engine:
    """A server on a free port of the loopback, for as long as this is used."""

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        told = {"HOST": "127.0.0.1", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
        with open(f"{PLACE}/ministack.log", "w", encoding="utf-8") as log:
            program = os.path.join(os.path.dirname(sys.executable), "ministack")
            self.process = subprocess.Popen([program], env={**os.environ, **told}, stdout=log, stderr=log)
        self.url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                self.client("sts").get_caller_identity()
                return self
            except (BotoCoreError, ClientError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.__exit__()
        raise SystemExit(f"ministack does not answer: see {PLACE}/ministack.log")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.url, region_name=template.REGION, aws_access_key_id="x", aws_secret_access_key="x",
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def long_form(text):
    """A template as JSON, without what the engine lacks; who refers to that gets its name."""
    import yaml

    root = yaml.load(text, template.Loader)
    gone = {name for name, item in root["Resources"].items() if item["Type"] in LACKS}
    root["Resources"] = {name: item for name, item in root["Resources"].items() if name not in gone}
    # The engine knows no assertions about parameters; cfn-lint reads them.
    root.pop("Rules", None)

    def walk(value):
        if isinstance(value, list):
            return [walk(item) for item in value]
        if isinstance(value, dict):
            if set(value) == {"Ref"} and value["Ref"] in gone:
                return "pipeline"
            return {name: walk(item) for name, item in value.items()}
        return value

    return json.dumps(walk(root)), sorted(gone)


def create(engine, files, where, path, parameters):
    body, gone = long_form(files.read(path))
    declared = json.loads(body).get("Parameters", {})
    given = {name: template.PARAMETERS[name] for name in declared if name in template.PARAMETERS} | parameters
    cloudformation = engine.client("cloudformation")
    name = "".join(c if c.isalnum() else "-" for c in where)
    cloudformation.create_stack(
        StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    for _ in range(300):
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    made = files.template(path, **given).resources
    expected = {key for key in made if key not in gone}
    found = []
    if stack["StackStatus"] != "CREATE_COMPLETE":
        found.append(f"{where}: {stack['StackStatus']}: {stack.get('StackStatusReason')}")
    missing = expected - {item["LogicalResourceId"] for item in resources}
    if missing:
        found.append(f"{where}: not made: {sorted(missing)}")
    print(f"{where}: {stack['StackStatus']}, {len(resources)} resources{', without ' + ', '.join(gone) if gone else ''}", flush=True)
    if not found:
        for item in resources:
            found += [f"{where}: {fault}" for fault in read_back(engine, made, item)]
    return found


def read_back(engine, made, item):
    """What was made is protected as the template says."""
    kind, name = item["ResourceType"], item["PhysicalResourceId"]
    properties = made[item["LogicalResourceId"]].get("Properties", {})
    found = []
    if kind == "AWS::DynamoDB::Table":
        dynamodb = engine.client("dynamodb")
        try:
            dynamodb.delete_table(TableName=name)
            found.append(f"the table {name} could be deleted")
        except ClientError as error:
            if "protect" not in str(error):
                found.append(f"the table {name} is refused for another reason: {error}")
    elif kind == "AWS::S3::Bucket":
        s3 = engine.client("s3")
        if s3.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
            found.append(f"the bucket {name} keeps no versions")
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
        refused = [one for one in policy["Statement"] if one["Effect"] == "Deny"]
        if [one["Condition"] for one in refused] != [{"Bool": {"aws:SecureTransport": "false"}}]:
            found.append(f"the bucket {name} takes requests without TLS")
    elif kind == "AWS::IAM::Role":
        iam = engine.client("iam")
        role = iam.get_role(RoleName=name)["Role"]
        for one in role["AssumeRolePolicyDocument"]["Statement"]:
            if one["Principal"]["Service"] not in NO_SOURCE and "aws:SourceAccount" not in one.get("Condition", {}).get("StringEquals", {}):
                found.append(f"the role {name} can be taken for another account")
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        wanted = len(properties.get("Policies", [])), len(properties.get("ManagedPolicyArns", []))
        if (len(inline), len(attached)) != wanted:
            found.append(f"the role {name} has {len(inline)} and {len(attached)} policies, not {wanted}")
    return found


def faults(files, only=None):
    with Engine() as engine:
        for where, parameters in PARAMETERS.items():
            if only in (None, where):
                yield from create(engine, files, where, where.split(" (")[0], parameters)


def main():
    found = list(faults(Files()))
    for fault in found:
        print(f"WRONG: {fault}")
    print(f"create-stack: {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
