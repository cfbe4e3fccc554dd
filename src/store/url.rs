//! The address of a store.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::base::key::encode;
use crate::base::names::ProjectName;

/// Where the state lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// An absolute directory.
    File {
        /// The directory.
        path: PathBuf,
        /// What was trusted with being a link: the directory itself where somebody named it, and the source where it is in
        /// the source's `.shipmark`, which a commit may contain. Nothing below may be a link.
        anchor: PathBuf,
    },
    /// A DynamoDB table.
    DynamoDb {
        /// Its name or its ARN.
        table: String,
        /// How to reach it.
        reach: StoreAccess,
    },
    /// A part of an S3 bucket.
    S3 {
        /// The bucket.
        bucket: String,
        /// The prefix of all keys, without a slash at either end; may be empty.
        prefix: String,
        /// How to reach it.
        reach: StoreAccess,
    },
}

/// How to reach an AWS store, as far as its address says; the rest comes from the SDK's standard chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreAccess {
    /// The region. Never guessed.
    pub region: Option<String>,
    /// The endpoint, for a VPC endpoint without private DNS or a store that is not AWS's.
    pub endpoint: Option<String>,
}

/// Text that is not the address of a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The scheme is unknown.
    #[error("`{0}` is not the address of a store: write `file:PATH`, `dynamodb://TABLE` or `s3://BUCKET/PREFIX`")]
    Scheme(String),
    /// The path is missing.
    #[error("`{0}` names no directory: write `file:PATH`")]
    NoPath(String),
    /// The table name is invalid.
    #[error("`{text}` names no table: {why}")]
    Table {
        /// The address.
        text: String,
        /// What is wrong with the name.
        why: &'static str,
    },
    /// The bucket name is invalid.
    #[error("`{text}` names no bucket: {why}")]
    Bucket {
        /// The address.
        text: String,
        /// What is wrong with the name.
        why: &'static str,
    },
    /// A setting after the `?` that is unknown or has no value.
    #[error("`{setting}` in `{text}` is not understood: {why}")]
    Setting {
        /// The address.
        text: String,
        /// The setting.
        setting: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Characters that need no escaping after the `?`.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'/');

impl StoreUrl {
    /// The default: needs no account, and is never an input.
    pub fn in_source(source: &Path) -> Self {
        Self::directory(source, Path::new(".shipmark/state"))
    }

    fn directory(source: &Path, path: &Path) -> Self {
        let path = source.join(path);
        let anchor = if path.starts_with(source.join(".shipmark")) { source } else { &path };
        Self::File { anchor: anchor.to_owned(), path }
    }

    /// Parses an address; a relative path is relative to `source`.
    ///
    /// # Errors
    /// The text is not a valid address.
    pub fn parse(text: &str, source: &Path) -> Result<Self, UrlError> {
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(UrlError::Scheme(text.to_owned()));
        };
        match scheme {
            "file" => {
                // Other tools write the absolute path `/srv/state` as `file:///srv/state`.
                let path = rest.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(rest);
                if path.is_empty() || path.starts_with("//") {
                    return Err(UrlError::NoPath(text.to_owned()));
                }
                Ok(Self::directory(source, Path::new(path)))
            }
            "dynamodb" => {
                let (table, mut reach) = split(text, rest)?;
                if let Some(why) = bad_table(table) {
                    return Err(UrlError::Table { text: text.to_owned(), why });
                }
                reach.region = reach.region.or_else(|| arn_region(table).map(str::to_owned));
                Ok(Self::DynamoDb { table: table.to_owned(), reach })
            }
            "s3" => {
                let (place, reach) = split(text, rest)?;
                let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
                if let Some(why) = bad_bucket(bucket) {
                    return Err(UrlError::Bucket { text: text.to_owned(), why });
                }
                let prefix = prefix.trim_matches('/').to_owned();
                if prefix.contains("//") {
                    return Err(UrlError::Bucket { text: text.to_owned(), why: "its prefix has an empty part" });
                }
                Ok(Self::S3 { bucket: bucket.to_owned(), prefix, reach })
            }
            _ => Err(UrlError::Scheme(text.to_owned())),
        }
    }

    /// The prefix of a project's keys in an AWS store: of the partition keys in a table, of the keys in a bucket.
    pub fn project_keys(&self, project: &ProjectName) -> String {
        let project = encode(project.as_str());
        match self {
            Self::S3 { prefix, .. } if !prefix.is_empty() => format!("{prefix}/{project}/"),
            _ => format!("{project}/"),
        }
    }

    /// Whether the state is on this machine, and is lost with it.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::File { .. })
    }
}

