//! What a walk writes, as events of the executable model: one for each transition of one mark.
//!
//! A write is translated by its intent (which attempt it opens, finishes or ends), never by its effect: what that drops, cancels or
//! leaves as doubt is for the model to find out. Where a walk does what the model does not know (imports, removed marks, merged
//! attempts), its trace ends.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shipmark::base::fingerprint::Content;
use shipmark::base::key::Key;
use shipmark::protocol::engine::mark::{Attempt, AttemptId, Candidate, Home, Lane, Mark, State};
use shipmark::protocol::engine::step::{Put, Write};

use super::world::START;

/// What a call says beside the marks that it writes.
#[derive(Debug, Clone, Default)]
pub(super) enum About {
    /// It records or adopts: its writes say it all.
    #[default]
    Records,
    /// It decides, and stages at once where that was asked for. The map has these services.
    Decides([bool; 2]),
    Stages([bool; 2]),
    /// These attempts have failed.
    Fails(Vec<(Key, AttemptId)>),
    /// This job begins these candidates, each of which has begun before or not.
    Begins(String, Vec<(Key, AttemptId, bool)>),
    Promotes(String, Vec<(Key, Candidate)>),
    Tells(String, Vec<(Key, AttemptId)>),
    Taints {
        nothing_running: bool,
    },
    /// The model does not know it.
    Unknown,
}

/// The trace of one world.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) lines: Vec<Value>,
    /// Whether something has happened that the model does not know.
    ended: bool,
    /// What artifacts are called: what one call builds for several marks is one.
    artifacts: BTreeMap<AttemptId, String>,
    /// By mark: its serials, and the first line that finds each of them.
    serials: BTreeMap<String, BTreeMap<u64, usize>>,
    tick: u64,
}

/// One mark, before and after a write.
pub(super) struct Change<'a> {
    pub(super) name: &'a str,
    pub(super) before: Option<&'a Mark>,
    /// Whether it could not be read before.
    pub(super) damaged: bool,
    pub(super) write: &'a Write,
}

impl Trace {
    pub(super) fn new(tick: u64) -> Self {
        Self { tick, ..Self::default() }
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What is decided there by one call is one artifact.
    pub(super) fn artifact_of(&mut self, call: &AttemptId, attempt: &AttemptId) {
        self.artifacts.entry(attempt.clone()).or_insert_with(|| call.to_string());
    }

    pub(super) fn artifact(&self, id: Option<&AttemptId>) -> Value {
        json!(id.map(|id| self.artifacts.get(id).cloned().unwrap_or_else(|| id.to_string())))
    }

    /// The store's time in ticks.
    fn ticks(&self, time: Timestamp) -> u64 {
        u64::try_from(time.as_second() - START).unwrap() / self.tick
    }

    /// Whether a write now would end something by its age.
    pub(super) fn ages(&self, mark: &Mark, now: u64) -> bool {
        mark.attempts.iter().any(|other| other.alive() && other.deadline.is_some_and(|time| self.ticks(time) < now))
    }

    pub(super) fn emit(&mut self, now: u64, mut event: Map<String, Value>, expect: Value) {
        if self.ended {
            return;
        }
        event.insert("n".to_owned(), json!(self.lines.len()));
        event.insert("now".to_owned(), json!(now));
        event.insert("expect".to_owned(), expect);
        self.lines.push(Value::Object(event));
    }

    /// Whether anything was written there.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.serials.contains_key(name)
    }

    /// The line before which the mark had this serial, if the trace knows it.
    pub(super) fn read_at(&self, name: &str, serial: u64) -> Option<usize> {
        self.serials.get(name)?.get(&serial).copied()
    }

    /// An event of a mark, with what it is afterwards.
    pub(super) fn event(&mut self, now: u64, name: &str, mark: Option<&Mark>, event: Value, ok: Option<bool>) {
        let Value::Object(mut event) = event else { unreachable!() };
        event.insert("mark".to_owned(), json!(name));
        let deployed = mark.and_then(|mark| mark.deployed.as_ref());
        let mut expect = Map::new();
        expect.insert("certain".to_owned(), json!(mark.is_some_and(Mark::certain)));
        expect.insert("content".to_owned(), content(deployed.and_then(|deploy| deploy.release.content.as_ref())));
        expect.extend(ok.map(|ok| ("ok".to_owned(), json!(ok))));
        self.emit(now, event, Value::Object(expect));
    }

