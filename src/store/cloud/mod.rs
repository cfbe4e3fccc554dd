//! What the AWS stores share: a runtime, the SDK's configuration, tries until the command's time is over, and errors that
//! say what to do.
//!
//! The program is synchronous: each operation waits for its requests on the calling thread. Nothing is started before
//! it is needed, and nothing at all for the directory store.

mod error;
mod http;
mod describe;
mod permission;
mod runtime;

pub(super) use describe::Heads;
pub use error::CloudError;
pub(super) use error::{CloudProblem, innermost, problem};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::StalledStreamProtectionConfig;
use aws_sdk_s3::config::retry::RetryConfig;

use super::StoreError;
use super::budget::{Backoff, Budget};
use super::url::StoreAccess;

/// The slowest link, in bytes per second, on which a large body can still be sent.
const SLOWEST: u64 = 512 * 1024;

/// How long a small request may take before it is sent again, at most.
const LONGEST_TRY: Duration = Duration::from_secs(10);

/// How long a body may stall, at most.
const STANDSTILL: Duration = Duration::from_secs(5);

/// How long the first pause before an operation is tried again may take.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// All of the time that is left, in eighths.
const ALL: u32 = 8;

/// Access to one AWS store, through a client of its service.
#[derive(Debug)]
pub(super) struct Cloud<C> {
    /// The store in words: the subject of its errors.
    place: String,
    reach: StoreAccess,
    budget: Budget,
    /// Makes the client. An endpoint in the address applies only to the store, not to credential providers.
    connect: fn(&SdkConfig, Option<&str>) -> C,
    connected: Mutex<Option<Arc<Connected<C>>>>,
}

/// A client and the configuration that it was made from. It keeps connections and credentials.
#[derive(Debug)]
struct Connected<C> {
    config: SdkConfig,
    client: C,
}

impl<C> Cloud<C> {
    /// Does not read or start anything yet.
    pub(super) fn new(
        place: String,
        reach: StoreAccess,
        budget: Budget,
        connect: fn(&SdkConfig, Option<&str>) -> C,
    ) -> Self {
        Self { place, reach, budget, connect, connected: Mutex::new(None) }
    }

