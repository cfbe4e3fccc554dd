//! The rules: pure functions from pipelines and the map to findings, a file for each subject.

mod conditions;
mod environments;
mod order;
mod policies;
mod stacks;
mod timeouts;
mod triggers;
mod unseen;

use bstr::BString;

use super::story::{Placed, Story};
use crate::base::names::EnvironmentName;
use crate::map::ServiceMap;

/// What rules look at.
pub(super) struct Checks<'a> {
    pub(super) map: &'a ServiceMap,
    /// The environments of the map, or those that were asked for.
    pub(super) environments: &'a [EnvironmentName],
    /// The files of the source, if a trigger has a file filter.
    pub(super) names: &'a [BString],
    /// The pipelines of all templates.
    pub(super) stories: &'a [Story<'a>],
}

/// All findings about the pipelines.
pub(super) fn run(checks: &Checks<'_>) -> Vec<Placed> {
    let mut found = Vec::new();
    for story in checks.stories {
        found.extend(unseen::find(story));
        found.extend(conditions::find(checks, story));
        found.extend(order::find(checks, story));
        found.extend(environments::find(checks, story));
        found.extend(timeouts::find(checks, story));
        found.extend(triggers::find(checks, story));
    }
    found.extend(stacks::find(checks));
    found.extend(policies::find(checks));
    found
}
