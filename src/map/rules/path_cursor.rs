//! From whole paths to positions.

use std::sync::Arc;

use super::{RulePosition, Rules, Verdict};

/// Matches whole paths, best in sorted order: the components shared with the previous path are not entered again.
#[derive(Debug)]
pub struct PathCursor<'r> {
    rules: &'r Rules,
    path: Vec<u8>,
    root: RulePosition,
    /// For each component of the path, its end offset and the position there.
    places: Vec<(usize, RulePosition)>,
}

impl<'r> PathCursor<'r> {
    /// Starts at the root.
    pub fn new(rules: &'r Rules) -> Self {
        Self::from(rules, rules.root())
    }

    /// Starts at a position of the root.
    pub fn from(rules: &'r Rules, root: RulePosition) -> Self {
        Self { rules, path: Vec::new(), root, places: Vec::new() }
    }

    /// The position of a path with components separated by `/`.
    pub fn place(&mut self, path: &[u8]) -> &RulePosition {
        let common = self.path.iter().zip(path).take_while(|(one, other)| one == other).count();
        let stays = |end: usize| end <= common && matches!(path.get(end), None | Some(b'/'));
        while self.places.last().is_some_and(|(end, _)| !stays(*end)) {
            self.places.pop();
        }
        let mut at = self.places.last().map_or(0, |(end, _)| *end);
        for component in path[at..].split(|byte| *byte == b'/') {
            let end = at + component.len();
            if !component.is_empty() {
                let above = self.places.last().map_or(&self.root, |(_, place)| place);
                self.places.push((end, self.rules.enter(above, component)));
            }
            at = end + 1;
        }
        self.path.clear();
        self.path.extend_from_slice(path);
        self.places.last().map_or(&self.root, |(_, place)| place)
    }

    /// [`Rules::verdict`] of a path.
    pub fn verdict(&mut self, path: &[u8]) -> Arc<Verdict> {
        let rules = self.rules;
        rules.verdict(self.place(path))
    }
}
