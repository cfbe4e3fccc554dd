//! `--verify`: a command that checks whether what a skip or a reuse relies on is still there.

use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::base::failure::Failure;
use crate::protocol::engine::core::{ToVerify, Verification, Verified};

/// How long one command may run.
const LIMIT: Duration = Duration::from_secs(30);

/// How often a running command is looked at.
const LOOK: Duration = Duration::from_millis(10);

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
    let ended = wait(&mut child);
    // What it left running must not outlive it.
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    match ended {
        Ok(Some(status)) if status.success() => None,
        Ok(Some(status)) => Some(status.to_string()),
        Ok(None) => {
            let _ = child.wait();
            Some(format!("it ran for more than {} seconds", LIMIT.as_secs()))
        }
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

/// The status, or `None` if it takes too long.
fn wait(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > LIMIT {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}
