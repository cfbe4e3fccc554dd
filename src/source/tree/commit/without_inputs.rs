//! Which services have no input of their own in a commit: a search that ends at the first input of each.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::BString;
use gix::ObjectId;

use super::{Repository, TreeError, What, verdict};
use crate::map::rules::{ReachableServices, RulePosition, Rules, Verdict};

/// How many directories are worth a thread of their own, which has to open the repository for itself.
const WORTH_A_THREAD: usize = 32;

/// How many directories a thread takes at once.
const AT_ONCE: usize = 4;

impl Repository {
    /// Which of the services have no input of their own in a tree.
    pub(super) fn without_inputs(
        &self,
        tree: ObjectId,
        rules: &Rules,
        missing: Missing,
    ) -> Result<Vec<usize>, TreeError> {
        let _span = missing.span();
        let mut search = Search::new(self, rules, &missing);
        let open = search.list_root(tree);
        search.search(open);
        let unreadable = search.unreadable;
        missing.conclude(unreadable)
    }

    /// [`Repository::without_inputs`] by all processors, where that is worth it. The others begin while this one is busy
    /// with something else, which may find inputs too.
    pub(super) fn without_inputs_shared(
        &self,
        tree: ObjectId,
        rules: &Rules,
        missing: Missing,
        meanwhile: impl FnOnce(&Missing) -> Result<(), TreeError>,
    ) -> Result<Vec<usize>, TreeError> {
        let _span = missing.span();
        let mut search = Search::new(self, rules, &missing);
        let mut open = search.list_root(tree);
        while (1..WORTH_A_THREAD).contains(&open.len()) {
            open = open.into_iter().flat_map(|directory| search.list(directory)).collect();
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let helpers = (processors - 1).min(open.len() / WORTH_A_THREAD);
        let queue = Mutex::new(open.into_iter());
        let (git, root) = (self.git.path(), &self.root);
        let unreadable = std::thread::scope(|scope| {
            // What git has open cannot be shared by threads. One that cannot open it leaves the work to the others.
            let help = || match Self::open_git(git, root.clone()) {
                Ok(repository) => Search::new(&repository, rules, &missing).help(&queue),
                Err(_) => Vec::new(),
            };
            let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(help)).collect();
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

/// The services of which no input was seen yet, shared by threads.
pub(super) struct Missing(Vec<AtomicBool>);

impl Missing {
    /// Those of the services of which none of these files is an input.
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

    // Whoever sees a service a moment too late searches a little more, so no order between threads is needed.
    fn lacks(&self, service: usize) -> bool {
        self.0.get(service).is_some_and(|lacks| lacks.load(Ordering::Relaxed))
    }

    /// Notes whose input a file is.
    pub(super) fn see(&self, verdict: &Verdict) {
        for claim in verdict.claims.iter().filter(|claim| !claim.by_policy) {
            if let Some(lacks) = self.0.get(claim.service) {
                lacks.store(false, Ordering::Relaxed);
            }
        }
    }

    fn any(&self, services: &[usize]) -> bool {
        services.iter().any(|service| self.lacks(*service))
    }

    /// The answer, unless a service may have its inputs in what could not be read.
    fn conclude(self, unreadable: Vec<Unreadable>) -> Result<Vec<usize>, TreeError> {
        let doubts = unreadable.into_iter().filter(|unreadable| self.any(&unreadable.reach.services));
        // The order in which threads came upon them must not show.
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

/// A directory in one that was listed.
struct Directory {
    above: Arc<Above>,
    name: BString,
    id: ObjectId,
}

/// The next directories that wait.
fn take(queue: &Mutex<std::vec::IntoIter<Directory>>, most: usize) -> Vec<Directory> {
    // Whoever panicked while it took some has left the others in place.
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

    /// Searches directories that wait, as long as there are any.
    fn help(mut self, queue: &Mutex<std::vec::IntoIter<Directory>>) -> Vec<Unreadable> {
        loop {
            let taken = take(queue, AT_ONCE);
            if taken.is_empty() {
                return self.unreadable;
            }
            self.search(taken);
        }
    }

    /// Searches directories and all below them, one branch after the other.
    fn search(&mut self, mut open: Vec<Directory>) {
        open.reverse();
        while let Some(directory) = open.pop() {
            let below = self.list(directory);
            open.extend(below.into_iter().rev());
        }
    }

    /// Sees the files of a directory, and returns the directories in it; none where nothing is sought there.
    fn list(&mut self, Directory { above, name, id }: Directory) -> Vec<Directory> {
        if !self.missing.any(&above.reach.services) {
            return Vec::new();
        }
        self.list_at(id, self.rules.enter(&above.place, &name))
    }

    fn list_root(&mut self, id: ObjectId) -> Vec<Directory> {
        self.list_at(id, self.rules.root())
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
