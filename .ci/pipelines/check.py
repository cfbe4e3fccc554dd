"""Holds the published pipelines against real tools. `.ci/pipelines/run` installs them and calls this once for each tool."""

import json
import os
import subprocess
import sys

import yaml

import template
import terraform

HERE = os.path.dirname(os.path.abspath(__file__))
PLACE = "target/pipelines"
TERRAFORM = "pipelines/terraform"
MODULE = f"{TERRAFORM}/modules/pipelines"
LAMBDA = "pipelines/lambda/terraform"
KEY = f"arn:aws:kms:{template.REGION}:{template.ACCOUNT}:key/1"

# Each template, and with which parameters its roles are looked at besides the defaults.
TASK_ROLES = [f"arn:aws:iam::{template.ACCOUNT}:role/api-{name}" for name in ("task", "execution")]
ECS = {"Service": "api", "Stack": "", "Cluster": "shop", "EcsService": "api", "TaskRoles": ",".join(TASK_ROLES)}
VARIANTS = {
    "pipelines/per-service.yml": ("pipelines/per-service.yml", {}),
    "pipelines/per-service.yml (ECS)": ("pipelines/per-service.yml", ECS),
    "pipelines/per-service.yml (reuse, key)": ("pipelines/per-service.yml", {"ReuseFrom": "staging", "KmsKey": KEY}),
    "pipelines/all-services.yml": ("pipelines/all-services.yml", {}),
    "pipelines/ecs-service.yml": ("pipelines/ecs-service.yml", {}),
    "pipelines/lambda/function.yml": ("pipelines/lambda/function.yml", {}),
    "pipelines/lambda/function.yml (reuse, key)": ("pipelines/lambda/function.yml", {"ReuseFrom": "staging", "KmsKey": KEY}),
    "pipelines/lambda/one-service.yml": ("pipelines/lambda/one-service.yml", {}),
    "pipelines/lambda/one-service.yml (key)": ("pipelines/lambda/one-service.yml", {"KmsKey": KEY}),
    "pipelines/lambda/all-services.yml": ("pipelines/lambda/all-services.yml", {}),
    "pipelines/lambda/approval.yml": ("pipelines/lambda/approval.yml", {}),
    "pipelines/lambda/fleet.yml": ("pipelines/lambda/fleet.yml", {}),
}
PRINTED = {"doctor (dynamodb)": "dynamodb.json", "doctor (s3)": "s3.json"}
# A role that runs whatever the user's program needs has no fixed permissions.
TRUST = {"codebuild", "codepipeline", "events", "ecs-tasks", "lambda"}
# AWS documents no `aws:SourceAccount` for the role of a function, so a condition on it might keep every function from starting.
NO_SOURCE = {"lambda.amazonaws.com"}


class Files:
    """The published files, of which one may be replaced by a text with a fault."""

    def __init__(self, path=None, text=None):
        self.path, self.text = path, text

    def read(self, path):
        if path == self.path:
            return self.text
        with open(path, encoding="utf-8") as file:
            return file.read()

    def template(self, path, **parameters):
        return template.Template(self.read(path), **parameters)

    def folder(self, folder):
        """A folder of Terraform's files, with the fault in a copy of it."""
        if not (self.path or "").startswith(folder + "/"):
            return terraform.read(folder)
        copy = f"{PLACE}/planted"
        subprocess.run(["rm", "-rf", copy], check=True)
        subprocess.run(["cp", "-r", folder, copy], check=True)
        with open(os.path.join(copy, os.path.relpath(self.path, folder)), "w", encoding="utf-8") as file:
            file.write(self.text)
        return terraform.read(copy)

    def roles(self, only=None):
        """(where, role, trust, policies, the names of what it works with) of all roles."""
        for where, (path, parameters) in VARIANTS.items():
            if only in (None, path):
                made = self.template(path, **parameters)
                for name, role in made.roles().items():
                    yield where, name, role["trust"], role["policies"], template_names(made)
        for where, name in PRINTED.items():
            if only in (None, where):
                made = self.template(f"{PLACE}/{name}")
                for role, policy in template.managed(made.resources).items():
                    yield where, role, None, policy["policies"], template_names(made)
        if only is None or only.startswith(MODULE):
            yield from self.terraform_roles()

    def terraform_roles(self):
        whole = self.folder(MODULE)
        state = terraform.read(f"{TERRAFORM}/cqrs-es-example-swift")
        table = f"arn:aws:dynamodb:{terraform.HERE}:table/shipmark"
        trust = terraform.document(whole, "trust", {"each.key": "codebuild"})
        build = [terraform.document(whole, "build", {}), terraform.printed_policy(state, "shipmark_build", table)]
        names = {
            "artifacts": "arn:aws:s3:::artifacts",
            "build": terraform.VALUES["aws_codebuild_project.build[each.key].arn"],
            "logs": terraform.VALUES["aws_cloudwatch_log_group.build[each.key].arn"],
            "project": "cqrs-es-example-swift",
            "table": table,
        }
        yield TERRAFORM, "build", trust, build, names
        yield TERRAFORM, "pipeline", trust, [terraform.document(whole, "pipeline", {})], names


