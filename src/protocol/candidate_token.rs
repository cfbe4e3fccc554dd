//! The value that `stage` hands to the deploy stage: all that `begin` and `promote` need to know, without source or map.
//!
//! It travels as an exported variable, so it is one word of letters, digits, `-` and `_`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::protocol::mark::AttemptId;

const VERSION: u32 = 1;

/// The candidates that one `stage` kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateToken {
    #[serde(rename = "v")]
    version: u32,
    /// Where the state lives.
    #[serde(rename = "s")]
    pub state: String,
    /// The project.
    #[serde(rename = "p")]
    pub project: ProjectName,
    /// The candidates of each environment and service, those included that are deployed again.
    #[serde(rename = "c")]
    pub candidates: BTreeMap<EnvironmentName, Vec<(ServiceName, AttemptId)>>,
}

/// A text that is no value of `stage`.
#[derive(Debug, thiserror::Error)]
#[error("the candidate is not what `shipmark stage` printed: {0}")]
pub struct CandidateTokenError(String);

impl CandidateToken {
    /// With no candidate yet.
    pub fn new(state: String, project: ProjectName) -> Self {
        Self { version: VERSION, state, project, candidates: BTreeMap::new() }
    }

    /// As one word.
    ///
    /// # Errors
    /// None that is known: every key is a string.
    pub fn encode(&self) -> Result<String, CandidateTokenError> {
        let json = serde_json::to_vec(self).map_err(|cause| CandidateTokenError(cause.to_string()))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads the word.
    ///
    /// # Errors
    /// It is cut, changed, or of a newer version.
    pub fn decode(text: &str) -> Result<Self, CandidateTokenError> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|cause| CandidateTokenError(cause.to_string()))?;
        let handoff: Self = serde_json::from_slice(&json).map_err(|cause| CandidateTokenError(cause.to_string()))?;
        if handoff.version != VERSION {
            return Err(CandidateTokenError("another version wrote it".to_owned()));
        }
        Ok(handoff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_travels_as_one_word() {
        let mut handoff = CandidateToken::new("file:/a b/c'd".to_owned(), ProjectName::default());
        let id = AttemptId::parse("0123abc").unwrap();
        handoff.candidates.insert(EnvironmentName::default(), vec![(ServiceName::new("a").unwrap(), id)]);
        let word = handoff.encode().unwrap();
        assert!(word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{word}");
        assert_eq!(CandidateToken::decode(&word).unwrap(), handoff);
    }

    #[test]
    fn what_was_cut_is_refused() {
        let word = CandidateToken::new("file:/x".to_owned(), ProjectName::default()).encode().unwrap();
        for end in 0..word.len() {
            assert!(CandidateToken::decode(&word[..end]).is_err(), "{end}");
        }
    }
}
