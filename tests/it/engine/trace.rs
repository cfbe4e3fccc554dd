//! The traces of the model: one JSON object a line, an event with what the model answered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use shipmark::base::fingerprint::{Content, Fingerprint, hex};
use shipmark::protocol::engine::mark::{AttemptId, CANDIDATE_LIFE, Clock, Home, Lane, MOST_ATTEMPTS, Rest};

/// The first line.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) traces: u32,
    pub(super) attempt_timeout: u64,
    pub(super) deploy_timeout: u64,
    pub(super) candidate_life: u64,
    pub(super) limit: usize,
}

impl Header {
    /// Seconds of one tick: as many as make a candidate live as long as the model's.
    pub(super) fn tick(&self) -> u64 {
        assert_eq!((self.traces, self.limit), (1, MOST_ATTEMPTS));
        u64::try_from(CANDIDATE_LIFE.as_secs()).unwrap() / self.candidate_life
    }

    pub(super) fn clock(&self, ticks: u64) -> Clock {
        let seconds = i64::try_from(ticks * self.tick()).unwrap();
        Clock::of_store(Timestamp::from_second(1_700_000_000).unwrap() + SignedDuration::from_secs(seconds))
    }
}

/// Text, `null`, or a number that is taken as text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(super) struct Word(pub(super) Option<String>);

impl From<Value> for Word {
    fn from(value: Value) -> Self {
        Self(match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        })
    }
}

impl Word {
    pub(super) fn text(&self) -> String {
        self.0.clone().unwrap()
    }

    /// An id of our alphabet, for a text of the model's.
    pub(super) fn id(&self) -> Option<AttemptId> {
        self.0.as_ref().map(|text| id(text))
    }

    pub(super) fn content(&self) -> Option<Content> {
        self.0.as_ref().map(|text| content(text))
    }

    pub(super) fn home(&self) -> Option<Home> {
        self.0.clone().map(|name| Home { pipeline: Some(name), ..Home::default() })
    }
}

pub(super) fn id(text: &str) -> AttemptId {
    AttemptId::parse(&format!("x{}", hex(text.as_bytes()))).unwrap()
}

/// The model's text for an id of our alphabet.
pub(super) fn model_id(id: &AttemptId) -> String {
    let hex = id.as_str().strip_prefix('x').unwrap();
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    String::from_utf8(bytes).unwrap()
}

pub(super) fn content(text: &str) -> Content {
    let mut bytes = [0; 32];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    Content { fingerprint: Fingerprint(bytes), modes: None }
}

pub(super) fn lane(lane: Option<&(String, String)>) -> Option<Lane> {
    let (pipeline, stage) = lane?.clone();
    Some(Lane { pipeline, stage, rest: Rest::new() })
}

/// What the model says of a mark that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Said {
    pub(super) skip: bool,
    pub(super) reason: String,
    #[serde(default)]
    pub(super) reuse: Option<String>,
}

/// What the model says after a write.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct After {
    pub(super) certain: bool,
    pub(super) content: Word,
    #[serde(default)]
    pub(super) ok: Option<bool>,
}

/// One event.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) n: usize,
    pub(super) now: u64,
    #[serde(flatten)]
    pub(super) act: Act,
}

type Stage = Option<(String, String)>;

/// What is done, with what the model answered.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(super) enum Act {
    Decide {
        build: Word,
        home: Word,
        forced: bool,
        joint: bool,
        reuse: bool,
        ask: BTreeMap<String, Word>,
        expect: BTreeMap<String, Said>,
    },
    Confirm {
        mark: String,
        content: Word,
        home: Word,
        lane: Stage,
        read_at: usize,
        expect: Confirmed,
    },
    Open {
        mark: String,
        id: Word,
        content: Word,
        art: Word,
        lane: Stage,
        expect: After,
    },
    Orphan {
        mark: String,
        id: Word,
        expect: After,
    },
    Finish {
        mark: String,
        id: Word,
        content: Word,
        art: Word,
        home: Word,
        expect: After,
    },
    Fail {
        mark: String,
        id: Word,
        expect: After,
    },
    Doubt {
        mark: String,
        expect: After,
    },
    Stage {
        mark: String,
        id: Word,
        cand: Word,
        lane: Stage,
        content: Word,
        art: Word,
        orphan: bool,
        expect: After,
    },
    Begin {
        mark: String,
        run: Word,
        cand: Word,
        began: bool,
        built: Word,
        expect: After,
    },
    Promote {
        mark: String,
        cand: Word,
        job: Word,
        home: Word,
        art: Word,
        expect: After,
    },
    Tell {
        mark: String,
        cand: Word,
        job: Word,
        expect: After,
    },
    Taint {
        mark: String,
        ended: bool,
        expect: After,
    },
    Rm {
        mark: String,
        damaged: bool,
        expect: After,
    },
}

/// What the model says of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Confirmed {
    pub(super) skip: bool,
}
