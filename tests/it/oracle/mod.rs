//! What the right answers are, found without any code of the product: C git's diff and pathspecs.
//!
//! [`systems`] says by hand, in git's own words, which files belong to which service. [`git`] asks git which of them
//! differ. What a decision has to be follows from those two and from what was deployed.

pub(crate) mod git;
pub(crate) mod systems;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use git::{Entry, Git};
use systems::System;

/// The files of one service in one commit: path -> blob id. Two deploys leave the same bytes if these are equal.
pub(crate) type Content = BTreeMap<String, String>;

/// The answers for one system's history.
pub(crate) struct Oracle {
    pub(crate) git: Git,
    pub(crate) system: System,
    /// The ids of all commits, oldest first.
    pub(crate) commits: Vec<String>,
    contents: RefCell<HashMap<(&'static str, usize), Rc<Content>>>,
}

impl Oracle {
    pub(crate) fn new(git: Git, system: System) -> Self {
        let commits = git.lines(&["rev-list", "--reverse", "main"]);
        Self { git, system, commits, contents: RefCell::default() }
    }

    /// What `service` consists of in the commit with this index.
    pub(crate) fn content(&self, service: &'static str, commit: usize) -> Rc<Content> {
        let compute = || {
            let entries = self.git.diff(git::EMPTY_TREE, &self.commits[commit], self.system.pathspecs(service));
            Rc::new(entries.into_iter().map(|entry| (entry.path, entry.new_blob)).collect())
        };
        Rc::clone(self.contents.borrow_mut().entry((service, commit)).or_insert_with(compute))
    }

    /// The paths of `service` whose bytes differ between two commits, and how. A directory without `.git` keeps no file
    /// modes, so a file of which only the mode changed is no difference here.
    pub(crate) fn changes(&self, service: &'static str, from: usize, to: usize) -> Vec<(String, &'static str)> {
        let entries = self.git.diff(&self.commits[from], &self.commits[to], self.system.pathspecs(service));
        entries
            .into_iter()
            .filter(|entry| entry.old_blob != entry.new_blob)
            .map(|entry| (entry.path, entry.status.word()))
            .collect()
    }

    /// The paths that a commit changed against the one before it.
    pub(crate) fn touched(&self, commit: usize) -> Vec<String> {
        self.step(commit.checked_sub(1), commit).into_iter().map(|entry| entry.path).collect()
    }

    /// All differences between two commits; `None` stands for nothing at all.
    pub(crate) fn step(&self, from: Option<usize>, to: usize) -> Vec<Entry> {
        let from = from.map_or(git::EMPTY_TREE, |commit| &self.commits[commit]);
        self.git.diff(from, &self.commits[to], &[])
    }
}
