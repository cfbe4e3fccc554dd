//! Saved observations, for the commands that hold the rules against them.

use std::collections::BTreeMap;

use super::context::Context;
use crate::app::settings::now;
use crate::base::failure::Failure;
use crate::base::fingerprint::hex;
use crate::base::names::EnvironmentName;
use crate::base::text::printable;
use crate::map::ServiceMap;
use crate::map::rules::Rules;
use crate::source::tree::blob;
use crate::upkeep::lint::ObservedFacts;
use crate::upkeep::observe::saved::ObservedService;
use crate::upkeep::observe::{Coverage, Covered};

/// What is known of the services that have observations.
pub(super) fn facts(context: &Context<'_>) -> Vec<ObservedFacts> {
    let now = now();
    let of = |service: usize| {
        let name = context.name(service);
        let saved = context.settings.source.observation(&context.map, name).transpose()?;
        let file = context.map.observed_file(name);
        let made_by = saved.as_ref().ok().and_then(|saved| saved.builds.last());
        let names = made_by.into_iter().flat_map(|build| build.made_by.keys());
        let made_by = names.filter_map(|name| Some((name.clone(), id(context, name)?))).collect::<BTreeMap<_, _>>();
        Some(ObservedFacts { service, file, saved, made_by, now })
    };
    (0..context.map.services.len()).filter_map(of).collect()
}

/// The map with what the observed builds of the asked services read and no rule covers.
///
/// # Errors
/// An observation cannot be used, or there is none at all.
pub(super) fn with_inputs(
    context: &Context<'_>,
    environment: &EnvironmentName,
    asked: &[usize],
) -> Result<ServiceMap, Failure> {
    let all: Vec<usize> = (0..context.map.services.len()).collect();
    let rules = Rules::compile(&context.map, environment, &all, true);
    let (mut found, mut inputs) = (false, BTreeMap::new());
    for service in asked.iter().copied() {
        let file = context.map.observed_file(context.name(service));
        let saved = context.settings.source.observation(&context.map, context.name(service)).map_err(|cause| {
            let text = format!("the observation `{}` cannot be used: {cause}", printable(file.as_bytes()));
            Failure::request(text).hint("remove it, and observe again")
        })?;
        let Some(saved) = saved else { continue };
        found = true;
        let coverage = Coverage::new(&context.map, service, environment, &rules);
        let lacking = saved.read.into_keys().filter(|path| coverage.of(path) != Covered::Yes);
        inputs.insert(service, lacking.collect::<Vec<_>>());
    }
    inputs.retain(|_, paths| !paths.is_empty());
    match found {
        true => Ok(context.map.with_inputs(&inputs)),
        false => Err(Failure::request("there is no observation of these services")
            .hint("`shipmark observe SERVICE -- CMD` makes one")),
    }
}

/// All observations that can be read; a warning names those that cannot.
pub(super) fn all(context: &Context<'_>) -> Vec<(usize, ObservedService)> {
    let of = |service: usize| match context.settings.source.observation(&context.map, context.name(service)) {
        Ok(saved) => Some((service, saved?)),
        Err(cause) => {
            let file = context.map.observed_file(context.name(service));
            context.reporter.warn(&format!("the observation `{}` cannot be used: {cause}", printable(file.as_bytes())));
            None
        }
    };
    (0..context.map.services.len()).filter_map(of).collect()
}

/// Git's id of a plain file of the source as it is; `None` if it is not there.
pub(super) fn id(context: &Context<'_>, name: &str) -> Option<String> {
    let bytes = context.settings.source.file(name).ok()??;
    Some(hex(&blob::of_bytes(&bytes).0))
}
