use std::collections::BTreeMap;

use super::*;
use crate::base::fingerprint::Fingerprint;
use crate::protocol::mark::stored::SCHEMA;

/// A mark and a clock. Contents are numbers; every write happens a minute after the last.
struct Scene {
    mark: Mark,
    now: Timestamp,
}

fn id(text: &str) -> AttemptId {
    AttemptId::parse(text).unwrap()
}

fn content(of: u8) -> Content {
    Content { fingerprint: Fingerprint([of; 32]), modes: None }
}

fn build(pipeline: &str) -> Build {
    Build { initiator: (!pipeline.is_empty()).then(|| format!("codepipeline/{pipeline}")), ..Build::default() }
}

fn release(of: u8, pipeline: &str) -> Release {
    let outputs = BTreeMap::new();
    let build = build(pipeline);
    Release { content: Some(content(of)), inputs: 1, rules: None, snapshot: None, revision: None, outputs, build }
}

fn opening(name: &str, of: u8, pipeline: &str) -> Opening {
    let (content, build) = (Some(content(of)), build(pipeline));
    Opening { id: id(name), content, build, revision: None, timeout_seconds: 3600, pinned_by: None }
}

impl Scene {
    fn empty() -> Self {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Self { mark: Mark::new(now), now }
    }

    /// Content `of` is deployed, certainly.
    fn deployed(of: u8) -> Self {
        let mut scene = Self::empty();
        scene.open("a0", of);
        assert_eq!(scene.record("a0", of), Finish::Certain);
        scene
    }

    fn pass(&mut self, minutes: i64) -> Timestamp {
        self.now += jiff::SignedDuration::from_mins(minutes);
        self.now
    }

    fn open(&mut self, name: &str, of: u8) {
        let now = self.pass(1);
        self.mark.open(opening(name, of, ""), now);
    }

    fn fail(&mut self, name: &str) {
        let now = self.pass(1);
        self.mark.fail(&id(name), now);
    }

    fn record(&mut self, name: &str, of: u8) -> Finish {
        let now = self.pass(1);
        self.mark.record(id(name), release(of, ""), now)
    }

    fn stage(&mut self, name: &str, of: u8, pipeline: &str) -> Candidate {
        self.stage_again(name, of, pipeline, None).unwrap()
    }

    fn stage_again(&mut self, name: &str, of: u8, pipeline: &str, repeats: Option<&str>) -> Option<Candidate> {
        let now = self.pass(1);
        let staged = self.mark.stage(opening(name, of, pipeline), repeats.map(id), now)?;
        Some(Candidate {
            schema: SCHEMA,
            id: id(name),
            staged,
            staged_at: now,
            timeout_seconds: 3600,
            pinned_by: None,
            redeploys: Vec::new(),
            release: release(of, pipeline),
        })
    }

    fn begin(&mut self, candidate: &Candidate, run: &str) {
        let now = self.pass(1);
        self.mark.begin(candidate, id(run), now);
    }

    fn promote(&mut self, candidate: &Candidate) -> Finish {
        let now = self.pass(1);
        self.mark.promote(candidate, now)
    }

    fn taint(&mut self, ended: bool) {
        let now = self.pass(1);
        let taint = Taint { reason: "by hand".to_owned(), by: "ada".to_owned(), at: now };
        self.mark.taint(taint, ended, now);
    }

    /// What rule 6 asks of the mark.
    fn skips(&self, of: u8) -> bool {
        let deployed = self.mark.deployed.as_ref().and_then(|deploy| deploy.release.content);
        let alike = |attempt: &Attempt| same(attempt.content.as_ref(), Some(&content(of)));
        self.mark.certain && same(deployed.as_ref(), Some(&content(of))) && self.mark.attempts.iter().all(alike)
    }

    fn list(&self) -> Vec<(&str, State)> {
        self.mark.attempts.iter().map(|attempt| (attempt.id.as_str(), attempt.state)).collect()
    }
}

fn uncertain(finish: &Finish) -> bool {
    matches!(finish, Finish::Uncertain(_))
}

mod cases;
mod imports;
mod writes;
