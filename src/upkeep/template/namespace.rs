//! Whether a variable of a pipeline has a value where it is used. What a condition does with a variable that has none is not
//! documented; it may skip.

use super::doing::Exports;
use super::node::Spot;
use super::story::{Placed, Story};
use super::variables::VariableUse;
use crate::base::text::{did_you_mean, list, printable};
use crate::map::lint_codes::Code;

/// Why a variable may have no value where it is used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// No action has the namespace.
    Namespace(Vec<String>),
    /// The action runs only later.
    Later,
    /// The action's own stage may be skipped.
    Skipped(String),
    /// The action does not hand it on; what it does hand on.
    NotExported(Vec<String>),
    /// It cannot be told.
    Unknown(String),
}

/// Whether a variable surely has a value in a stage, for an action of this run order; `None` for what stands before the stage.
pub(super) fn missing(story: &Story<'_>, used: &VariableUse, stage: usize, order: Option<u32>) -> Option<NoValue> {
    // Of an execution that another pipeline has started. A condition must hold against a decision of its own execution.
    if used.namespace == "variables" && order.is_some() && declares(story, &used.name) {
        return None;
    }
    let mut known = Vec::new();
    let mut later = false;
    for (number, at) in story.stages.iter().enumerate() {
        for act in &at.acts {
            let namespace = match act.action.namespace.symbol() {
                Some(namespace) => namespace,
                None => continue,
            };
            if namespace != used.namespace {
                known.push(namespace.to_owned());
                continue;
            }
            let before = number < stage || (number == stage && order.is_some_and(|order| act.action.order < order));
            if !before {
                later = true;
                continue;
            }
            if number < stage && at.may_be_skipped() {
                return Some(NoValue::Skipped(at.stage.name.clone()));
            }
            return match &act.doing.exports {
                Exports::Answered => None,
                Exports::These(names) if names.contains(&used.name) => None,
                Exports::These(names) => Some(NoValue::NotExported(names.clone())),
                Exports::Unknown(why) => Some(NoValue::Unknown(why.clone())),
            };
        }
    }
    Some(if later { NoValue::Later } else { NoValue::Namespace(known) })
}

/// Whether the pipeline itself has a variable, which always has a value: its default, or what it was started with.
fn declares(story: &Story<'_>, name: &str) -> bool {
    ["Variables", "variable"]
        .into_iter()
        .flat_map(|key| story.pipeline.properties.path(&[key]).items())
        .any(|variable| ["Name", "name"].into_iter().any(|key| variable.path(&[key]).symbol() == Some(name)))
}

/// The finding for a variable that may have no value.
pub(super) fn finding(story: &Story<'_>, used: &VariableUse, at: Spot, missing: &NoValue) -> Placed {
    let variable = printable(used.text().as_bytes());
    let namespace = printable(used.namespace.as_bytes());
    let name = printable(used.name.as_bytes());
    let code = Code::PipelineVariable;
    match missing {
        NoValue::Namespace(known) => {
            let found = story.found(code, at, format!("`{variable}`: no action has the namespace `{namespace}`"));
            match did_you_mean(&used.namespace, known.iter().map(String::as_str)) {
                Some(near) => found.hint(format!("did you mean `#{{{near}.{name}}}`?")),
                None => {
                    let line = story.template.notation.pair("Namespace", &namespace);
                    found.hint(format!("give the action that decides the line `{line}`"))
                }
            }
        }
        NoValue::Later => {
            let message =
                format!("`{variable}` has no value yet: the action with the namespace `{namespace}` runs later");
            story.found(code, at, message).hint("decide in an earlier stage")
        }
        NoValue::Skipped(stage) => {
            let stage = printable(stage.as_bytes());
            let message = format!("`{variable}` has no value where the stage `{stage}`, which sets it, is skipped");
            story
                .found(code, at, message)
                .hint(format!("remove the condition before `{stage}`: the stage that decides always runs"))
        }
        NoValue::NotExported(names) => {
            let message = format!("`{variable}`: the action with the namespace `{namespace}` does not export `{name}`");
            let names: Vec<String> = names.iter().map(|name| format!("`{}`", printable(name.as_bytes()))).collect();
            let hint = match did_you_mean(&used.name, names.iter().map(|name| name.trim_matches('`'))) {
                Some(near) => format!("did you mean `#{{{namespace}.{near}}}`?"),
                None => format!("add it to the buildspec: `exported-variables: [{name}]`"),
            };
            let exports =
                if names.is_empty() { "it exports nothing".to_owned() } else { format!("it exports {}", list(&names)) };
            story.found(code, at, message).hint(hint).notes(vec![exports])
        }
        NoValue::Unknown(why) => story.unknown(at, format!("cannot tell whether `{variable}` has a value: {why}")),
    }
}
