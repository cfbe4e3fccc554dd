//! Reuse: another environment's deploy of the same inputs, deployed here without building.

use super::decision::declared;
use super::judgement::{Judged, Judgement, Reuse};
use super::mark::{Mark, Rest, Reused};
use super::marks::Known;
use super::reason::Reason;
use super::ticket::ReusedRelease;

impl Judgement<'_> {
    /// Whether another environment's deploy may be deployed without building.
    pub(super) fn reuse(&self, judged: &Judged<'_>) -> Reuse {
        if let Some(reused) = judged.earlier.filter(|_| judged.stands()).and_then(|earlier| earlier.reused.clone()) {
            return Reuse::Yes(Box::new(reused));
        }
        let considered = matches!(judged.evidence.reason(), Reason::Changed | Reason::NeverDeployed);
        if !considered || self.several || judged.stands() {
            return Reuse::NotConsidered;
        }
        if let (true, Some(other)) = (judged.policy.per_environment, &judged.policy.reuse_from) {
            return Reuse::No(format!("nothing to reuse from `{other}`: its patterns name the environment"));
        }
        let Some(other) = self.engine.reusable_key(judged.key()) else { return Reuse::NotConsidered };
        let no = |why: &str| Reuse::No(format!("nothing to reuse from `{}`: {why}", other.environment));
        let mark: &Mark = match self.view.known(&other) {
            Known::Mark(mark) if mark.newer.is_some() => return no("a newer shipmark wrote its mark"),
            Known::Mark(mark) => mark,
            Known::Absent => return no("no deploy is recorded there"),
            Known::Unavailable(cause) => return no(cause),
            Known::Damaged { cause, .. } => return no(&format!("its mark is damaged: {cause}")),
        };
        let Some(deploy) = mark.reusable(judged.inputs.content.as_ref(), self.clock(&other)) else {
            return no("it has other inputs there, or is uncertain, or something else is under way");
        };
        if let Some(missing) = declared(&judged.policy.outputs, &deploy.release.outputs) {
            return no(&missing.to_string());
        }
        match self.verification(judged.key(), &deploy.id) {
            Some(Err(cause)) => no(&format!("--verify failed: {cause}")),
            Some(Ok(())) | None => Reuse::Yes(Box::new(ReusedRelease {
                origin: Reused { environment: other.environment.clone(), deploy: deploy.id.clone(), rest: Rest::new() },
                release: deploy.release.clone(),
            })),
        }
    }
}
