//! The address of a store.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where the state lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A directory, absolute.
    File {
        /// The directory.
        path: PathBuf,
    },
}

/// A text that addresses no store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The scheme is known, but this version has no such store.
    #[error("the store `{0}` is not supported by this version: only `file:PATH` is")]
    Unsupported(String),
    /// The scheme is not known.
    #[error("`{0}` is not the address of a store: write `file:PATH`")]
    Scheme(String),
    /// There is no path.
    #[error("`{0}` names no directory: write `file:PATH`")]
    NoPath(String),
}

impl StoreUrl {
    /// The default: works with no account, and is never an input.
    pub fn in_source(source: &Path) -> Self {
        Self::File { path: source.join(".shipmark/state") }
    }

    /// Reads an address; a relative path is relative to `source`.
    ///
    /// # Errors
    /// It is none, or of a store that this version does not have.
    pub fn parse(text: &str, source: &Path) -> Result<Self, UrlError> {
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(UrlError::Scheme(text.to_owned()));
        };
        match scheme {
            "file" => {
                // `file:///srv/state` is how other tools write the absolute `/srv/state`.
                let path = rest.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(rest);
                if path.is_empty() || path.starts_with("//") {
                    return Err(UrlError::NoPath(text.to_owned()));
                }
                Ok(Self::File { path: source.join(path) })
            }
            "dynamodb" | "s3" => Err(UrlError::Unsupported(text.to_owned())),
            _ => Err(UrlError::Scheme(text.to_owned())),
        }
    }

    /// Whether the state is on this machine, and gone with it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::File { .. } => true,
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path } => write!(f, "file:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_source() {
        let parse = |text| StoreUrl::parse(text, Path::new("/src")).map(|url| url.to_string());
        assert_eq!(parse("file:state").unwrap(), "file:/src/state");
        assert_eq!(parse("file:/state").unwrap(), "file:/state");
        assert_eq!(parse("file:///state").unwrap(), "file:/state");
    }

    #[test]
    fn nothing_is_guessed() {
        for bad in ["", "state", "file:", "file://host/x", "ftp:x", "s3://bucket/prefix", "dynamodb://table"] {
            assert!(StoreUrl::parse(bad, Path::new("/src")).is_err(), "{bad}");
        }
    }
}
