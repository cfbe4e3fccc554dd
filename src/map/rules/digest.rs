//! A digest that shows whether a service's rules are the same.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::Role;
use super::owners::Owners;
use crate::base::fingerprint::Fingerprint;
use crate::pattern::component::Component;
use crate::pattern::glob::GlobStep;
use crate::pattern::trie::Trie;

type Hash = [u8; 32];

/// Digests that several services need, cached.
#[derive(Debug)]
pub(super) struct Digests {
    /// Over the rules of a single service.
    own: Vec<OnceLock<Hash>>,
    /// The complete digests.
    whole: Vec<OnceLock<Fingerprint>>,
    /// Over everything that gives a file an owner.
    owned: OnceLock<Hash>,
}

impl Digests {
    pub(super) fn new(services: usize) -> Self {
        Self {
            own: std::iter::repeat_with(OnceLock::new).take(services).collect(),
            whole: std::iter::repeat_with(OnceLock::new).take(services).collect(),
            owned: OnceLock::new(),
        }
    }

    /// The digest of a service. The order of patterns and the names of services and groups do not matter, because they
    /// do not change which files are selected.
    pub(super) fn of(&self, service: usize, owners: &Owners, trie: &Trie) -> Fingerprint {
        *self.whole[service].get_or_init(|| self.made(service, owners, trie))
    }

    fn made(&self, service: usize, owners: &Owners, trie: &Trie) -> Fingerprint {
        let mut seen = BTreeSet::from([service]);
        let mut open = vec![service];
        while let Some(next) = open.pop() {
            open.extend(owners.members[next].depends_on.iter().copied().filter(|other| seen.insert(*other)));
        }
        let all: BTreeSet<Hash> = seen.into_iter().map(|member| self.own(member, owners, trie)).collect();
        let mut hash = Sha256::new();
        hash.update(b"shipmark rules 1\n");
        list(&mut hash, all.iter().map(|own| own.as_slice()));
        if owners.build_all.is_some() {
            hash.update(self.owned.get_or_init(|| owned(owners, trie)));
        }
        Fingerprint(hash.finalize().into())
    }

    fn own(&self, service: usize, owners: &Owners, trie: &Trie) -> Hash {
        *self.own[service].get_or_init(|| {
            let member = &owners.members[service];
            // They come before all others, see `compile`.
            let defaults = (0..owners.rules.len()).take_while(|rule| owners.rules[*rule].role == Role::DefaultExclude);
            let mut hash = Sha256::new();
            list(&mut hash, patterns(member.selecting.iter().copied(), owners, trie));
            list(&mut hash, patterns(member.excluding.iter().copied().chain(defaults), owners, trie));
            hash.finalize().into()
        })
    }
}

/// If files without an owner are inputs of all services, the rules that give a file an owner also affect which files
/// are selected.
fn owned(owners: &Owners, trie: &Trie) -> Hash {
    let owning = (0..owners.rules.len()).filter(|rule| !matches!(owners.rules[*rule].role, Role::Exclude(_)));
    let mut all = patterns(owning, owners, trie);
    all.extend(owners.map_files.iter().map(|pattern| encode(trie.components(*pattern))));
    let mut hash = Sha256::new();
    list(&mut hash, all);
    hash.finalize().into()
}

fn patterns(rules: impl Iterator<Item = usize>, owners: &Owners, trie: &Trie) -> BTreeSet<Vec<u8>> {
    let ids = rules.flat_map(|rule| &owners.patterns[rule]);
    ids.map(|pattern| encode(trie.components(*pattern))).collect()
}

/// Adds a list unambiguously: its length, then each item preceded by its own length.
fn list(hash: &mut Sha256, items: impl IntoIterator<Item: AsRef<[u8]>, IntoIter: ExactSizeIterator>) {
    let items = items.into_iter();
    hash.update((items.len() as u64).to_le_bytes());
    for item in items {
        let item = item.as_ref();
        hash.update((item.len() as u64).to_le_bytes());
        hash.update(item);
    }
}

/// A pattern as bytes, also unambiguous.
fn encode(components: &[Component]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for component in components {
        match component {
            Component::Literal(name) => {
                bytes.push(b'L');
                bytes.extend((name.len() as u64).to_le_bytes());
                bytes.extend(name);
            }
            Component::Glob(glob) => {
                bytes.push(b'G');
                bytes.extend((glob.steps().len() as u64).to_le_bytes());
                for step in glob.steps() {
                    match step {
                        GlobStep::Byte(byte) => bytes.extend([b'b', *byte]),
                        GlobStep::Any => bytes.push(b'?'),
                        GlobStep::Star | GlobStep::Stars => bytes.push(b'*'),
                        GlobStep::Class(class) => {
                            bytes.push(b'[');
                            bytes.extend(class.bytes());
                        }
                    }
                }
            }
            Component::Deep => bytes.push(b'D'),
        }
    }
    bytes
}
