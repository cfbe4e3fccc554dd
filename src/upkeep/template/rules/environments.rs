//! The environment of a pipeline's marks: each action that decides or records names one of the map.

use super::Checks;
use crate::base::names::EnvironmentName;
use crate::base::text::{did_you_mean, printable};
use crate::map::lint_codes::Code;
use crate::upkeep::template::calls::CallStep;
use crate::upkeep::template::node::Told;
use crate::upkeep::template::reader::Notation;
use crate::upkeep::template::story::{Act, Placed, Story};

pub(super) fn find(checks: &Checks<'_>, story: &Story<'_>) -> Vec<Placed> {
    // A candidate brings its environment along.
    let own = |act: &&Act<'_>| {
        act.doing.calls.iter().any(|call| !matches!(call.step, CallStep::Begin | CallStep::Promote | CallStep::Confirm))
    };
    story.acts().filter(own).filter_map(|act| one(checks, story, act)).collect()
}

fn one(checks: &Checks<'_>, story: &Story<'_>, act: &Act<'_>) -> Option<Placed> {
    let action = printable(act.action.name.as_bytes());
    let runs = act.doing.runs.map_or(act.action.at, |runs| runs.at);
    let environment = &act.doing.environment;
    let at = environment.at_or(runs);
    let known: Vec<&str> =
        checks.map.environments.iter().flat_map(|all| all.declared()).map(|declared| declared.text()).collect();
    let line = |name: &str| match story.template.notation {
        _ if act.action.provider == "Lambda" => format!("\"environment\": \"{name}\""),
        Notation::Yaml => format!("- {{ Name: SHIPMARK_ENVIRONMENT, Value: {name} }}"),
        Notation::Json => format!("{{ \"Name\": \"SHIPMARK_ENVIRONMENT\", \"Value\": \"{name}\" }}"),
        Notation::Terraform => {
            format!("environment_variable {{ name = \"SHIPMARK_ENVIRONMENT\", value = \"{name}\" }}")
        }
    };
    let first = known.first().copied().filter(|name| !name.contains('*')).unwrap_or("prod");
    match environment.told() {
        Told::Absent => {
            let message = format!("the action `{action}` names no environment: its marks are those of `default`");
            Some(story.found(Code::PipelineEnvironment, runs, message).hint(format!("add `{}`", line(first))))
        }
        Told::Unknown(why) => {
            let message = format!("cannot tell the environment of the action `{action}`: {why}");
            Some(
                story
                    .unknown(at, message)
                    .hint("give the parameter a default, or name it with `--parameter NAME=VALUE`"),
            )
        }
        Told::Known(name) => {
            let shown = printable(name.as_bytes());
            let allowed = match (EnvironmentName::new(name), &checks.map.environments) {
                (Ok(name), Some(declared)) => declared.allows(&name),
                (Ok(_), None) => true,
                (Err(_), _) => false,
            };
            let found = || {
                story.found(
                    Code::PipelineEnvironment,
                    at,
                    format!("the map has no environment `{shown}`, which `{action}` names"),
                )
            };
            (!allowed).then(|| match did_you_mean(name, known.iter().copied()) {
                Some(near) => found().hint(format!("did you mean `{}`?", line(near))),
                None => found().hint(format!("write `{}`", line(first))),
            })
        }
    }
}
