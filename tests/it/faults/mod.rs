//! Failures as they come: what the program makes of the errors, silences and lost answers of a store of AWS.
//!
//! Whatever fails, there is no false skip, no lost or half-written mark and no secret in anything that is shown or kept, and one
//! sentence says where it failed, why, and what to do. The proxy makes the faults that no engine has of its own.

mod batches;
mod cases;
mod conflicts;
mod identities;
mod network;
mod proxies;
mod reads;
mod retries;
mod site;
mod stages;
mod writes;

use site::{Site, on_each};
