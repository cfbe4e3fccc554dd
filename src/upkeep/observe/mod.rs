//! Which files of its source a build reads, and whether the rules cover them. Pure: the trace comes in line by line.
//!
//! An observation may add inputs. It never removes one, and never justifies a skip: it shows one run, in one environment,
//! with one state of the caches.

mod before;
mod coverage;
mod doubt;
mod observation;
mod observer;
mod processes;
pub mod saved;
mod sockets;
mod suggest;
mod trace;

pub use before::{LookAt, OnDisk, SourceBefore};
pub use coverage::{Coverage, Covered, Gaps};
pub use doubt::BlindSpot;
pub use observation::Observation;
pub use observer::{CommandEnded, IsOwn, Observer};
pub use suggest::Additions;
