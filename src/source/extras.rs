//! Extras: inputs that are not files, given as `NAME=VALUE`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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

    /// Names and values, sorted bytewise by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
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
    fn what_cannot_be_meant_is_refused() {
        let error = |texts: &[&str]| Extras::parse(texts.iter().copied()).unwrap_err().to_string();
        assert_eq!(error(&["a"]), "the extra `a` has no value: write `NAME=VALUE`");
        assert_eq!(error(&["=v"]), "the extra `=v` has no name: write `NAME=VALUE`");
        assert_eq!(error(&["a=1", "a=2"]), "the extra `a` is given twice, as `1` and as `2`: give it once");
    }
}
