//! Marks of schema 1: they are read, but as uncertain.
//!
//! They do not say which artifact is deployed, nor by which home, so nothing in them is evidence. The last deploy is
//! kept for people; one attempt of unknown content has ended; and what may still deploy ends when its build has timed
//! out.

use serde::Deserialize;
use serde_json::Value;

use super::{Attempt, AttemptId, Mark, State};

/// The fields that are read from an old attempt.
#[derive(Deserialize)]
struct Old {
    id: AttemptId,
    state: State,
    opened_at: jiff::Timestamp,
    timeout_seconds: u64,
    #[serde(default)]
    build: Option<String>,
    #[serde(default)]
    revision: Option<String>,
}

/// Converts the mark to this version.
pub(super) fn upgraded(mut mark: Mark, attempts: &[Value]) -> serde_json::Result<Mark> {
    let serial = mark.serial;
    if let Some(deploy) = &mut mark.deployed {
        deploy.ended = serial;
        deploy.artifact = None;
        deploy.home = None;
    }
    for value in attempts {
        let old = Old::deserialize(value)?;
        // `begin` refuses candidates of schema 1, so waiting ones do not deploy anything.
        if matches!(old.state, State::Building | State::Deploying) {
            // Its age was measured by another clock, so the first write sets its deadline.
            let alive = Attempt::new(old.id.nameless(), State::Building, serial, old.opened_at);
            mark.keep(Attempt {
                timeout_seconds: old.timeout_seconds.max(1),
                build: old.build,
                revision: old.revision,
                ..alive
            });
        }
    }
    doubted(&mut mark, "an older shipmark wrote the mark, and did not note what this one needs");
    Ok(mark)
}

/// A mark of this schema that says it is not certain, although nothing in its list says why: an older version, which knows only the
/// envelope, has recorded, tainted or doubted something.
pub(super) fn disclaimed(mut mark: Mark) -> Mark {
    doubted(&mut mark, "an older shipmark put the mark in doubt, and could not note why");
    mark
}

/// An attempt of unknown content that ended with the last write.
fn doubted(mark: &mut Mark, why: &str) {
    let Some(id) = AttemptId::parse("schema1") else { return };
    let at = mark.deployed.as_ref().map_or(jiff::Timestamp::UNIX_EPOCH, |deploy| deploy.recorded_at);
    let mut ended = Attempt::new(id.nameless(), State::Failed, mark.serial, at);
    ended.end(mark.serial);
    ended.doubt = Some(why.to_owned());
    mark.keep(ended);
}
