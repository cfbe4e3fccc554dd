//! The truth that the walks hold the protocol against: what bytes are live, and who may still deploy.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use shipmark::base::fingerprint::{Content, Fingerprint};
use shipmark::base::key::Key;
use shipmark::base::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::protocol::answer::Reason;
use shipmark::protocol::decide::{Known, Now, Question, decide};
use shipmark::protocol::mark::stored::{decode_mark, encode_mark};
use shipmark::protocol::mark::transitions::{Finish, Opening};
use shipmark::protocol::mark::{AttemptId, Build, Mark, Release};

use super::fault::{Event, Fault};
use super::lanes::Lane;

/// How long a build may live, in seconds: CodeBuild kills it then.
pub(super) const TIMEOUT: u64 = 3600;

/// What a walk has seen, so that a test can tell that its walks are not vacuous.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Seen {
    pub(super) skips: usize,
    /// Moments at which a decision would have skipped, asked at every step and for every content.
    pub(super) would_skip: usize,
    pub(super) builds: usize,
    pub(super) certain: usize,
    pub(super) uncertain: usize,
    pub(super) rollbacks: usize,
    pub(super) retries: usize,
    pub(super) kills: usize,
    pub(super) pins: usize,
    pub(super) unlisted: usize,
    pub(super) stale: usize,
    pub(super) crowds: usize,
}

impl std::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.skips += other.skips;
        self.would_skip += other.would_skip;
        self.builds += other.builds;
        self.certain += other.certain;
        self.uncertain += other.uncertain;
        self.rollbacks += other.rollbacks;
        self.retries += other.retries;
        self.kills += other.kills;
        self.pins += other.pins;
        self.unlisted += other.unlisted;
        self.stale += other.stale;
        self.crowds += other.crowds;
    }
}

/// How far one execution is. Deploying a service means two writes: its halves.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Phase {
    Build,
    /// Its decision was to skip, standing on this deploy; it has not told its deploy stage yet.
    Skipped(AttemptId),
    Wait,
    /// It has entered its deploy stage and has not said `begin`.
    Begin,
    First,
    Second,
    /// Its deploy stage failed, and may be retried from the failed action.
    Broken,
    Finish,
    Fail,
}

/// One execution of a pipeline, or one build outside of any.
#[derive(Debug, Clone)]
pub(super) struct Exec {
    pub(super) id: AttemptId,
    pub(super) content: u8,
    pub(super) phase: Phase,
    pub(super) opened_at: Timestamp,
    /// Whether the mark could know of it. What an unlisted one deploys is outside of the promise until it records; so in
    /// these walks its bytes arrive with its record.
    pub(super) listed: bool,
    pub(super) rollback: bool,
    /// Its decision was to skip: it will deploy again what was deployed then.
    pub(super) skipped: bool,
}

impl Exec {
    pub(super) fn new(id: AttemptId, content: u8, opened_at: Timestamp) -> Self {
        Self { id, content, phase: Phase::Build, opened_at, listed: true, rollback: false, skipped: false }
    }
}

/// One service in one environment.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) mark: Option<Mark>,
    /// What is live, really.
    pub(super) live: [u8; 2],
    pub(super) builds: Vec<Exec>,
    pub(super) lanes: Vec<Lane>,
    pub(super) seen: Seen,
    pub(super) fault: Option<Fault>,
    /// Whether every write goes through the stored form.
    pub(super) stored: bool,
    ids: u32,
    hands: u8,
    key: Key,
}

pub(super) fn content(of: u8) -> Content {
    Content { fingerprint: Fingerprint([of; 32]), modes: None }
}

pub(super) fn release(of: u8, pipeline: Option<&str>) -> Release {
    let build = Build { initiator: pipeline.map(str::to_owned), ..Build::default() };
    Release {
        content: Some(content(of)),
        inputs: 1,
        rules: None,
        snapshot: None,
        revision: None,
        outputs: BTreeMap::new(),
        build,
    }
}

impl World {
    pub(super) fn new(lanes: Vec<Lane>, fault: Option<Fault>) -> Self {
        let key = Key {
            project: ProjectName::default(),
            environment: EnvironmentName::new("prod").unwrap(),
            service: ServiceName::new("query").unwrap(),
        };
        Self {
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            mark: None,
            live: [0, 0],
            builds: Vec::new(),
            lanes,
            seen: Seen::default(),
            fault,
            stored: true,
            ids: 0,
            hands: 100,
            key,
        }
    }

    /// Time passes; CodeBuild kills what is too old before anybody may conclude that it is dead.
    pub(super) fn pass(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
        let now = self.now;
        let young = |exec: &Exec| now.duration_since(exec.opened_at).as_secs() < TIMEOUT.cast_signed();
        let mut before = self.builds.len();
        self.builds.retain(young);
        before -= self.builds.len();
        self.seen.kills += before;
        for lane in &mut self.lanes {
            lane.build.retain(young);
        }
    }

    pub(super) fn next_id(&mut self) -> AttemptId {
        self.ids += 1;
        AttemptId::parse(&format!("a{:05}", self.ids)).unwrap()
    }

