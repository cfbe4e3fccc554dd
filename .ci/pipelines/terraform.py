"""Terraform's files: what the provider's schema and the references in them say, and the policies with their names worked out."""

import gzip
import json
import os
import re
import tarfile

import hcl2

from template import ACCOUNT, PARAMETERS, REGION

META = {"for_each", "count", "depends_on", "provider", "lifecycle", "provisioner", "connection"}
# Data sources that take no argument, so that nothing in the bindings gives their names.
WITHOUT_ARGUMENTS = {("data", "aws_caller_identity"), ("data", "aws_partition"), ("data", "aws_region")}
# What the parser adds to a block.
LINES = ("__start_line__", "__end_line__")


def read(folder):
    """All blocks of a folder, as one document, in which everything is as JSON has it."""
    whole = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            if name.endswith(".tf.json"):
                merge_json(whole, json.load(file))
            elif name.endswith(".tf"):
                for kind, blocks in hcl2.load(file).items():
                    whole.setdefault(kind, []).extend(blocks)
    return whole


def merge_json(whole, document):
    for kind, items in document.items():
        for label, inner in items.items():
            if kind in ("resource", "data"):
                for name, body in inner.items():
                    whole.setdefault(kind, []).append({label: {name: body}})
            else:
                whole.setdefault(kind, []).append({label: inner})


def blocks(whole, kind):
    """(type, name, body) of resources and of data sources."""
    for block in whole.get(kind, []):
        for label, named in block.items():
            for name, body in named.items():
                if name not in LINES:
                    yield label, name, body


# --- the schema -----------------------------------------------------------------------------------------------------------------


def schema(archive, cache):
    """The arguments of all resources and data sources, from the bindings of the provider, which are data in one JSON file."""
    if os.path.exists(cache):
        with gzip.open(cache, "rt") as file:
            return json.load(file)
    with tarfile.open(archive) as tar:
        types = json.load(tar.extractfile("package/.jsii"))["types"]
    found = {}
    for declared in types.values():
        if "cdktf.TerraformMetaArguments" in declared.get("interfaces", []):
            kind, label = link(declared.get("properties", []))
            if kind:
                found[f"{kind} {label}"] = arguments(types, declared, set())
    with gzip.open(cache + ".new", "wt") as file:
        json.dump(found, file)
    os.rename(cache + ".new", cache)
    return found


def link(properties):
    for item in properties:
        match = re.search(r"/docs/(resources|data-sources)/(\w+)#", json.dumps(item.get("docs", {})))
        if match:
            return ("resource" if match[1] == "resources" else "data"), f"aws_{match[2]}"
    return None, None


def arguments(types, declared, above):
    done = {}
    for item in declared.get("properties", []):
        match = re.search(r"#(\w+) ", json.dumps(item.get("docs", {})))
        if not match:
            continue
        nested = next((name for name in names(item["type"]) if name.startswith("@cdktf/provider-aws.")), None)
        inner = None
        # A block that may hold itself is not followed for ever.
        if nested and nested not in above:
            inner = arguments(types, types[nested], above | {nested})
        done[match[1]] = {"required": not item.get("optional", False), "block": inner}
    return done


def names(kind):
    if "fqn" in kind:
        yield kind["fqn"]
    for inner in kind.get("union", {}).get("types", []):
        yield from names(inner)
    if "collection" in kind:
        yield from names(kind["collection"]["elementtype"])


def schema_faults(where, whole, known):
    """Arguments that the provider does not have, and those that it needs."""
    found = []
    for kind in ("resource", "data"):
        for label, name, body in blocks(whole, kind):
            declared = known.get(f"{kind} {label}")
            if declared is None and (kind, label) in WITHOUT_ARGUMENTS:
                declared = {}
            if declared is None:
                found.append(f"{where}: the provider has no {kind} {label}")
            else:
                own = {key: value for key, value in body.items() if key not in META}
                found += body_faults(f"{where}: {label}.{name}", own, declared)
    return found


def body_faults(where, body, declared):
    found, given = [], set()
    for name, value in body.items():
        if name in LINES:
            continue
        if name == "dynamic":
            for dynamic in value:
                for label, inner in dynamic.items():
                    given.add(label)
                    found += item_faults(where, label, inner["content"], declared)
        else:
            given.add(name)
            found += item_faults(where, name, value, declared)
    needed = {name for name, item in declared.items() if item["required"]}
    return found + [f"{where}: `{name}` is missing" for name in sorted(needed - given)]


def item_faults(where, name, value, declared):
    if name not in declared:
        return [f"{where}: there is no argument `{name}`"]
    inner = declared[name]["block"]
    if inner is None:
        return []
    bodies = value if isinstance(value, list) else [value]
    return [fault for body in bodies if isinstance(body, dict) for fault in body_faults(f"{where}.{name}", body, inner)]


# --- references -----------------------------------------------------------------------------------------------------------------