def template_names(made):
    """What the names in braces in requests.yml are in a template."""
    names = {"project": made.values.get("Project", "shop")}
    for name, resource, attribute in (
        ("artifacts", "Artifacts", "Arn"),
        ("begin", "BeginProject", "Arn"),
        ("build", "BuildProject", "Arn"),
        ("failed", "FailedProject", "Arn"),
        ("function", "Function", "Arn"),
        ("function-logs", "Log", "Arn"),
        ("logs", "Logs", "Arn"),
        ("promote", "PromoteProject", "Arn"),
        ("table", "Table", "Arn"),
    ):
        if resource in made.declared:
            names[name] = made.attribute(resource, attribute).removesuffix(":*")
    if "Images" in made.declared:
        names["images"] = made.attribute("Images", "Arn")
    return names


ALWAYS = {
    "connection": template.PARAMETERS["Connection"],
    "function": f"arn:aws:lambda:{terraform.HERE}:function:shop-prod",
    "failed": f"arn:aws:codebuild:{terraform.HERE}:project/failed",
    "images": f"arn:aws:ecr:{terraform.HERE}:repository/images",
    "key": KEY,
    "artifacts": "arn:aws:s3:::artifacts",
    "old-connection": template.PARAMETERS["Connection"].replace("codeconnections", "codestar-connections"),
    "project": "shop",
    "table": f"arn:aws:dynamodb:{terraform.HERE}:table/shipmark",
    "tool": f"arn:aws:ecr:{terraform.HERE}:repository/shipmark-build",
    "build": f"arn:aws:codebuild:{terraform.HERE}:project/unknown",
}


def request(text, names):
    """`ACTION RESOURCE KEY=VALUE,VALUE…` as iam-simulate takes it."""
    for name, value in {**ALWAYS, **names}.items():
        text = text.replace("{" + name + "}", value)
    action, resource, *context = text.split()
    pairs = (item.split("=", 1) for item in context)
    # The keys of a request are a list, however many there are.
    context = {key: value.split(",") if key == "dynamodb:LeadingKeys" else value for key, value in pairs}
    return {"action": action, "resource": resource, "context": context}


def simulate(files, only=None):
    """What a role may not do but must, or may do but must not."""
    with open(f"{HERE}/requests.yml", encoding="utf-8") as file:
        table = yaml.safe_load(file)
    asked, found, known = [], [], set()
    for where, role, _, policies, names in files.roles(only):
        known.add((where, role))
        expected = table["roles"].get(where, {}).get(role)
        if expected is None:
            found.append(f"{where}: requests.yml does not say what {role} must be allowed")
            continue
        for verdict in ("allowed", "denied"):
            for group in expected[verdict]:
                for text in table["groups"][group]:
                    asked.append((verdict, where, {"role": role, "policies": policies, **request(text, names)}))
    if only is None:
        listed = {(where, role) for where, roles in table["roles"].items() for role in roles}
        found += [f"{where}: there is no {role}" for where, role in sorted(listed - known)]
    answers = subprocess.run(
        ["node", f"{HERE}/simulate.mjs", os.path.abspath(f"{PLACE}/npm/node_modules")],
        input=json.dumps([item for _, _, item in asked]), capture_output=True, text=True,
    )
    lines = answers.stdout.splitlines()
    if answers.returncode != 0 or len(lines) != len(asked):
        return found + [f"iam-simulate failed: {answers.stderr[-500:]}"]
    for (verdict, where, item), line in zip(asked, lines):
        answer = json.loads(line)
        if answer != "Allowed" and verdict == "denied" and not answer.startswith("error"):
            continue
        if answer != "Allowed" or verdict == "denied":
            said = f"{where}: {item['role']}: {item['action']} on {item['resource']} {item['context'] or ''}"
            found.append(f"{said} is {answer}, and must be {verdict}")
    COUNTS["requests"] = len(asked)
    return found


COUNTS = {}

# What parliament says of policies that are meant so.
EXPECTED = (
    # No published data has the ARN of a transform, which belongs to AWS.
    "transform/Serverless",
    # AWS's page on the ECS action: all resources, and for tasks the cluster as a condition. The data would allow ARNs of task
    # definitions, but not of those that are yet to be made.
    "RESOURCE_STAR ['ecs:DescribeTasks', 'ecs:ListTasks']",
    "RESOURCE_STAR ['ecs:RegisterTaskDefinition']",
)

def parliament(files, only=None):
    """Policies with mistakes in them, by the data that AWS publishes on actions, resources and conditions."""
    from parliament import analyze_policy_string

    found, policies = [], 0
    for where, role, _, documents, _ in files.roles(only):
        for policy in documents:
            policies += 1
            for finding in analyze_policy_string(json.dumps(policy)).findings:
                if not any(known in f"{finding.issue} {finding.detail} {finding.location}" for known in EXPECTED):
                    found.append(f"{where}: {role}: {finding.issue}: {finding.detail} {finding.location}")
    COUNTS["policies"] = policies
    return found


