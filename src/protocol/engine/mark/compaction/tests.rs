//! Full lists.
