//! Dependency order and closures.

/// The items and all that `next` reaches from them, sorted.
pub(super) fn closure<'a>(items: &[usize], next: impl Fn(usize) -> &'a [usize]) -> Vec<usize> {
    let mut reached = std::collections::BTreeSet::new();
    let mut open = items.to_vec();
    while let Some(item) = open.pop() {
        if reached.insert(item) {
            open.extend_from_slice(next(item));
        }
    }
    reached.into_iter().collect()
}
