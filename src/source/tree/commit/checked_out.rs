//! What git's index knows about the directories of a commit near the one that is checked out: most of them have no link in
//! them, and need not be read to find that out.
//!
//! Of a large repository the index is most of what a comparison of two commits reads, and nothing of it is needed but the
//! modes of its entries. So they are skimmed, where the index is as git writes it by default
//! (<https://git-scm.com/docs/index-format>), and only other forms are read whole.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use gix::ObjectId;
use gix::index::State;
use gix::index::entry::Mode;
use gix::index::extension::{Tree, tree};

use super::Repository;
use crate::base::quick::QuickSet;
use crate::source::tree::parents;

/// The bytes of an entry before its name: times, device, inode, mode, owner, size, id, flags.
const FIXED: usize = 62;

/// The bytes of the checksum at the end.
const CHECKSUM: usize = 20;

impl Repository {
    /// Finds out what the index knows of links, for whoever asks next: also for clones of this one, which wait for it.
    pub fn know_links(&self) {
        self.without_links();
    }

    /// The directories, by their ids, that have no link in them or below, as far as the index knows. Empty if there is no
    /// index, or if it cannot be read: then each directory is looked into.
    pub(super) fn without_links(&self) -> &QuickSet<ObjectId> {
        self.without_links.get_or_init(|| {
            let path = self.git.index_path();
            if let Ok(Some(skimmed)) = skim(&path) {
                return directories(&skimmed.links, &skimmed.tree);
            }
            // As in git, only `git fsck` verifies the checksum.
            match gix::index::File::at(path, self.git.object_hash(), true, Default::default()) {
                // A sparse index does not list what is in some directories.
                Ok(index) if !index.is_sparse() => of_state(&index),
                _ => QuickSet::default(),
            }
        })
    }
}

fn of_state(index: &State) -> QuickSet<ObjectId> {
    let Some(tree) = index.tree() else { return QuickSet::default() };
    let links = index.entries().iter().filter(|entry| entry.mode == Mode::SYMLINK);
    let links: Vec<Vec<u8>> = links.map(|entry| entry.path(index).to_vec()).collect();
    directories(&links, tree)
}

fn directories(links: &[Vec<u8>], tree: &Tree) -> QuickSet<ObjectId> {
    let mut found = QuickSet::default();
    let with_links: HashSet<&[u8]> = links.iter().flat_map(|link| parents(link)).collect();
    let mut open: Vec<(Vec<u8>, &Tree)> = vec![(Vec::new(), tree)];
    while let Some((path, tree)) = open.pop() {
        // Without a number of entries, what git knew about the directory is no longer true.
        if tree.num_entries.is_some() && !with_links.contains(&path[..]) {
            found.insert(tree.id);
        }
        for child in &tree.children {
            let mut path = path.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&child.name);
            open.push((path, child));
        }
    }
    found
}

/// What is needed of an index.
struct Skimmed {
    /// The paths of all symbolic links.
    links: Vec<Vec<u8>>,
    /// What git knows of the directories.
    tree: Tree,
}

/// Reads what is needed of an index of version 2 or 3 with SHA-1; `None` if it is another, has no directories, or is split
/// or sparse, so that it does not list everything itself.
///
/// # Errors
/// It cannot be read, or ends too early.
fn skim(path: &Path) -> io::Result<Option<Skimmed>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut index = BufReader::with_capacity(1 << 16, file);
    let mut header = [0; 12];
    index.read_exact(&mut header)?;
    let [signature, version, entries] = words(&header);
    if signature != *b"DIRC" || !matches!(u32::from_be_bytes(version), 2 | 3) {
        return Ok(None);
    }
    let entries = u32::from_be_bytes(entries);
    let mut read = header.len() as u64;
    let mut links = Vec::new();
    for _ in 0..entries {
        let mut fixed = [0; FIXED];
        index.read_exact(&mut fixed)?;
        let flags = u16::from_be_bytes([fixed[60], fixed[61]]);
        let (extended, name) = (flags & 0x4000 != 0, usize::from(flags & 0xfff));
        let mode = u32::from_be_bytes([fixed[24], fixed[25], fixed[26], fixed[27]]);
        // A longer name has its length nowhere, and a directory is one of a sparse index.
        if name == 0xfff || mode == Mode::DIR.bits() {
            return Ok(None);
        }
        let before = FIXED + if extended { 2 } else { 0 };
        // At least one NUL, up to a multiple of eight.
        let whole = (before + name + 8) & !7;
        let rest = whole - FIXED;
        if mode == Mode::SYMLINK.bits() {
            let mut bytes = vec![0; rest];
            index.read_exact(&mut bytes)?;
            links.push(bytes[before - FIXED..][..name].to_vec());
        } else {
            index.seek_relative(rest as i64)?;
        }
        read += whole as u64;
    }
    let mut known = None;
    while length.saturating_sub(read) > CHECKSUM as u64 {
        let mut header = [0; 8];
        index.read_exact(&mut header)?;
        let [signature, size] = words(&header);
        let size = u64::from(u32::from_be_bytes(size));
        read += header.len() as u64 + size;
        if read > length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if signature == tree::SIGNATURE {
            let mut bytes = Vec::new();
            index.by_ref().take(size).read_to_end(&mut bytes)?;
            known = tree::decode(&bytes, gix::hash::Kind::Sha1, None);
        } else if signature[0].is_ascii_uppercase() {
            index.seek_relative(size as i64)?;
        } else {
            // Without it the index cannot be understood.
            return Ok(None);
        }
    }
    // Git's own count of what is below the root is a cheap check that nothing was passed over.
    let counted = |tree: &Tree| tree.num_entries.is_none_or(|count| count == entries);
    Ok(known.filter(counted).map(|tree| Skimmed { links, tree }))
}

/// The words of four bytes in a header.
fn words<const BYTES: usize, const WORDS: usize>(header: &[u8; BYTES]) -> [[u8; 4]; WORDS] {
    std::array::from_fn(|at| std::array::from_fn(|byte| header[4 * at + byte]))
}
