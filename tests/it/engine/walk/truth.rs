//! The promise: what a skip that was told is held against.

use std::collections::BTreeSet;

use shipmark::protocol::engine::mark::AttemptId;

use super::claims::Held;
use super::world::{Plan, Slot, What, World};

/// What a skip is held against.
#[derive(Debug, Clone, Copy)]
enum Asks<'a> {
    /// The outputs of this deploy are handed on.
    StandsOn(Option<&'a AttemptId>),
    /// Nobody would notice.
    Oracle,
}

impl World {
    /// What everybody may still deploy to the target of a repository. Whoever asks is not in the world at that moment.
    pub(super) fn others(&self, repo: usize) -> Vec<&Plan> {
        let mut plans: Vec<&Plan> = self.one.iter().filter(|one| one.repo == repo).map(|one| &one.plan).collect();
        if repo == 0 {
            plans.extend(self.zombies.iter().map(|zombie| &zombie.plan));
            for pipe in &self.pipes {
                pipe.may_deploy(self, &mut plans);
            }
        }
        plans.into_iter().filter(|plan| !plan.is_empty()).collect()
    }

    /// Would a skip be right? With a claim: as if it had been acted on when it was decided, so what executions of the same lane do
    /// that were decided later comes after it, as it would have.
    fn right(&self, slot: Slot, content: u8, asks: Asks<'_>, repo: usize, claim: Option<&Held>) -> Result<(), String> {
        let after = |what: &What| {
            let lane = claim.and_then(|claim| Some((claim.claim.lane.as_ref()?, claim.build)));
            lane.zip(what.who.as_ref()).is_some_and(|((lane, build), who)| who.0 == *lane && who.1 > build)
        };
        let halves = self.live[repo].get(&slot).cloned().unwrap_or_default();
        let halves: Vec<Option<&What>> =
            halves.iter().map(Option::as_ref).filter(|half| !half.is_some_and(&after)).collect();
        if halves.iter().any(|half| half.is_none_or(|half| half.content != content)) {
            return Err(format!("something else is live: {halves:?}"));
        }
        let others = self.others(repo);
        let ways: Vec<&What> = others.iter().filter_map(|plan| plan.get(&slot)).filter(|what| !after(what)).collect();
        let wrong = |why: &str| Err(format!("{why}: live {halves:?}, on the way {ways:?}"));
        if ways.iter().any(|what| what.content != content) {
            return wrong("somebody would deploy something else");
        }
        let on_the_way: BTreeSet<_> = ways.iter().map(|what| &what.artifact).collect();
        let mut artifacts: BTreeSet<Option<AttemptId>> =
            halves.iter().flatten().map(|half| half.artifact.clone()).collect();
        artifacts.retain(|artifact| !on_the_way.contains(artifact));
        let Asks::StandsOn(recorded) = asks else {
            let most = usize::from(ways.is_empty());
            return if artifacts.len() <= most { Ok(()) } else { wrong("two artifacts are live") };
        };
        // Another artifact of the same content may be live only while its attempt is in the list: it will be doubt when that has ended.
        let held: BTreeSet<Option<AttemptId>> =
            self.attempts(slot).iter().filter(|other| other.alive()).map(|other| other.artifact.clone()).collect();
        artifacts.retain(|artifact| artifact.as_ref() != recorded && !held.contains(artifact));
        if let Some(claim) = claim {
            artifacts.retain(|artifact| *artifact != claim.artifact);
        }
        match artifacts.is_empty() || held.contains(&None) {
            true => Ok(()),
            false => wrong("another artifact is live than the one that is recorded"),
        }
    }

    /// A skip was told: it must be right.
    pub(super) fn skipped(&mut self, slot: Slot, content: u8, repo: usize, claim: Option<&Held>) -> Result<(), String> {
        let recorded = self.deployed(slot).and_then(|deploy| deploy.artifact.as_ref());
        let Err(why) = self.right(slot, content, Asks::StandsOn(recorded), repo, claim) else { return Ok(()) };
        let mark = self.stores[self.at(slot.0)].mark(&self.key(slot));
        let claim = claim.map(|claim| (&claim.claim, claim.build));
        Err(format!("false skip of {content} in {slot:?}: {why}; claim {claim:?}; {mark:#?}"))
    }

    /// Whether an oracle would have skipped.
    pub(super) fn needless(&self, slots: &[Slot], content: u8) -> bool {
        let image = |slot: &Slot| self.live[0].get(slot).and_then(|live| live[0].as_ref()).map(|half| half.image);
        let images: BTreeSet<Option<u32>> = slots.iter().map(image).collect();
        images.len() == 1 && slots.iter().all(|slot| self.right(*slot, content, Asks::Oracle, 0, None).is_ok())
    }
}
