//! The inputs of each service as comparable values: fingerprints, counts, doubts.
//!
//! A fingerprint is the SHA-256 of an unambiguous canonical form:
//!
//! ```text
//! shipmark inputs 1\n                       (with modes: shipmark inputs and modes 1\n)
//! for each input, sorted bytewise by path:  I <length> <path> <20 bytes of blob id>    (with modes: and <kind>)
//! for each extra, sorted bytewise by name:  X <length> <name> <length> <value>
//! at the end:                               . <number of inputs>
//! ```
//!
//! without the blanks. Lengths and the number are 8 bytes, most significant first; the kind is one byte: `f` for a
//! file, `x` for an executable file, `l` for a symbolic link, `s` for a submodule. Fingerprints are stored, so the form
//! must never change under the same version.

use std::fmt;

use bstr::{BString, ByteSlice as _};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::base::fingerprint::{Content, Fingerprint};
use crate::base::text::printable;
use crate::map::rules::Rules;
use crate::source::extras::Extras;
use crate::source::tree::{FileKind, Tree, TreeEntry};

/// How many files are worth more than one thread.
const WORTH_THREADS: usize = 4_000;

/// The inputs of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// Their content; `None` if there are none or one could not be read.
    pub content: Option<Content>,
    /// The number of files, without those that could not be read.
    pub count: usize,
    /// How many of them its own rules select. If none, the service has no inputs, whatever `unowned` adds.
    pub own: usize,
    /// What could not be read.
    pub doubt: Option<Doubt>,
}

/// The inputs of a service that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The bytewise first such path.
    pub path: BString,
    /// Why it could not be read.
    pub cause: String,
    /// How many more such paths there are.
    pub more: usize,
}

/// The inputs of every asked service, in the order of [`Rules::asked`]. `extras` gives those of a service.
pub fn collect<'e>(tree: &Tree, rules: &Rules, extras: impl Fn(usize) -> &'e Extras + Sync) -> Vec<Inputs> {
    let asked = rules.asked();
    let _span = tracing::debug_span!("hash inputs", services = asked.len(), files = tree.entries.len()).entered();
    if tree.entries.len() < WORTH_THREADS {
        return of_services(tree, asked, &extras);
    }
    // Every thread goes through all files, and hashes those of its services.
    let each = asked.len().div_ceil(rayon::current_num_threads()).max(1);
    asked.par_chunks(each).flat_map_iter(|services| of_services(tree, services, &extras)).collect()
}

/// The inputs of some services, which are sorted.
fn of_services<'e>(tree: &Tree, services: &[usize], extras: &impl Fn(usize) -> &'e Extras) -> Vec<Inputs> {
    // One running hash per service instead of lists of entries: services that share a million files cost no extra
    // memory.
    let mut running: Vec<Option<Running>> = Vec::new();
    running.resize_with(services.last().map_or(0, |last| last + 1), || None);
    for &service in services {
        running[service] = Some(Running::new(tree.keeps_modes));
    }
    let mut record = Vec::new();
    for entry in &tree.entries {
        record.clear();
        for claim in &entry.verdict.claims {
            if let Some(Some(running)) = running.get_mut(claim.service) {
                if record.is_empty() {
                    encode(entry, &mut record);
                }
                running.add(&record, claim.by_policy);
            }
        }
    }
    for unreadable in &tree.unreadable {
        for &service in &unreadable.services {
            if let Some(Some(running)) = running.get_mut(service) {
                running.doubt(&unreadable.path, &unreadable.cause);
            }
        }
    }
    let services = running.into_iter().enumerate();
    services.filter_map(|(service, running)| Some(running?.finish(service, extras(service)))).collect()
}

/// The inputs of one service while they are being added.
struct Running {
    plain: Sha256,
    modes: Option<Sha256>,
    count: usize,
    own: usize,
    doubt: Option<Doubt>,
}

