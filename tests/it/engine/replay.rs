//! Plays the events of a trace on the real transitions, and compares every answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shipmark::base::names::{EnvironmentName, OutputName, ServiceName};
use shipmark::protocol::engine::agreement::{Vote, agree};
use shipmark::protocol::engine::decision::{DecisionInput, decide};
use shipmark::protocol::engine::evidence::Evidence;
use shipmark::protocol::engine::inputs::CurrentInputs;
use shipmark::protocol::engine::mark::stored::SCHEMA;
use shipmark::protocol::engine::mark::{
    AttemptId, Build, Candidate, Clock, Finishing, Later, Mark, Opening, Release, Skip, Taint, Wait,
};
use shipmark::protocol::engine::marks::Known;
use shipmark::protocol::engine::reason::Reason;

use super::trace::{Act, After, Confirmed, Event, Header, Said, Word, id, lane, model_id};

type Outputs = BTreeMap<OutputName, String>;

/// What was replayed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) events: usize,
    pub(super) histories: usize,
    pub(super) skips: usize,
    pub(super) kinds: BTreeMap<&'static str, usize>,
}

/// Replays a trace: what was seen, and each answer that differs.
pub(super) fn replay(lines: &[String]) -> (Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut disagreements = Vec::new();
    let header: Header = serde_json::from_str(&lines[0]).unwrap();
    let mut history = History::new(&header);
    for line in &lines[1..] {
        let value: Value = serde_json::from_str(line).unwrap();
        if value.get("history").is_some() {
            history = History::new(&header);
            tally.histories += 1;
            continue;
        }
        let event: Event = serde_json::from_value(value).unwrap();
        tally.events += 1;
        if let Some((ours, model)) = history.play(&event, &mut tally) {
            let n = tally.histories - 1;
            disagreements.push(format!("history {n}: we say {ours}, the model {model}: {line}"));
        }
    }
    (tally, disagreements)
}

/// The marks and candidates of one history.
struct History<'a> {
    header: &'a Header,
    marks: BTreeMap<String, Mark>,
    candidates: BTreeMap<(String, String), Candidate>,
    /// What the model calls the artifacts of runs that build for themselves.
    artifacts: BTreeMap<AttemptId, String>,
    /// The serials of the marks before each event.
    past: Vec<BTreeMap<String, u64>>,
}

impl<'a> History<'a> {
    fn new(header: &'a Header) -> Self {
        Self {
            header,
            marks: BTreeMap::new(),
            candidates: BTreeMap::new(),
            artifacts: BTreeMap::new(),
            past: Vec::new(),
        }
    }

    fn timeout(&self) -> u64 {
        self.header.attempt_timeout * self.header.tick()
    }

