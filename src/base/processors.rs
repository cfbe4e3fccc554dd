//! How many processors this process may use.

use std::sync::LazyLock;

/// Asking reads half a dozen files about control groups.
static AVAILABLE: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));

/// The processors that this process may use, at least one.
pub fn available() -> usize {
    *AVAILABLE
}
