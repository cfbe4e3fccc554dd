//! `explain`: which services paths belong to, by which rules, or why they belong to none.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use bstr::BString;

use crate::app::cli::ExplainArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::{Failure, Status};
use crate::base::names::EnvironmentName;
use crate::map::rules::{Explanation, Rules, Verdict};
use crate::map::{ServiceMap, ServiceVariables};
use crate::output::explained::{self, Below, Explained, ObservedBy, OnPurpose, Presence, Said, Share, VariableOf, by};
use crate::source::tree::listing;
use crate::upkeep::observe::saved::ObservedService;

use super::context::Context;
use super::observations;
use super::print::show;

/// Explains paths.
pub(super) fn explain(settings: &Settings, reporter: Reporter, args: &ExplainArgs) -> Result<Status, Failure> {
    let context = Context::for_rules(settings, reporter, &[])?;
    let paths = args.paths.iter().map(|path| relative(&context, Path::new(path)));
    let paths: Vec<BString> = paths.collect::<Result<_, _>>()?;
    let all: Vec<usize> = (0..context.map.services.len()).collect();
    let compile = |environment| (environment, Rules::compile(&context.map, environment, &all, true));
    let rules: Vec<_> = context.environments.iter().map(compile).collect();
    // Paths are explained whether or not they exist in the source; the output says which.
    let names = settings.source.names();
    if let Err(error) = &names {
        context.reporter.warn(&format!("whether the source has a path is not known: {error}"));
    }
    let names = names.ok();
    let rules: Vec<_> = rules.into_iter().map(|(environment, rules)| linked(&context, environment, rules)).collect();
    let observations = observations::all(&context);
    let explained = paths.into_iter().zip(&args.paths).map(|(path, typed)| {
        let said = said(&context, &rules, names.as_deref(), path);
        Explained {
            variable: typed.to_str().map_or_else(Vec::new, |name| variable_of(&context.map, name)),
            on_purpose: on_purpose(&context, &said),
            observed: observed(&observations, &said.path),
            ..said
        }
    });
    let explained: Vec<_> = explained.collect();
    let printed = match args.shape.is_json() {
        true => explained::json(&explained, &context.map, &context.project),
        false => explained::text(&explained, &context.map, context.reporter.colors(std::io::stdout().is_terminal())),
    };
    show(printed.as_bytes())?;
    Ok(Status::Done)
}

/// The path from the root of the source, as git would write it; empty for the root itself.
fn relative(context: &Context<'_>, typed: &Path) -> Result<BString, Failure> {
    if typed.as_os_str().is_empty() {
        return Err(Failure::request("a path is empty").hint("write it from the root of the source"));
    }
    let path = context.settings.path_in_source(typed).ok_or_else(|| {
        Failure::request(format!("`{}` is not a path in the source", typed.display()))
            .hint(format!("the source is `{}`", context.settings.source.shown()))
    })?;
    let parts: Vec<&[u8]> = path.iter().map(std::ffi::OsStr::as_encoded_bytes).collect();
    Ok(parts.join(&b'/').into())
}

/// The rules of one environment, and what links of the source make of them.
struct LinkedRules<'e> {
    environment: &'e EnvironmentName,
    rules: Rules,
    /// The files that are inputs through links.
    linked: HashMap<BString, Arc<Verdict>>,
}

fn linked<'e>(context: &Context<'_>, environment: &'e EnvironmentName, rules: Rules) -> LinkedRules<'e> {
    let linked = context.settings.source.linked(&rules).files.into_iter().collect();
    LinkedRules { environment, linked, rules }
}

impl LinkedRules<'_> {
    fn explanation(&self, path: &BString) -> Explanation<'_> {
        let mut explanation = self.rules.explanation(path);
        if let Some(verdict) = self.linked.get(path) {
            explanation.add_linked(verdict);
        }
        explanation
    }
}

