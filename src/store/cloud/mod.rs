//! What the AWS stores share: a runtime, the SDK's configuration, a deadline for every operation, and errors that say
//! what to do.
//!
//! The program is synchronous: each operation waits for its requests on the calling thread. Nothing is started before
//! it is needed, and nothing at all for the directory store.

mod error;
mod http;
mod describe;
mod runtime;

pub(super) use describe::Heads;
pub use error::CloudError;
pub(super) use error::{CloudProblem, innermost, problem};

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::StalledStreamProtectionConfig;
use aws_sdk_s3::config::retry::RetryConfig;

use super::StoreError;
use super::url::StoreAccess;

/// The slowest link, in bytes per second, on which a large body can still arrive before the deadline.
const SLOWEST: u64 = 512 * 1024;

/// How long a body may stall, at most.
const STANDSTILL: Duration = Duration::from_secs(5);

/// Access to one AWS store, through a client of its service.
#[derive(Debug)]
pub(super) struct Cloud<C> {
    /// The store in words: the subject of its errors.
    place: String,
    reach: StoreAccess,
    timeout: Duration,
    config: OnceLock<SdkConfig>,
    /// Makes the client. An endpoint in the address applies only to the store, not to credential providers.
    connect: fn(&SdkConfig, Option<&str>) -> C,
    client: OnceLock<C>,
}

impl<C> Cloud<C> {
    /// Does not read or start anything yet.
    pub(super) fn new(
        place: String,
        reach: StoreAccess,
        timeout: Duration,
        connect: fn(&SdkConfig, Option<&str>) -> C,
    ) -> Self {
        Self { place, reach, timeout, config: OnceLock::new(), connect, client: OnceLock::new() }
    }

    /// The endpoint, if the address names one.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.reach.endpoint.as_deref()
    }

    /// How long an operation may take whose bodies total `bytes` bytes; 0 for a small one.
    pub(super) fn deadline(&self, bytes: usize) -> Duration {
        self.timeout + Duration::from_secs(bytes as u64 / SLOWEST)
    }

    /// Runs the requests of one operation until it ends or its deadline passes. `verb` says what the operation does.
    pub(super) fn run<T>(
        &self,
        verb: &'static str,
        deadline: Duration,
        work: impl AsyncFnOnce(&C) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        self.configured(verb, deadline, async |config| {
            work(self.client.get_or_init(|| (self.connect)(config, self.endpoint()))).await
        })
    }

    /// The same for an operation that needs the configuration but no client.
    pub(super) fn configured<T>(
        &self,
        verb: &'static str,
        deadline: Duration,
        work: impl AsyncFnOnce(&SdkConfig) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        let done = runtime::runtime().and_then(|runtime| {
            runtime.block_on(async {
                let all = async { work(self.config().await?).await };
                tokio::time::timeout(deadline, all).await.unwrap_or(Err(CloudProblem::Deadline(deadline)))
            })
        });
        done.map_err(|problem| self.failed(verb, problem))
    }

    /// The error of an operation.
    pub(super) fn failed(&self, verb: &'static str, problem: CloudProblem) -> StoreError {
        StoreError::Cloud(Arc::new(CloudError { place: self.place.clone(), verb, problem }))
    }

    /// The configuration from the SDK's standard chain: the environment, the profiles, the container, the machine.
    async fn config(&self) -> Result<&SdkConfig, CloudProblem> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http::client())
            .timeout_config(self.timeouts(0))
            .stalled_stream_protection(self.stalls())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(4)
                    .with_initial_backoff(Duration::from_millis(100))
                    .with_max_backoff(Duration::from_secs(2)),
            );
        if let Some(region) = &self.reach.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = loader.load().await;
        // A request without a region would fail with an unhelpful message about endpoints.
        if config.region().is_none_or(|region| region.as_ref().is_empty()) {
            return Err(CloudProblem::NoRegion);
        }
        Ok(self.config.get_or_init(|| config))
    }

    /// How long one request may take, so that an attempt that hangs leaves time for another.
    pub(super) fn timeouts(&self, bytes: usize) -> TimeoutConfig {
        let whole = self.deadline(bytes);
        TimeoutConfig::builder()
            .connect_timeout((self.timeout / 3).min(Duration::from_secs(3)))
            .operation_attempt_timeout(whole.mul_f64(0.45))
            .build()
    }

    /// How long a body may stall: short enough to leave time for another attempt.
    fn stalls(&self) -> StalledStreamProtectionConfig {
        StalledStreamProtectionConfig::enabled().grace_period(self.timeout.mul_f64(0.3).min(STANDSTILL)).build()
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Handle;

    use super::*;

    /// The store of a different service, with a client of a different type.
    fn handle<C>(client: fn(&SdkConfig, Option<&str>) -> C) -> tokio::runtime::Id {
        let reach = StoreAccess { region: Some("eu-west-1".to_owned()), endpoint: None };
        let cloud = Cloud::new("a store".to_owned(), reach, Duration::from_secs(10), client);
        cloud.run("ask", cloud.deadline(0), async |_| Ok(Handle::current().id())).unwrap()
    }

    #[test]
    fn all_stores_run_on_one_runtime_whichever_thread_asks() {
        let here = handle(|_, _| ());
        let there = std::thread::spawn(|| handle(|_, _| 0)).join().unwrap();
        assert_eq!(here, there);
    }
}