/// The name of the table or bucket, and how to reach it.
fn split<'a>(text: &str, rest: &'a str) -> Result<(&'a str, StoreAccess), UrlError> {
    let rest = rest.strip_prefix("//").ok_or_else(|| UrlError::Scheme(text.to_owned()))?;
    let (place, settings) = rest.split_once('?').unwrap_or((rest, ""));
    let mut reach = StoreAccess::default();
    for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
        let bad = |why| UrlError::Setting { text: text.to_owned(), setting: setting.to_owned(), why };
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let value = percent_decode_str(value).decode_utf8().map_err(|_| bad("it is not UTF-8"))?.into_owned();
        let place = match name {
            "region" if value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => &mut reach.region,
            "region" => return Err(bad("a region is like `eu-west-1`")),
            "endpoint" => {
                good_endpoint(&value).map_err(bad)?;
                &mut reach.endpoint
            }
            _ => return Err(bad("only `region` and `endpoint` can be set")),
        };
        if value.is_empty() {
            return Err(bad("it has no value"));
        }
        if place.replace(value).is_some() {
            return Err(bad("it is given twice"));
        }
    }
    Ok((place, reach))
}

fn good_endpoint(value: &str) -> Result<(), &'static str> {
    let host = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
    let host = host.ok_or("an endpoint begins with `https://` or `http://`")?;
    // Messages show everything in the address.
    if host.contains('@') {
        return Err("an endpoint holds no credentials: those come from the AWS SDK's ordinary chain");
    }
    let fine = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}?#".contains(&byte);
    if host.is_empty() || host.starts_with(['/', ':']) || !host.bytes().all(fine) {
        return Err("an endpoint is like `https://HOST:PORT`");
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
fn bad_table(table: &str) -> Option<&'static str> {
    let name = if table.starts_with("arn:") {
        let mut parts = table.splitn(6, ':').skip(2);
        let service = parts.next();
        match (service, parts.nth(2).and_then(|resource| resource.strip_prefix("table/"))) {
            (Some("dynamodb"), Some(name)) => name,
            _ => return Some("its ARN is like `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME`"),
        }
    } else {
        table
    };
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let good = (3..=255).contains(&name.len()) && name.bytes().all(fine);
    (!good).then_some("a name is 3 to 255 letters, digits, `_`, `-` and `.`")
}

fn arn_region(table: &str) -> Option<&str> {
    table.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn bad_bucket(bucket: &str) -> Option<&'static str> {
    if bucket.starts_with("arn:") {
        return Some("write its name (or the alias of an access point), not an ARN");
    }
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let good = (3..=63).contains(&bucket.len()) && bucket.bytes().all(fine);
    (!good).then_some("a name is 3 to 63 lower-case letters, digits, `-` and `.`")
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => write!(f, "file:{}", path.display()),
            Self::DynamoDb { table, reach } => write!(f, "dynamodb://{table}{reach}"),
            Self::S3 { bucket, prefix, reach } if prefix.is_empty() => write!(f, "s3://{bucket}{reach}"),
            Self::S3 { bucket, prefix, reach } => write!(f, "s3://{bucket}/{prefix}{reach}"),
        }
    }
}

impl fmt::Display for StoreAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = [("region", &self.region), ("endpoint", &self.endpoint)];
        let given = settings.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        for (at, (name, value)) in given.enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={}", utf8_percent_encode(value, PLAIN))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
