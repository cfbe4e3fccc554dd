//! From a snapshot to its stored form.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha2::{Digest as _, Sha256};

use super::{Encoded, KINDS, MAGIC, Snapshot, VERSION, WITH_LINKS};
use crate::base::fingerprint::hex;
use crate::map::rules::Via;

pub(super) fn encode(snapshot: &Snapshot) -> Encoded {
    let plain = plain(snapshot);
    let hash = hex(&Sha256::digest(&plain));
    let mut compressed = ZlibEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::fast());
    // Writing to memory cannot fail, and so neither can compressing into it.
    let bytes = compressed.write_all(&plain).and_then(|()| compressed.finish()).unwrap_or_default();
    Encoded { hash, bytes }
}

fn plain(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + snapshot.entries.len() * 48);
    out.extend_from_slice(MAGIC);
    let linked = snapshot.rules.iter().any(|(_, via)| matches!(via, Via::Link(_)));
    out.extend_from_slice(if linked { WITH_LINKS } else { VERSION });
    out.push(u8::from(snapshot.keeps_modes));
    number(&mut out, snapshot.rules.len());
    for (pattern, via) in &snapshot.rules {
        let (tag, name) = match via {
            Via::Own => (0, &b""[..]),
            Via::Group(group) => (1, group.as_bytes()),
            Via::Dependency(service) => (2, service.as_str().as_bytes()),
            Via::Link(link) => (3, link.as_slice()),
        };
        out.push(tag);
        text(&mut out, name);
        text(&mut out, pattern.as_bytes());
    }
    number(&mut out, snapshot.extras.iter().len());
    for (name, hash) in snapshot.extras.iter() {
        text(&mut out, name.as_bytes());
        out.extend(hash.0);
    }
    number(&mut out, snapshot.entries.len());
    let mut before: &[u8] = b"";
    for entry in &snapshot.entries {
        let shared = before.iter().zip(entry.path.iter()).take_while(|(one, other)| one == other).count();
        number(&mut out, shared);
        text(&mut out, &entry.path[shared..]);
        out.extend(entry.id.0);
        out.push(KINDS.iter().position(|&kind| kind == entry.kind).unwrap_or_default() as u8);
        number(&mut out, entry.rule as usize);
        before = &entry.path;
    }
    out
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    number(out, text.len());
    out.extend_from_slice(text);
}

fn number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
