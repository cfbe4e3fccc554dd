//! What bytes are really deployed, whatever any mark says about it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::oracle::Content;

/// Something that a build deploys.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) service: &'static str,
    /// The commit that the content is from.
    pub(crate) commit: usize,
    pub(crate) content: Rc<Content>,
    /// Whether it is another pipeline's service, deployed again with what was recorded for it.
    pub(crate) pinned: bool,
    /// The moment at which its deploy began, once it has.
    began: Option<u64>,
}

impl Target {
    pub(crate) fn new(service: &'static str, commit: usize, content: Rc<Content>, pinned: bool) -> Self {
        Self { service, commit, content, pinned, began: None }
    }
}

/// What one deploy wrote to one service, and when: any of its bytes at any moment between the two.
#[derive(Debug)]
struct Write {
    content: Rc<Content>,
    began: u64,
    /// The last moment at which it could write. `None` while it is under way.
    ended: Option<u64>,
    /// Whether it wrote every byte.
    whole: bool,
}

/// All services where they run: of each, the deploys that may have written some byte of it last.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Counts what happens; no two deploys begin at one moment.
    now: u64,
    writes: BTreeMap<&'static str, Vec<Write>>,
}

impl World {
    /// Whether a service consists of exactly this, whichever of its deploys wrote last.
    pub(crate) fn is(&self, service: &str, content: &Content) -> bool {
        let Some(writes) = self.writes.get(service) else { return false };
        writes.iter().any(|write| write.whole) && writes.iter().all(|write| *write.content == *content)
    }

    /// A deploy begins. From here on any byte may be its own.
    pub(crate) fn begin(&mut self, targets: &mut [Target]) {
        for target in targets {
            self.now += 1;
            target.began = Some(self.now);
            let write = Write { content: Rc::clone(&target.content), began: self.now, ended: None, whole: false };
            self.writes.entry(target.service).or_default().push(write);
        }
    }

    /// A deploy has written every byte. What had ended before it began is gone without a trace.
    pub(crate) fn complete(&mut self, targets: &[Target]) {
        self.end(targets, true);
        for target in targets {
            let began = target.began.expect("it began");
            let writes = self.writes.get_mut(target.service).expect("it began");
            writes.retain(|write| write.ended.is_none_or(|ended| ended > began));
        }
    }

    /// A deploy ends where it is, and leaves what it wrote so far. One that is complete or has not begun leaves nothing more.
    pub(crate) fn abandon(&mut self, targets: &[Target]) {
        self.end(targets, false);
    }

    fn end(&mut self, targets: &[Target], whole: bool) {
        self.now += 1;
        for target in targets {
            let writes = self.writes.get_mut(target.service).into_iter().flatten();
            for write in writes.filter(|write| Some(write.began) == target.began && write.ended.is_none()) {
                write.ended = Some(self.now);
                write.whole = whole;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(of: &str) -> Rc<Content> {
        Rc::new(Content::from([(of.to_owned(), of.to_owned())]))
    }

    fn begun(world: &mut World, of: &str) -> Vec<Target> {
        let mut targets = vec![Target::new("a", 0, content(of), false)];
        world.begin(&mut targets);
        targets
    }

    #[test]
    fn what_overlaps_leaves_either() {
        let mut world = World::default();
        assert!(!world.is("a", &content("new")));
        let old = begun(&mut world, "old");
        let new = begun(&mut world, "new");
        world.complete(&old);
        world.complete(&new);
        assert!(!world.is("a", &content("new")) && !world.is("a", &content("old")));

        let again = begun(&mut world, "new");
        assert!(!world.is("a", &content("new")), "a half is not enough");
        world.complete(&again);
        assert!(world.is("a", &content("new")));
    }

    #[test]
    fn a_deploy_that_ends_half_way_leaves_something_until_another_is_complete() {
        let mut world = World::default();
        let old = begun(&mut world, "old");
        world.complete(&old);
        let dead = begun(&mut world, "new");
        let beside = begun(&mut world, "old");
        world.abandon(&dead);
        world.complete(&beside);
        assert!(!world.is("a", &content("old")), "it may have written after the one beside it");
        let after = begun(&mut world, "old");
        world.complete(&after);
        assert!(world.is("a", &content("old")));
    }

    #[test]
    fn what_a_collision_left_is_undone_by_a_whole_deploy_even_while_one_of_the_two_goes_on() {
        let mut world = World::default();
        let slow = begun(&mut world, "new");
        let dead = begun(&mut world, "old");
        world.abandon(&dead);
        let whole = begun(&mut world, "new");
        world.complete(&whole);
        assert!(world.is("a", &content("new")));
        world.complete(&slow);
        assert!(world.is("a", &content("new")), "it writes what is there");
        world.abandon(&slow);
        assert!(world.is("a", &content("new")), "it had ended");
    }
}
