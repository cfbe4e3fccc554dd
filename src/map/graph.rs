//! Dependency order, cycles and closures.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// The items in dependency order: repeatedly the smallest whose dependencies have been placed. Items on a cycle, and
/// items that depend on them, are left out.
pub(super) fn order(dependencies: &[Vec<usize>]) -> Vec<usize> {
    let mut dependents = vec![Vec::new(); dependencies.len()];
    for (item, on) in dependencies.iter().enumerate() {
        on.iter().for_each(|dependency| dependents[*dependency].push(item));
    }
    let mut missing: Vec<usize> = dependencies.iter().map(Vec::len).collect();
    let mut ready: BinaryHeap<Reverse<usize>> =
        missing.iter().enumerate().filter(|(_, missing)| **missing == 0).map(|(item, _)| Reverse(item)).collect();
    let mut order = Vec::with_capacity(dependencies.len());
    while let Some(Reverse(item)) = ready.pop() {
        order.push(item);
        for dependent in &dependents[item] {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                ready.push(Reverse(*dependent));
            }
        }
    }
    order
}

/// Cycles, each as the items on it. Every item that [`order`] leaves out is on one of these or leads to one.
pub(super) fn cycles(dependencies: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut left = vec![true; dependencies.len()];
    order(dependencies).into_iter().for_each(|item| left[item] = false);
    let mut cycles = Vec::new();
    // Which walk reached an item first.
    let mut walked: Vec<Option<usize>> = vec![None; dependencies.len()];
    for start in 0..dependencies.len() {
        let mut path = Vec::new();
        let mut next = left[start].then_some(start);
        while let Some(item) = next {
            if let Some(walk) = walked[item] {
                if walk == start {
                    let first = path.iter().position(|on_path| *on_path == item).unwrap_or(0);
                    cycles.push(path.split_off(first));
                }
                break;
            }
            walked[item] = Some(start);
            path.push(item);
            // An item that was left out has a dependency that was left out.
            next = dependencies[item].iter().copied().find(|dependency| left[*dependency]);
        }
    }
    cycles
}

/// The items and everything that `next` reaches from them, sorted.
pub(super) fn closure<'a>(items: &[usize], next: impl Fn(usize) -> &'a [usize]) -> Vec<usize> {
    let mut reached = BTreeSet::new();
    let mut open = items.to_vec();
    while let Some(item) = open.pop() {
        if reached.insert(item) {
            open.extend_from_slice(next(item));
        }
    }
    reached.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_whose_dependencies_stand_comes_first() {
        assert_eq!(order(&[vec![2], vec![], vec![]]), [1, 2, 0]);
        assert_eq!(order(&[vec![3], vec![], vec![0], vec![]]), [1, 3, 0, 2]);
    }

    #[test]
    fn every_cycle_is_found_once() {
        let dependencies = [vec![1], vec![2, 3], vec![1], vec![], vec![4], vec![0, 3]];
        assert_eq!(cycles(&dependencies), [vec![1, 2], vec![4]]);
        assert_eq!(order(&dependencies), [3]);
    }

    #[test]
    fn a_long_chain_overflows_no_stack() {
        let chain: Vec<Vec<usize>> = (0..100_000).map(|item| if item == 0 { vec![] } else { vec![item - 1] }).collect();
        assert_eq!(order(&chain).len(), chain.len());
    }
}
