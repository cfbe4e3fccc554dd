//! The conditions that skip a stage: one rule, `NE true`, on a decision that surely has a value.

use super::Checks;
use crate::base::text::printable;
use crate::map::lint_codes::Code;
use crate::upkeep::template::calls::CallStep;
use crate::upkeep::template::namespace::{NoValue, finding, missing};
use crate::upkeep::template::node::{Spot, TemplateNode, Told};
use crate::upkeep::template::story::{Placed, StageStory, Story, service};
use crate::upkeep::template::variables::{Subject, VariableUse, meant, only};

pub(super) fn find(checks: &Checks<'_>, story: &Story<'_>) -> Vec<Placed> {
    let mut found = Vec::new();
    for (number, stage) in story.stages.iter().enumerate() {
        let rules = stage.stage.skips.iter().flat_map(|skip| skip.get("Rules").items());
        for (nth, rule) in rules.enumerate() {
            let at = rule.at_or(stage.stage.at);
            if nth > 0 {
                found.push(several(story, stage, at));
            }
            match rule.path(&["RuleTypeId", "Provider"]).told() {
                Told::Known("VariableCheck") => found.extend(variable_check(checks, story, number, rule, at)),
                Told::Known("LambdaInvoke") => {
                    let at = rule.path(&["RuleTypeId", "Provider"]).at_or(at);
                    let message = "a function that fails or crashes skips this stage";
                    let line = story.template.notation.pair("Provider", "VariableCheck");
                    found.push(story.found(Code::SkipLambda, at, message).hint(format!(
                        "decide in an action before this stage, and check its variable: `{line}`, `{}`",
                        good(story, checks, stage)
                    )));
                }
                Told::Unknown(why) => {
                    found.push(story.unknown(at, format!("cannot tell which rule skips this stage: {why}")));
                }
                Told::Absent | Told::Known(_) => {
                    let at = rule.path(&["RuleTypeId", "Provider"]).at_or(at);
                    let message = "only the rule VariableCheck may skip a stage";
                    let line = story.template.notation.pair("Provider", "VariableCheck");
                    found.push(story.found(Code::SkipCondition, at, message).hint(format!("write `{line}`")));
                }
            }
        }
        if stage.may_be_skipped() {
            found.extend(empty(story, stage));
        }
    }
    if story.stages.iter().any(StageStory::may_be_skipped) {
        found.extend(version(story));
    }
    found
}

fn several(story: &Story<'_>, stage: &StageStory<'_>, at: Spot) -> Placed {
    let name = printable(stage.stage.name.as_bytes());
    let message = format!("a second rule can skip the stage `{name}` although the decision says that it builds");
    story.found(Code::SkipCondition, at, message).hint("remove it: each further rule only adds ways to skip")
}

/// A condition without rules.
fn empty(story: &Story<'_>, stage: &StageStory<'_>) -> Vec<Placed> {
    let without = stage.stage.skips.iter().filter(|skip| skip.get("Rules").items().is_empty());
    without
        .map(|skip| story.found(Code::SkipCondition, skip.at_or(stage.stage.at), "a condition that skips has no rule"))
        .collect()
}

/// Conditions exist in pipelines of the second type only.
fn version(story: &Story<'_>) -> Option<Placed> {
    let kind = story.pipeline.properties.get("PipelineType");
    let at = kind.at_or(story.pipeline.at);
    match kind.told() {
        Told::Known("V2") => None,
        Told::Unknown(why) => Some(story.unknown(at, format!("cannot tell the type of the pipeline: {why}"))),
        Told::Absent | Told::Known(_) => {
            let message = format!("the pipeline `{}` has conditions, which only the type V2 has", story.name());
            let line = story.template.notation.pair("PipelineType", "V2");
            Some(story.found(Code::SkipCondition, at, message).hint(format!("write `{line}`")))
        }
    }
}

