//! Skims git's index. Of a large repository it is most of what a comparison of two commits reads, and little of it is needed:
//! the modes of its entries, the first file of each directory, and what git has noted of the directories.
//!
//! An index as git writes it by default (<https://git-scm.com/docs/index-format>) is skimmed, and only other forms are read whole.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use bstr::ByteSlice as _;
use gix::ObjectId;
use gix::index::State;
use gix::index::entry::Mode;
use gix::index::extension::{Tree, tree};

/// The bytes of an entry before its name: times, device, inode, mode, owner, size, id, flags.
const FIXED: usize = 62;

/// The bytes that an entry has at most: two more of flags, a name of less than 4,095, and up to eight NUL.
const LONGEST: usize = FIXED + 2 + 4_094 + 8;

/// How much is read at a time: it stays in the processor's cache.
const CHUNK: usize = 1 << 17;

/// The bytes of an id, and of the checksum at the end.
const ID: usize = 20;

/// What is needed of an index.
pub(super) struct Skimmed {
    /// The number of entries.
    pub(super) entries: u32,
    /// The paths of all symbolic links.
    pub(super) links: PackedPaths,
    /// The first plain file of each directory that has one itself, in git's order. A directory with others between its
    /// files is here more than once.
    pub(super) files: PackedPaths,
    /// What git knows of the directories.
    pub(super) directories: Directories,
}

/// PackedPaths in one piece of memory.
#[derive(Default)]
pub(super) struct PackedPaths(Vec<u8>);

impl PackedPaths {
    fn push(&mut self, path: &[u8]) {
        self.0.extend_from_slice(path);
        self.0.push(0);
    }

    /// The paths in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|byte| *byte == 0).filter(|path| !path.is_empty())
    }
}

/// The directories of an index, as git has noted them when it last read or wrote a tree.
pub(super) enum Directories {
    /// As they are stored.
    Stored(Vec<u8>),
    /// As gix has read them.
    Read(Tree),
}

impl Directories {
    /// Calls `visitor` for each directory of which git knows the id, from the root down: its path, how many entries of the
    /// index are below it, and its id. `None` if they are damaged.
    pub(super) fn visit(&self, mut visitor: impl FnMut(&[u8], u32, ObjectId)) -> Option<()> {
        match self {
            Self::Stored(bytes) => stored(bytes, visitor),
            Self::Read(tree) => {
                let mut open = vec![(Vec::new(), tree)];
                while let Some((path, tree)) = open.pop() {
                    if let Some(entries) = tree.num_entries {
                        visitor(&path, entries, tree.id);
                    }
                    open.extend(tree.children.iter().map(|child| {
                        let mut below = path.clone();
                        descend(&mut below, &child.name);
                        (below, child)
                    }));
                }
                Some(())
            }
        }
    }
}

/// Visits directories as they are stored: a name up to a NUL, how many entries and subdirectories it has in decimal, and its
/// id if the number of entries is not negative. Its subdirectories follow.
fn stored(mut bytes: &[u8], mut visitor: impl FnMut(&[u8], u32, ObjectId)) -> Option<()> {
    let mut path = Vec::new();
    // How long the path of each directory above is, and how many subdirectories are still to come.
    let mut above: Vec<(usize, u32)> = Vec::new();
    loop {
        let (name, entries, subdirectories);
        (name, bytes) = until(bytes, 0)?;
        (entries, bytes) = until(bytes, b' ')?;
        (subdirectories, bytes) = until(bytes, b'\n')?;
        descend(&mut path, name);
        // Without a number of entries, what git knew about the directory is no longer true.
        if !entries.starts_with(b"-") {
            let id;
            (id, bytes) = bytes.split_at_checked(ID)?;
            visitor(&path, number(entries)?, ObjectId::from_bytes_or_panic(id));
        }
        above.push((path.len(), number(subdirectories)?));
        while let Some((length, left)) = above.last_mut() {
            if let Some(fewer) = left.checked_sub(1) {
                *left = fewer;
                path.truncate(*length);
                break;
            }
            above.pop();
        }
        if above.is_empty() {
            return Some(());
        }
    }
}

/// What comes before a byte, and what comes after it.
fn until(bytes: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = bytes.split_at(bytes.find_byte(end)?);
    Some((before, &after[1..]))
}

fn number(decimal: &[u8]) -> Option<u32> {
    std::str::from_utf8(decimal).ok()?.parse().ok()
}

fn descend(path: &mut Vec<u8>, name: &[u8]) {
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
}

/// What is needed of the index; `None` if there is none, it cannot be read, or it does not list everything itself.
pub(super) fn read(path: &Path, ids: gix::hash::Kind) -> Option<Skimmed> {
    let _span = tracing::debug_span!("git walk", walk = "skim index").entered();
    if let Ok(Some(skimmed)) = skim(path) {
        return Some(skimmed);
    }
    // As in git, only `git fsck` verifies the checksum. A sparse index does not list what is in some directories.
    let index = gix::index::File::at(path, ids, true, Default::default()).ok()?;
    if index.is_sparse() { None } else { of_state(&index) }
}

fn of_state(index: &State) -> Option<Skimmed> {
    let directories = Directories::Read(index.tree()?.clone());
    let entries = u32::try_from(index.entries().len()).ok()?;
    let mut found = Found::default();
    index.entries().iter().for_each(|entry| found.add(entry.path(index), entry.mode.bits()));
    Some(found.among(entries, directories))
}

