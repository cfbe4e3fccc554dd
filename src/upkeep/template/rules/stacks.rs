//! Two pipelines that deploy one stack: the services deploy each other again, and the map lists both pipelines.

use std::collections::BTreeSet;

use super::Checks;
use crate::base::text::{list, printable};
use crate::map::lint_codes::Code;
use crate::upkeep::template::calls::CallStep;
use crate::upkeep::template::node::{TemplateNode, Told};
use crate::upkeep::template::story::{Act, Placed, StageStory, Story};
use crate::upkeep::template::variables::{Subject, uses};

/// An action that deploys a stack.
struct Deploy<'a> {
    story: &'a Story<'a>,
    act: &'a Act<'a>,
    stack: TemplateNode,
    services: BTreeSet<usize>,
}

pub(super) fn find(checks: &Checks<'_>) -> Vec<Placed> {
    if checks.stories.iter().filter(|story| story.uses_shipmark()).count() < 2 {
        return Vec::new();
    }
    let mut deploys = Vec::new();
    for story in checks.stories.iter().filter(|story| story.uses_shipmark()) {
        for stage in &story.stages {
            let acts = stage.acts.iter().filter_map(|act| Some((act, stack(act)?)));
            deploys.extend(acts.map(|(act, stack)| Deploy {
                story,
                act,
                stack,
                services: services(checks, story, stage),
            }));
        }
    }
    let mut found = Vec::new();
    for (at, one) in deploys.iter().enumerate() {
        let mut shared = false;
        for other in deploys[..at].iter().filter(|other| !std::ptr::eq(other.story, one.story) && same(one, other)) {
            shared = true;
            found.extend(pair(checks, one, other));
        }
        let shared = shared || deploys.iter().any(|other| !std::ptr::eq(other.story, one.story) && same(one, other));
        if let (false, Told::Unknown(why)) = (shared, one.stack.told()) {
            let action = printable(one.act.action.name.as_bytes());
            let message = format!("cannot tell whether another pipeline also deploys the stack of `{action}`: {why}");
            found.push(one.story.unknown(one.stack.at_or(one.act.action.at), message));
        }
    }
    found
}

/// The stack that an action deploys: that of a CloudFormation action, or the one that a build is given as `STACK_NAME`.
fn stack(act: &Act<'_>) -> Option<TemplateNode> {
    let node = match act.action.provider.as_str() {
        "CloudFormation" => act.action.configuration.get("StackName"),
        _ if act.doing.writes() => act.doing.variables.get("STACK_NAME")?,
        _ => return None,
    };
    (!node.is_absent()).then(|| node.clone())
}

/// Whether two stacks are surely one. Placeholders are those of one template.
fn same(one: &Deploy<'_>, other: &Deploy<'_>) -> bool {
    match (one.stack.told(), other.stack.told()) {
        (Told::Known(one), Told::Known(other)) => one == other,
        _ => {
            one.story.pipeline.at.file == other.story.pipeline.at.file
                && one.stack.symbol().is_some()
                && one.stack.symbol() == other.stack.symbol()
        }
    }
}

/// The services that a stage deploys.
fn services(checks: &Checks<'_>, story: &Story<'_>, stage: &StageStory<'_>) -> BTreeSet<usize> {
    let begun = stage.candidates(CallStep::Begin);
    let used = begun.iter().flat_map(|(_, text)| uses(text)).chain(stage.condition_variables());
    let mut services = BTreeSet::new();
    for used in used {
        match used.decided(checks.map) {
            Subject::Service(service) => drop(services.insert(service)),
            Subject::All => {
                let acts = story.acts().filter(|act| act.action.namespace.symbol() == Some(&used.namespace));
                let calls: Vec<_> = acts.flat_map(|act| &act.doing.calls).collect();
                let of = |step| calls.iter().filter(move |call| call.step == step);
                let staged: BTreeSet<usize> =
                    of(CallStep::Stage).flat_map(|call| story.services_of(call, checks.map)).collect();
                let decided = || of(CallStep::Decide).flat_map(|call| story.services_of(call, checks.map));
                services.extend(if staged.is_empty() { decided().collect() } else { staged });
            }
            _ => {}
        }
    }
    if services.is_empty() {
        let calls: Vec<_> = stage.acts.iter().flat_map(|act| &act.doing.calls).collect();
        let recorded = calls.iter().filter(|call| matches!(call.step, CallStep::Record | CallStep::Run));
        let recorded: BTreeSet<usize> = recorded.flat_map(|call| story.services_of(call, checks.map)).collect();
        let all = || calls.iter().flat_map(|call| story.services_of(call, checks.map)).collect();
        services = if recorded.is_empty() { all() } else { recorded };
    }
    services
}

/// What the map lacks for two actions that deploy one stack.
fn pair(checks: &Checks<'_>, one: &Deploy<'_>, other: &Deploy<'_>) -> Vec<Placed> {
    let at = one.stack.at_or(one.act.action.at);
    let mut found = Vec::new();
    let both = format!("the pipelines `{}` and `{}` deploy one stack", other.story.name(), one.story.name());
    let mut lines: Vec<String> = Vec::new();
    for (from, to) in [(&one.services, &other.services), (&other.services, &one.services)] {
        for service in from {
            let known = &checks.map.services[*service];
            let lacks: Vec<String> = to
                .iter()
                .filter(|to| *to != service && !known.redeploys.contains(to))
                .map(|to| format!("\"{}\"", checks.map.services[*to].name))
                .collect();
            if !lacks.is_empty() {
                lines.push(format!("redeploys = [{}]` in `[services.{}]", lacks.join(", "), known.name));
            }
        }
    }
    lines.sort();
    lines.dedup();
    if !lines.is_empty() {
        let message = format!("{both}, and each deploys the other's service again without saying so in the map");
        found.push(one.story.found(Code::SharedStack, at, message).hint(format!("write `{}`", lines.join("`, `"))));
    }
    let (Some(environment), Some(others)) = (one.story.environment(), other.story.environment()) else { return found };
    if environment != others {
        return found;
    }
    let listed = checks.map.pipelines(&environment);
    let mut missing = Vec::new();
    for story in [other.story, one.story] {
        match story.pipeline.name.told() {
            Told::Known(name) if !listed.iter().any(|listed| listed.rsplit(':').next() == Some(name)) => {
                missing.push(name.to_owned())
            }
            Told::Known(_) => {}
            told => {
                let why = match told {
                    Told::Unknown(why) => why,
                    _ => "it has no name of its own".to_owned(),
                };
                let message = format!(
                    "cannot tell whether the map lists the pipeline `{}`, which shares a stack: {why}",
                    story.name()
                );
                found.push(story.unknown(story.pipeline.name.at_or(story.pipeline.at), message));
            }
        }
    }
    if !missing.is_empty() {
        let shown: Vec<String> = missing.iter().map(|name| format!("`{}`", printable(name.as_bytes()))).collect();
        let message = format!(
            "{both}, and the map does not list {} for `{environment}`: each builds after a deploy of the other",
            list(&shown)
        );
        let all: Vec<String> = listed.iter().chain(&missing).map(|name| format!("\"{name}\"")).collect();
        let hint = format!("write `pipelines = [{}]` in `[environments.{environment}]` of the map", all.join(", "));
        found.push(one.story.found(Code::SharedStack, at, message).hint(hint));
    }
    found
}
