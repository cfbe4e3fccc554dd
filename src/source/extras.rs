//! Extras: inputs that are not files, given as `NAME=VALUE`. A value may be a secret: nothing prints it, and what is kept
//! to explain a change is its hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::base::fingerprint::Fingerprint;

/// Why a text is not a valid extra, or conflicts with another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtraError {
    /// It has no `=`.
    #[error("the extra `{0}` has no value: write `NAME=VALUE`")]
    NoValue(String),
    /// There is nothing before the `=`: usually an unset shell variable.
    #[error("the extra `{0}` has no name: write `NAME=VALUE`")]
    NoName(String),
    /// Two values for the same name.
    #[error("the extra `{name}` is given twice, as `{one}` and as `{other}`: give it once")]
    Twice {
        /// The name.
        name: String,
        /// The first value.
        one: String,
        /// The other value.
        other: String,
    },
}

/// A checked set of extras, sorted bytewise by name. An empty value is not the same as a missing extra.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extras(BTreeMap<String, String>);

impl Extras {
    /// Parses texts of the form `NAME=VALUE`; the value may contain further `=`.
    ///
    /// # Errors
    /// A text has no `=` or no name, or two texts give one name different values.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, ExtraError> {
        let mut extras = BTreeMap::new();
        for text in texts {
            let (name, value) = text.split_once('=').ok_or_else(|| ExtraError::NoValue(text.to_owned()))?;
            if name.is_empty() {
                return Err(ExtraError::NoName(text.to_owned()));
            }
            if let Some(one) = extras.insert(name.to_owned(), value.to_owned()).filter(|one| one != value) {
                return Err(ExtraError::Twice { name: name.to_owned(), one, other: value.to_owned() });
            }
        }
        Ok(Self(extras))
    }

    /// Adds a value, unless the name has one.
    ///
    /// # Errors
    /// The name has a value already.
    pub fn add(&mut self, name: &str, value: String) -> Result<(), TakenName> {
        match self.0.contains_key(name) {
            true => Err(TakenName),
            false => {
                self.0.insert(name.to_owned(), value);
                Ok(())
            }
        }
    }

    /// What a snapshot keeps of them.
    pub fn hashes(&self) -> ExtraHashes {
        let hash = |(name, value): (&String, &String)| (name.clone(), hash_of(name, value));
        ExtraHashes(self.0.iter().map(hash).collect())
    }

    /// Names and values, sorted bytewise by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The name has a value already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenName;

/// The names of extras and hashes of their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtraHashes(BTreeMap<String, Fingerprint>);

impl ExtraHashes {
    /// The names that have another value now, or only one of the two sides has; sorted.
    pub fn differing(&self, now: &Extras) -> Vec<String> {
        let now = now.hashes();
        let names = self.0.keys().chain(now.0.keys().filter(|name| !self.0.contains_key(*name)));
        let mut names: Vec<String> = names.filter(|name| self.0.get(*name) != now.0.get(*name)).cloned().collect();
        names.sort_unstable();
        names
    }

    /// Names and hashes, sorted bytewise by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Fingerprint)> {
        self.0.iter().map(|(name, hash)| (name.as_str(), hash))
    }
}

impl FromIterator<(String, Fingerprint)> for ExtraHashes {
    fn from_iter<T: IntoIterator<Item = (String, Fingerprint)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// The hash of a value, different for every name.
pub(super) fn hash_of(name: &str, value: &str) -> Fingerprint {
    let mut hash = Sha256::new_with_prefix("shipmark extra 1\n");
    hash.update((name.len() as u64).to_be_bytes());
    hash.update(name);
    hash.update(value);
    Fingerprint(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_does_not_depend_on_order_or_repetition() {
        let one = Extras::parse(["b=2", "a=1=x", "b=2"]).unwrap();
        assert_eq!(one, Extras::parse(["a=1=x", "b=2"]).unwrap());
        assert_eq!(one.iter().collect::<Vec<_>>(), [("a", "1=x"), ("b", "2")]);
    }

    #[test]
    fn an_empty_value_is_one() {
        assert_ne!(Extras::parse(["a="]).unwrap(), Extras::default());
    }

    #[test]
    fn a_change_is_named_without_its_value() {
        let extras = |texts: &[&str]| Extras::parse(texts.iter().copied()).unwrap();
        let before = extras(&["a=1", "b=1", "c=1"]).hashes();
        assert_eq!(before.differing(&extras(&["a=1", "b=2", "d=1"])), ["b", "c", "d"]);
        assert_eq!(before.differing(&extras(&["a=1", "b=1", "c=1"])), [""; 0]);
        assert_ne!(hash_of("a", "1"), hash_of("b", "1"));
        let mut extras = extras(&["a=1"]);
        assert_eq!((extras.add("a", "1".to_owned()), extras.add("b", String::new())), (Err(TakenName), Ok(())));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let error = |texts: &[&str]| Extras::parse(texts.iter().copied()).unwrap_err().to_string();
        assert_eq!(error(&["a"]), "the extra `a` has no value: write `NAME=VALUE`");
        assert_eq!(error(&["=v"]), "the extra `=v` has no name: write `NAME=VALUE`");
        assert_eq!(error(&["a=1", "a=2"]), "the extra `a` is given twice, as `1` and as `2`: give it once");
    }
}
