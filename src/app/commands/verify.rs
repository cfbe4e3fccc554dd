//! `--verify`: a command that checks whether what a skip or a reuse relies on is still there.

use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rayon::prelude::*;

use crate::app::child;
use crate::base::failure::Failure;
use crate::protocol::engine::core::{ToVerify, Verification, Verified};

/// How long one command may run.
const LIMIT: Duration = Duration::from_secs(30);

/// How many commands run at once: they mostly wait for a registry's answer.
const AT_ONCE: usize = 8;

/// Runs the command for each of these deploys, and adds the results.
///
/// # Errors
/// The threads that wait for them cannot be started.
pub(super) fn verify(command: &str, deploys: &[ToVerify], verified: &mut Verified) -> Result<(), Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE.min(deploys.len())).build();
    let pool = pool.map_err(|cause| Failure::other(format!("cannot run --verify: {cause}")))?;
    let failed: Vec<Option<String>> =
        pool.install(|| deploys.par_iter().map(|deploy| failed(command, deploy)).collect());
    for (deploy, failed) in deploys.iter().zip(failed) {
        verified.insert(deploy.key.clone(), Verification { deploy: deploy.deploy.clone(), failed });
    }
    Ok(())
}

/// How the command failed for one service, if it did.
fn failed(command: &str, deploy: &ToVerify) -> Option<String> {
    let mut child = match start(command, deploy) {
        Ok(child) => child,
        Err(cause) => return Some(format!("`sh` cannot be started: {cause}")),
    };
    match child::wait(&mut child, LIMIT) {
        Ok(Some(status)) if status.success() => None,
        Ok(Some(status)) => Some(status.to_string()),
        Ok(None) => Some(format!("it ran for more than {} seconds", LIMIT.as_secs())),
        Err(cause) => Some(format!("its end is unknown: {cause}")),
    }
}

/// Nothing that it prints may reach standard output, which a shell evaluates.
fn start(command: &str, deploy: &ToVerify) -> std::io::Result<Child> {
    let printed = std::io::stderr().as_fd().try_clone_to_owned()?;
    let outputs = deploy.outputs.iter().map(|(name, value)| (name.as_str(), value));
    Command::new("sh")
        .args(["-c", command])
        .env("SHIPMARK_SERVICE", deploy.key.service.as_str())
        .envs(outputs)
        .stdin(Stdio::null())
        .stdout(Stdio::from(printed))
        .process_group(0)
        .spawn()
}