/// What the rules say about a path, once for all environments that agree.
fn said<'r>(
    context: &Context<'_>,
    rules: &'r [LinkedRules<'_>],
    names: Option<&[BString]>,
    path: BString,
) -> Explained<'r> {
    let below = names.map_or(&[][..], |names| &names[listing::below(names, &path)]);
    let presence = match names {
        None => Presence::Unknown,
        // Git lists no directories other than submodules.
        Some(names) if names.binary_search(&path).is_ok() => match context.settings.source.is_directory(&path) {
            true => Presence::Submodule,
            false => Presence::File,
        },
        Some(_) if !below.is_empty() || path.is_empty() => Presence::Directory(below.len()),
        Some(_) if context.settings.source.holds(&path) => Presence::Ignored,
        Some(_) => Presence::Absent,
    };
    let mut answers: Vec<(Vec<EnvironmentName>, Said<'r>)> = Vec::new();
    for rules in rules {
        let environment = rules.environment;
        let said = match presence {
            Presence::Directory(_) => Said::Below(look_below(&context.map, rules, below)),
            Presence::Submodule => Said::Path(rules.rules.explanation_of_submodule(&path)),
            _ => Said::Path(rules.explanation(&path)),
        };
        match answers.iter_mut().find(|(_, other)| *other == said) {
            Some((environments, _)) => environments.push(environment.clone()),
            None => answers.push((vec![environment.clone()], said)),
        }
    }
    Explained { path, presence, variable: Vec::new(), on_purpose: Vec::new(), observed: Vec::new(), answers }
}

/// The observed builds that read or looked at a path.
fn observed(observations: &[(usize, ObservedService)], path: &BString) -> Vec<ObservedBy> {
    let by = |(service, saved): &(usize, ObservedService)| {
        let program = saved.read.get(path).cloned();
        let last = saved.builds.last().map(|build| (build.revision.clone(), build.at));
        let seen = program.is_some() || saved.looked_at.contains(path);
        seen.then_some(ObservedBy { service: *service, program, last })
    };
    observations.iter().filter_map(by).collect()
}

/// The services that say on purpose, in any of the environments, that a path is not an input, and of which it is none.
fn on_purpose(context: &Context<'_>, explained: &Explained<'_>) -> Vec<OnPurpose> {
    let is_input = |service: usize| {
        explained.answers.iter().any(|(_, said)| match said {
            Said::Path(explanation) => explanation.concern(service).is_some_and(|concern| concern.claim.is_some()),
            Said::Below(_) => false,
        })
    };
    let mut all = Vec::new();
    for (service, known) in context.map.services.iter().enumerate() {
        let covers =
            |environment: &EnvironmentName| known.not_inputs_in(environment).numbers(&explained.path).first().copied();
        let not_input = context.environments.iter().filter(|_| !known.not_inputs.is_empty()).find_map(covers);
        all.extend(not_input.filter(|_| !is_input(service)).map(|not_input| OnPurpose { service, not_input }));
    }
    all
}

/// The services of which an environment variable of that name is an input.
fn variable_of(map: &ServiceMap, name: &str) -> Vec<VariableOf> {
    if !map.services.iter().any(|service| service.env.contains_key(name)) {
        return Vec::new();
    }
    let all: Vec<usize> = (0..map.services.len()).collect();
    let of = |(service, variables): (&usize, &Arc<ServiceVariables<'_>>)| {
        let (owner, position) = *variables.get(name)?;
        Some(VariableOf { service: *service, owner, position })
    };
    map.variables_of(&all).iter().filter_map(of).collect()
}

/// Which services these files are inputs of.
fn look_below(map: &ServiceMap, rules: &LinkedRules<'_>, files: &[BString]) -> Below {
    let mut below = Below::default();
    for file in files {
        let explanation = rules.explanation(file);
        let inputs = explanation.concerns.iter().filter(|concern| concern.claim.is_some());
        let mut claimed = false;
        for concern in inputs {
            claimed = true;
            let share = match below.services.binary_search_by_key(&concern.service, |share| share.service) {
                Ok(at) => &mut below.services[at],
                Err(at) => {
                    below.services.insert(at, Share { service: concern.service, files: 0, rules: Vec::new() });
                    &mut below.services[at]
                }
            };
            share.files += 1;
            let rule = by(map, concern).unwrap_or_default();
            match share.rules.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, files)) => *files += 1,
                None => share.rules.push((rule, 1)),
            }
        }
        match (claimed, explanation.owned) {
            (true, _) => {}
            (false, true) => below.covered.push(file.clone()),
            (false, false) => below.unowned.push(file.clone()),
        }
    }
    below
}
