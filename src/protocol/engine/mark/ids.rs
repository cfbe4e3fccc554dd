//! Ids of attempts. They are given by the caller or derived from those, so that a repeated step finds what it has
//! already written.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The number of characters of an id that encode its time.
const TIME: usize = 9;

/// The id of an attempt, and of the resulting artifact, candidate, run or deploy. Unique; starts with the time, so that
/// ids sort by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(String);

impl AttemptId {
    /// A new id: milliseconds and 50 of the given random bits, in lower-case base 32.
    pub fn new(now: Timestamp, random: u64) -> Self {
        let time = now.as_millisecond().unsigned_abs();
        let time = (0..TIME).rev().map(|place| digit(time >> (place * 5)));
        let random = (0..10).map(|place| digit(random >> (place * 5)));
        Self(time.chain(random).collect())
    }

    /// Accepts an id from outside: at most 64 letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric());
        valid.then(|| Self(text.to_owned()))
    }

    /// Another id that depends only on this one and `parts`. It keeps the time.
    #[must_use]
    pub fn derive(&self, parts: &[&str]) -> Self {
        let time = self.0.chars().filter(char::is_ascii_alphanumeric).take(TIME);
        Self(time.chain(hashed(&[&[self.0.as_str()], parts].concat())).collect())
    }

    /// The id of the run of a candidate that `job` (a build, or an action's job) begins. A job that is delivered twice
    /// begins only one run.
    #[must_use]
    pub fn of_run(candidate: &Self, job: &str) -> Self {
        candidate.derive(&["run", job])
    }

    /// The id of an entry that must not be found by the id of an attempt: merged attempts, a doubt, an orphan's
    /// attempt.
    #[must_use]
    pub fn nameless(&self) -> Self {
        Self(format!("{}+", self.0.trim_end_matches('+')))
    }

    /// Whether it is the id of an entry that does not belong to a single attempt.
    pub fn is_nameless(&self) -> bool {
        self.0.ends_with('+')
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AttemptId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn digit(n: u64) -> char {
    char::from(DIGITS[(n % 32) as usize])
}

/// 80 bits of the hash of the parts.
fn hashed(parts: &[&str]) -> impl Iterator<Item = char> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let bytes: [u8; 32] = hash.finalize().into();
    bytes.into_iter().take(16).map(|byte| digit(u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_are_valid() {
        let id = |ms, random| AttemptId::new(Timestamp::from_millisecond(ms).unwrap(), random);
        assert!(id(1_800_000_000_000, u64::MAX) < id(1_800_000_000_001, 0));
        assert_eq!(AttemptId::parse(id(1_800_000_000_000, 7).as_str()), Some(id(1_800_000_000_000, 7)));
    }

    #[test]
    fn derived_ids_depend_on_every_part() {
        let id = AttemptId::new(Timestamp::from_second(1_800_000_000).unwrap(), 1);
        let derived = [id.derive(&["a", "b"]), id.derive(&["ab"]), id.derive(&["a"]), id.derive(&[]), id.clone()];
        for (n, one) in derived.iter().enumerate() {
            assert!(AttemptId::parse(one.as_str()).is_some());
            assert!(derived[n + 1..].iter().all(|other| one != other));
        }
        assert_eq!(id.derive(&["a", "b"]), id.derive(&["a", "b"]));
        assert_eq!(id.derive(&["a"]).as_str()[..9], id.as_str()[..9]);
    }

    #[test]
    fn no_attempt_has_a_nameless_id() {
        let id = AttemptId::parse("abc").unwrap().nameless();
        assert!(id.is_nameless());
        assert_eq!(id.nameless(), id);
        assert_eq!(AttemptId::parse(id.as_str()), None);
    }
}
