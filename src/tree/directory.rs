//! Git blob ids.
