//! Help for the people who edit the rules and the pipelines: lints, first drafts, manifests, replays of history.

pub mod init;
pub mod lint;
pub mod manifests;
pub mod observe;
pub mod replay;
pub mod template;
