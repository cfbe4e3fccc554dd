//! Stages that deploy: `begin` first and `promote` last, both of the candidate that the stage deploys; and behind those that may be
//! skipped, a stage that always runs and promotes every claim.

use std::collections::BTreeSet;

use super::Checks;
use crate::base::text::{list, printable};
use crate::map::lint_codes::Code;
use crate::upkeep::template::calls::CallStep;
use crate::upkeep::template::namespace::{finding, missing};
use crate::upkeep::template::story::{Act, Placed, StageStory, Story};
use crate::upkeep::template::variables::{Subject, VariableUse, meant, uses};

pub(super) fn find(checks: &Checks<'_>, story: &Story<'_>) -> Vec<Placed> {
    if !story.uses_shipmark() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (number, stage) in story.stages.iter().enumerate() {
        if stage.deploys() {
            found.extend(ends(story, stage));
        }
        found.extend(candidates(checks, story, number));
    }
    found.extend(unconfirmed(story));
    found
}

/// What the first and the last actions of a stage that deploys do. An approval may come before them.
fn ends(story: &Story<'_>, stage: &StageStory<'_>) -> Vec<Placed> {
    let acts: Vec<&Act<'_>> = stage.acts.iter().filter(|act| act.action.category != "Approval").collect();
    let mut found = Vec::new();
    for (step, order) in [
        (CallStep::Begin, acts.iter().map(|act| act.action.order).min()),
        (CallStep::Promote, acts.iter().map(|act| act.action.order).max()),
    ] {
        let mut others = acts.iter().filter(|act| Some(act.action.order) == order && !act.doing.does(step));
        found.extend(others.next().map(|act| end(story, stage, act, step)));
    }
    found
}

/// The finding for an action that should begin or promote.
fn end(story: &Story<'_>, stage: &StageStory<'_>, act: &Act<'_>, step: CallStep) -> Placed {
    let (verb, place, why) = match step {
        CallStep::Begin => ("begin", "first", "the marks do not show that this deploy may have begun"),
        _ => ("promote", "last", "what it deploys is recorded too early, or never"),
    };
    let action = printable(act.action.name.as_bytes());
    let name = printable(stage.stage.name.as_bytes());
    // What the action does cannot be told: it may be the one.
    if let Some((at, why)) = act.doing.unknown.as_ref().or(act.doing.script.as_ref()) {
        return story.unknown(*at, format!("cannot tell whether `{action}` runs `shipmark {verb}`: {why}"));
    }
    let message =
        format!("the stage `{name}` deploys, and `{action}` is its {place} action, not `shipmark {verb}`: {why}");
    let orders = stage.acts.iter().map(|act| act.action.order);
    let line = match stage.acts.iter().find(|act| act.doing.does(step)) {
        Some(own) => {
            let order = match step {
                CallStep::Begin => act.action.order.saturating_sub(1),
                _ => act.action.order.saturating_add(1),
            };
            let own = printable(own.action.name.as_bytes());
            match order {
                0 => format!(
                    "run `{own}` alone and first: `{}`, and a higher one for the others",
                    story.template.notation.pair("RunOrder", "1")
                ),
                order => {
                    format!("give `{own}` the line `{}`", story.template.notation.pair("RunOrder", &order.to_string()))
                }
            }
        }
        None => {
            let order = match step {
                CallStep::Begin => orders.min().unwrap_or(1).saturating_sub(1).max(1),
                _ => orders.max().unwrap_or(1).saturating_add(1),
            };
            format!(
                "add an action that runs `shipmark {verb} --candidate \"$SHIPMARK_CANDIDATE\"`, alone, with `{}`",
                story.template.notation.pair("RunOrder", &order.to_string())
            )
        }
    };
    story.found(Code::StageOrder, act.action.at, message).hint(line)
}