    /// What we say and what the model says, where that differs.
    fn play(&mut self, event: &Event, tally: &mut Tally) -> Option<(String, String)> {
        self.past.push(self.marks.iter().map(|(name, mark)| (name.clone(), mark.serial)).collect());
        assert_eq!(self.past.len(), event.n + 1);
        let now = self.header.clock(event.now);
        let (kind, name, expect, ok) = match &event.act {
            Act::Decide { expect, .. } => {
                *tally.kinds.entry("decide").or_default() += 1;
                let said = self.decide(&event.act, now);
                tally.skips += said.values().filter(|said| said.skip).count();
                return differ(&said, expect);
            }
            Act::Confirm { mark, content, home, lane: stage, read_at, expect } => {
                *tally.kinds.entry("confirm").or_default() += 1;
                let lane = lane(stage.as_ref());
                let serial = self.past[*read_at].get(mark).copied().unwrap_or(0);
                let later = lane.as_ref().map(|lane| Later { lane, serial });
                let mark = self.mark(mark, now);
                let skip = mark.skip(content.content().as_ref(), home.home().as_ref(), &[], later, now);
                return differ(&Confirmed { skip: matches!(skip, Skip::Holds(_)) }, expect);
            }
            Act::Open { mark, id, content, art, lane: stage, expect } => {
                let opening = Opening {
                    id: id.id().unwrap(),
                    content: content.content(),
                    artifact: art.id(),
                    build: Build::default(),
                    revision: None,
                    home: None,
                    timeout_seconds: self.timeout(),
                    lane: lane(stage.as_ref()),
                    pinned_by: None,
                    reused: None,
                    shadow: None,
                    reason: None,
                };
                self.mark(mark, now).open(opening, now).unwrap();
                ("open", mark, expect, None)
            }
            Act::Orphan { mark, id, expect } => {
                let timeout = self.timeout();
                self.mark(mark, now).orphan(&id.id().unwrap(), &Build::default(), timeout, now).unwrap();
                ("orphan", mark, expect, None)
            }
            Act::Finish { mark, id: attempt, content, art, home, expect } => {
                let done = Finishing {
                    id: attempt.id().unwrap_or_else(|| id(&format!("adopted {}", event.n))),
                    artifact: art.id(),
                    candidate: None,
                    home: home.home(),
                    reused: None,
                    pinned: content.0.is_none(),
                    unwritten: false,
                    release: release(content),
                };
                self.mark(mark, now).finish(attempt.id().as_ref(), done, now);
                ("finish", mark, expect, None)
            }
            Act::Fail { mark, id, expect } => {
                self.mark(mark, now).fail(&id.id().unwrap(), now);
                ("fail", mark, expect, None)
            }
            Act::Doubt { mark, expect } => {
                self.mark(mark, now).doubt(&fresh(event), "the trace says so", &Build::default(), now);
                ("doubt", mark, expect, None)
            }
            Act::Stage { mark, expect, .. } => ("stage", mark, expect, Some(self.stage(&event.act, now))),
            Act::Begin { mark, run, cand, began, built, expect } => {
                let at = (mark.clone(), cand.text());
                let mut candidate = self.candidates.remove(&at).unwrap();
                candidate.staged_before_built = built.0.is_some();
                let run = AttemptId::of_run(&candidate.id, &run.text());
                self.artifacts.extend(built.0.clone().map(|built| (run.clone(), built)));
                let ok = self.mark(mark, now).begin(&candidate, *began, &run, now).unwrap();
                self.candidates.insert(at, candidate);
                ("begin", mark, expect, Some(ok))
            }
            Act::Promote { mark, cand, job, home, art, expect } => {
                let at = (mark.clone(), cand.text());
                let mut candidate = self.candidates.remove(&at).unwrap();
                candidate.home = home.home();
                candidate.artifact = art.id();
                self.mark(mark, now).promote(&mut candidate, &job.text(), &fresh(event), now);
                let unlisted = candidate.finished_as(&job.text()).filter(|id| !self.artifacts.contains_key(id));
                self.artifacts.extend(unlisted.zip(art.0.clone()));
                self.candidates.insert(at, candidate);
                ("promote", mark, expect, None)
            }
            Act::Tell { mark, cand, job, expect } => {
                let candidate = self.candidates[&(mark.clone(), cand.text())].clone();
                self.mark(mark, now).tell(&candidate, &job.text(), now);
                ("tell", mark, expect, None)
            }
            Act::Taint { mark, ended, expect } => {
                let (reason, by) = ("by hand".to_owned(), "somebody".to_owned());
                let taint = Taint { reason, by, at: now.shown(), rest: serde_json::Map::new() };
                self.mark(mark, now).taint(&fresh(event), taint, *ended, now);
                ("taint", mark, expect, None)
            }
            Act::Rm { mark, damaged, expect } => {
                let removed = self.mark(mark, now);
                match damaged {
                    true => *removed = Mark::forget_damaged(&fresh(event), Some(removed.serial), now),
                    false => removed.forget(&fresh(event), now),
                }
                ("rm", mark, expect, None)
            }
        };
        *tally.kinds.entry(kind).or_default() += 1;
        let mark = self.mark(name, now);
        name_outputs(mark);
        let content = mark.deployed.as_ref().and_then(|deploy| deploy.release.content);
        let wanted = After { content: Word(None), ..expect.clone() };
        let said = After { certain: mark.certain(), content: Word(None), ok };
        let contents = (content != expect.content.content()).then(|| (format!("{content:?}"), format!("{expect:?}")));
        contents.or_else(|| differ(&said, &wanted))
    }

    fn mark(&mut self, name: &str, now: Clock) -> &mut Mark {
        self.marks.entry(name.to_owned()).or_insert_with(|| Mark::new(now))
    }

    fn stage(&mut self, act: &Act, now: Clock) -> bool {
        let Act::Stage { mark, id: decided, cand, lane: stage, content, art, orphan, .. } = act else { unreachable!() };
        let mut candidate = Candidate {
            schema: SCHEMA,
            id: id(&format!("{}#{}", decided.text(), cand.text())),
            decided: decided.id().unwrap(),
            stage: String::new(),
            lane: lane(stage.as_ref()),
            place: 0,
            staged_at: now.shown(),
            began: None,
            promoted: BTreeMap::new(),
            staged_before_built: false,
            unwritten: false,
            reason: None,
            artifact: art.id(),
            home: None,
            build_timeout_seconds: self.timeout(),
            deploy_timeout_seconds: self.header.deploy_timeout * self.header.tick(),
            pinned_by: content.0.is_none().then(|| ServiceName::new("other").unwrap()),
            touches: BTreeMap::new(),
            reused: None,
            shadow: None,
            declared: BTreeMap::new(),
            release: release(content),
        };
        let ok = self.mark(mark, now).stage(&mut candidate, *orphan, now).unwrap() != Wait::Refused;
        if ok {
            self.candidates.insert((mark.clone(), cand.text()), candidate);
        }
        ok
    }

