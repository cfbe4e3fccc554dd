//! How much a template may have, and why one is refused.

use super::node::Spot;

/// The largest number of values, aliases counted with all that they stand for.
pub(super) const MOST_NODES: usize = 1_000_000;
/// How deeply values may nest.
pub(super) const DEEPEST: usize = 100;

/// Why it cannot be read, without the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TemplateFlaw {
    pub(super) at: Spot,
    pub(super) what: String,
}

impl TemplateFlaw {
    pub(super) fn new(at: Spot, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }
}

/// How many values were read, and how deeply they nest.
pub(super) struct Bounds {
    nodes: usize,
}

impl Bounds {
    pub(super) fn new() -> Self {
        Self { nodes: 0 }
    }

    /// Counts values.
    pub(super) fn count(&mut self, nodes: usize, depth: usize, at: Spot) -> Result<(), TemplateFlaw> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MOST_NODES {
            return Err(TemplateFlaw::new(at, format!("it has more than {MOST_NODES} values, aliases included")));
        }
        if depth > DEEPEST {
            return Err(TemplateFlaw::new(at, format!("it nests more than {DEEPEST} levels deep")));
        }
        Ok(())
    }

    /// How many values were counted.
    pub(super) fn counted(&self) -> usize {
        self.nodes
    }
}
