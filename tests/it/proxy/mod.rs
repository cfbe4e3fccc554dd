//! A proxy between the program and a store's engine that makes go wrong what a plan wants to go wrong: the errors, lost
//! answers and silences of AWS and of networks that no engine has of its own.
//!
//! It is a reverse proxy for one engine, and a forward proxy (`HTTP_PROXY`) to any other loopback host. Requests go to the
//! engine byte for byte unless the fault changes them, so their signatures, which cover the host that the client named,
//! stay valid. It speaks plain HTTP/1.1 only, and reads every message whole before it passes it on.

mod aws;
mod dynamodb;
mod fault;
mod http;
mod serve;
mod state;
mod tests;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

pub(crate) use fault::{Fault, Request};
pub(crate) use state::Seen;

use state::State;

/// A running proxy; it ends, with all its connections, when it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

impl Proxy {
    /// A proxy for the engine at `http://HOST:PORT`, at first without faults.
    pub(crate) fn to(engine_endpoint: &str) -> Self {
        let engine = engine_endpoint.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::new(engine));
        let shared = Arc::clone(&state);
        let accepting = Some(thread::spawn(move || accept(&listener, &shared)));
        Self { address, state, accepting }
    }

    /// Where it listens, as `http://127.0.0.1:PORT`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on this plan is asked about every request; their numbers start again at 1. A plan may wait: requests on
    /// other connections go on.
    pub(crate) fn plan(&self, plan: impl Fn(&Request) -> Fault + Send + Sync + 'static) {
        self.state.plan(Arc::new(plan));
    }

    /// All requests since the start or [`Self::clear_log`], in the order in which they came.
    pub(crate) fn log(&self) -> Vec<Seen> {
        self.state.log()
    }

    /// Forgets the requests so far.
    pub(crate) fn clear_log(&self) {
        self.state.clear_log();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts; where that fails, it has ended already.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// Serves every client on a thread of its own, which looks often enough whether the proxy is gone.
fn accept(listener: &TcpListener, state: &Arc<State>) {
    for client in listener.incoming() {
        if state.stopped.load(Ordering::Relaxed) {
            return;
        }
        let Ok(client) = client else { continue };
        let state = Arc::clone(state);
        // However a connection ends, its client sees it.
        thread::spawn(move || serve::serve(&client, &state));
    }
}
