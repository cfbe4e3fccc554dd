//! What makes two sources equal: blob ids, fingerprints, and the comparison that every decision relies on.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::names::{ProjectName, ServiceName};

/// A git object id (SHA-1): of a blob, or of the commit for a submodule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 20]);

/// SHA-256 over sorted inputs and extras: one value that shows whether they are all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(pub [u8; 32]);

/// The content of a service's inputs, as one or two fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Over paths, blob ids and extras.
    pub fingerprint: Fingerprint,
    /// The same including the file modes, if the source records them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub modes: Option<Fingerprint>,
}

impl Content {
    /// Whether both are the same inputs. Modes are compared only if both sides have them; a zip loses them.
    pub fn same(&self, other: &Self) -> bool {
        match (self.modes, other.modes) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => self.fingerprint == other.fingerprint,
        }
    }

    /// What image tags and cache keys are made of: one value for this content of this service of this project, with
    /// the file modes if they are known. The SHA-256 of
    ///
    /// ```text
    /// shipmark fingerprint 1\n <length> <project> <length> <service> <m: with modes, p: without> <32 bytes>
    /// ```
    ///
    /// without the blanks; lengths are 8 bytes, most significant first. Others store it, so the form must never change
    /// under the same version.
    pub fn of_service(&self, project: &ProjectName, service: &ServiceName) -> Fingerprint {
        let mut hash = Sha256::new_with_prefix("shipmark fingerprint 1\n");
        for name in [project.as_str(), service.as_str()] {
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
        }
        let (tag, content) = match self.modes {
            Some(modes) => (b"m", modes),
            None => (b"p", self.fingerprint),
        };
        hash.update(tag);
        hash.update(content.0);
        Fingerprint(hash.finalize().into())
    }
}

/// [`Content::same`] for contents that may be unknown: an unknown content equals nothing, not even itself.
pub fn same(one: Option<&Content>, other: Option<&Content>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.same(other))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Decodes exactly `N` bytes of hexadecimal.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

impl Fingerprint {
    /// The first 12 hexadecimal digits, for people and for short tags.
    pub fn short(&self) -> String {
        hex(&self.0[..6])
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        unhex(&text).map(Self).ok_or_else(|| format!("`{text}` is not 64 hexadecimal digits"))
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> String {
        hex(&fingerprint.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(plain: u8, modes: Option<u8>) -> Content {
        Content { fingerprint: Fingerprint([plain; 32]), modes: modes.map(|m| Fingerprint([m; 32])) }
    }

    #[test]
    fn modes_decide_only_where_both_sides_know_them() {
        assert!(content(1, None).same(&content(1, Some(7))));
        assert!(!content(1, Some(8)).same(&content(1, Some(7))));
        assert!(!content(1, None).same(&content(2, None)));
    }

    fn named(content: &Content, project: &str, service: &str) -> Fingerprint {
        content.of_service(&ProjectName::new(project).unwrap(), &ServiceName::new(service).unwrap())
    }

    /// Images are tagged with it: this value may only change together with the version.
    #[test]
    fn the_fingerprint_of_a_service_is_the_documented_one() {
        let form = b"shipmark fingerprint 1\n\0\0\0\0\0\0\0\x04shop\0\0\0\0\0\0\0\x03apim";
        let expected = Sha256::new().chain_update(form).chain_update([7; 32]).finalize();
        assert_eq!(named(&content(1, Some(7)), "shop", "api").0, *expected);
    }

    #[test]
    fn whatever_differs_has_another_fingerprint() {
        let all = [
            named(&content(1, None), "shop", "api"),
            named(&content(2, None), "shop", "api"),
            named(&content(1, Some(1)), "shop", "api"),
            named(&content(1, Some(2)), "shop", "api"),
            named(&content(1, None), "shop", "web"),
            named(&content(1, None), "shopa", "pi"),
            named(&content(1, None), "other", "api"),
        ];
        assert_eq!(std::collections::BTreeSet::from(all).len(), all.len());
    }

    #[test]
    fn the_unknown_equals_nothing() {
        assert!(!same(None, None));
        assert!(!same(Some(&content(1, None)), None));
    }

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(unhex::<2>(&hex(&[0, 255])), Some([0, 255]));
        assert_eq!(unhex::<2>("00f"), None);
        assert_eq!(unhex::<2>("+1+1"), None);
    }
}