def reference_faults(where, whole):
    """Names that nothing declares, and modules that are given what they do not take."""
    declared = {f"var.{name}" for block in whole.get("variable", []) for name in block}
    declared |= {f"local.{name}" for block in whole.get("locals", []) for name in block}
    declared |= {f"module.{name}" for block in whole.get("module", []) for name in block}
    declared |= {f"{label}.{name}" for label, name, _ in blocks(whole, "resource")}
    declared |= {f"data.{label}.{name}" for label, name, _ in blocks(whole, "data")}
    pattern = r"(?<![\w.\"'-])(data\.aws_\w+\.\w+|(?:var|local|module|aws_\w+)\.\w+)"
    used = set()
    for text in expressions(whole):
        used |= {match for match in re.findall(pattern, text)}
    return [f"{where}: nothing declares {name}" for name in sorted(used - declared)]


def expressions(value):
    """Everything between `${` and `}`."""
    if isinstance(value, dict):
        for item in value.values():
            yield from expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from expressions(item)
    elif isinstance(value, str):
        yield from re.findall(r"(?<!\$)\$\{(.*)\}", value, re.DOTALL)


def module_faults(folder, whole):
    found = []
    for block in whole.get("module", []):
        for name, body in block.items():
            source = one(body["source"])
            inner = read(os.path.join(folder, source))
            variables = {key: item for one_block in inner["variable"] for key, item in one_block.items()}
            given = set(body) - META - {"source", *LINES}
            needed = {key for key, item in variables.items() if "default" not in item}
            where = f"{folder}: module.{name}"
            found += [f"{where}: {source} has no variable `{key}`" for key in sorted(given - set(variables))]
            found += [f"{where}: {source} needs `{key}`" for key in sorted(needed - given)]
    return found


# --- policies -------------------------------------------------------------------------------------------------------------------

HERE = f"{REGION}:{ACCOUNT}"
# What the names in policies stand for, for the one pipeline that is looked at.
VALUES = {
    "aws_cloudwatch_log_group.build[each.key].arn": f"arn:aws:logs:{HERE}:log-group:/aws/codebuild/shop",
    "aws_codebuild_project.build[each.key].arn": f"arn:aws:codebuild:{HERE}:project/shop",
    "aws_s3_bucket.artifacts.arn": "arn:aws:s3:::artifacts",
    "local.account": ACCOUNT,
    "local.arn": "arn:aws",
    "local.connection_id": PARAMETERS["Connection"].rsplit("/", 1)[1],
    "image.value": "images",
    "key.value": f"arn:aws:kms:{HERE}:key/1",
    "var.common.build_image.repository": "shipmark-build",
    "var.common.connection_arn": PARAMETERS["Connection"],
    "var.region": REGION,
}


def one(value):
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def worked_out(text, each):
    whole = re.fullmatch(r"\$\{([^}]*)\}", text)
    # A loop over the names of the images makes one ARN of each.
    if whole and whole[1].startswith("[for"):
        raise ValueError(f"{text} is not understood")

    def value(match):
        inner = match[1]
        if inner in each:
            return each[inner]
        if inner not in VALUES:
            raise ValueError(f"no value for {inner}: add one to VALUES")
        return VALUES[inner]

    return re.sub(r"\$\{([^}]*)\}", value, text)


def document(whole, name, each):
    """A data source aws_iam_policy_document as the policy that it makes."""
    bodies = {label: body for kind, label, body in blocks(whole, "data") if kind == "aws_iam_policy_document"}
    body = bodies[name]
    statements = [statement(item, each) for item in body.get("statement", [])]
    for dynamic in body.get("dynamic", []):
        statements += [statement(item, each) for item in dynamic["statement"]["content"]]
    for source in one(body.get("source_policy_documents", [[]])):
        inner = re.search(r"aws_iam_policy_document\.(\w+)\.json", source)[1]
        statements += document(whole, inner, each)["Statement"]
    return {"Version": "2012-10-17", "Statement": statements}


def statement(body, each):
    def many(name):
        return [worked_out(text, each) for text in one(body[name])]

    done = {"Effect": one(body.get("effect", "Allow")), "Action": many("actions")}
    if "sid" in body:
        done["Sid"] = one(body["sid"])
    if "resources" in body:
        done["Resource"] = many("resources")
    for principal in body.get("principals", []):
        identifiers = [worked_out(text, each) for text in one(principal["identifiers"])]
        done["Principal"] = {one(principal["type"]): identifiers}
    for condition in body.get("condition", []):
        values = [worked_out(text, each) for text in one(condition["values"])]
        done.setdefault("Condition", {}).setdefault(one(condition["test"]), {})[one(condition["variable"])] = values
    return done


def printed_policy(whole, name, table):
    """A policy as `doctor` prints it, which is a text with the table's ARN left out."""
    for label, key, body in blocks(whole, "resource"):
        if (label, key) == ("aws_iam_policy", name):
            return json.loads(re.sub(r"\$\{aws_\w+\.\w+\.arn\}", table, body["policy"]))
    raise ValueError(f"no policy {name}")
