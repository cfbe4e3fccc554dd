//! What the connections of a proxy share: the plan and the log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::aws;
use super::fault::{Fault, Request};
use super::http::Message;

/// Says what is to go wrong with a request.
pub(super) type Plan = dyn Fn(&Request) -> Fault + Send + Sync;

/// A request that came, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// As [`Request::operation`].
    pub(crate) operation: String,
    /// All bytes of the request, as they came.
    pub(crate) request: Vec<u8>,
    /// The status of the answer, whether or not the client was given it; none while there is no answer.
    pub(crate) status: Option<u16>,
    /// All bytes of the answer, whether or not the client was given them.
    pub(crate) response: Vec<u8>,
    pub(crate) fault: Fault,
}

/// What the connections share.
pub(super) struct State {
    /// The host and port of the engine.
    pub(super) engine: String,
    /// Whether the proxy is gone.
    pub(super) stopped: AtomicBool,
    /// The plan, and how many requests it has been asked about.
    plan: Mutex<(Arc<Plan>, usize)>,
    /// How many requests have come in all.
    arrived: AtomicU64,
    /// The requests in the order in which they came.
    log: Mutex<BTreeMap<u64, Seen>>,
}

impl State {
    pub(super) fn new(engine: String) -> Self {
        Self {
            engine,
            stopped: AtomicBool::new(false),
            plan: Mutex::new((Arc::new(|_: &Request| Fault::None), 0)),
            arrived: AtomicU64::new(0),
            log: Mutex::default(),
        }
    }

    /// Replaces the plan.
    pub(super) fn plan(&self, plan: Arc<Plan>) {
        *self.plan.lock().unwrap() = (plan, 0);
    }

    /// Asks the plan about a request, and logs it under the number that is returned.
    pub(super) fn arrived(&self, message: &Message) -> (u64, Fault) {
        let (plan, number, serial) = {
            let mut plan = self.plan.lock().unwrap();
            plan.1 += 1;
            (Arc::clone(&plan.0), plan.1, self.arrived.fetch_add(1, Ordering::Relaxed))
        };
        let request = Request {
            method: message.method(),
            target: message.target(),
            headers: message.headers(),
            body: message.payload().to_vec(),
            number,
            operation: aws::operation(message),
        };
        // Without any lock: a plan may wait for another request.
        let fault = plan(&request);
        let Request { method, target, operation, .. } = request;
        let (request, response) = (message.wire(), Vec::new());
        let seen = Seen { method, target, operation, request, status: None, response, fault: fault.clone() };
        self.log.lock().unwrap().insert(serial, seen);
        (serial, fault)
    }

    /// Logs the answer to a request, unless the log was cleared in between.
    pub(super) fn answered(&self, serial: u64, response: &Message) {
        if let Some(seen) = self.log.lock().unwrap().get_mut(&serial) {
            seen.status = response.status();
            seen.response = response.wire();
        }
    }

    pub(super) fn log(&self) -> Vec<Seen> {
        self.log.lock().unwrap().values().cloned().collect()
    }

    pub(super) fn clear_log(&self) {
        self.log.lock().unwrap().clear();
    }
}
