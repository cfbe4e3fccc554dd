//! Roles of a pipeline's actions that may write the marks of other environments.

use std::collections::{BTreeMap, BTreeSet};

use super::Checks;
use crate::base::key::encode;
use crate::base::names::{EnvironmentName, SCRATCH_ENVIRONMENT};
use crate::base::text::printable;
use crate::map::lint_codes::Code;
use crate::upkeep::template::node::{Spot, TemplateNode, open};
use crate::upkeep::template::permissions::{MarksPlace, Reach, reach};
use crate::upkeep::template::roles::{RoleModel, Statement, UnreadPolicy};
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
                Some(text) => story.all.role(&act.doing.role).ok_or(text),
                None if act.doing.writes() => Err(""),
                None => continue,
            };
            match role {
                Ok(role) => {
                    let entry = used.entry((role.at.file, role.id.as_str()));
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
    found.retain(|placed| seen.insert((placed.at, placed.finding.message.clone())));
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
    let mut others = others(checks, &used.environments);
    others.extend(used.role.statements.iter().flat_map(|statement| named(statement, &format!("{project}/"))));
    others.retain(|name| !used.environments.contains(name));
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
        match worst {
            Reach::Own => {}
            Reach::Unknown(why) => {
                let message = format!("cannot tell which marks a statement of the role `{role}` lets it write: {why}");
                found.push(used.story.unknown(statement.at, message));
            }
            Reach::WithoutKey => {
                let message = format!("a statement of the role `{role}` also allows requests without a key");
                let hint = "add to its condition: `\"Null\": { \"dynamodb:LeadingKeys\": \"false\" }`";
                let at = inside(statement, statement.node.get("Condition"));
                found.push(used.story.found(Code::ForeignMarks, at, message).hint(hint));
            }
            Reach::Foreign(environment) => {
                let mine: Vec<String> = used.environments.iter().map(|name| format!("`{name}`")).collect();
                let message = format!(
                    "the role `{role}` of a pipeline for {} may write the marks of other environments, such as `{}`",
                    crate::base::text::list(&mine),
                    printable(environment.as_bytes())
                );
                found
                    .push(used.story.found(Code::ForeignMarks, place(statement), message).hint(correction(used, &own)));
            }
        }
    }
    found
}

/// The environments that the keys of a statement name, whether the map knows them or not, but for that of `doctor`, in which
/// no deploy is recorded.
fn named(statement: &Statement, project: &str) -> Vec<String> {
    let operators = statement.node.get("Condition").entries().iter();
    let keys = operators.flat_map(|operator| operator.value.get("dynamodb:LeadingKeys").items());
    let names = keys.filter_map(|key| key.known()?.strip_prefix(project));
    names
        .filter(|name| *name != SCRATCH_ENVIRONMENT && EnvironmentName::new(*name).is_ok())
        .map(str::to_owned)
        .collect()
}

/// The line that is wrong in a statement: its keys, else its resources.
fn place(statement: &Statement) -> Spot {
    let operators = statement.node.get("Condition").entries().iter();
    let keys = operators.map(|operator| operator.value.get("dynamodb:LeadingKeys")).find(|keys| !keys.is_absent());
    inside(statement, keys.unwrap_or(statement.node.get("Resource")))
}

/// The position of a part of a statement. In a policy that is a text it is that of the text, in which positions are its own.
fn inside(statement: &Statement, part: &TemplateNode) -> Spot {
    if statement.node.at == statement.at { part.at_or(statement.at) } else { statement.at }
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
