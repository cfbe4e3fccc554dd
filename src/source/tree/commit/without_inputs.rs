//! Which services have no input of their own in a commit: a search that stops at the first input of each service.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::BString;
use gix::ObjectId;

use super::{Repository, TreeError, What, never_input, verdict};
use crate::base::processors;
use crate::map::rules::{ReachableServices, RulePosition, Rules, Verdict};

/// How many unread directories justify another thread.
const WORTH_A_THREAD: usize = 32;

/// How many directories a thread takes at a time.
const AT_ONCE: usize = 4;

impl Repository {
    /// Which of the services have no input of their own in a tree, whose root has this position.
    pub(super) fn without_inputs(
        &self,
        tree: ObjectId,
        rules: &Rules,
        root: RulePosition,
        missing: Missing,
    ) -> Result<Vec<usize>, TreeError> {
        let _span = missing.span();
        let mut search = Search::new(self, rules, &missing);
        let open = search.list_at(tree, root);
        search.search(open);
        let unreadable = search.unreadable;
        missing.conclude(unreadable)
    }

    /// [`Repository::without_inputs`] on all processors, if that is worth it. The other threads start while this one is
    /// busy with `meanwhile`, which may find inputs too.
    pub(super) fn without_inputs_shared(
        &self,
        tree: ObjectId,
        rules: &Rules,
        missing: Missing,
        meanwhile: impl FnOnce(&Missing) -> Result<(), TreeError>,
    ) -> Result<Vec<usize>, TreeError> {
        let _span = missing.span();
        if let Some(files) = self.checked_out().files_of(tree) {
            missing.see_files(rules, files.iter());
        }
        let mut search = Search::new(self, rules, &missing);
        let mut open = search.list_at(tree, rules.root());
        while (1..WORTH_A_THREAD).contains(&open.len()) {
            open = open.into_iter().flat_map(|directory| search.list(directory)).collect();
        }
        let unread = open.iter().filter(|directory| !self.ahead.contains_key(&directory.id)).count();
        let helpers = match unread / WORTH_A_THREAD {
            0 => 0,
            worth => worth.min(processors::available() - 1),
        };
        let queue = Mutex::new(open.into_iter());
        let help = |repository: Self| Search::new(&repository, rules, &missing).help(&queue);
        let unreadable = std::thread::scope(|scope| {
            let repositories = vec![self.clone(); helpers].into_iter();
            let helpers: Vec<_> = repositories.map(|repository| scope.spawn(|| help(repository))).collect();
            if let Err(cause) = meanwhile(&missing) {
                take(&queue, usize::MAX);
                return Err(cause);
            }
            let mut unreadable = search.help(&queue);
            for helper in helpers {
                match helper.join() {
                    Ok(more) => unreadable.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(unreadable)
        });
        missing.conclude(unreadable?)
    }
}

/// The services without a known input so far, shared by threads.
pub(super) struct Missing(Vec<AtomicBool>);

impl Missing {
    /// The services that have none of these files as an input.
    pub(super) fn after<'a>(services: &[usize], files: impl Iterator<Item = &'a Verdict>) -> Self {
        let missing = Self::all(services);
        files.for_each(|verdict| missing.see(verdict));
        missing
    }

    /// All of the services.
    pub(super) fn all(services: &[usize]) -> Self {
        let mut missing = Vec::new();
        missing.resize_with(services.iter().max().map_or(0, |last| last + 1), AtomicBool::default);
        services.iter().for_each(|service| missing[*service] = true.into());
        Self(missing)
    }

    fn span(&self) -> tracing::span::EnteredSpan {
        tracing::debug_span!("git walk", walk = "find inputs", services = self.services().len()).entered()
    }

    /// The services, sorted.
    pub(super) fn services(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|service| self.lacks(*service)).collect()
    }

    // A thread that sees a service late only searches a little more, so no ordering between threads is needed.
    fn lacks(&self, service: usize) -> bool {
        self.0.get(service).is_some_and(|lacks| lacks.load(Ordering::Relaxed))
    }

    /// Records the services that a file is an input of.
    pub(super) fn see(&self, verdict: &Verdict) {
        for claim in verdict.claims.iter().filter(|claim| !claim.by_policy) {
            if let Some(lacks) = self.0.get(claim.service) {
                lacks.store(false, Ordering::Relaxed);
            }
        }
    }