def trust(files, only=None):
    """Roles that a service can take for another account."""
    found = []
    for where, role, document, _, _ in files.roles(only):
        for one in [] if document is None else document["Statement"]:
            services = one["Principal"]["Service"]
            services = [services] if isinstance(services, str) else services
            if not {name.split(".")[0] for name in services} <= TRUST:
                found.append(f"{where}: {role} can be taken by {services}")
            if set(services) <= NO_SOURCE:
                continue
            account = one.get("Condition", {}).get("StringEquals", {}).get("aws:SourceAccount")
            if account not in (template.ACCOUNT, [template.ACCOUNT]):
                found.append(f"{where}: {role} can be taken for another account")
    return found


def model(files, only=None):
    """What the API of each service would refuse of what a template makes, by the model in botocore."""
    from botocore.session import Session
    from botocore.validate import ParamValidator

    session, found = Session(), []

    def ask(where, service, operation, parameters):
        shape = session.get_service_model(service).operation_model(operation).input_shape
        report = ParamValidator().validate(parameters, shape)
        if report.has_errors():
            found.append(f"{where}: {operation}: {report.generate_report()}")

    for where, (path, parameters) in VARIANTS.items():
        if only not in (None, path):
            continue
        made = files.template(path, **parameters)
        for name, item in made.of_type("AWS::CodePipeline::Pipeline").items():
            ask(f"{where}: {name}", "codepipeline", "CreatePipeline", {"pipeline": as_api(item["Properties"], {"Configuration"})})
        for name, item in made.of_type("AWS::CodeBuild::Project").items():
            properties = as_api(item["Properties"], set())
            properties["source"]["buildspec"] = properties["source"].pop("buildSpec")
            ask(f"{where}: {name}", "codebuild", "CreateProject", properties)
        for name, item in made.of_type("AWS::Lambda::Function").items():
            ask(f"{where}: {name}", "lambda", "CreateFunction", item["Properties"])
        for name, item in made.of_type("AWS::Lambda::EventInvokeConfig").items():
            ask(f"{where}: {name}", "lambda", "PutFunctionEventInvokeConfig", item["Properties"])
        for name, item in made.of_type("AWS::CloudWatch::Alarm").items():
            ask(f"{where}: {name}", "cloudwatch", "PutMetricAlarm", {"AlarmName": name, **item["Properties"]})
        for name, item in made.of_type("AWS::ECS::TaskDefinition").items():
            ask(f"{where}: {name}", "ecs", "RegisterTaskDefinition", as_api(item["Properties"], {"Options"}))
        for name, item in made.of_type("AWS::Events::Rule").items():
            targets = {"Rule": name, "Targets": item["Properties"]["Targets"]}
            ask(f"{where}: {name}", "events", "PutTargets", targets)
            pattern = item["Properties"]["EventPattern"]
            if not all(isinstance(value, (list, dict)) for value in pattern.values()):
                found.append(f"{where}: {name}: an event pattern holds lists")
    return found


def as_api(value, plain):
    """Names as the API has them, which begin with a small letter, but for those inside of `plain`."""
    if isinstance(value, list):
        return [as_api(item, plain) for item in value]
    if not isinstance(value, dict):
        return value
    small = {}
    for name, item in value.items():
        small[name[0].lower() + name[1:]] = item if name in plain else as_api(item, plain)
    return small


def schema(files, only=None):
    """Terraform's files against the provider's schema, and the names in them."""
    known = terraform.schema(f"{PLACE}/provider.tgz", f"{PLACE}/schema.json.gz")
    folders = [MODULE, LAMBDA] + [f"{TERRAFORM}/{name}" for name in sorted(os.listdir(TERRAFORM)) if name != "modules"]
    found, count = [], 0
    for folder in folders:
        if only is None or only.startswith(folder + "/"):
            whole = files.folder(folder)
            count += sum(len(list(terraform.blocks(whole, kind))) for kind in ("resource", "data"))
            found += terraform.schema_faults(folder, whole, known)
            found += terraform.reference_faults(folder, whole)
            found += terraform.module_faults(folder, whole)
    for name in ("dynamodb.tf.json", "s3.tf.json") if only is None else ():
        with open(f"{PLACE}/{name}", encoding="utf-8") as file:
            whole = {}
            terraform.merge_json(whole, json.load(file))
        found += terraform.schema_faults(f"doctor ({name})", whole, known)
        count += len(list(terraform.blocks(whole, "resource")))
    COUNTS["blocks"] = count
    return found


CHECKS = {"simulate": simulate, "parliament": parliament, "trust": trust, "model": model, "schema": schema}


def main():
    found = []
    for name in sys.argv[1:]:
        found += CHECKS[name](Files())
    for fault in found:
        print(f"WRONG: {fault}")
    counted = ", ".join(f"{number} {what}" for what, number in COUNTS.items())
    print(f"{' '.join(sys.argv[1:])}: {len(found)} faults{' in ' + counted if counted else ''}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
