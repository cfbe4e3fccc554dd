//! Saved observations, for the commands that hold the rules against them.

use std::collections::BTreeMap;

use super::context::Context;
use crate::app::settings::now;
use crate::base::fingerprint::hex;
use crate::source::tree::blob;
use crate::upkeep::lint::ObservedFacts;

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

/// Git's id of a plain file of the source as it is; `None` if it is not there.
pub(super) fn id(context: &Context<'_>, name: &str) -> Option<String> {
    let bytes = context.settings.source.file(name).ok()??;
    Some(hex(&blob::of_bytes(&bytes).0))
}