impl Running {
    fn new(keeps_modes: bool) -> Self {
        Self {
            plain: Sha256::new_with_prefix("shipmark inputs 1\n"),
            modes: keeps_modes.then(|| Sha256::new_with_prefix("shipmark inputs and modes 1\n")),
            count: 0,
            own: 0,
            doubt: None,
        }
    }

    /// Adds an encoded entry, whose last byte is its kind.
    fn add(&mut self, record: &[u8], by_policy: bool) {
        self.plain.update(&record[..record.len() - 1]);
        if let Some(modes) = &mut self.modes {
            modes.update(record);
        }
        self.count += 1;
        self.own += usize::from(!by_policy);
    }

    fn doubt(&mut self, path: &BString, cause: &str) {
        match &mut self.doubt {
            Some(doubt) => doubt.more += 1,
            none => *none = Some(Doubt { path: path.clone(), cause: cause.to_owned(), more: 0 }),
        }
    }

    fn finish(self, service: usize, extras: &Extras) -> Inputs {
        let Self { plain, modes, count, own, doubt } = self;
        let close = |hash| close(hash, extras, count);
        let content =
            (own > 0 && doubt.is_none()).then(|| Content { fingerprint: close(plain), modes: modes.map(close) });
        Inputs { service, content, count, own, doubt }
    }
}

/// Appends an entry in the canonical form with modes; without its last byte it is the form without modes.
fn encode(entry: &TreeEntry, record: &mut Vec<u8>) {
    record.push(b'I');
    record.extend(length(entry.path.len()));
    record.extend_from_slice(&entry.path);
    record.extend(entry.id.0);
    record.push(match entry.kind {
        FileKind::File => b'f',
        FileKind::Executable => b'x',
        FileKind::Symlink => b'l',
        FileKind::Submodule => b's',
    });
}

/// Completes the canonical form.
fn close(mut hash: Sha256, extras: &Extras, count: usize) -> Fingerprint {
    for (name, value) in extras.iter() {
        hash.update(b"X");
        for text in [name, value] {
            hash.update(length(text.len()));
            hash.update(text);
        }
    }
    hash.update(b".");
    hash.update(length(count));
    Fingerprint(hash.finalize().into())
}

