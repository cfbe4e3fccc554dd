//! The shape of an output's value.

use super::flaw::Flaw;
use super::glob::Glob;
use super::parse::{expand, whole};

/// The shape of a required output's value: a glob in which `*` matches anything.
#[derive(Debug, Clone)]
pub struct OutputShape {
    text: String,
    alternatives: Vec<Glob>,
}

impl OutputShape {
    pub(crate) fn parse(text: &str) -> Result<Self, Flaw> {
        let alternatives = expand(text)?.into_iter().map(whole).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), alternatives })
    }

    /// Whether a recorded value has the required shape.
    pub fn fits(&self, value: &str) -> bool {
        !value.is_empty() && self.alternatives.iter().any(|glob| glob.matches(value.as_bytes()))
    }

    /// The glob as typed.
    pub fn text(&self) -> &str {
        &self.text
    }
}
