//! The time that all requests of a command to its stores may take together (`--timeout`), and the pauses between them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest pause between two tries, so that a store is asked again soon after it has recovered.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What is left of a command's time for its stores. Clones share it.
///
/// It is a stopwatch that runs while at least one operation waits for a store. Anything that the command does in between,
/// such as hashing its inputs, does not count, and operations that wait at the same time count once.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Mutex<Stopwatch>>);

#[derive(Debug)]
struct Stopwatch {
    limit: Duration,
    /// What was spent before the current wait.
    spent: Duration,
    /// How many operations are waiting now.
    waiting: usize,
    /// When the first of them began to wait.
    since: Instant,
}

impl Stopwatch {
    fn running(&self) -> Duration {
        if self.waiting == 0 { Duration::ZERO } else { self.since.elapsed() }
    }
}

impl Budget {
    /// A budget of which nothing is spent yet.
    pub fn new(limit: Duration) -> Self {
        let stopwatch = Stopwatch { limit, spent: Duration::ZERO, waiting: 0, since: Instant::now() };
        Self(Arc::new(Mutex::new(stopwatch)))
    }

    /// Starts anew, for the next part of a command.
    pub fn renew(&self, limit: Duration) {
        let mut stopwatch = self.stopwatch();
        *stopwatch = Stopwatch { limit, spent: Duration::ZERO, since: Instant::now(), waiting: stopwatch.waiting };
    }

    /// [`Budget::renew`] with the same limit.
    pub fn restart(&self) {
        self.renew(self.limit());
    }

    /// All of it, spent or not.
    pub fn limit(&self) -> Duration {
        self.stopwatch().limit
    }

    /// How long a request that begins now may take.
    pub fn left(&self) -> Duration {
        let stopwatch = self.stopwatch();
        stopwatch.limit.saturating_sub(stopwatch.spent + stopwatch.running())
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.left().is_zero()
    }

    /// The stopwatch runs until the returned guard is dropped.
    pub fn waiting(&self) -> Waiting<'_> {
        let mut stopwatch = self.stopwatch();
        if stopwatch.waiting == 0 {
            stopwatch.since = Instant::now();
        }
        stopwatch.waiting += 1;
        Waiting(self)
    }

    /// Sleeps before another try, at most for what is left.
    pub fn pause(&self, pause: Duration) {
        let _waiting = self.waiting();
        std::thread::sleep(pause.min(self.left()));
    }

    fn stopwatch(&self) -> MutexGuard<'_, Stopwatch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Budget {
    /// The limit and the flag that sets it: `10 s (--timeout)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&limit_text(self.limit()))
    }
}

/// A limit and the flag that sets it.
pub(super) fn limit_text(limit: Duration) -> String {
    format!("{} s (--timeout)", (limit.as_millis() as f64 / 100.0).round() / 10.0)
}

/// An operation waits for a store.
#[derive(Debug)]
pub struct Waiting<'a>(&'a Budget);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut stopwatch = self.0.stopwatch();
        stopwatch.waiting = stopwatch.waiting.saturating_sub(1);
        if stopwatch.waiting == 0 {
            let waited = stopwatch.since.elapsed();
            stopwatch.spent += waited;
        }
    }
}

/// The pauses between tries: the limit doubles each time, up to half a second, and each pause is a random part of it, so
/// that requests that failed together are not repeated together.
#[derive(Debug)]
pub struct Backoff {
    longest: Duration,
}

impl Backoff {
    /// The first pause takes at most so long.
    pub fn from(first: Duration) -> Self {
        Self { longest: first }
    }

    /// The next pause.
    pub fn pause(&mut self) -> Duration {
        let pause = self.longest.mul_f64(fastrand::f64());
        self.longest = (self.longest * 2).min(LONGEST_PAUSE);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Lets time pass without waiting for it.
    fn pass(budget: &Budget, time: Duration) {
        let mut stopwatch = budget.stopwatch();
        stopwatch.since = stopwatch.since.checked_sub(time).unwrap();
    }

    /// What is left, in whole seconds: the test itself takes less than one.
    fn left(budget: &Budget) -> u64 {
        budget.left().as_secs_f64().ceil() as u64
    }

    #[test]
    fn only_waiting_is_spent() {
        let budget = Budget::new(10 * HOUR);
        pass(&budget, HOUR);
        assert_eq!(left(&budget), 36_000, "nobody has waited");
        let waiting = budget.waiting();
        pass(&budget, HOUR);
        assert_eq!(left(&budget), 32_400);
        drop(waiting);
        pass(&budget, HOUR);
        assert_eq!(left(&budget), 32_400);
    }

    #[test]
    fn those_who_wait_at_once_count_once() {
        let budget = Budget::new(10 * HOUR);
        let first = budget.waiting();
        let second = budget.clone();
        let second = second.waiting();
        pass(&budget, HOUR);
        drop(first);
        pass(&budget, HOUR);
        drop(second);
        assert_eq!(left(&budget), 28_800);
    }

    #[test]
    fn what_is_renewed_is_whole_again() {
        let budget = Budget::new(HOUR);
        let waiting = budget.waiting();
        pass(&budget, 2 * HOUR);
        assert!(budget.is_spent() && budget.left().is_zero());
        budget.renew(2 * HOUR);
        assert_eq!((left(&budget), budget.limit()), (7200, 2 * HOUR));
        pass(&budget, HOUR);
        drop(waiting);
        assert_eq!(left(&budget), 3600);
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let mut backoff = Backoff::from(Duration::from_millis(300));
        for longest in [300, 500, 500] {
            assert_eq!(backoff.longest, Duration::from_millis(longest));
            assert!(backoff.pause() < Duration::from_millis(longest));
        }
    }

    #[test]
    fn a_limit_names_the_flag() {
        assert_eq!(Budget::new(Duration::from_secs(10)).to_string(), "10 s (--timeout)");
        assert_eq!(Budget::new(Duration::from_millis(1500)).to_string(), "1.5 s (--timeout)");
    }
}