fn length(length: usize) -> [u8; 8] {
    (length as u64).to_be_bytes()
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { b".".as_bstr() } else { self.path.as_bstr() };
        write!(f, "`{}` {}", printable(path), self.cause)?;
        match self.more {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::rules::Via;
    use crate::source::tree::fixtures::{claim, entry, rules, tree, unreadable};

    fn two(tree: &Tree, extras: &[&str]) -> [Inputs; 2] {
        let rules = rules(&[("a", &["a"]), ("b", &["b"])], false);
        let extras = Extras::parse(extras.iter().copied()).unwrap();
        collect(tree, &rules, |_| &extras).try_into().unwrap()
    }

    fn one(path: &str, id: u8, kind: FileKind) -> TreeEntry {
        entry(path, id, kind, vec![claim(0, "r", Via::Own)])
    }

    fn content(keeps_modes: bool, entries: Vec<TreeEntry>, extras: &[&str]) -> Content {
        two(&tree(keeps_modes, entries), extras)[0].content.unwrap()
    }

    /// Fingerprints are stored: these values may only change together with the version in the canonical form.
    #[test]
    fn the_canonical_form_is_the_documented_one() {
        let mut plain = Sha256::new();
        let mut modes = Sha256::new();
        plain.update(b"shipmark inputs 1\nI\0\0\0\0\0\0\0\x03a/b\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07");
        modes.update(b"shipmark inputs and modes 1\nI\0\0\0\0\0\0\0\x03a/b\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07");
        plain.update(b"\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07");
        modes.update(b"\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07x");
        for hash in [&mut plain, &mut modes] {
            hash.update(b"X\0\0\0\0\0\0\0\x01K\0\0\0\0\0\0\0\x02vw.\0\0\0\0\0\0\0\x01");
        }
        let content = content(true, vec![one("a/b", 7, FileKind::Executable)], &["K=vw"]);
        assert_eq!(content.fingerprint.0, *plain.finalize());
        assert_eq!(content.modes.unwrap().0, *modes.finalize());
    }

    #[test]
    fn whatever_differs_has_another_fingerprint() {
        let file = |path, id| one(path, id, FileKind::File);
        let all = [
            content(false, vec![file("a", 1)], &[]),
            content(false, vec![file("a", 2)], &[]),
            content(false, vec![file("b", 1)], &[]),
            content(false, vec![file("a", 1), file("b", 1)], &[]),
            content(false, vec![file("a", 1)], &["a="]),
            content(false, vec![file("a", 1)], &["a=b"]),
            content(false, vec![file("a", 1)], &["ab="]),
            content(false, vec![file("a", 1)], &["a=", "b="]),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().map(|content| content.fingerprint).collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn modes_have_a_fingerprint_of_their_own_only_where_they_are_kept() {
        let with = |keeps, kind| content(keeps, vec![one("a", 1, kind)], &[]);
        assert_eq!(with(false, FileKind::File), with(false, FileKind::Executable));
        assert_eq!(with(true, FileKind::File).fingerprint, with(false, FileKind::Symlink).fingerprint);
        let kinds = [FileKind::File, FileKind::Executable, FileKind::Symlink, FileKind::Submodule]
            .map(|kind| with(true, kind).modes);
        assert_eq!(std::collections::BTreeSet::from(kinds).len(), 4);
    }

    #[test]
    fn a_service_without_a_file_of_its_own_has_no_content() {
        let mut policy = claim(0, "r", Via::Own);
        policy.by_policy = true;
        let [a, b] = two(&tree(false, vec![entry("x", 1, FileKind::File, vec![policy])]), &["K=v"]);
        assert_eq!((a.content, a.count, a.own), (None, 1, 0));
        assert_eq!((b.content, b.count, b.own, b.doubt), (None, 0, 0, None));
    }

    #[test]
    fn what_could_not_be_read_leaves_only_its_services_without_content() {
        let both = vec![claim(0, "r", Via::Own), claim(1, "r", Via::Own)];
        let mut tree = tree(false, vec![entry("x", 1, FileKind::File, both)]);
        tree.unreadable = vec![unreadable("p\n", &[1]), unreadable("q", &[1])];
        let [a, b] = two(&tree, &[]);
        assert!(a.content.is_some() && a.doubt.is_none());
        assert_eq!((b.content, b.count), (None, 1));
        assert_eq!(b.doubt.unwrap().to_string(), "`p\\n` is gone (and 1 more)");
    }

    #[test]
    fn many_files_have_the_same_content_on_any_number_of_threads() {
        let names = ["a", "b", "c", "d", "e"];
        let services: Vec<(&str, &[&str])> = names.iter().map(|name| (*name, std::slice::from_ref(name))).collect();
        let rules = rules(&services, false);
        let entries = (0..WORTH_THREADS).map(|n| {
            let (own, next) = (n % names.len(), (n + 1) % names.len());
            let mut claims: Vec<_> = [own, next].map(|service| claim(service, "r", Via::Own)).into();
            claims.sort_by_key(|claim| claim.service);
            entry(&format!("{n:05}"), n as u8, FileKind::File, claims)
        });
        let tree = tree(true, entries.collect());
        let extras = Extras::default();
        let of = |_| &extras;
        let alone: Vec<Inputs> =
            rules.asked().iter().flat_map(|service| of_services(&tree, &[*service], &of)).collect();
        assert_eq!(collect(&tree, &rules, of), alone);
        assert_eq!(of_services(&tree, rules.asked(), &of), alone);
        assert!(alone.iter().all(|inputs| inputs.content.is_some() && inputs.count == 2 * WORTH_THREADS / 5));
    }
}
