//! What bytes are really deployed, whatever any mark says about it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::oracle::Content;

/// What one service consists of where it runs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Live {
    #[default]
    Nothing,
    /// Exactly this.
    Known(Rc<Content>),
    /// A deploy is under way or ended half-way, or two of them wrote at once.
    Mixed,
}

/// Something that a build deploys.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) service: &'static str,
    /// The commit that the content is from.
    pub(crate) commit: usize,
    pub(crate) content: Rc<Content>,
    /// Whether it is another pipeline's service, deployed again with what was recorded for it.
    pub(crate) pinned: bool,
    /// Whether another deploy of other content wrote at the same time.
    mixed: bool,
}

impl Target {
    pub(crate) fn new(service: &'static str, commit: usize, content: Rc<Content>, pinned: bool) -> Self {
        Self { service, commit, content, pinned, mixed: false }
    }

    /// Whether two deploys would leave different bytes for one service.
    fn collides(&self, other: &Self) -> bool {
        self.service == other.service && self.content != other.content
    }
}

/// All services where they run.
#[derive(Debug, Default)]
pub(crate) struct World(BTreeMap<&'static str, Live>);

impl World {
    /// Whether a service consists of exactly this.
    pub(crate) fn is(&self, service: &str, content: &Content) -> bool {
        matches!(self.0.get(service), Some(Live::Known(live)) if **live == *content)
    }

    /// The first half of a deploy, while these others are under way. Writing what is there already changes nothing.
    pub(crate) fn begin<'a>(&mut self, targets: &mut [Target], others: impl Iterator<Item = &'a mut Target>) {
        for other in others {
            for target in targets.iter_mut() {
                let mixed = target.collides(other);
                target.mixed |= mixed;
                other.mixed |= mixed;
            }
        }
        for target in targets {
            if !self.is(target.service, &target.content) {
                self.0.insert(target.service, Live::Mixed);
            }
        }
    }

    /// The second half. What wrote alone is now exactly there.
    pub(crate) fn complete(&mut self, targets: &[Target]) {
        for target in targets {
            let live = if target.mixed { Live::Mixed } else { Live::Known(Rc::clone(&target.content)) };
            self.0.insert(target.service, live);
        }
    }
}
