//! Runs a `buildspec.yml` as CodeBuild does, so that the buildspecs that we publish are known to work.
//!
//! What is modelled: the phases and what follows on a failed one, `finally`, `on-failure`, a process of its own for each
//! command, the environment and the directory carried over by a generated script, `env.variables`, `exported-variables`,
//! artifacts. It follows AWS's "Build specification reference for CodeBuild", the script of AWS's open runner for CodeCatalyst
//! (aws/codecatalyst-runner-cli), and public logs where those say nothing; `rules` has a test for each rule.
//!
//! Not modelled, and refused: retries of phases, secrets and parameters, reports, `proxy`, `run-as`. Batches are only read.

mod artifacts;
mod build;
mod rules;
mod shell;
mod spec;

pub(crate) use build::{Build, Ended};
pub(crate) use shell::{Shell, default_shells, shells};
pub(crate) use spec::{Buildspec, yaml};
