//! Keys: names encoded as path components such that no two names collide.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::fingerprint::hex;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};

/// File systems allow 255 bytes for a name; this leaves room for suffixes that callers append.
const LONGEST: usize = 180;

/// The key of a mark, in its three parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The project.
    pub project: ProjectName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The service.
    pub service: ServiceName,
}

/// Percent-encodes everything but `A-Za-z0-9_~-` and inner dots, so that `a/b`, `.` and `..` become plain names.
pub(crate) fn encode(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let last = name.len().saturating_sub(1);
    for (at, byte) in name.bytes().enumerate() {
        let inner_dot = byte == b'.' && at > 0 && at < last;
        if byte.is_ascii_alphanumeric() || b"_~-".contains(&byte) || inner_dot {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The decoded name; `None` if the text is not an encoded name.
pub(crate) fn decode(text: &str) -> Option<String> {
    let name = percent_encoding::percent_decode_str(text).decode_utf8().ok()?.into_owned();
    (encode(&name) == text).then_some(name)
}

/// [`encode`], but a name that is too long for a file system is hashed. No other name can contain `%sha256`, because an
/// encoded byte is two hexadecimal digits.
pub(crate) fn file_name(name: &str) -> String {
    let text = encode(name);
    if text.len() <= LONGEST {
        return text;
    }
    let hash = hex(&Sha256::digest(name.as_bytes()));
    format!("{}%sha256-{hash}", &text[..80])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_names_are_different_keys() {
        let names = ["a/b", "a%2Fb", "a_b", "a b", "a", "A", ".", "..", "a.", ".a", "a.b", "é", "e\u{301}", "%", "a#b"];
        let keys: std::collections::BTreeSet<_> = names.iter().map(|name| file_name(name)).collect();
        assert_eq!(keys.len(), names.len());
        assert!(keys.iter().all(|key| !key.contains('/') && !key.starts_with('.')), "{keys:?}");
    }

    #[test]
    fn dots_are_kept_inside_only() {
        assert_eq!(encode("v1.2"), "v1.2");
        assert_eq!(encode(".."), "%2E%2E");
        assert_eq!(encode("feature/x"), "feature%2Fx");
    }

    #[test]
    fn an_encoded_name_is_read_back_and_nothing_else_is() {
        for name in ["a", "a.b", "..", "feature/x", "é%"] {
            assert_eq!(decode(&encode(name)).as_deref(), Some(name));
        }
        for other in ["a#mark", "a%2", "%41", "a/b", "%FF"] {
            assert_eq!(decode(other), None, "{other}");
        }
    }

    #[test]
    fn long_names_stay_apart() {
        let one = file_name(&"x".repeat(4000));
        let other = file_name(&"x".repeat(4001));
        assert!(one.len() < 255 && one != other);
    }
}
