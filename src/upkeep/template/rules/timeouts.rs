//! Timeouts of the map that are shorter than what they stand for: a build, or an action of a stage that deploys.

use std::time::Duration;

use super::Checks;
use crate::base::text::printable;
use crate::map::lint_codes::Code;
use crate::upkeep::template::calls::CallStep;
use crate::upkeep::template::node::{Spot, TemplateNode, Told};
use crate::upkeep::template::story::{Act, Placed, Story};

/// CodeBuild's own defaults, in minutes.
const TIMEOUT: u64 = 60;
const QUEUED: u64 = 480;

pub(super) fn find(checks: &Checks<'_>, story: &Story<'_>) -> Vec<Placed> {
    let builds = story.acts().filter(|act| {
        act.doing.does(CallStep::Decide) && matches!(act.action.provider.as_str(), "CodeBuild" | "Commands")
    });
    let mut found: Vec<Placed> = builds.filter_map(|act| build(checks, story, act)).collect();
    for stage in story.stages.iter().filter(|stage| stage.acts.iter().any(|act| act.doing.does(CallStep::Begin))) {
        found.extend(stage.acts.iter().filter_map(|act| deploy(checks, story, act)));
    }
    found
}

/// A build that decides may write marks until it is timed out.
fn build(checks: &Checks<'_>, story: &Story<'_>, act: &Act<'_>) -> Option<Placed> {
    let services = act.doing.calls.iter().flat_map(|call| story.services_of(call, checks.map));
    let shortest = services.min_by_key(|service| checks.map.build_timeout(&checks.map.services[*service]))?;
    let service = &checks.map.services[shortest];
    let allowed = checks.map.build_timeout(service);
    let node = act
        .doing
        .runs
        .map_or(act.action.properties.get("TimeoutInMinutes"), |project| project.properties.get("TimeoutInMinutes"));
    let at = node.at_or(act.doing.runs.map_or(act.action.at, |project| project.at));
    let takes = match minutes(node, TIMEOUT) {
        Ok(takes) => takes,
        Err(why) => return Some(story.unknown(at, format!("cannot tell how long `{}` may take: {why}", name(act)))),
    };
    if minutes_of(allowed) >= takes {
        return None;
    }
    let message = format!(
        "`{}` may run for {takes} minutes, and `build_timeout` of `{}` is {}: a build that counts as ended may still deploy",
        name(act),
        service.name,
        shown(allowed)
    );
    let line = story.template.notation.pair("TimeoutInMinutes", &minutes_of(allowed).to_string());
    let table =
        if service.build_timeout.is_some() { format!("[services.{}]", service.name) } else { "[defaults]".to_owned() };
    let hint = format!(
        "write `build_timeout = \"{}\"` in `{table}` of the map, or `{line}` here",
        shown(Duration::from_secs(takes * 60))
    );
    Some(story.found(Code::ShortTimeout, at, message).hint(hint))
}

/// An action of an abandoned deploy stage may act until its queue and its build have timed out.
fn deploy(checks: &Checks<'_>, story: &Story<'_>, act: &Act<'_>) -> Option<Placed> {
    let allowed = checks.map.defaults.deploy_timeout;
    let (takes, at, parts) = match act.action.provider.as_str() {
        "CodeBuild" => of_project(act)?,
        "ECS" => {
            let node = act.action.configuration.get("DeploymentTimeout");
            let at = node.at_or(act.action.at);
            (minutes(node, TIMEOUT).map_err(|why| (at, why)), at, String::new())
        }
        _ => return None,
    };
    let takes = match takes {
        Ok(takes) => takes,
        Err((at, why)) => {
            return Some(story.unknown(at, format!("cannot tell how long `{}` may take: {why}", name(act))));
        }
    };
    if minutes_of(allowed) >= takes {
        return None;
    }
    let message = format!(
        "`{}` may act for {takes} minutes{parts}, and `deploy_timeout` is {}: a deploy that counts as ended may still act",
        name(act),
        shown(allowed)
    );
    let mut hint =
        format!("write `deploy_timeout = \"{}\"` in `[defaults]` of the map", shown(Duration::from_secs(takes * 60)));
    let queue = act.doing.runs.and_then(|project| {
        let timeout = minutes(project.properties.get("TimeoutInMinutes"), TIMEOUT).ok()?;
        // CodeBuild takes nothing under five minutes.
        minutes_of(allowed).checked_sub(timeout).filter(|queue| *queue >= 5)
    });
    if let Some(queue) = queue {
        hint += &format!(", or `{}` here", story.template.notation.pair("QueuedTimeoutInMinutes", &queue.to_string()));
    }
    Some(story.found(Code::ShortTimeout, at, message).hint(hint))
}

type Takes = (Result<u64, (Spot, String)>, Spot, String);

/// How long a build of the action's project may wait and run; nothing if the project is not known, which is a finding of its own.
fn of_project(act: &Act<'_>) -> Option<Takes> {
    let project = act.doing.runs?;
    let timeout = project.properties.get("TimeoutInMinutes");
    let queued = project.properties.get("QueuedTimeoutInMinutes");
    let at = queued.at_or(timeout.at_or(project.at));
    let both = || {
        let runs = minutes(timeout, TIMEOUT).map_err(|why| (timeout.at_or(at), why))?;
        let waits = minutes(queued, QUEUED).map_err(|why| (queued.at_or(at), why))?;
        Ok((waits, runs))
    };
    let (takes, parts) = match both() {
        Ok((waits, runs)) => {
            (Ok(waits.saturating_add(runs)), format!(" ({waits} in the queue and {runs} in the build)"))
        }
        Err(error) => (Err(error), String::new()),
    };
    Some((takes, at, parts))
}

fn name(act: &Act<'_>) -> String {
    printable(act.action.name.as_bytes())
}

fn minutes(node: &TemplateNode, default: u64) -> Result<u64, String> {
    match node.told() {
        Told::Absent => Ok(default),
        // Thousands of years are as good as none.
        Told::Known(text) => {
            let number = text.parse::<u32>().map(u64::from);
            number.map_err(|_| format!("`{}` is not a number of minutes", printable(text.as_bytes())))
        }
        Told::Unknown(why) => Err(why),
    }
}

/// Whole minutes of a duration.
fn minutes_of(duration: Duration) -> u64 {
    duration.as_secs() / 60
}

/// A duration as the map writes it.
fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    parts.iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number}{unit}")).collect()
}
