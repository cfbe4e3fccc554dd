//! What every other wing may use: names, words, dates, fingerprints, failures, files that are replaced whole.

pub mod atomic_file;
pub mod clock;
pub mod duration;
pub mod failure;
pub mod fingerprint;
pub mod guarded_directory;
pub mod key;
pub mod names;
pub mod plain_file;
pub mod processors;
pub mod quick;
pub mod text;
