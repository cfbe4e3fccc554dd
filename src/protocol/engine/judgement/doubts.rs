//! Marks that a deploy touches and that cannot be warned.

use std::collections::BTreeMap;

use super::{Judged, Judgement};
use crate::base::key::Key;
use crate::base::names::EnvironmentName;
use crate::protocol::engine::evidence::Evidence;
use crate::protocol::engine::marks::Known;
use crate::protocol::engine::reason::Reason;

impl Judgement<'_> {
    /// A mark that the deploy of a service touches but that could not be warned: then the service builds, for that
    /// reason unless a stronger one applies. `orphans` are the [`Judgement::lost_orphan`] of each environment.
    pub(super) fn doubt(
        &self,
        judged: &Judged<'_>,
        orphans: &BTreeMap<&EnvironmentName, Option<Evidence>>,
    ) -> Option<Evidence> {
        if judged.stands() || judged.evidence.reason() <= Reason::StateUnavailable {
            return None;
        }
        let unusable = |key: &Key| match self.view.known(key) {
            Known::Unavailable(cause) => Some(cause.clone()),
            Known::Damaged { cause, .. } => Some(format!("it is damaged: {cause}")),
            Known::Mark(mark) if mark.newer.is_some() => Some("a newer shipmark wrote it".to_owned()),
            Known::Absent | Known::Mark(_) => None,
        };
        let (pins, _) = self.redeploys(judged);
        let pin = pins.into_iter().find_map(|key| {
            let lost = || Some(Evidence::PinUnavailable(key.service.clone(), unusable(&key)?));
            self.full(&key).or_else(lost)
        });
        pin.or_else(|| orphans.get(&judged.key().environment)?.clone())
    }

    /// The first service of an environment that is not in the map and whose mark cannot be warned. A damaged mark is doubt in
    /// itself, and one of a newer version has an envelope.
    pub(super) fn lost_orphan(&self, environment: &EnvironmentName) -> Option<Evidence> {
        let orphans = self.engine.orphans(environment, self.view.marks);
        orphans.into_iter().find_map(|key| match self.view.known(&key) {
            Known::Unavailable(cause) => {
                let lost = || Evidence::OrphanUnavailable(key.service.clone(), cause.clone());
                Some(self.full(&key).unwrap_or_else(lost))
            }
            _ => None,
        })
    }

    fn full(&self, key: &Key) -> Option<Evidence> {
        self.view.holds_no_more(key).then(|| self.view.list_full(key))
    }
}
