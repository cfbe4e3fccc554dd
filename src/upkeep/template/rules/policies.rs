//! Roles of a pipeline's actions that may write the marks of other environments.

use std::collections::{BTreeMap, BTreeSet};

use super::Checks;
use crate::base::key::encode;
use crate::base::text::printable;
use crate::map::lint_codes::Code;
use crate::upkeep::template::node::{Spot, TemplateNode, open};
use crate::upkeep::template::permissions::{MarksPlace, Reach, reach};
use crate::upkeep::template::roles::{RoleModel, UnreadPolicy};
use crate::upkeep::template::story::{Placed, Story};

/// Managed policies of AWS that allow writes to any table or bucket.
const WIDE: [&str; 6] = [
    "AdministratorAccess",
    "PowerUserAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBFullAccess_v2",
    "AmazonS3FullAccess",
    "AWSLambdaDynamoDBExecutionRole_Full",
];

/// Managed policies of AWS that allow neither.
const HARMLESS: [&str; 6] = [
    "service-role/AWSLambdaBasicExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchLogsFullAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2ContainerRegistryPowerUser",
];

/// A role, and the pipelines that use it.
struct Used<'a> {
    role: &'a RoleModel,
    story: &'a Story<'a>,
    environments: BTreeSet<String>,
    states: Vec<MarksPlace>,
}

pub(super) fn find(checks: &Checks<'_>) -> Vec<Placed> {
    let mut used: BTreeMap<(usize, &str), Used<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for story in checks.stories.iter().filter(|story| story.writes_marks()) {
        let environments: BTreeSet<String> = story.environments().into_iter().map(str::to_owned).collect();
        // Which marks are its own is not known, which is a finding of its own.
        if environments.is_empty() {
            continue;
        }
        let states = states(checks, story);
        for act in story.acts() {
            let at = act.doing.role.at_or(act.doing.runs.map_or(act.action.at, |runs| runs.at));
            let role = match act.doing.role.symbol() {
                Some(text) => story.template.model.roles.iter().find(|role| role.is_named(text)).ok_or(text),
                None if act.doing.writes() => Err(""),
                None => continue,
            };
            match role {
                Ok(role) => {
                    let entry = used.entry((story.file, role.id.as_str()));
                    let entry = entry.or_insert_with(|| Used {
                        role,
                        story,
                        environments: BTreeSet::new(),
                        states: Vec::new(),
                    });
                    entry.environments.extend(environments.iter().cloned());
                    entry.states.extend(states.iter().cloned());
                }
                Err(name) => {
                    let action = printable(act.action.name.as_bytes());
                    let named =
                        if name.is_empty() { String::new() } else { format!(" `{}`", printable(name.as_bytes())) };
                    found.push(story.unknown(
                        at,
                        format!("cannot tell which marks the role{named} of `{action}` may write: it is not in this template"),
                    ));
                }
            }
        }
    }
    for used in used.values() {
        found.extend(of_role(checks, used));
    }
    let mut seen = BTreeSet::new();
    found.retain(|placed| seen.insert((placed.file, placed.at, placed.finding.message.clone())));
    found
}

/// Where the marks of a pipeline are.
fn states(checks: &Checks<'_>, story: &Story<'_>) -> Vec<MarksPlace> {
    let typed = story.acts().filter_map(|act| act.doing.variables.get("SHIPMARK_STATE")?.symbol());
    let mut states: Vec<MarksPlace> = typed.map(MarksPlace::parse).collect();
    if states.is_empty() {
        states.extend(checks.map.state_url(story.environment().as_ref()).map(MarksPlace::parse));
    }
    states
}

