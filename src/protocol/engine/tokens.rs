//! What a deploy stage receives: a candidate token for what was staged, a claim token for what was skipped.
//!
//! Each is passed as an exported variable, so it is one word of letters, digits, `-` and `_`, and contains everything
//! that `begin` and `promote` need without source or map.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::mark::{AttemptId, Home, Lane};
use crate::base::fingerprint::Content;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};

/// The version of both tokens.
const TOKEN_VERSION: u32 = 2;

/// The candidates that a call has staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateToken {
    #[serde(rename = "v")]
    version: u32,
    /// The address of the store.
    #[serde(rename = "s")]
    pub state: String,
    /// The project.
    #[serde(rename = "p")]
    pub project: ProjectName,
    /// The candidates of each environment, including those of pinned services and orphans.
    #[serde(rename = "c")]
    pub candidates: BTreeMap<EnvironmentName, Vec<(ServiceName, AttemptId)>>,
}

/// Skips that were decided ahead of the deploy stages that they skip (R14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimToken {
    #[serde(rename = "v")]
    version: u32,
    /// The address of the store.
    #[serde(rename = "s")]
    pub state: String,
    /// The project.
    #[serde(rename = "p")]
    pub project: ProjectName,
    /// The skips of each environment.
    #[serde(rename = "k")]
    pub claims: BTreeMap<EnvironmentName, Vec<Claim>>,
}

/// A skip that is acted on later: what was judged, and for which home. It is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The service.
    #[serde(rename = "s")]
    pub service: ServiceName,
    /// The home that would have deployed.
    #[serde(rename = "h", skip_serializing_if = "Option::is_none", default)]
    pub home: Option<Home>,
    /// The inputs that were judged.
    #[serde(rename = "c")]
    pub content: Content,
    /// The mark's serial when it was decided.
    #[serde(rename = "n")]
    pub serial: u64,
    /// The deploy stage that is skipped, if its executions take turns and there is only one.
    #[serde(rename = "l", skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<Lane>,
}

/// What a deploy stage received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Candidates to begin and promote.
    Candidates(CandidateToken),
    /// Claims that `promote` confirms and `begin` refuses.
    Claims(ClaimToken),
}

/// Why a text is not a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is truncated, changed, or something else entirely.
    #[error("the candidate is not what `shipmark` printed: {0}")]
    Foreign(String),
    /// Another version wrote it.
    #[error("the candidate is of version {0}, and this shipmark knows {TOKEN_VERSION}")]
    Version(u64),
}

impl CandidateToken {
    /// Creates a token for these candidates.
    pub fn new<'c>(
        state: &str,
        project: &ProjectName,
        candidates: impl IntoIterator<Item = (&'c Key, &'c AttemptId)>,
    ) -> Self {
        let mut by_environment: BTreeMap<EnvironmentName, Vec<(ServiceName, AttemptId)>> = BTreeMap::new();
        for (key, id) in candidates {
            let of = by_environment.entry(key.environment.clone()).or_default();
            let candidate = (key.service.clone(), id.clone());
            if !of.contains(&candidate) {
                of.push(candidate);
            }
        }
        Self { version: TOKEN_VERSION, state: state.to_owned(), project: project.clone(), candidates: by_environment }
    }

    /// The candidates of an environment, with their keys.
    pub fn of(&self, environment: &EnvironmentName) -> Vec<(Key, AttemptId)> {
        let candidates = self.candidates.get(environment).into_iter().flatten();
        candidates.map(|(service, id)| (key(&self.project, environment, service), id.clone())).collect()
    }

    /// Encodes it as one word.
    ///
    /// # Errors
    /// None known: every key is a string.
    pub fn encode(&self) -> Result<String, TokenError> {
        word(self)
    }
}

impl ClaimToken {
    /// Creates a token for these claims.
    pub fn new<'c>(
        state: &str,
        project: &ProjectName,
        claims: impl IntoIterator<Item = (&'c EnvironmentName, &'c Claim)>,
    ) -> Self {
        let mut by_environment: BTreeMap<EnvironmentName, Vec<Claim>> = BTreeMap::new();
        for (environment, claim) in claims {
            by_environment.entry(environment.clone()).or_default().push(claim.clone());
        }
        Self { version: TOKEN_VERSION, state: state.to_owned(), project: project.clone(), claims: by_environment }
    }

    /// The claims of an environment, with their keys.
    pub fn of(&self, environment: &EnvironmentName) -> Vec<(Key, Claim)> {
        let claims = self.claims.get(environment).into_iter().flatten();
        claims.map(|claim| (key(&self.project, environment, &claim.service), claim.clone())).collect()
    }

    /// Encodes it as one word.
    ///
    /// # Errors
    /// None known: every key is a string.
    pub fn encode(&self) -> Result<String, TokenError> {
        word(self)
    }
}

impl Token {
    /// Decodes the word.
    ///
    /// # Errors
    /// It is truncated, changed, or of another version.
    pub fn decode(text: &str) -> Result<Self, TokenError> {
        if text == "none" {
            let text = "`none` stands for no candidate: the decision handed out none for this service";
            return Err(TokenError::Foreign(text.to_owned()));
        }
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|cause| TokenError::Foreign(cause.to_string()))?;
        let whole: serde_json::Value = read(&json)?;
        match whole.get("v").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(TOKEN_VERSION) => {}
            Some(other) => return Err(TokenError::Version(other)),
            None => return Err(TokenError::Foreign("it has no version".to_owned())),
        }
        if whole.get("k").is_some() { read(&json).map(Self::Claims) } else { read(&json).map(Self::Candidates) }
    }
}

fn key(project: &ProjectName, environment: &EnvironmentName, service: &ServiceName) -> Key {
    Key { project: project.clone(), environment: environment.clone(), service: service.clone() }
}

fn word(token: &impl Serialize) -> Result<String, TokenError> {
    let json = serde_json::to_vec(token).map_err(|cause| TokenError::Foreign(cause.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, TokenError> {
    serde_json::from_slice(json).map_err(|cause| TokenError::Foreign(cause.to_string()))
}

#[cfg(test)]
mod tests;