/// What is kept of the entries.
#[derive(Default)]
struct Found {
    links: PackedPaths,
    files: PackedPaths,
    /// The directory of the last file, with its slash; `None` before the first.
    directory: Option<Vec<u8>>,
}

impl Found {
    fn add(&mut self, path: &[u8], mode: u32) {
        if mode == Mode::SYMLINK.bits() {
            self.links.push(path);
        } else if mode != Mode::COMMIT.bits() {
            let directory = &path[..path.rfind_byte(b'/').map_or(0, |slash| slash + 1)];
            if self.directory.as_deref() != Some(directory) {
                self.files.push(path);
                self.directory = Some(directory.to_vec());
            }
        }
    }

    fn among(self, entries: u32, directories: Directories) -> Skimmed {
        Skimmed { entries, links: self.links, files: self.files, directories }
    }
}

/// Skims an index of version 2 or 3 with SHA-1; `None` if it is another, has no directories, or is split or sparse, so that
/// it does not list everything itself.
///
/// # Errors
/// It cannot be read, or ends too early.
fn skim(path: &Path) -> io::Result<Option<Skimmed>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut index = Window { file: file.take(length), bytes: Vec::with_capacity(CHUNK), at: 0 };
    let [signature, version, entries] = words(index.next::<12>()?);
    if signature != *b"DIRC" || !matches!(u32::from_be_bytes(version), 2 | 3) {
        return Ok(None);
    }
    let entries = u32::from_be_bytes(entries);
    let mut found = Found::default();
    let mut left = entries;
    while left > 0 {
        let bytes = index.ahead(LONGEST)?;
        let mut at = 0;
        // As many as are certainly here whole.
        while left > 0 && (at == 0 || bytes.len() >= at + LONGEST) {
            let Some((fixed, rest)) = bytes[at..].split_first_chunk::<FIXED>() else { return Err(ended()) };
            let flags = u16::from_be_bytes([fixed[60], fixed[61]]);
            let (extended, name) = (if flags & 0x4000 == 0 { 0 } else { 2 }, usize::from(flags & 0xfff));
            let mode = u32::from_be_bytes([fixed[24], fixed[25], fixed[26], fixed[27]]);
            // A longer name has its length nowhere, and a directory is one of a sparse index.
            if name == 0xfff || mode == Mode::DIR.bits() {
                return Ok(None);
            }
            let Some(path) = rest.get(extended..extended + name) else { return Err(ended()) };
            found.add(path, mode);
            // At least one NUL, up to a multiple of eight.
            at += (FIXED + extended + name + 8) & !7;
            left -= 1;
        }
        index.at += at;
    }
    let mut known = None;
    while index.left() > ID as u64 {
        let [signature, size] = words(index.next::<8>()?);
        let size = u32::from_be_bytes(size) as usize;
        if signature == tree::SIGNATURE {
            known = Some(index.take(size)?);
        } else if signature[0].is_ascii_uppercase() {
            index.pass(size)?;
        } else {
            // Without it the index cannot be understood.
            return Ok(None);
        }
    }
    Ok(known.map(|bytes| found.among(entries, Directories::Stored(bytes))))
}

/// A file that is read in chunks.
struct Window {
    file: io::Take<File>,
    bytes: Vec<u8>,
    /// Where the next byte is in them.
    at: usize,
}

impl Window {
    /// The next bytes, `least` of them unless the file ends before.
    fn ahead(&mut self, least: usize) -> io::Result<&[u8]> {
        if self.bytes.len() < self.at + least && self.file.limit() > 0 {
            self.bytes.drain(..self.at.min(self.bytes.len()));
            self.at = 0;
            let room = CHUNK.max(least) - self.bytes.len();
            self.file.by_ref().take(room as u64).read_to_end(&mut self.bytes)?;
        }
        self.bytes.get(self.at..).ok_or_else(ended)
    }

    /// The next bytes, which are passed.
    fn next<const BYTES: usize>(&mut self) -> io::Result<[u8; BYTES]> {
        let next = *self.ahead(BYTES)?.first_chunk().ok_or_else(ended)?;
        self.at += BYTES;
        Ok(next)
    }

    /// The next bytes, as many as are asked for.
    fn take(&mut self, size: usize) -> io::Result<Vec<u8>> {
        let there = self.ahead(0)?;
        let mut taken = there[..size.min(there.len())].to_vec();
        self.at += taken.len();
        self.file.by_ref().take((size - taken.len()) as u64).read_to_end(&mut taken)?;
        if taken.len() < size { Err(ended()) } else { Ok(taken) }
    }

    fn pass(&mut self, size: usize) -> io::Result<()> {
        let there = self.ahead(0)?.len().min(size);
        self.at += there;
        let rest = (size - there) as u64;
        let passed = io::copy(&mut self.file.by_ref().take(rest), &mut io::sink())?;
        if passed < rest { Err(ended()) } else { Ok(()) }
    }

    /// How many bytes are left of the file.
    fn left(&self) -> u64 {
        self.file.limit() + self.bytes.len().saturating_sub(self.at) as u64
    }
}

fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// The words of four bytes in a header.
fn words<const BYTES: usize, const WORDS: usize>(header: [u8; BYTES]) -> [[u8; 4]; WORDS] {
    std::array::from_fn(|at| std::array::from_fn(|byte| header[4 * at + byte]))
}
