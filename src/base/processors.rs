//! How many processors this process may use, and how two threads get one each at once.

use std::sync::LazyLock;
use std::thread::{Scope, ScopedJoinHandle};

/// Asking reads half a dozen files about control groups.
static AVAILABLE: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));

/// The processors that this process may use, at least one.
pub fn available() -> usize {
    *AVAILABLE
}

/// Starts a thread on this processor, and moves the calling one to another, if it may use one.
///
/// A kernel may start a thread on the processor of the one that started it, and move neither for some milliseconds even if all
/// others are idle (seen with Linux 6.18 in a virtual machine): two threads with no more to do than that take turns.
pub fn spawn_apart<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    let places = places::Places::of_this_thread();
    places.stay();
    let thread = scope.spawn(move || {
        places.free();
        work()
    });
    places.leave();
    thread
}

/// Where a thread may run. A request that fails leaves it where the kernel puts it, which is only slower.
#[cfg(target_os = "linux")]
mod places {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    #[derive(Clone, Copy)]
    pub(super) struct Places {
        here: CpuSet,
        elsewhere: CpuSet,
        all: CpuSet,
    }

    impl Places {
        pub(super) fn of_this_thread() -> Self {
            let (mut here, all) = (CpuSet::new(), sched_getaffinity(None).unwrap_or_default());
            let mut elsewhere = all;
            if all.count() > 1
                && let Some(processor) = processor().filter(|processor| all.is_set(*processor))
            {
                here.set(processor);
                elsewhere.unset(processor);
            }
            Self { here, elsewhere, all }
        }

        /// Keeps this thread, and what it starts, where it is.
        pub(super) fn stay(self) {
            allow(self.here);
        }

        /// Moves this thread to another processor.
        pub(super) fn leave(self) {
            allow(self.elsewhere);
            self.free();
        }

        /// Lets the kernel place this thread again, as before.
        pub(super) fn free(self) {
            allow(self.all);
        }
    }

    /// The processor of this thread: the 39th field (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>). The second
    /// is a name in brackets, which may hold spaces. `getcpu` of the vDSO would crash below valgrind.
    fn processor() -> Option<usize> {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
        let (_, fields) = stat.rsplit_once(')')?;
        fields.split_whitespace().nth(36)?.parse().ok()
    }

    fn allow(places: CpuSet) {
        if places.count() > 0 {
            let _ = sched_setaffinity(None, &places);
        }
    }
}

/// Other systems place new threads well enough.
#[cfg(not(target_os = "linux"))]
mod places {
    #[derive(Clone, Copy)]
    pub(super) struct Places;

    impl Places {
        pub(super) fn of_this_thread() -> Self {
            Self
        }

        pub(super) fn stay(self) {}

        pub(super) fn leave(self) {}

        pub(super) fn free(self) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the calling thread may run, as the kernel says it.
    fn allowed() -> String {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        status.lines().find(|line| line.starts_with("Cpus_allowed_list")).unwrap_or_default().to_owned()
    }

    #[test]
    fn a_thread_that_starts_apart_gives_its_result_and_both_may_run_anywhere_again() {
        let before = allowed();
        for round in 0..20 {
            let (result, there) = std::thread::scope(|scope| {
                let thread = spawn_apart(scope, move || (round, allowed()));
                assert_eq!(allowed(), before);
                thread.join().unwrap()
            });
            assert_eq!((result, there), (round, before.clone()));
        }
    }
}
