//! Gathers the current inputs and the marks, both at once, for one environment.

use crate::base::failure::Failure;
use crate::base::names::EnvironmentName;
use crate::map::rules::Rules;
use crate::source::extras::Extras;
use crate::source::inputs::{self, Inputs};
use crate::source::tree::Tree;

use super::context::{Context, Read, read};

/// The evidence for one environment.
pub(super) struct Evidence {
    pub(super) tree: Tree,
    pub(super) inputs: Vec<Inputs>,
    /// One for each requested service, in order.
    pub(super) marks: Vec<Read>,
}

/// Reads the tree and, at the same time, the marks of the requested services.
pub(super) fn gather(
    context: &Context<'_>,
    environment: &EnvironmentName,
    rules: &Rules,
    extras: &Extras,
    tree: impl FnOnce(&Rules) -> Result<Tree, Failure>,
) -> Result<Evidence, Failure> {
    let keys: Vec<_> = rules.asked().iter().map(|service| context.key(environment, *service)).collect();
    std::thread::scope(|scope| {
        let marks = scope.spawn(|| read(&context.store, &keys));
        let tree = tree(rules)?;
        let inputs = inputs::collect(&tree, rules, extras);
        // A thread that panicked has no answer, and that must not look like "there is none". (The released program
        // aborts on a panic, which is not a skip either.)
        let marks = marks.join().map_err(|_| Failure::other("reading the store failed in an unforeseen way"))?;
        Ok(Evidence { tree, inputs, marks })
    })
}