    /// One write, as the events that it consists of.
    pub(super) fn wrote(&mut self, change: &Change<'_>, about: &About) {
        let Some(mark) = &change.write.mark else { return };
        let merged = mark.attempts.iter().any(|attempt| attempt.stands_for.is_some());
        if merged || matches!(about, About::Unknown) {
            self.end();
        }
        let now = mark.written_at.map_or(0, |time| self.ticks(time));
        // What comes first knows nothing of the doubts that come last.
        let doubts = doubts(change, mark, about);
        let mut first = mark.clone();
        first.attempts.retain(|other| !doubts.contains(&other.id) || other.alive());
        for event in self.events(change, mark, about) {
            let ok = ["stage", "begin"].contains(&event["do"].as_str().unwrap_or_default()).then_some(true);
            self.event(now, change.name, Some(&first), event, ok);
        }
        for id in doubts {
            self.event(now, change.name, Some(mark), json!({"do": "doubt", "id": id.as_str()}), None);
        }
        let next = self.lines.len();
        self.serials.entry(change.name.to_owned()).or_default().insert(mark.serial, next);
    }

    /// All of them but doubts.
    fn events(&self, change: &Change<'_>, mark: &Mark, about: &About) -> Vec<Value> {
        if change.damaged {
            return vec![json!({"do": "rm", "damaged": true})];
        }
        if change.before.is_some_and(|before| before.deployed.is_some()) && mark.deployed.is_none() {
            return vec![json!({"do": "rm", "damaged": false})];
        }
        let key = &change.write.key;
        match about {
            About::Decides(has) => self.decided(change, mark, *has),
            About::Stages(has) => change.staged().map(|candidate| self.stage(candidate, *has)).collect(),
            About::Fails(failed) => {
                let mine = failed.iter().filter(|(of, _)| of == key);
                mine.map(|(_, id)| json!({"do": "fail", "id": id.as_str()})).collect()
            }
            About::Begins(job, candidates) => {
                let mine = candidates.iter().filter(|(of, ..)| of == key);
                mine.map(|(_, id, began)| begin(job, id, *began, Some(mark))).collect()
            }
            About::Promotes(job, candidates) => {
                let mine = candidates.iter().filter(|(of, _)| of == key);
                mine.map(|(_, candidate)| self.promote(job, candidate, Some(mark))).collect()
            }
            About::Tells(job, candidates) => {
                let mine = candidates.iter().filter(|(of, _)| of == key);
                mine.map(|(_, id)| tell(job, id)).collect()
            }
            About::Taints { nothing_running } => vec![json!({"do": "taint", "ended": nothing_running})],
            About::Records => self.finished(change, mark),
            About::Unknown => Vec::new(),
        }
    }

    /// Attempts that `decide` opens, and what it stages at once.
    fn decided(&self, change: &Change<'_>, mark: &Mark, has: [bool; 2]) -> Vec<Value> {
        let builds = || mark.attempts.iter().filter(|other| other.state == State::Building);
        let orphans = builds().filter(|other| other.id.is_nameless() && change.was(&other.id).is_none());
        let mut events: Vec<Value> = orphans.map(|orphan| json!({"do": "orphan", "id": orphan.id.as_str()})).collect();
        let opened = |other: &&Attempt| {
            let same = |was: &Attempt| was.content == other.content && was.artifact == other.artifact;
            !other.id.is_nameless() && !change.was(&other.id).is_some_and(same)
        };
        for other in builds().filter(opened) {
            events.push(self.open(&other.id, other.content, other.artifact.as_ref(), other.lane.as_ref()));
        }
        for candidate in change.staged().filter(|candidate| !covered(candidate, has)) {
            let decided = &candidate.decided;
            if change.was(decided).is_none() && mark.attempt(decided).is_none() {
                let (of, artifact) = (candidate.release.content, candidate.artifact.as_ref());
                events.push(self.open(decided, of, artifact, candidate.lane.as_ref()));
            }
        }
        events.extend(change.staged().map(|candidate| self.stage(candidate, has)));
        events
    }

    /// The deploy that is recorded, or the attempt of one whose content is unknown.
    fn finished(&self, change: &Change<'_>, mark: &Mark) -> Vec<Value> {
        let id = |mark: &Mark| mark.deployed.as_ref().map(|deploy| deploy.id.clone());
        if let Some(deploy) = mark.deployed.as_ref().filter(|_| change.before.and_then(id) != id(mark)) {
            return vec![json!({
                "do": "finish",
                "id": deploy.id.as_str(),
                "content": content(deploy.release.content.as_ref()),
                "art": self.artifact(deploy.artifact.as_ref()),
                "home": home(deploy.home.as_ref()),
            })];
        }
        let gone = change.attempts().filter(|other| !other.id.is_nameless() && mark.attempt(&other.id).is_none());
        let finish =
            |id: &AttemptId| json!({"do": "finish", "id": id.as_str(), "content": null, "art": null, "home": null});
        gone.filter(|other| [State::Building, State::Failed].contains(&other.state))
            .map(|other| finish(&other.id))
            .collect()
    }