/// The candidates of a stage: variables that have values, the same for `begin` and `promote`, and those of the service on which
/// the stage is skipped.
fn candidates(checks: &Checks<'_>, story: &Story<'_>, number: usize) -> Vec<Placed> {
    let stage = &story.stages[number];
    let mut found = Vec::new();
    let mut given: [BTreeSet<VariableUse>; 2] = [BTreeSet::new(), BTreeSet::new()];
    for (which, given_to) in [stage.candidates(CallStep::Begin), stage.confirmed()].into_iter().enumerate() {
        let mut seen = BTreeSet::new();
        for (act, candidate) in given_to {
            let used = uses(candidate);
            if used.is_empty() {
                let action = printable(act.action.name.as_bytes());
                let message =
                    format!("cannot tell which candidate `{action}` gets: `{}`", printable(candidate.as_bytes()));
                found.push(story.unknown(act.variables_at(), message));
            }
            for used in used.into_iter().filter(|used| seen.insert(used.clone())) {
                found.extend(candidate_variable(checks, story, number, act, &used));
                given[which].insert(used);
            }
        }
    }
    let [begun, promoted] = &given;
    if stage.deploys() && !begun.is_empty() && !promoted.is_empty() && begun != promoted {
        let act = stage.acts.iter().rev().find(|act| act.doing.does(CallStep::Promote));
        let at = act.map_or(stage.stage.at, Act::variables_at);
        let shown = |set: &BTreeSet<VariableUse>| {
            list(&set.iter().map(|used| format!("`{}`", used.text())).collect::<Vec<_>>())
        };
        let message = format!("the stage begins {} and promotes {}", shown(begun), shown(promoted));
        let name = printable(stage.stage.name.as_bytes());
        found.push(
            story
                .found(Code::CandidateMismatch, at, message)
                .hint(format!("give `promote` of `{name}` what `begin` has: {}", shown(begun))),
        );
    }
    let skipped = stage.condition_variables().into_iter().filter(|used| used.name.starts_with("BUILD_SKIPPED_"));
    for used in skipped.filter(|_| stage.deploys()) {
        let Subject::Service(service) = used.decided(checks.map) else { continue };
        let of = |other: &VariableUse| match other.decided(checks.map) {
            Subject::Service(other) => other == service,
            _ => true,
        };
        if !begun.is_empty() && !begun.iter().any(of) {
            let act = stage.acts.iter().find(|act| act.doing.does(CallStep::Begin));
            let at = act.map_or(stage.stage.at, Act::variables_at);
            let service = &checks.map.services[service].name;
            let message = format!(
                "the stage is skipped on the decision about `{service}`, and begins the candidate of another service"
            );
            let hint = format!("write `#{{{}.SHIPMARK_CANDIDATE_{}}}`", used.namespace, service.variable());
            found.push(story.found(Code::CandidateMismatch, at, message).hint(hint));
        }
    }
    found
}

fn candidate_variable(
    checks: &Checks<'_>,
    story: &Story<'_>,
    number: usize,
    act: &Act<'_>,
    used: &VariableUse,
) -> Option<Placed> {
    let at = act.variables_at();
    let variable = printable(used.text().as_bytes());
    match used.decided(checks.map) {
        Subject::All | Subject::Service(_) if used.name.starts_with("SHIPMARK_CANDIDATE") => {
            let missing = missing(story, used, number, Some(act.action.order))?;
            Some(finding(story, used, at, &missing))
        }
        Subject::Nobody(suffix) => {
            let message = format!("`{variable}`: the map has no service with the variable `{suffix}`");
            let found = story.found(Code::PipelineVariable, at, message);
            Some(match meant(checks.map, &suffix) {
                Some(near) => found.hint(format!("did you mean `#{{{}.SHIPMARK_CANDIDATE_{near}}}`?", used.namespace)),
                None => found.hint("write the variable of a service of the map"),
            })
        }
        _ => {
            let hint = format!("write `#{{{}.SHIPMARK_CANDIDATE}}`, or the variable of one service", used.namespace);
            Some(story.found(Code::PipelineVariable, at, format!("`{variable}` is not a candidate")).hint(hint))
        }
    }
}

/// Claims of stages that may be skipped, and that no later stage promotes.
fn unconfirmed(story: &Story<'_>) -> Vec<Placed> {
    let mut found = Vec::new();
    for (number, stage) in
        story.stages.iter().enumerate().filter(|(_, stage)| stage.may_be_skipped() && stage.deploys())
    {
        let claims: BTreeSet<VariableUse> =
            stage.candidates(CallStep::Begin).iter().flat_map(|(_, text)| uses(text)).collect();
        let last = story.stages.iter().rposition(StageStory::may_be_skipped).unwrap_or(number);
        let confirming = story.stages[last + 1..].iter().filter(|stage| !stage.may_be_skipped());
        let confirmed: BTreeSet<VariableUse> =
            confirming.flat_map(StageStory::confirmed).flat_map(|(_, text)| uses(text)).collect();
        let covers = |claim: &VariableUse| {
            let whole = VariableUse { name: "SHIPMARK_CANDIDATE".to_owned(), ..claim.clone() };
            confirmed.contains(claim) || confirmed.contains(&whole)
        };
        for claim in claims.iter().filter(|claim| !covers(claim)) {
            let name = printable(stage.stage.name.as_bytes());
            let at = stage.stage.skips.first().map_or(stage.stage.at, |skip| skip.at_or(stage.stage.at));
            let message = format!(
                "the stage `{name}` may be skipped, and no later stage that always runs promotes `{}`: a stale skip goes unnoticed",
                printable(claim.text().as_bytes())
            );
            let hint = format!(
                "add a last stage without a condition, with an action that runs `shipmark promote --claims \"{}\"`",
                claim.text()
            );
            found.push(story.found(Code::SkipUnconfirmed, at, message).hint(hint));
        }
    }
    found
}
