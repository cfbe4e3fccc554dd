//! Reads a zip artifact as CodePipeline makes it: what a build receives before unpacking.
//!
//! Names are bytes, as in the archive. Anything that unpackers could interpret in different ways is kept as
//! [`Unreadable`] instead of guessed: two entries with the same name, a name that leads out of the source, an encrypted
//! entry. Each entry is checked against the length and CRC-32 that the archive states for it
//! (<https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bstr::BString;
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};
use rayon::prelude::*;

mod links;

use super::absent::WithAbsent;
use super::{FileKind, SourceKind, Tree, TreeEntry, TreeError, Unreadable, blob, follow, never_input, reading};
use crate::base::fingerprint::BlobId;
use crate::base::text;
use crate::map::rules::{PathCursor, RulePosition, Rules};

/// The most entries of an artifact, and the most bytes of all their names: all of them are kept in memory.
const MOST_ENTRIES: u64 = 1_500_000;
const MOST_OF_NAMES: usize = 96 << 20;

/// An open artifact and its entries.
struct Artifact {
    archive: ZipArchive<FileReader>,
    listed: Vec<ZipEntry>,
}

/// One entry of the archive's directory.
struct ZipEntry {
    name: BString,
    at: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    encrypted: bool,
    symlink: bool,
}

impl AsRef<[u8]> for ZipEntry {
    /// Its name, by which entries are sorted.
    fn as_ref(&self) -> &[u8] {
        &self.name
    }
}

/// Reads what the rules select in an artifact.
///
/// # Errors
/// It is not a zip archive, or its directory is damaged. An entry that cannot be read is kept in [`Tree::unreadable`].
pub fn read(path: &Path, rules: &Rules) -> Result<Tree, TreeError> {
    let span = reading("zip");
    let artifact = Artifact::open(path)?;
    let absent = artifact.absent().map_err(|cause| failed(path, &format!("its `.gitmodules` {cause}")))?;
    let links = WithAbsent { source: &artifact, absent: &absent };
    let tree = follow::read(rules, &links, |place| {
        let mut tree = artifact.read(rules, place.clone());
        absent.note(&mut tree, rules, place);
        Ok(tree)
    })?;
    tree.count(&span);
    Ok(tree)
}

impl Artifact {
    /// Reads what the rules select from this position of the root.
    fn read(&self, rules: &Rules, root: RulePosition) -> Tree {
        let mut tree = Tree::new(SourceKind::Zip, false, rules.knows_owners());
        let mut cursor = PathCursor::from(rules, root);
        let mut sought = Vec::new();
        for same in self.listed.chunk_by(|one, other| one.name == other.name) {
            let [listed] = same else {
                // They would overwrite each other, and which one is left depends on the unpacker.
                let (name, cause) = (&same[0].name, "is there more than once");
                let unreadable = if same.iter().any(|listed| listed.symlink) {
                    // A pattern may go on behind a link.
                    Unreadable::new(name, cause, rules.reach(cursor.place(name)).services.clone())
                } else {
                    Unreadable::file(name, cause, &cursor.verdict(name))
                };
                tree.unreadable.push(unreadable);
                continue;
            };
            if leads_elsewhere(&listed.name) {
                let cause = "is a name that an unpacker may put anywhere";
                tree.unreadable.push(Unreadable::new(&listed.name, cause, rules.asked().to_vec()));
            } else if !listed.name.split(|byte| *byte == b'/').any(never_input) {
                if listed.symlink {
                    tree.link(rules, &listed.name, cursor.place(&listed.name));
                }
                sought.push((listed, cursor.verdict(&listed.name)));
            }
        }
        let found = sought.into_par_iter().map(|(listed, verdict)| {
            // The bytes of a file that is not an input are not needed.
            let id = if verdict.claims.is_empty() { Ok(BlobId([0; 20])) } else { self.blob_id(listed) };
            (listed, verdict, id)
        });
        for (listed, verdict, id) in found.collect::<Vec<_>>() {
            let path = listed.name.clone();
            match id {
                Err(cause) => tree.unreadable.push(Unreadable::file(&path, cause, &verdict)),
                Ok(id) => {
                    let kind = if listed.symlink { FileKind::Symlink } else { FileKind::File };
                    tree.add(TreeEntry { path, id, kind, verdict });
                }
            }
        }
        tree.sort();
        tree
    }
}

/// The names of the files in an artifact, sorted bytewise.
///
/// # Errors
/// It is not a zip archive, or its directory is damaged.
pub fn names(path: &Path) -> Result<Vec<BString>, TreeError> {
    let names = Artifact::open(path)?.listed.into_iter().map(|listed| listed.name);
    let mut names: Vec<_> = names.filter(|name| !name.split(|byte| *byte == b'/').any(never_input)).collect();
    names.dedup();
    Ok(names)
}

/// The entries of an artifact that are stored as links. CodePipeline stores none.
pub struct ZipLinks(Artifact);

impl ZipLinks {
    /// # Errors
    /// It is not a zip archive, or its directory is damaged.
    pub fn of(path: &Path) -> Result<Self, TreeError> {
        Artifact::open(path).map(Self)
    }

