//! Why a service is built or skipped: the stable words of every output.

use serde::{Deserialize, Serialize};

/// Why a service is built or skipped. The reasons are tried in this order, and the first that applies is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// `--force` or `SHIPMARK_FORCE`.
    Forced,
    /// The rules select no files, and all of the source could be read.
    NoInputs,
    /// An input could not be read, or changed while it was read.
    SourceUnreadable,
    /// An environment variable that is an input is not set.
    EnvMissing,
    /// The store could not be read, or the attempt could not be written.
    StateUnavailable,
    /// The mark is damaged, or was written by a newer version.
    StateUnreadable,
    /// No deploy is recorded.
    NeverDeployed,
    /// The last deploy was made by another home, or an unknown one.
    OtherPipeline,
    /// This pipeline execution has already recorded a deploy.
    SameExecution,
    /// Something else may have been deployed since.
    Uncertain,
    /// The inputs differ from those last deployed.
    Changed,
    /// Another attempt may still deploy something else.
    DeployPending,
    /// A declared output is not recorded, does not have the required shape, or differs between environments.
    OutputMissing,
    /// The deploy is older than `max_skip_age`.
    SkipTooOld,
    /// `--verify` failed.
    Gone,
    /// It would be skipped, but the environment or service is in shadow.
    Shadow,
    /// Nothing differs: the only reason to skip.
    Unchanged,
}

impl Reason {
    /// All reasons, in the order in which they are tried.
    pub const ALL: [Self; 17] = [
        Self::Forced,
        Self::NoInputs,
        Self::SourceUnreadable,
        Self::EnvMissing,
        Self::StateUnavailable,
        Self::StateUnreadable,
        Self::NeverDeployed,
        Self::OtherPipeline,
        Self::SameExecution,
        Self::Uncertain,
        Self::Changed,
        Self::DeployPending,
        Self::OutputMissing,
        Self::SkipTooOld,
        Self::Gone,
        Self::Shadow,
        Self::Unchanged,
    ];

    /// The stable word for it in every output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Forced => "forced",
            Self::NoInputs => "no-inputs",
            Self::SourceUnreadable => "source-unreadable",
            Self::EnvMissing => "env-missing",
            Self::StateUnavailable => "state-unavailable",
            Self::StateUnreadable => "state-unreadable",
            Self::NeverDeployed => "never-deployed",
            Self::OtherPipeline => "other-pipeline",
            Self::SameExecution => "same-execution",
            Self::Uncertain => "uncertain",
            Self::Changed => "changed",
            Self::DeployPending => "deploy-pending",
            Self::OutputMissing => "output-missing",
            Self::SkipTooOld => "skip-too-old",
            Self::Gone => "gone",
            Self::Shadow => "shadow",
            Self::Unchanged => "unchanged",
        }
    }

    /// The reason with that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Whether it is a skip.
    pub fn skips(self) -> bool {
        self == Self::Unchanged
    }

    /// Whether `--strict` refuses it: something could not be read.
    pub fn is_doubt(self) -> bool {
        matches!(self, Self::SourceUnreadable | Self::StateUnavailable | Self::StateUnreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_reason_and_stored_as_it_is_printed() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.word()), Some(reason));
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{}\"", reason.word()));
        }
        assert!(Reason::ALL.is_sorted());
    }
}
