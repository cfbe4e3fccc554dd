//! The process's only runtime, which runs the requests of all AWS stores.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use super::CloudProblem;

/// A static is never dropped, so exiting does not wait for a pending name lookup, which can take half a minute.
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The runtime, started by the first request. Several threads may run requests on it at once: one of them waits for the
/// network on behalf of all.
///
/// # Errors
/// The process has too few file descriptors.
pub(super) fn runtime() -> Result<&'static Runtime, CloudProblem> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = Builder::new_current_thread().enable_all().build();
    let made = made.map_err(|cause| CloudProblem::Machine(cause.to_string()))?;
    Ok(RUNTIME.get_or_init(|| made))
}