    /// Whether an entry is a link to a directory of the artifact.
    pub fn leads_to_directory(&self, name: &BString) -> bool {
        let found = self.0.listed.binary_search_by(|listed| listed.name.cmp(name));
        found.is_ok_and(|at| self.0.listed[at].symlink) && follow::leads_to_directory(&&self.0, name)
    }
}

/// The bytes of one file of an artifact, if it exists.
///
/// # Errors
/// It is not a zip archive, or the file cannot be read.
pub fn file(path: &Path, name: &str, most: u64) -> Result<Option<Vec<u8>>, TreeError> {
    Ok(files(path, &[&name.into()], most)?.pop_first().map(|(_, bytes)| bytes))
}

/// The bytes of the given files of an artifact, as far as they exist.
///
/// # Errors
/// It is not a zip archive, or one of the files cannot be read.
pub fn files(path: &Path, names: &[&BString], most: u64) -> Result<BTreeMap<BString, Vec<u8>>, TreeError> {
    let artifact = Artifact::open(path)?;
    let wanted: BTreeSet<&BString> = names.iter().copied().collect();
    let mut found = BTreeMap::new();
    for listed in artifact.listed.iter().filter(|listed| wanted.contains(&listed.name)) {
        let name = text::printable(&listed.name);
        if found.contains_key(&listed.name) {
            return Err(failed(path, &format!("its `{name}` is there more than once")));
        }
        let mut bytes = Vec::new();
        if listed.symlink {
            return Err(failed(path, &format!("its `{name}` is a link")));
        }
        let read = artifact.reader(listed).and_then(|reader| Ok(reader.take(most + 1).read_to_end(&mut bytes)?));
        read.map_err(|cause| failed(path, &format!("its `{name}` {cause}")))?;
        if bytes.len() as u64 > most {
            return Err(failed(path, &format!("its `{name}` has more than {most} bytes")));
        }
        found.insert(listed.name.clone(), bytes);
    }
    Ok(found)
}

impl Artifact {
    fn open(path: &Path) -> Result<Self, TreeError> {
        let file = File::open(path).map_err(|cause| TreeError::Root { path: path.display().to_string(), cause })?;
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let damaged = |cause: rawzip::Error| failed(path, &cause.to_string());
        let archive = ZipArchive::from_file(file, &mut buffer).map_err(damaged)?;
        let mut listed = Vec::new();
        let (mut count, mut names): (u64, usize) = (0, 0);
        let mut entries = archive.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().map_err(damaged)? {
            count += 1;
            names += entry.file_path().as_bytes().len();
            if count > MOST_ENTRIES || names > MOST_OF_NAMES {
                return Err(failed(path, "its directory lists more files than an artifact may have"));
            }
            if entry.is_dir() {
                continue;
            }
            listed.push(ZipEntry {
                name: entry.file_path().as_bytes().into(),
                at: entry.wayfinder(),
                method: entry.compression_method(),
                encrypted: entry.flags().is_encrypted(),
                symlink: entry.mode().is_symlink(),
            });
        }
        if count != archive.entries_hint() {
            let text = format!("its directory has {count} entries, and says that it has {}", archive.entries_hint());
            return Err(failed(path, &text));
        }
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { archive, listed })
    }

    /// The unpacked bytes. Reading ends in an error if they do not match the length and checksum that the archive
    /// states.
    fn reader(&self, listed: &ZipEntry) -> Result<Box<dyn Read + '_>, NotRead> {
        if listed.encrypted {
            return Err(NotRead::Encrypted);
        }
        let entry = self.archive.get_entry(listed.at).map_err(NotRead::Archive)?;
        match listed.method {
            CompressionMethod::STORE => Ok(Box::new(entry.verifying_reader(entry.reader()))),
            CompressionMethod::DEFLATE => Ok(Box::new(entry.verifying_reader(DeflateDecoder::new(entry.reader())))),
            _ => Err(NotRead::Method),
        }
    }

    fn blob_id(&self, listed: &ZipEntry) -> Result<BlobId, NotRead> {
        Ok(blob::of_reader(listed.at.uncompressed_size_hint(), self.reader(listed)?)?)
    }
}

/// Why the bytes of an entry are unknown.
#[derive(Debug, thiserror::Error)]
enum NotRead {
    #[error("is encrypted")]
    Encrypted,
    #[error("is compressed by a method other than deflate")]
    Method,
    #[error("has more than {0} bytes")]
    TooLong(u64),
    #[error("cannot be read: {0}")]
    Archive(rawzip::Error),
    #[error("cannot be read: {0}")]
    Bytes(#[from] io::Error),
}

/// Whether an unpacker might write the entry to a path other than its name, byte for byte. Windows treats `\` as `/`.
fn leads_elsewhere(name: &[u8]) -> bool {
    let odd = |component: &[u8]| matches!(component, b"" | b"." | b"..");
    name.split(|byte| *byte == b'/').any(odd) || name.contains(&b'\\') || name.contains(&0)
}

fn failed(path: &Path, cause: &str) -> TreeError {
    TreeError::Zip { path: path.display().to_string(), cause: cause.to_owned() }
}

#[cfg(test)]
mod tests;