    /// Records the services that files are inputs of. In sorted paths what no service lacks is passed at little cost.
    fn see_files<'a>(&self, rules: &Rules, paths: impl Iterator<Item = &'a [u8]>) {
        // How much of the last path leads to each directory above it, and what there is to find.
        let mut above = vec![(0, rules.root(), rules.reach(&rules.root()))];
        let mut last: &[u8] = &[];
        for path in paths {
            let common = last.iter().zip(path).take_while(|(one, other)| one == other).count();
            above.truncate(above.partition_point(|(end, ..)| *end <= common));
            while let Some((begin, place, reach)) = above.last()
                && self.any(&reach.services)
            {
                let rest = &path[*begin..];
                let name = rest.split(|byte| *byte == b'/').next().unwrap_or(rest);
                if never_input(name) {
                    break;
                }
                let place = rules.enter(place, name);
                if name.len() == rest.len() {
                    self.see(&rules.verdict(&place));
                    break;
                }
                let reach = rules.reach(&place);
                above.push((begin + name.len() + 1, place, reach));
            }
            last = path;
        }
    }

    fn any(&self, services: &[usize]) -> bool {
        services.iter().any(|service| self.lacks(*service))
    }

    /// The answer, unless a service may have its inputs in something that could not be read.
    fn conclude(self, unreadable: Vec<Unreadable>) -> Result<Vec<usize>, TreeError> {
        let doubts = unreadable.into_iter().filter(|unreadable| self.any(&unreadable.reach.services));
        // The result must not depend on the order in which threads found them.
        match doubts.map(|unreadable| unreadable.cause).min() {
            Some(cause) => Err(TreeError::Git(format!("a directory of the revision {cause}"))),
            None => Ok(self.services()),
        }
    }
}

/// A directory that could not be read.
struct Unreadable {
    reach: Arc<ReachableServices>,
    cause: String,
}

/// A directory that was listed.
struct Above {
    place: RulePosition,
    reach: Arc<ReachableServices>,
}

/// A subdirectory of one that was listed.
struct Directory {
    above: Arc<Above>,
    name: BString,
    id: ObjectId,
}

/// The next waiting directories.
fn take(queue: &Mutex<std::vec::IntoIter<Directory>>, most: usize) -> Vec<Directory> {
    // A thread that panicked while taking some left the others in place.
    queue.lock().unwrap_or_else(PoisonError::into_inner).by_ref().take(most).collect()
}

/// One thread's search.
struct Search<'a> {
    repository: &'a Repository,
    rules: &'a Rules,
    missing: &'a Missing,
    buffer: Vec<u8>,
    unreadable: Vec<Unreadable>,
}

impl<'a> Search<'a> {
    fn new(repository: &'a Repository, rules: &'a Rules, missing: &'a Missing) -> Self {
        Self { repository, rules, missing, buffer: Vec::new(), unreadable: Vec::new() }
    }

    /// Searches waiting directories until there are none left.
    fn help(mut self, queue: &Mutex<std::vec::IntoIter<Directory>>) -> Vec<Unreadable> {
        loop {
            let taken = take(queue, AT_ONCE);
            if taken.is_empty() {
                return self.unreadable;
            }
            self.search(taken);
        }
    }

    /// Searches directories and everything below them, one branch after the other.
    fn search(&mut self, mut open: Vec<Directory>) {
        open.reverse();
        while let Some(directory) = open.pop() {
            let below = self.list(directory);
            open.extend(below.into_iter().rev());
        }
    }

    /// Records the files of a directory, and returns its subdirectories; none if nothing can be found there.
    fn list(&mut self, Directory { above, name, id }: Directory) -> Vec<Directory> {
        if !self.missing.any(&above.reach.services) {
            return Vec::new();
        }
        self.list_at(id, self.rules.enter(&above.place, &name))
    }

    fn list_at(&mut self, id: ObjectId, place: RulePosition) -> Vec<Directory> {
        let reach = self.rules.reach(&place);
        if !self.missing.any(&reach.services) {
            return Vec::new();
        }
        let (rules, missing) = (self.rules, self.missing);
        let above = Arc::new(Above { place, reach });
        let mut directories = Vec::new();
        let visited = self.repository.visit(id, &mut self.buffer, |name, what| {
            match what {
                What::Directory(id) => directories.push(Directory { above: Arc::clone(&above), name: name.into(), id }),
                What::Leaf(_, kind) => {
                    let verdict = verdict(rules, &rules.enter(&above.place, name), kind);
                    if !verdict.claims.is_empty() {
                        missing.see(&verdict);
                        if !missing.any(&above.reach.services) {
                            return ControlFlow::Break(());
                        }
                    }
                }
            }
            ControlFlow::Continue(())
        });
        if let Err(cause) = visited {
            self.unreadable.push(Unreadable { reach: Arc::clone(&above.reach), cause });
        }
        directories
    }
}
