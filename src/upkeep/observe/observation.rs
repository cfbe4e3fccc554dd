//! What one build did with the files of its source.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bstr::{BString, ByteSlice as _};

use super::before::SourceBefore;
use super::doubt::BlindSpot;

/// A program that opens this share of the source, in percent, looks at it as a whole: `git status`, `tar`, `cp -r`.
const SWEEP: usize = 90;
/// A source of fewer files is never folded: a small build reads all of it.
const SMALL: usize = 50;

/// What a build did with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sighting {
    /// Its content.
    Read,
    /// Its content goes on under another name, and that of all below it.
    Moved,
    /// The names in it.
    Listed,
    /// Only that it is there, its size or dates.
    LookedAt,
    /// It was not there.
    Missing,
}

/// The result.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Files and links that were read, with the first program that did so.
    pub read: BTreeMap<BString, String>,
    /// Files and links that were only looked at.
    pub looked_at: BTreeMap<BString, String>,
    /// Directories that were listed.
    pub listed: BTreeSet<BString>,
    /// Paths that were looked for and not there, each cut to its first part that did not exist.
    pub missing: BTreeSet<BString>,
    /// How many files in the source's directory were read that it did not have before.
    pub generated: usize,
    /// How many calls concerned files elsewhere.
    pub outside: usize,
    /// Whether the build read which commit is checked out, or other contents of the repository.
    pub reads_git: bool,
    /// Why it may have missed something, and how often.
    pub doubts: BTreeMap<BlindSpot, usize>,
    /// Programs that looked at nearly all of the source, and at how many files.
    pub sweeps: BTreeMap<String, usize>,
    /// Files that were read by such programs only.
    pub swept: BTreeSet<BString>,
}

/// What was seen so far.
pub(super) struct Sightings<'a> {
    source: &'a SourceBefore,
    pub(super) outside: usize,
    reads_git: bool,
    generated: HashSet<BString>,
    listed: BTreeSet<BString>,
    missing: BTreeSet<BString>,
    doubts: BTreeMap<BlindSpot, usize>,
    /// The first program that read each file, by the file's index.
    read: HashMap<usize, usize>,
    looked_at: HashMap<usize, usize>,
    /// Which program has read which file, and which has only looked at it.
    readers: HashSet<(usize, usize)>,
    lookers: HashSet<(usize, usize)>,
}

impl<'a> Sightings<'a> {
    pub(super) fn new(source: &'a SourceBefore) -> Self {
        Self {
            source,
            outside: 0,
            reads_git: false,
            generated: HashSet::new(),
            listed: BTreeSet::new(),
            missing: BTreeSet::new(),
            doubts: BTreeMap::new(),
            read: HashMap::new(),
            looked_at: HashMap::new(),
            readers: HashSet::new(),
            lookers: HashSet::new(),
        }
    }

    pub(super) fn doubt(&mut self, doubt: BlindSpot) {
        *self.doubts.entry(doubt).or_default() += 1;
    }

    /// Notes what a program did with a path of the source.
    pub(super) fn see(&mut self, program: usize, seen: Sighting, name: &BString) {
        if let Some(never) = name.split_str("/").find(|part| crate::source::tree::never_input(part)) {
            self.reads_git |= never == b".git" && seen == Sighting::Read;
            return;
        }
        match (seen, self.source.file(name)) {
            (Sighting::Read | Sighting::Moved, Some(file)) => self.reads(program, file),
            (Sighting::LookedAt | Sighting::Listed, Some(file)) => {
                self.looked_at.entry(file).or_insert(program);
                self.lookers.insert((program, file));
            }
            (Sighting::Missing, _) => self.misses(name),
            (Sighting::Listed, None) if self.source.is_directory(name) => drop(self.listed.insert(name.clone())),
            (Sighting::Moved, None) => {
                let below = crate::source::tree::listing::below(self.source.names(), name);
                below.for_each(|file| self.reads(program, file));
            }
            (Sighting::Read, None) if !self.source.is_directory(name) => drop(self.generated.insert(name.clone())),
            (Sighting::Read | Sighting::LookedAt | Sighting::Listed, None) => {}
        }
    }

    fn reads(&mut self, program: usize, file: usize) {
        self.read.entry(file).or_insert(program);
        self.readers.insert((program, file));
    }

    /// It cannot appear before the directory that it would be in does.
    fn misses(&mut self, name: &BString) {
        let mut name = name.clone();
        while let Some(end) = name.rfind_byte(b'/') {
            let above = &name[..end];
            if self.source.is_directory(above) {
                break;
            }
            name = above.into();
        }
        if self.source.file(&name).is_none() && !self.source.is_directory(&name) {
            self.missing.insert(name);
        }
    }

    pub(super) fn finish(self, programs: &[String], exists: &dyn Fn(&[u8]) -> bool) -> Observation {
        let names = self.source.names();
        let name = |file: &usize| names[*file].clone();
        let program = |program: &usize| programs[*program].clone();
        let mut touched: HashMap<usize, usize> = HashMap::new();
        for (program, _) in self.readers.union(&self.lookers) {
            *touched.entry(*program).or_default() += 1;
        }
        let sweeps = |count: usize| names.len() >= SMALL && count * 100 > names.len() * SWEEP;
        touched.retain(|_, count| sweeps(*count));
        let others: HashSet<usize> =
            self.readers.iter().filter(|(program, _)| !touched.contains_key(program)).map(|(_, file)| *file).collect();
        let swept = self.read.keys().filter(|file| !others.contains(file)).map(name);
        Observation {
            swept: swept.collect(),
            looked_at: self
                .looked_at
                .iter()
                .filter(|(file, _)| !self.read.contains_key(file))
                .map(|(file, by)| (name(file), program(by)))
                .collect(),
            read: self.read.iter().map(|(file, by)| (name(file), program(by))).collect(),
            sweeps: touched.iter().map(|(by, count)| (program(by), *count)).collect(),
            listed: self.listed,
            missing: self.missing.into_iter().filter(|name| !exists(name)).collect(),
            generated: self.generated.len(),
            outside: self.outside,
            reads_git: self.reads_git,
            doubts: self.doubts,
        }
    }
}