    /// The endpoint, if the address names one.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.reach.endpoint.as_deref()
    }

    /// The time that the command's requests share.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Runs the requests of one operation, and repeats it until the command's time is over as long as the failure may pass.
    /// `verb` says what the operation does. `work` may keep partial answers for its next try.
    pub(super) fn run<T>(
        &self,
        verb: &'static str,
        work: impl AsyncFnMut(&C) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        self.within(verb, ALL, work)
    }

    /// The same, but leaves some time for writes: for reading marks. If one of them cannot be read, the attempts of the
    /// other services must still be written.
    pub(super) fn run_before_writes<T>(
        &self,
        verb: &'static str,
        work: impl AsyncFnMut(&C) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        self.within(verb, ALL - ALL / 8, work)
    }

    /// The same in at most half of the time that is left: for snapshots, which must not use up the time of a mark.
    pub(super) fn run_in_half<T>(
        &self,
        verb: &'static str,
        work: impl AsyncFnMut(&C) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        self.within(verb, ALL / 2, work)
    }

    /// For an operation that needs the configuration but no client.
    pub(super) fn configured<T>(
        &self,
        verb: &'static str,
        work: impl AsyncFnOnce(&SdkConfig) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        self.limited(verb, ALL, async |_| work(&self.connected().await?.config).await)
    }

    fn within<T>(
        &self,
        verb: &'static str,
        eighths: u32,
        mut work: impl AsyncFnMut(&C) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        self.limited(verb, eighths, async |last| self.tries(&mut work, last).await)
    }

    /// Waits at most for a part of the time that is left. The error of a deadline names the problem that `all` has put into
    /// its argument.
    fn limited<T>(
        &self,
        verb: &'static str,
        eighths: u32,
        all: impl AsyncFnOnce(&mut Option<CloudProblem>) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        let _waiting = self.budget.waiting();
        let left = self.budget.left() / ALL * eighths;
        let mut last = None;
        // Without time for its answer, a request must not be sent.
        let done = if left.is_zero() { Ok(None) } else { wait(left, all(&mut last)) };
        let late = || CloudProblem::Deadline { limit: self.budget.limit(), last: last.map(Box::new) };
        done.and_then(|done| done.unwrap_or_else(|| Err(late()))).map_err(|problem| self.failed(verb, problem))
    }

    async fn tries<T>(
        &self,
        work: &mut impl AsyncFnMut(&C) -> Result<T, CloudProblem>,
        last: &mut Option<CloudProblem>,
    ) -> Result<T, CloudProblem> {
        let mut backoff = Backoff::from(FIRST_PAUSE);
        let mut renewed = false;
        loop {
            let connected = self.connected().await?;
            match work(&connected.client).await {
                // A profile or a container may have new credentials by now.
                Err(CloudProblem::Expired(_)) if !renewed => {
                    renewed = true;
                    self.disconnect(&connected);
                }
                Err(problem) if problem.passes() => {
                    tracing::debug!(?problem, "another try");
                    *last = Some(problem);
                    tokio::time::sleep(backoff.pause()).await;
                }
                done => return done,
            }
        }
    }

    /// The error of an operation.
    pub(super) fn failed(&self, verb: &'static str, problem: CloudProblem) -> StoreError {
        StoreError::Cloud(Arc::new(CloudError { place: self.place.clone(), verb, problem }))
    }

    async fn connected(&self) -> Result<Arc<Connected<C>>, CloudProblem> {
        if let Some(connected) = self.known().clone() {
            return Ok(connected);
        }
        let config = self.config().await?;
        let client = (self.connect)(&config, self.endpoint());
        Ok(self.known().get_or_insert_with(|| Arc::new(Connected { config, client })).clone())
    }

    /// Forgets a client and its credentials, unless somebody else has done so.
    fn disconnect(&self, old: &Arc<Connected<C>>) {
        self.known().take_if(|known| Arc::ptr_eq(known, old));
    }

    fn known(&self) -> MutexGuard<'_, Option<Arc<Connected<C>>>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration from the SDK's standard chain: the environment, the profiles, the container, the machine.
    async fn config(&self) -> Result<SdkConfig, CloudProblem> {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http::client())
            .timeout_config(self.timeouts(0))
            .stalled_stream_protection(self.stalls())
            // A request's own quick retries; `tries` goes on after them.
            .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50)));
        if let Some(region) = &self.reach.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = loader.load().await;
        // A request without a region would fail with an unhelpful message about endpoints.
        if config.region().is_none_or(|region| region.as_ref().is_empty()) {
            return Err(CloudProblem::NoRegion);
        }
        Ok(config)
    }

    /// How long one request with a body of that many bytes may take, so that one that hangs leaves time for another.
    pub(super) fn timeouts(&self, bytes: usize) -> TimeoutConfig {
        let limit = self.budget.limit();
        let small = limit.mul_f64(0.45).min(LONGEST_TRY);
        TimeoutConfig::builder()
            .connect_timeout((limit / 3).min(Duration::from_secs(3)))
            .operation_attempt_timeout(small + Duration::from_secs(bytes as u64 / SLOWEST))
            .build()
    }

    /// How long a body may stall: short enough to leave time for another attempt.
    fn stalls(&self) -> StalledStreamProtectionConfig {
        let grace = self.budget.limit().mul_f64(0.3).min(STANDSTILL);
        StalledStreamProtectionConfig::enabled().grace_period(grace).build()
    }
}

/// Waits for a result on the runtime; `None` if the time is over first.
fn wait<T>(time: Duration, work: impl Future<Output = T>) -> Result<Option<T>, CloudProblem> {
    Ok(runtime::runtime()?.block_on(async { tokio::time::timeout(time, work).await.ok() }))
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Handle;

    use super::*;

    /// The store of a different service, with a client of a different type.
    fn handle<C>(client: fn(&SdkConfig, Option<&str>) -> C) -> tokio::runtime::Id {
        let reach = StoreAccess { region: Some("eu-west-1".to_owned()), endpoint: None };
        let cloud = Cloud::new("a store".to_owned(), reach, Budget::new(Duration::from_secs(10)), client);
        cloud.run("ask", async |_| Ok(Handle::current().id())).unwrap()
    }

    #[test]
    fn all_stores_run_on_one_runtime_whichever_thread_asks() {
        let here = handle(|_, _| ());
        let there = std::thread::spawn(|| handle(|_, _| 0)).join().unwrap();
        assert_eq!(here, there);
    }
}
