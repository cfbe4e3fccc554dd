//! Explanations as JSON, schema 1. New keys may be added without changing the version.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bstr::{BStr, BString};
use serde_json::{Value, json as value};

use super::{Below, Explained, Presence, Said, slip};
use crate::base::names::ProjectName;
use crate::map::ServiceMap;
use crate::map::rules::{Concern, Explanation, Miss, RuleHit, Slip, Via};
use crate::pattern::Position;

/// All paths in one document.
pub fn json(paths: &[Explained<'_>], map: &ServiceMap, project: &ProjectName) -> String {
    let paths: Vec<Value> = paths.iter().map(|path| explained(path, map)).collect();
    format!("{:#}\n", value!({ "schema": 1, "project": project, "paths": paths }))
}

fn explained(explained: &Explained<'_>, map: &ServiceMap) -> Value {
    let answers = explained.answers.iter().map(|(environments, said)| {
        let mut answer = value!({ "environments": environments });
        let said = match said {
            Said::Path(explanation) => path(explanation, map),
            Said::Below(below) => self::below(below, map),
        };
        if let (Value::Object(answer), Value::Object(said)) = (&mut answer, said) {
            answer.extend(said);
        }
        answer
    });
    let answers: Vec<Value> = answers.collect();
    let source = match explained.presence {
        Presence::File => "file",
        Presence::Submodule => "submodule",
        Presence::Directory(_) => "directory",
        Presence::Absent => "absent",
        Presence::Ignored => "ignored",
        Presence::Unknown => "unknown",
    };
    let mut whole = name(&explained.path);
    whole["source"] = source.into();
    whole["answers"] = answers.into();
    if !explained.observed.is_empty() {
        let observed = explained.observed.iter().map(|by| {
            let last = by.last.as_ref();
            value!({
                "service": map.services[by.service].name,
                "read": by.program.is_some(),
                "program": by.program,
                "revision": last.and_then(|(revision, _)| revision.as_deref()),
                "at": last.map(|(_, at)| at),
            })
        });
        whole["observed_by"] = observed.collect();
    }
    if !explained.on_purpose.is_empty() {
        let on_purpose = explained.on_purpose.iter().map(|said| {
            let service = &map.services[said.service];
            let not_input = &service.not_inputs[said.not_input];
            let mut one = rule(&not_input.pattern.text, not_input.pattern.position, map);
            one["service"] = service.name.as_str().into();
            one["reason"] = not_input.reason.as_deref().into();
            one
        });
        whole["not_inputs_of"] = on_purpose.collect();
    }
    if !explained.variable.is_empty() {
        let variable = explained.variable.iter().map(|variable| {
            let (service, owner) = (&map.services[variable.service].name, &map.services[variable.owner].name);
            value!({ "service": service, "env_of": owner, "at": map.line(variable.position) })
        });
        whole["variable_of"] = variable.collect();
    }
    whole
}

/// A path, with its bytes if it is not UTF-8.
fn name(path: &BString) -> Value {
    let path: &BStr = path.as_ref();
    match std::str::from_utf8(path) {
        Ok(path) => value!({ "path": path }),
        Err(_) => value!({ "path": String::from_utf8_lossy(path), "path_base64": STANDARD.encode(path) }),
    }
}

fn path(explanation: &Explanation<'_>, map: &ServiceMap) -> Value {
    let inputs: Vec<Value> = explanation.concerns.iter().filter_map(|concern| input(concern, map)).collect();
    let cut = explanation.concerns.iter().filter(|concern| concern.claim.is_none());
    let cut: Vec<Value> = cut
        .map(|concern| {
            value!({
                "service": map.services[concern.service].name,
                "excluded_by": rules(&concern.excluding, map),
                "included_by": rules(&concern.selecting, map),
            })
        })
        .collect();
    value!({
        "inputs_of": inputs,
        "excluded_from": cut,
        "excluded_by_defaults": rules(&explanation.by_default, map),
        "owned": explanation.owned,
        "nearest_miss": explanation.miss.as_ref().map(|miss| near(miss, map)),
    })
}

fn input(concern: &Concern<'_>, map: &ServiceMap) -> Option<Value> {
    let claim = concern.claim.as_ref()?;
    let chain: Vec<&str> = concern.chain.services.iter().map(|service| map.services[*service].name.as_str()).collect();
    let also: Vec<RuleHit<'_>> =
        concern.selecting.iter().filter(|hit| hit.rule.position != claim.position).cloned().collect();
    let counts = concern.excluding.is_empty();
    let mut input = rule(&claim.rule, claim.position, map);
    input["service"] = map.services[concern.service].name.as_str().into();
    input["chain"] = chain.into();
    if concern.chain.left_out > 0 {
        input["chain_left_out"] = concern.chain.left_out.into();
    }
    input["group"] = concern.group.into();
    input["link"] = match &claim.via {
        Via::Link(link) => String::from_utf8_lossy(link).into(),
        _ => Value::Null,
    };
    input["by_policy"] = claim.by_policy.into();
    input["also_by"] = if counts { rules(&also, map) } else { value!([]) };
    input["excluded_by"] = rules(&concern.excluding, map);
    Some(input)
}

fn rules(hits: &[RuleHit<'_>], map: &ServiceMap) -> Value {
    hits.iter().map(|hit| rule(&hit.rule.text, hit.rule.position, map)).collect::<Vec<_>>().into()
}

fn rule(text: &str, position: Position, map: &ServiceMap) -> Value {
    value!({ "rule": text, "at": map.line(position), "line": position.line, "column": position.column })
}

fn near(miss: &Miss<'_>, map: &ServiceMap) -> Value {
    let mut near = rule(&miss.rule.text, miss.rule.position, map);
    near["slip"] = match miss.slip {
        Slip::Case => "case",
        Slip::Letters(_) => "letters",
        Slip::Swapped(..) => "swapped",
        Slip::TooDeep(_) => "too-deep",
        Slip::Lacks(_) => "lacks",
    }
    .into();
    near["detail"] = slip(map, miss).into();
    near
}

fn below(below: &Below, map: &ServiceMap) -> Value {
    let shares = below.services.iter().map(|share| {
        let rules: Vec<Value> = share.rules.iter().map(|(by, files)| value!({ "by": by, "files": files })).collect();
        value!({ "service": map.services[share.service].name, "files": share.files, "rules": rules })
    });
    let names = |files: &[BString]| files.iter().map(name).collect::<Vec<_>>();
    value!({
        "services": shares.collect::<Vec<_>>(),
        "no_service": names(&below.covered),
        "unowned": names(&below.unowned),
    })
}