    /// Something that nobody else deploys.
    pub(super) fn by_hand(&mut self) -> u8 {
        self.hands = self.hands.checked_add(1).unwrap_or(100);
        self.hands
    }

    /// One write of the mark, through its stored form.
    pub(super) fn change<T>(&mut self, event: Event, act: impl FnOnce(&mut Mark, Timestamp) -> T) -> T {
        let now = self.fault.map_or(self.now, |fault| fault.clock(self.now, self.ids));
        let mut mark =
            self.mark.take().unwrap_or_else(|| self.fault.map_or(Mark::new(now), |fault| fault.new_mark(now)));
        let before = mark.clone();
        let result = act(&mut mark, now);
        assert!(mark.serial > before.serial || mark == before, "a write raises the serial");
        if let Some(fault) = self.fault {
            fault.after(event, &before, &mut mark);
        }
        assert!(mark.attempts.len() <= 64);
        self.seen.crowds += usize::from(mark.attempts.iter().any(|attempt| attempt.stands_for.is_some()));
        let unique: BTreeSet<_> = mark.attempts.iter().map(|attempt| &attempt.id).collect();
        assert_eq!(unique.len(), mark.attempts.len(), "no id stands twice: {:?}", mark.attempts);
        if self.stored {
            let bytes = encode_mark(&self.key, &mark, "0.0.0", now).unwrap();
            let read = decode_mark(&self.key, &bytes).unwrap();
            assert_eq!(read, mark, "what is read is what was written");
        }
        self.mark = Some(mark);
        result
    }

    pub(super) fn opening(&self, id: AttemptId, of: u8, pipeline: Option<&str>) -> Opening {
        Opening {
            id,
            content: Some(content(of)),
            build: Build { initiator: pipeline.map(str::to_owned), ..Build::default() },
            revision: None,
            timeout_seconds: TIMEOUT,
            pinned_by: None,
        }
    }

    /// The content of the recorded deploy, which `redeploys` pins.
    pub(super) fn deployed(&self) -> Option<u8> {
        let deploy = self.mark.as_ref()?.deployed.as_ref()?;
        deploy.release.content.map(|content| content.fingerprint.0[0])
    }

    /// A decision that a build acts on: `Some` is a skip that stands on that deploy.
    pub(super) fn decide(&mut self, of: u8, forced: bool) -> Result<Option<AttemptId>, String> {
        if forced || !self.skips(of)? {
            self.seen.builds += 1;
            return Ok(None);
        }
        self.seen.skips += 1;
        Ok(self.mark.as_ref().and_then(|mark| mark.deployed.as_ref()).map(|deploy| deploy.id.clone()))
    }

    /// What the decision would be now, for every content: a skip must be right at every moment.
    pub(super) fn plan(&mut self) -> Result<(), String> {
        for of in [1, 2] {
            self.seen.would_skip += usize::from(self.skips(of)?);
        }
        Ok(())
    }

    /// Asks the real decision, and holds a skip against the truth.
    pub(super) fn skips(&mut self, of: u8) -> Result<bool, String> {
        let Some(mark) = self.mark.take() else { return Ok(false) };
        let hidden = self.fault.and_then(|fault| fault.hides(&mark));
        let known = Known::Mark(Box::new(mark));
        let (reason, _) = decide(&Question {
            now: &Now { content: Some(content(of)), selects: true, unreadable: None },
            known: hidden.as_ref().unwrap_or(&known),
            forced: false,
            environment: &self.key.environment,
            build: &Build::default(),
            required: &BTreeMap::new(),
            max_skip_age: None,
            at: self.now,
        });
        if let Known::Mark(mark) = known {
            self.mark = Some(*mark);
        }
        if reason != Reason::Unchanged {
            return Ok(false);
        }
        let others = self.others(of);
        if self.live == [of, of] && others.is_empty() {
            return Ok(true);
        }
        let (live, mark) = (self.live, &self.mark);
        Err(format!("false skip of {of}: live {live:?}, may still deploy: {others:?}, {mark:#?}"))
    }

    /// Who may still deploy something else than `of`.
    fn others(&self, of: u8) -> Vec<Exec> {
        let lanes = self.lanes.iter().flat_map(|lane| lane.build.iter().chain(&lane.wait).chain(&lane.deploy));
        let may_deploy = |exec: &&Exec| {
            let surprise = exec.rollback && exec.phase == Phase::Begin;
            exec.listed && exec.content != of && !surprise && !matches!(exec.phase, Phase::Skipped(_))
        };
        self.builds.iter().chain(lanes).filter(may_deploy).cloned().collect()
    }

    /// Counts what became of a record. Of an attempt that the mark could not know, it may never be certain.
    pub(super) fn finished(&mut self, finish: &Finish, listed: bool) -> Result<(), String> {
        let certain = *finish == Finish::Certain;
        self.seen.certain += usize::from(certain);
        self.seen.uncertain += usize::from(matches!(finish, Finish::Uncertain(_)));
        if certain && !listed {
            return Err("a deploy that no attempt stood for was recorded as certain".to_owned());
        }
        Ok(())
    }
}
