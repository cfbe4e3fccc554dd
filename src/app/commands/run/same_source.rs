//! A candidate that was staged before it was built is built from the source that is here: it must be the one that was decided.

use crate::app::report::Reporter;
use crate::app::settings::{self, Settings};
use crate::base::failure::Failure;
use crate::base::fingerprint::same;
use crate::base::key::Key;
use crate::base::text::short_revision;
use crate::map::rules::Rules;
use crate::protocol::engine::mark::Candidate;
use crate::source::extras::Extras;
use crate::source::inputs;

use super::super::context::Context;
use super::super::extras;

/// Checks that the inputs of all these candidates are those that were decided. Without a content nothing is ever
/// skipped because of it, so there is nothing to compare.
///
/// # Errors
/// They differ, or cannot be read.
pub(super) fn check<'c>(
    settings: &Settings,
    reporter: Reporter,
    extra: &[String],
    candidates: impl Iterator<Item = (&'c Key, &'c Candidate)>,
) -> Result<(), Failure> {
    let early = |(_, candidate): &(&Key, &Candidate)| candidate.staged_before_built;
    let candidates: Vec<(&Key, &Candidate)> =
        candidates.filter(early).filter(|(_, candidate)| candidate.release.content.is_some()).collect();
    let Some((first, _)) = candidates.first() else { return Ok(()) };
    let names: Vec<String> = candidates.iter().map(|(key, _)| key.service.to_string()).collect();
    let context = Context::for_rules(settings, reporter, &names)?;
    let services = candidates.iter().map(|(key, _)| settings::service(&context.map, key.service.as_str()));
    let services = services.collect::<Result<Vec<usize>, _>>()?;
    let given = Extras::parse(extra.iter().map(String::as_str)).map_err(Failure::request)?;
    let extras = extras::of_services(&context, services.iter().copied(), &given)?;
    let mut asked = services.clone();
    asked.sort_unstable();
    asked.dedup();
    let rules = Rules::compile(&context.map, &first.environment, &asked, false);
    let tree = settings.source.read(&rules).map_err(Failure::request)?;
    let seen = inputs::collect(&tree, &rules, |service| &extras[&service].extras);
    for ((key, candidate), service) in candidates.iter().zip(&services) {
        let found = seen.iter().find(|inputs| inputs.service == *service);
        let content = found.filter(|_| extras[service].missing.is_empty()).and_then(|inputs| inputs.content.as_ref());
        if !same(content, candidate.release.content.as_ref()) {
            let text = format!("`{}`: the source is not the one that was decided: its inputs differ", key.service);
            let decided = match candidate.release.revision.as_deref() {
                Some(revision) => format!("check out {}, which was decided", short_revision(revision)),
                None => "build from the source that was decided".to_owned(),
            };
            return Err(Failure::request(text).hint(format!("{decided}, with the same --extra and variables")));
        }
    }
    Ok(())
}
