//! Help for the people who edit the rules: lints, first drafts, manifests, replays of history, observed builds.

pub mod init;
pub mod lint;
pub mod manifests;
pub mod observe;
pub mod replay;
