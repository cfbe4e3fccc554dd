"""A CloudFormation template with its functions worked out, so that a tool sees what AWS would be sent."""

import json
import re

import yaml

ACCOUNT = "111122223333"
REGION = "eu-west-1"
OTHER_ACCOUNT = "444455556666"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "shop-prod",
    "AWS::URLSuffix": "amazonaws.com",
}
# What parameters are given that have no default, or one that means nothing.
PARAMETERS = {
    "Connection": f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/11111111-2222-3333-4444-555555555555",
    "DeployPolicy": f"arn:aws:iam::{ACCOUNT}:policy/deploy",
    "DeployRole": f"arn:aws:iam::{ACCOUNT}:role/deploy",
    "ImageRepository": "images",
    "Repository": "owner/name",
    "Stack": "shop",
    "ToolKey": "shipmark/lambda.zip",
    "ToolsBucket": "tools",
    "Subnets": "subnet-1,subnet-2",
    "SecurityGroups": "sg-1",
    "ToolImageDigest": "sha256:" + "0" * 64,
}
# What other stacks export.
IMPORTED = {
    "shipmark-lambda-artifacts": "artifacts",
    "shipmark-lambda-build": "shop-prod-build",
    "shipmark-lambda-function": "shop-prod",
    "shipmark-lambda-pipeline-role": f"arn:aws:iam::{ACCOUNT}:role/PipelineRole",
}
NO_VALUE = object()


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", short_form)


class Template:
    """The resources that are made for these parameters, by their logical names."""

    def __init__(self, text, **parameters):
        self.root = yaml.load(text, Loader)
        self.values = dict(PSEUDO)
        for name, declared in self.root.get("Parameters", {}).items():
            given = parameters.get(name, PARAMETERS.get(name, declared.get("Default")))
            if given is None:
                raise ValueError(f"no value for the parameter {name}: add one to PARAMETERS")
            # A list is written as one text.
            is_list = declared["Type"] == "CommaDelimitedList" and isinstance(given, str)
            self.values[name] = given.split(",") if is_list else given
        self.declared = self.root["Resources"]
        conditions = {name: item.get("Condition") for name, item in self.declared.items()}
        made = {name: item for name, item in self.declared.items() if not conditions[name] or self.holds(conditions[name])}
        self.resources = {name: self.work_out(item) for name, item in made.items()}

    def of_type(self, kind):
        return {name: item for name, item in self.resources.items() if item["Type"] == kind}

    def holds(self, condition):
        if isinstance(condition, str):
            condition = self.root["Conditions"][condition]
        ((function, argument),) = condition.items()
        if function == "Condition":
            return self.holds(argument)
        if function == "Fn::Equals":
            return self.work_out(argument[0]) == self.work_out(argument[1])
        if function == "Fn::Not":
            return not self.holds(argument[0])
        if function in ("Fn::And", "Fn::Or"):
            return (all if function == "Fn::And" else any)(self.holds(item) for item in argument)
        raise ValueError(f"the condition {function} is not understood")

    def work_out(self, value):
        if isinstance(value, list):
            return [done for done in map(self.work_out, value) if done is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self.function(function.removeprefix("Fn::"), argument)
        done = {name: self.work_out(item) for name, item in value.items()}
        return {name: item for name, item in done.items() if item is not NO_VALUE}

    def function(self, function, argument):
        if function == "If":
            return self.work_out(argument[1 if self.holds(argument[0]) else 2])
        if function == "Ref":
            return self.reference(argument)
        if function == "GetAtt":
            resource, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
            return self.attribute(resource, attribute)
        if function == "Sub":
            pattern, more = argument if isinstance(argument, list) else (argument, {})
            more = self.work_out(more)
            known = lambda name: more[name] if name in more else self.named(name)
            return re.sub(r"\$\{([^!}][^}]*)\}", lambda match: str(known(match[1])), pattern)
        argument = self.work_out(argument)
        if function == "Join":
            return argument[0].join(map(str, argument[1]))
        if function == "Split":
            return argument[1].split(argument[0])
        if function == "Select":
            return argument[1][int(argument[0])]
        if function == "ImportValue":
            return IMPORTED[argument]
        if function == "FindInMap":
            return self.root["Mappings"][argument[0]][argument[1]][argument[2]]
        raise ValueError(f"the function {function} is not understood")

    def named(self, name):
        """What `${NAME}` or `${RESOURCE.ATTRIBUTE}` is."""
        resource, _, attribute = name.partition(".")
        return self.attribute(resource, attribute) if attribute else self.reference(name)

    def reference(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.values:
            return self.values[name]
        if name not in self.declared:
            raise ValueError(f"{name} is neither a parameter nor a resource")
        kind = self.declared[name]["Type"]
        if kind in ("AWS::IAM::ManagedPolicy", "AWS::ECS::TaskDefinition", "AWS::ECS::Service"):
            return self.attribute(name, "Arn")
        return self.own_name(name)

    def own_name(self, name):
        properties = self.declared[name].get("Properties", {})
        for key in ("Name", "TableName", "BucketName", "LogGroupName", "FunctionName", "RepositoryName", "ClusterName", "ServiceName", "Family"):
            if key in properties:
                return self.work_out(properties[key])
        return name.lower()

    def attribute(self, name, attribute):
        kind = self.declared[name]["Type"].removeprefix("AWS::")
        if attribute not in ("Arn", "RepositoryUri", "Name", "TaskDefinitionArn"):
            raise ValueError(f"the attribute {name}.{attribute} is not understood")
        own = self.own_name(name)
        if attribute == "Name":
            return own
        if attribute == "RepositoryUri":
            return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{own}"
        here = f"{REGION}:{ACCOUNT}"
        arns = {
            "CodeBuild::Project": f"arn:aws:codebuild:{here}:project/{own}",
            "DynamoDB::Table": f"arn:aws:dynamodb:{here}:table/{own}",
            "ECR::Repository": f"arn:aws:ecr:{here}:repository/{own}",
            "ECS::Cluster": f"arn:aws:ecs:{here}:cluster/{own}",
            "ECS::Service": f"arn:aws:ecs:{here}:service/{own}",
            "ECS::TaskDefinition": f"arn:aws:ecs:{here}:task-definition/{own}:1",
            "IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/{name}",
            "IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "Lambda::Function": f"arn:aws:lambda:{here}:function:{own}",
            "Logs::LogGroup": f"arn:aws:logs:{here}:log-group:{own}:*",
            "S3::Bucket": f"arn:aws:s3:::{own}",
        }
        return arns[kind]

    def roles(self):
        """For each role: who may take it, and all policies that it has here."""
        found = {}
        for name, role in self.of_type("AWS::IAM::Role").items():
            properties = role["Properties"]
            policies = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
            for arn in properties.get("ManagedPolicyArns", []):
                managed = self.resources.get(arn.rsplit("/", 1)[1])
                # A policy of the user's own is not here to be judged.
                if managed:
                    policies.append(managed["Properties"]["PolicyDocument"])
            found[name] = {"trust": properties["AssumeRolePolicyDocument"], "policies": policies}
        return found


def managed(resources):
    """The policies of a printed template, which no role has yet."""
    return {
        name: {"policies": [item["Properties"]["PolicyDocument"]]}
        for name, item in resources.items()
        if item["Type"] == "AWS::IAM::ManagedPolicy"
    }


def read(path, **parameters):
    with open(path, encoding="utf-8") as file:
        return Template(file.read(), **parameters)


if __name__ == "__main__":
    import sys

    print(json.dumps(read(sys.argv[1]).resources, indent=2))
