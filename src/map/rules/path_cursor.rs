//! From whole paths to places.

use std::sync::Arc;

use super::{RulePosition, Rules, Verdict};

/// Judges whole paths, best in sorted order: what a path has in common with the one before it is not entered again.
#[derive(Debug)]
pub struct PathCursor<'r> {
    rules: &'r Rules,
    path: Vec<u8>,
    root: RulePosition,
    /// For each component of the path, where it ends, and the place there.
    places: Vec<(usize, RulePosition)>,
}

impl<'r> PathCursor<'r> {
    /// Begins at the root.
    pub fn new(rules: &'r Rules) -> Self {
        Self { rules, path: Vec::new(), root: rules.root(), places: Vec::new() }
    }

    /// The place of a path, whose components are separated by `/`.
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