fn of_role(checks: &Checks<'_>, used: &Used<'_>) -> Vec<Placed> {
    let role = printable(used.role.id.as_bytes());
    let mut found = Vec::new();
    for (at, policy) in &used.role.elsewhere {
        let (name, why) = match policy {
            UnreadPolicy::Because(why) => (None, why.clone()),
            UnreadPolicy::Policy(arn) => {
                let why =
                    open(arn).unwrap_or_else(|| format!("`{}` is not in this template", printable(arn.as_bytes())));
                (arn.split_once(":iam::aws:policy/").map(|(_, name)| name), why)
            }
        };
        match name {
            Some(name) if WIDE.contains(&name) => {
                let message = format!("`{name}` lets the role `{role}` write the marks of every environment");
                let hint =
                    format!("remove it; `shipmark doctor --print iam {}` prints what a build needs", flags(used));
                found.push(used.story.found(Code::ForeignMarks, *at, message).hint(hint));
            }
            Some(name) if HARMLESS.contains(&name) => {}
            _ => {
                found.push(
                    used.story.unknown(*at, format!("cannot tell what a policy of the role `{role}` allows: {why}")),
                );
            }
        }
    }
    let project = encode(checks.map.project.as_str());
    let own: Vec<String> = used.environments.iter().map(|name| format!("{project}/{}", encode(name))).collect();
    let others = others(checks, &used.environments);
    let foreign: Vec<(String, String)> = others
        .into_iter()
        .map(|name| {
            let key = format!("{project}/{}", encode(&name));
            (name, key)
        })
        .collect();
    for statement in &used.role.statements {
        let reached = used.states.iter().map(|state| reach(&statement.node, state, &foreign));
        let Some(worst) = reached.max() else { continue };
        let at = |path: &[&str]| statement.node.path(path).at_or(statement.at);
        match worst {
            Reach::Own => {}
            Reach::Unknown(why) => {
                let message = format!("cannot tell which marks a statement of the role `{role}` lets it write: {why}");
                found.push(used.story.unknown(statement.at, message));
            }
            Reach::WithoutKey => {
                let message = format!("a statement of the role `{role}` also allows requests without a key");
                let hint = "add to its condition: `\"Null\": { \"dynamodb:LeadingKeys\": \"false\" }`";
                found.push(used.story.found(Code::ForeignMarks, at(&["Condition"]), message).hint(hint));
            }
            Reach::Foreign(environment) => {
                let mine: Vec<String> = used.environments.iter().map(|name| format!("`{name}`")).collect();
                let message = format!(
                    "the role `{role}` of a pipeline for {} may write the marks of other environments, such as `{}`",
                    crate::base::text::list(&mine),
                    printable(environment.as_bytes())
                );
                found.push(
                    used.story
                        .found(Code::ForeignMarks, place(statement.at, &statement.node), message)
                        .hint(correction(used, &own)),
                );
            }
        }
    }
    found
}

/// The line that is wrong in a statement: its keys, else its resources.
fn place(at: Spot, node: &TemplateNode) -> Spot {
    let operators = node.get("Condition").entries().iter();
    let keys = operators.map(|operator| operator.value.get("dynamodb:LeadingKeys")).find(|keys| !keys.is_absent());
    // Inside a policy that is a text, positions are those of the text.
    let inner = keys.unwrap_or(node.get("Resource"));
    if node.at == at { inner.at_or(at) } else { at }
}

fn correction(used: &Used<'_>, own: &[String]) -> String {
    let printed = format!("as `shipmark doctor --print iam {}` prints it", flags(used));
    match used.states.first() {
        Some(MarksPlace::Objects { place }) => {
            let resources: Vec<String> = own.iter().map(|key| format!("\"arn:aws:s3:::{place}/{key}/*\"")).collect();
            format!("write `\"Resource\": [{}]`, {printed}", resources.join(", "))
        }
        _ => {
            let keys: Vec<String> = own.iter().map(|key| format!("\"{key}\"")).collect();
            format!(
                "write `\"ForAllValues:StringEquals\": {{ \"dynamodb:LeadingKeys\": [{}] }}`, `\"Null\": {{ \"dynamodb:LeadingKeys\": \"false\" }}`, {printed}",
                keys.join(", ")
            )
        }
    }
}

fn flags(used: &Used<'_>) -> String {
    used.environments.iter().map(|name| format!("--environment {name}")).collect::<Vec<_>>().join(" ")
}

/// Environments whose marks the role has no business with: those of the map, and names beside its own.
fn others(checks: &Checks<'_>, own: &BTreeSet<String>) -> Vec<String> {
    let declared =
        checks.map.environments.iter().flat_map(|all| all.declared()).map(|declared| declared.text().to_owned());
    let beside = own.iter().map(|name| format!("{name}-other"));
    let others = declared.chain(beside).chain(["another".to_owned()]);
    others.filter(|name| !own.contains(name)).collect()
}