    fn open(&self, id: &AttemptId, of: Option<Content>, artifact: Option<&AttemptId>, in_lane: Option<&Lane>) -> Value {
        let (of, artifact) = (content(of.as_ref()), self.artifact(artifact));
        json!({"do": "open", "id": id.as_str(), "content": of, "art": artifact, "lane": lane(in_lane)})
    }

    fn stage(&self, candidate: &Candidate, has: [bool; 2]) -> Value {
        json!({
            "do": "stage",
            "id": candidate.decided.as_str(),
            "cand": candidate.id.as_str(),
            "lane": lane(candidate.lane.as_ref()),
            "content": content(candidate.release.content.as_ref()),
            "art": self.artifact(candidate.artifact.as_ref()),
            "orphan": covered(candidate, has),
        })
    }

    /// `mark` is what it is then, if that was written.
    pub(super) fn promote(&self, job: &str, candidate: &Candidate, mark: Option<&Mark>) -> Value {
        let deploy = mark.and_then(|mark| mark.deployed.as_ref());
        let deploy = deploy.filter(|deploy| deploy.candidate.as_ref() == Some(&candidate.id));
        json!({
            "do": "promote",
            "cand": candidate.id.as_str(),
            "job": job,
            "home": home(candidate.home.as_ref()),
            "art": self.artifact(deploy.and_then(|deploy| deploy.artifact.as_ref())),
        })
    }
}

impl Change<'_> {
    fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.before.into_iter().flat_map(|before| &before.attempts)
    }

    fn was(&self, id: &AttemptId) -> Option<&Attempt> {
        self.attempts().find(|other| other.id == *id)
    }

    /// The candidates that are new.
    fn staged(&self) -> impl Iterator<Item = &Candidate> {
        self.write.first.iter().filter_map(|put| match put {
            Put::Candidate(candidate, None) => Some(candidate.as_ref()),
            _ => None,
        })
    }
}

/// Whether it is the candidate of the service that has left the map, and whose mark has been warned.
fn covered(candidate: &Candidate, has: [bool; 2]) -> bool {
    !has[1] && candidate.release.content.is_none() && !candidate.unwritten
}

/// What has newly ended without ever having been alive, of unknown content, and not by another event.
fn doubts(change: &Change<'_>, mark: &Mark, about: &About) -> Vec<AttemptId> {
    let since = change.before.map_or(0, |before| before.serial);
    let id = |mark: &Mark| mark.deployed.as_ref().map(|deploy| deploy.id.clone());
    let recorded = change.before.and_then(id) != id(mark);
    let said = |other: &AttemptId| match about {
        About::Fails(failed) => failed.iter().any(|(_, of)| of.nameless() == *other),
        About::Promotes(_, candidates) => !recorded && candidates.iter().any(|(key, _)| *key == change.write.key),
        About::Records => !recorded && change.attempts().any(|was| was.id != *other && was.id.nameless() == *other),
        About::Taints { .. } => true,
        _ => change.damaged,
    };
    let doubt = |other: &&Attempt| {
        let unknown = other.content.is_none() && other.artifact.is_none() && other.id.is_nameless();
        let was = change.was(&other.id);
        unknown && other.ended > Some(since) && !was.is_some_and(|was| was.alive() || was.ended == other.ended)
    };
    mark.attempts.iter().filter(doubt).map(|other| other.id.clone()).filter(|id| !said(id)).collect()
}

pub(super) fn begin(job: &str, candidate: &AttemptId, began: bool, mark: Option<&Mark>) -> Value {
    let run = AttemptId::of_run(candidate, job);
    let artifact = mark.and_then(|mark| mark.attempt(&run)).and_then(|run| run.artifact.as_ref());
    let built = artifact.filter(|artifact| **artifact == run).map(AttemptId::as_str);
    json!({"do": "begin", "run": job, "cand": candidate.as_str(), "began": began, "built": built})
}

pub(super) fn tell(job: &str, candidate: &AttemptId) -> Value {
    json!({"do": "tell", "cand": candidate.as_str(), "job": job})
}

pub(super) fn content(content: Option<&Content>) -> Value {
    json!(content.map(|content| content.fingerprint.0[0]))
}

pub(super) fn lane(lane: Option<&Lane>) -> Value {
    json!(lane.map(|lane| [&lane.pipeline, &lane.stage]))
}

/// Those that the map lists together are one home to the model.
pub(super) fn home(home: Option<&Home>) -> Value {
    json!(home.map(|home| {
        let name = home.pipeline.as_ref().or(home.project.as_ref());
        if home.joined.is_empty() { name.cloned() } else { Some("listed".to_owned()) }
    }))
}