fn variable_check(checks: &Checks<'_>, story: &Story<'_>, number: usize, rule: &TemplateNode, at: Spot) -> Vec<Placed> {
    let mut found = Vec::new();
    let stage = &story.stages[number];
    let configuration = rule.get("Configuration");
    for (key, right) in [("Operator", "NE"), ("Value", "true")] {
        let node = configuration.get(key);
        let at = node.at_or(configuration.at_or(at));
        match node.told() {
            Told::Known(text) if text == right => {}
            Told::Unknown(why) => found.push(story.unknown(at, format!("cannot tell the `{key}` of the rule: {why}"))),
            Told::Absent | Told::Known(_) => {
                let other = node
                    .symbol()
                    .map_or_else(|| "is missing".to_owned(), |text| format!("is `{}`", printable(text.as_bytes())));
                let message = format!("the `{key}` of the rule {other}: only an exact `true` may skip");
                let line = story.template.notation.pair(key, right);
                found.push(story.found(Code::SkipCondition, at, message).hint(format!("write `{line}`")));
            }
        }
    }
    let variable = configuration.get("Variable");
    let at = variable.at_or(configuration.at_or(at));
    match variable.told() {
        Told::Unknown(why) => found.push(story.unknown(at, format!("cannot tell the variable of the rule: {why}"))),
        told => match (told, variable.symbol().and_then(only)) {
            (_, Some(used)) => found.extend(decision(checks, story, number, &used, at)),
            (Told::Known(text), None) => {
                let message = format!("`{}` is not a variable", printable(text.as_bytes()));
                let hint = format!("write `{}`", good(story, checks, stage));
                found.push(story.found(Code::PipelineVariable, at, message).hint(hint));
            }
            _ => {
                let hint = format!("write `{}`", good(story, checks, stage));
                found.push(story.found(Code::PipelineVariable, at, "the rule has no variable").hint(hint));
            }
        },
    }
    found
}

/// The findings about the decision that a condition is on.
fn decision(checks: &Checks<'_>, story: &Story<'_>, number: usize, used: &VariableUse, at: Spot) -> Vec<Placed> {
    let variable = printable(used.text().as_bytes());
    let code = Code::PipelineVariable;
    let mut found = Vec::new();
    let decided = used.decided(checks.map);
    match &decided {
        Subject::All | Subject::Service(_) if used.name.starts_with("BUILD_SKIPPED") => {}
        Subject::Nobody(suffix) => {
            let found_one =
                story.found(code, at, format!("`{variable}`: the map has no service with the variable `{suffix}`"));
            found.push(match meant(checks.map, suffix) {
                Some(near) => found_one.hint(format!("did you mean `#{{{}.BUILD_SKIPPED_{near}}}`?", used.namespace)),
                None => found_one.hint("write the variable of a service of the map"),
            });
            return found;
        }
        _ => {
            let hint = format!("write `#{{{}.BUILD_SKIPPED}}`, or the variable of one service", used.namespace);
            found.push(story.found(code, at, format!("`{variable}` is not a decision")).hint(hint));
            return found;
        }
    }
    if let Some(missing) = missing(story, used, number, None) {
        let unexported = matches!(missing, NoValue::NotExported(_));
        found.push(finding(story, used, at, &missing));
        if !unexported {
            return found;
        }
    }
    let Subject::Service(skipped) = decided else { return found };
    let name = checks.map.services[skipped].name.as_str();
    if let Some(environment) = story.environment().filter(|environment| !checks.map.exists(skipped, environment)) {
        let message = format!("`{variable}`: the service `{name}` does not exist in the environment `{environment}`");
        found.push(
            story
                .found(code, at, message)
                .hint("add the environment to the service's `environments`, or remove the stage"),
        );
    }
    // The action that sets it decides about some services only.
    let acts = story.acts().filter(|act| act.action.namespace.symbol() == Some(&used.namespace));
    for act in acts {
        let decide = act.doing.calls.iter().filter(|call| matches!(call.step, CallStep::Decide | CallStep::Run));
        let mut decide = decide.peekable();
        let names = |name: &String| service(checks.map, name) == Some(skipped) || name.contains('$');
        if decide.peek().is_some() && decide.all(|call| !call.services.is_empty() && !call.services.iter().any(names)) {
            let action = printable(act.action.name.as_bytes());
            let message = format!("`{variable}`: the action `{action}` does not decide about `{name}`");
            found.push(story.found(code, at, message).hint(format!("name it there: `shipmark decide {name}`")));
        }
    }
    found
}

/// The right configuration of a rule before a stage.
fn good(story: &Story<'_>, checks: &Checks<'_>, stage: &StageStory<'_>) -> String {
    let candidates = stage.candidates(CallStep::Begin);
    let used = candidates.iter().find_map(|(_, text)| only(text));
    let decides =
        story.acts().find(|act| act.doing.does(CallStep::Decide)).and_then(|act| act.action.namespace.symbol());
    let namespace = used.as_ref().map(|used| used.namespace.as_str()).or(decides).unwrap_or("Decide");
    let suffix = match used.as_ref().map(|used| used.decided(checks.map)) {
        Some(Subject::Service(service)) => format!("_{}", checks.map.services[service].name.variable()),
        _ => String::new(),
    };
    let variable = format!("#{{{namespace}.BUILD_SKIPPED{suffix}}}");
    story.template.notation.table("Configuration", &[("Variable", &variable), ("Value", "true"), ("Operator", "NE")])
}
