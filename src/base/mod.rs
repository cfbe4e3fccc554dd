//! What every other wing may use: names, text, fingerprints, failures, and atomic files.

pub mod atomic_file;
pub mod duration;
pub mod failure;
pub mod fingerprint;
pub mod guarded_directory;
pub mod key;
pub mod names;
pub mod text;
