//! What is told beside a skip: outputs, what is deployed again, and what is reused.

use shipmark::protocol::engine::decide::{Reuse, ServiceDecision};
use shipmark::protocol::engine::mark::Deploy;

use super::world::{Slot, What, World};

impl World {
    /// R13: one build for several environments hands on the same outputs.
    pub(super) fn check_told(&self, told: &[ServiceDecision]) -> Result<(), String> {
        for one in told.iter().filter(|one| one.skips()) {
            let same = |other: &&ServiceDecision| other.skips() && other.key.service == one.key.service;
            if let Some(other) = told.iter().filter(same).find(|other| other.outputs != one.outputs) {
                return Err(format!("skips with different outputs: {:?} {:?}", one.key, other.key));
            }
        }
        Ok(())
    }

    pub(super) fn check_reuse(&mut self, decision: &ServiceDecision, slot: Slot, content: u8) -> Result<(), String> {
        let Reuse::Yes(reused) = &decision.reuse else { return Ok(()) };
        self.seen.note("reuses");
        let there = (0, slot.1);
        let artifact = self.deployed(there).and_then(|deploy| deploy.artifact.clone());
        let live = self.live[0].get(&there).cloned().unwrap_or_default();
        let right = |half: &Option<What>| {
            half.as_ref().is_some_and(|half| half.content == content && half.artifact == artifact)
        };
        if live.iter().all(right) { Ok(()) } else { Err(format!("reuse of {reused:?}, but live is {live:?}")) }
    }
}

/// What is printed of services that are deployed again is what is recorded.
pub(super) fn check_printed(decision: &ServiceDecision, recorded: Option<&Deploy>) {
    let printed = decision.redeploys.values().next();
    if let Some(outputs) = printed {
        assert_eq!(Some(outputs), recorded.map(|deploy| &deploy.release.outputs), "{decision:?}");
    }
}
