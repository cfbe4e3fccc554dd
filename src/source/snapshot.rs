//! Snapshots: the inputs of one service as they were deployed, stored so that a change can be explained file by file.
//!
//! A snapshot only explains; the fingerprint decides. Its name is the SHA-256 of its bytes before compression:
//!
//! ```text
//! shipmark snapshot 2\n <flags: bit 0 = keeps modes>
//! <number of rules>    each: <via: 0 own, 1 group, 2 dependency, 3 link> <text: name of the group or service, or path of
//!                            the link> <text: pattern>
//! <number of extras>   each: <text: name> <32 bytes: hash of the value>
//! <number of inputs>   each, sorted bytewise: <bytes shared with the path before> <text: rest of the path>
//!                            <20 bytes of blob id> <kind> <rule>
//! ```
//!
//! A snapshot in which a rule applies through a link has version 3. Numbers are LEB128; a text is its length followed by its bytes. Everything is compressed with zlib.

mod decode;
mod encode;

use std::collections::HashMap;

use bstr::BString;

use crate::base::fingerprint::BlobId;
use crate::map::rules::Via;
use crate::source::extras::{ExtraHashes, Extras};
use crate::source::tree::{FileKind, Tree};

/// The first bytes of every snapshot, up to the version number.
const MAGIC: &[u8] = b"shipmark snapshot ";

/// The version that this program writes.
const VERSION: &[u8] = b"2\n";

/// The version that it writes if a rule applies through a link: programs that only know version 2 must not misread it.
const WITH_LINKS: &[u8] = b"3\n";

/// An older version that it still reads: it holds the values of extras where the present one holds their hashes.
const WITH_VALUES: &[u8] = b"1\n";

/// All kinds; each is stored as its index.
const KINDS: [FileKind; 4] = [FileKind::File, FileKind::Executable, FileKind::Symlink, FileKind::Submodule];

/// The inputs of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Whether the source kept file modes.
    pub keeps_modes: bool,
    /// The inputs, sorted bytewise by path.
    pub entries: Vec<SnapshotEntry>,
    /// The patterns as written in the map, and how each applies to the service.
    pub rules: Vec<(String, Via)>,
    /// The extras.
    pub extras: ExtraHashes,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotEntry {
    /// Its path.
    pub path: BString,
    /// Its object id.
    pub id: BlobId,
    /// Its kind.
    pub kind: FileKind,
    /// The rule that covers it, as an index into [`Snapshot::rules`].
    pub rule: u32,
}

/// A snapshot as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Its name: 64 hexadecimal digits.
    pub hash: String,
    /// Its compressed bytes.
    pub bytes: Vec<u8>,
}

/// Why stored bytes are not the expected snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes do not match the requested name.
    #[error("the snapshot is damaged: {0}")]
    Damaged(&'static str),
    /// A newer version of the program wrote it.
    #[error("the snapshot was written by a newer version of shipmark: update this one")]
    Newer,
}

impl Snapshot {
    /// The inputs of one service in a tree.
    pub fn of(tree: &Tree, service: usize, extras: &Extras) -> Self {
        let mut known: HashMap<(&str, &Via), u32> = HashMap::new();
        let mut rules = Vec::new();
        let mut entries = Vec::new();
        for entry in &tree.entries {
            let Some(claim) = entry.verdict.claim(service) else { continue };
            let rule = *known.entry((&claim.rule, &claim.via)).or_insert_with(|| {
                rules.push((claim.rule.to_string(), claim.via.clone()));
                // No map has four billion rules.
                rules.len() as u32 - 1
            });
            entries.push(SnapshotEntry { path: entry.path.clone(), id: entry.id, kind: entry.kind, rule });
        }
        Self { keeps_modes: tree.keeps_modes, entries, rules, extras: extras.hashes() }
    }

    /// The stored form. Equal snapshots have equal names.
    pub fn encode(&self) -> Encoded {
        encode::encode(self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// The bytes are not those of the snapshot named `hash`, or a newer version wrote them.
    pub fn decode(bytes: &[u8], hash: &str) -> Result<Self, SnapshotError> {
        decode::decode(bytes, hash)
    }
}

#[cfg(test)]
mod tests;
