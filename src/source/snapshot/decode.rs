//! From the stored form to a snapshot. No stated length is trusted before the bytes have been read.

use std::cell::Cell;
use std::io::Read as _;

use bstr::BString;
use flate2::read::ZlibDecoder;
use sha2::{Digest as _, Sha256};

use super::SnapshotError::{Damaged, Newer};
use super::{KINDS, MAGIC, Snapshot, SnapshotEntry, SnapshotError, VERSION, WITH_LINKS, WITH_VALUES};
use crate::base::fingerprint::{BlobId, Fingerprint, hex};
use crate::base::names::ServiceName;
use crate::map::rules::Via;
use crate::source::extras::hash_of;

/// The most bytes that a snapshot may unpack to: a million inputs take about 50 million. It stops small files that unpack to
/// endless ones.
const LONGEST: u64 = 64 << 20;

/// The most inputs of a snapshot, and the most bytes of all their paths: in the stored form a path is only what differs from
/// the one before it.
const MOST_INPUTS: usize = 1_500_000;
const MOST_OF_PATHS: usize = 96 << 20;

pub(super) fn decode(bytes: &[u8], hash: &str) -> Result<Snapshot, SnapshotError> {
    let mut plain = Vec::new();
    let unpacked = ZlibDecoder::new(bytes).take(LONGEST + 1).read_to_end(&mut plain);
    if unpacked.map_err(|_| Damaged("it does not unpack"))? as u64 > LONGEST {
        return Err(Damaged("it unpacks to more than a snapshot may have"));
    }
    if hex(&Sha256::digest(&plain)) != hash {
        return Err(Damaged("its bytes are not those that its name says"));
    }
    let rest = plain.strip_prefix(MAGIC).ok_or(Damaged("it does not start as a snapshot does"))?;
    let hashed = rest.strip_prefix(VERSION).or_else(|| rest.strip_prefix(WITH_LINKS));
    match (hashed, rest.strip_prefix(WITH_VALUES)) {
        (Some(rest), _) => Bytes(rest).snapshot(|bytes| bytes.list(33, |bytes, _| bytes.hashed())),
        (None, Some(rest)) => Bytes(rest).snapshot(|bytes| bytes.list(2, |bytes, _| bytes.valued())),
        (None, None) => Err(Newer),
    }
}

/// The bytes that have not been read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn snapshot(
        mut self,
        extras: impl Fn(&mut Self) -> Result<Vec<(String, Fingerprint)>, SnapshotError>,
    ) -> Result<Snapshot, SnapshotError> {
        let keeps_modes = self.byte()? & 1 != 0;
        let rules = self.list(3, |bytes, _| bytes.rule())?;
        let extras = extras(&mut self)?.into_iter().collect();
        let paths = Cell::new(0);
        let entries = self.list(24, |bytes, before: Option<&SnapshotEntry>| {
            let entry = bytes.entry(before, rules.len())?;
            paths.set(paths.get() + entry.path.len());
            match paths.get() > MOST_OF_PATHS {
                true => Err(Damaged("its paths are longer than a snapshot's may be")),
                false => Ok(entry),
            }
        })?;
        if !self.0.is_empty() {
            return Err(Damaged("it goes on after its end"));
        }
        Ok(Snapshot { keeps_modes, entries, rules, extras })
    }

    /// A count followed by that many items, each of which takes at least `least` bytes and may refer to the previous
    /// one.
    fn list<T>(
        &mut self,
        least: usize,
        item: impl Fn(&mut Self, Option<&T>) -> Result<T, SnapshotError>,
    ) -> Result<Vec<T>, SnapshotError> {
        let count = self.number()?;
        if count > self.0.len() / least {
            return Err(Damaged("a list is longer than the whole"));
        }
        if count > MOST_INPUTS {
            return Err(Damaged("it lists more than a snapshot may have"));
        }
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            let next = item(self, items.last())?;
            items.push(next);
        }
        Ok(items)
    }

    fn hashed(&mut self) -> Result<(String, Fingerprint), SnapshotError> {
        let name = self.utf8()?;
        Ok((name, Fingerprint(*self.take(32)?.first_chunk().ok_or(CUT)?)))
    }

    fn valued(&mut self) -> Result<(String, Fingerprint), SnapshotError> {
        let (name, value) = (self.utf8()?, self.utf8()?);
        let hash = hash_of(&name, &value);
        Ok((name, hash))
    }

    fn rule(&mut self) -> Result<(String, Via), SnapshotError> {
        let via = match self.byte()? {
            0 => self.text().map(|_| Via::Own)?,
            1 => Via::Group(self.utf8()?),
            2 => {
                let name = ServiceName::new(self.utf8()?);
                Via::Dependency(name.map_err(|_| Damaged("a service's name is malformed"))?)
            }
            3 => Via::Link(self.text()?.into()),
            _ => return Err(Damaged("a rule is malformed")),
        };
        Ok((self.utf8()?, via))
    }

    fn entry(&mut self, before: Option<&SnapshotEntry>, rules: usize) -> Result<SnapshotEntry, SnapshotError> {
        let before = before.map_or(&b""[..], |entry| &entry.path);
        let shared = self.number()?;
        let shared = before.get(..shared).ok_or(Damaged("a path is malformed"))?;
        let path = BString::from([shared, self.text()?].concat());
        if **path <= *before {
            return Err(Damaged("its paths are not sorted"));
        }
        let id = BlobId(*self.take(20)?.first_chunk().ok_or(CUT)?);
        let kind = *KINDS.get(usize::from(self.byte()?)).ok_or(Damaged("a kind is unknown"))?;
        let rule = self.number()?;
        if rule >= rules {
            return Err(Damaged("a rule is missing"));
        }
        // It is below the number of rules, each of which takes three bytes of at most `LONGEST`.
        Ok(SnapshotEntry { path, id, kind, rule: rule as u32 })
    }

    fn utf8(&mut self) -> Result<String, SnapshotError> {
        let text = self.text()?;
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| Damaged("a text is not UTF-8"))
    }

    fn text(&mut self) -> Result<&'a [u8], SnapshotError> {
        let length = self.number()?;
        self.take(length)
    }

    fn number(&mut self) -> Result<usize, SnapshotError> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damaged("a number is too long"))
    }

    fn byte(&mut self) -> Result<u8, SnapshotError> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], SnapshotError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }
}

const CUT: SnapshotError = Damaged("it ends too early");