    fn decide(&self, act: &Act, now: Clock) -> BTreeMap<String, Said> {
        let Act::Decide { build, home, forced, joint, reuse, ask, .. } = act else { unreachable!() };
        let (home, mine): (_, Vec<AttemptId>) = (home.home(), build.id().into_iter().collect());
        let mut evidence: BTreeMap<&String, Evidence> = BTreeMap::new();
        for (name, content) in ask {
            let inputs = CurrentInputs { content: content.content(), selects: true, ..CurrentInputs::default() };
            let known = match self.marks.get(name) {
                Some(mark) => Known::Mark(Box::new(mark.clone())),
                None => Known::Absent,
            };
            let input = DecisionInput {
                inputs: &inputs,
                known: &known,
                forced: *forced,
                home: home.as_ref(),
                build: &Build::default(),
                mine: &mine,
                outputs: &BTreeMap::new(),
                max_skip_age: None,
                now,
            };
            evidence.insert(name, decide(&input));
        }
        if *joint {
            self.agree(&mut evidence);
        }
        let said = evidence.into_iter().map(|(name, evidence)| {
            let service = name.split_once('/').unwrap().1;
            let considered = matches!(evidence.reason(), Reason::Changed | Reason::NeverDeployed);
            let other = self.marks.get(&format!("0/{service}")).filter(|_| *reuse && considered);
            let deploy = other.and_then(|other| other.reusable(ask[name].content().as_ref(), now));
            let reuse = deploy.and_then(|deploy| deploy.artifact.clone());
            (
                name.clone(),
                Said {
                    skip: evidence.skips(),
                    reason: word(&evidence),
                    reuse: reuse.map(|id| self.artifacts.get(&id).cloned().unwrap_or_else(|| model_id(&id))),
                },
            )
        });
        said.collect()
    }

    /// R13, service by service.
    fn agree(&self, evidence: &mut BTreeMap<&String, Evidence>) {
        let services: BTreeSet<String> =
            evidence.keys().map(|name| name.split_once('/').unwrap().1.to_owned()).collect();
        for service in services {
            let mut votes: Vec<(EnvironmentName, Option<Outputs>, &mut Evidence)> = evidence
                .iter_mut()
                .filter(|(name, _)| name.ends_with(&format!("/{service}")))
                .map(|(name, evidence)| {
                    let deploy = self.marks.get(*name).and_then(|mark| mark.deployed.as_ref());
                    let environment = EnvironmentName::new(name.split_once('/').unwrap().0).unwrap();
                    (environment, deploy.map(|deploy| deploy.release.outputs.clone()), evidence)
                })
                .collect();
            let mut votes: Vec<Vote<'_>> = votes
                .iter_mut()
                .map(|(environment, outputs, evidence)| Vote { environment, evidence, outputs: outputs.as_ref() })
                .collect();
            agree(&mut votes);
        }
    }
}

/// The model's words: it names what other environments say by words of their own.
pub(super) fn word(evidence: &Evidence) -> String {
    match evidence {
        Evidence::OtherEnvironment(..) => "other-environment".to_owned(),
        Evidence::OtherOutputs(..) => "other-outputs".to_owned(),
        other => other.reason().word().to_owned(),
    }
}

/// An artifact is handed on by its id.
fn name_outputs(mark: &mut Mark) {
    if let Some(deploy) = &mut mark.deployed {
        let value = deploy.artifact.as_ref().map(ToString::to_string).unwrap_or_default();
        deploy.release.outputs = BTreeMap::from([(OutputName::new("ARTIFACT").unwrap(), value)]);
    }
}

fn release(content: &Word) -> Release {
    Release { content: content.content(), ..Release::default() }
}

/// An id of an event's own.
fn fresh(event: &Event) -> AttemptId {
    id(&format!("event {}", event.n))
}

fn differ<T: PartialEq + std::fmt::Debug>(ours: &T, model: &T) -> Option<(String, String)> {
    (ours != model).then(|| (format!("{ours:?}"), format!("{model:?}")))
}
