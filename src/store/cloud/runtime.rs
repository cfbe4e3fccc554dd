//! The one runtime of the process, on which the requests of every store of AWS run.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use super::CloudProblem;

/// A static is never dropped, so the end of the program does not wait for a name that is still being looked up, which can take
/// half a minute.
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The runtime, started with the first request. Several threads may run their requests on it at once: one of them waits for the
/// network on behalf of all.
///
/// # Errors
/// The system has too few file descriptors.
pub(super) fn runtime() -> Result<&'static Runtime, CloudProblem> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = Builder::new_current_thread().enable_all().build();
    let made = made.map_err(|cause| CloudProblem::Machine(cause.to_string()))?;
    Ok(RUNTIME.get_or_init(|| made))
}
