//! The export format of the state: lines of JSON that a person can read, cut and search.
//!
//! ```text
//! {"shipmark_export":1,"project":"cqrs","exported_at":"…","writer":"shipmark 0.1.0"}
//! {"kind":"snapshot","environment":"prod","service":"query","hash":"…","base64":"…"}
//! {"kind":"candidate","environment":"prod","service":"query","candidate":{…}}
//! {"kind":"mark","environment":"prod","service":"query","mark":{…}}
//! {"kind":"end","services":1}
//! ```
//!
//! The lines of a service are consecutive, and its mark comes last, after everything that the mark refers to. The end
//! line distinguishes a complete export from a truncated one.

use std::io::{self, BufRead, Read as _, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::base::names::{EnvironmentName, ProjectName, ServiceName};

/// The version of the format that this program writes, and the only one it reads.
const VERSION: u64 = 1;

/// The most bytes of a line: the snapshot of a million inputs takes about 32 million. It stops files without line ends.
const LONGEST: u64 = 64 << 20;

/// The most bytes of a line that is not a snapshot: parsed JSON takes far more memory than its text.
const LONGEST_JSON: usize = 2 << 20;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    shipmark_export: u64,
    /// The project of the marks.
    pub project: ProjectName,
    /// When it was written.
    pub exported_at: Timestamp,
    /// The program that wrote it.
    pub writer: String,
}

/// Every other line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Line {
    /// The inputs of a deploy or a candidate.
    Snapshot {
        /// The service it belongs to.
        #[serde(flatten)]
        owner: Owner,
        /// Its name.
        hash: String,
        /// Its bytes, compressed as they are stored.
        #[serde(rename = "base64", serialize_with = "to_base64", deserialize_with = "from_base64")]
        bytes: Vec<u8>,
    },
    /// A candidate in its stored form.
    Candidate {
        /// The service it belongs to.
        #[serde(flatten)]
        owner: Owner,
        /// The stored form.
        candidate: Map<String, Value>,
    },
    /// A mark in its stored form.
    Mark {
        /// The service it belongs to.
        #[serde(flatten)]
        owner: Owner,
        /// The stored form.
        mark: Map<String, Value>,
    },
    /// The last line.
    End {
        /// How many marks there were.
        services: usize,
    },
}

/// The service that a line belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// The environment.
    pub environment: EnvironmentName,
    /// The service.
    pub service: ServiceName,
}

impl Line {
    /// The service that the line belongs to; `None` for the last line.
    pub fn owner(&self) -> Option<&Owner> {
        match self {
            Self::Snapshot { owner, .. } | Self::Candidate { owner, .. } | Self::Mark { owner, .. } => Some(owner),
            Self::End { .. } => None,
        }
    }
}

/// Why an export, or a line of it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It cannot be read.
    #[error("the export cannot be read, line {line}")]
    Io {
        /// Which line.
        line: usize,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// The first line is not the header of an export.
    #[error("this is no export of shipmark, line 1: {0}")]
    Header(String),
    /// A newer version of the program wrote it.
    #[error("the export is of version {0}, and this shipmark knows {VERSION}: line 1")]
    Newer(u64),
    /// It ends before the end line.
    #[error("the export is cut off: it ends with line {0}, which is not its last")]
    CutOff(usize),
}

impl Header {
    /// The header of an export that is written now.
    pub fn new(project: ProjectName, exported_at: Timestamp, writer: &str) -> Self {
        Self { shipmark_export: VERSION, project, exported_at, writer: writer.to_owned() }
    }
}

/// Writes one line: the [`Header`] first, [`Line::End`] last.
///
/// # Errors
/// It cannot be written.
pub fn write_line(to: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.write_all(b"\n")
}

/// Reads an export line by line, holding only one line in memory.
pub struct ExportReader<R> {
    input: R,
    number: usize,
    ended: bool,
}

/// A numbered line, or what is wrong with it: the lines after it may still be good.
pub type Numbered = (usize, Result<Line, String>);

impl<R: BufRead> ExportReader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// It is not the header of an export that this version can read.
    pub fn new(input: R) -> Result<(Self, Header), ExportError> {
        #[derive(Deserialize)]
        struct ExportVersion {
            shipmark_export: u64,
        }
        let mut reader = Self { input, number: 0, ended: false };
        let line = reader.line()?.ok_or_else(|| ExportError::Header("it is empty".to_owned()))?;
        let wrong = |cause: serde_json::Error| ExportError::Header(told(&cause));
        let ExportVersion { shipmark_export: version } = serde_json::from_slice(&line).map_err(wrong)?;
        if version != VERSION {
            return Err(ExportError::Newer(version));
        }
        Ok((reader, serde_json::from_slice(&line).map_err(wrong)?))
    }

    /// The next line other than the end line; `None` after that.
    ///
    /// # Errors
    /// It cannot be read any further, or is truncated.
    pub fn next_line(&mut self) -> Result<Option<Numbered>, ExportError> {
        let Some(line) = self.line()? else {
            return if self.ended { Ok(None) } else { Err(ExportError::CutOff(self.number)) };
        };
        let read = if self.ended { Err("the export has ended before it".to_owned()) } else { parse(&line) };
        self.ended |= matches!(read, Ok(Line::End { .. }));
        Ok(Some((self.number, read)))
    }

    /// The next line that is not blank.
    fn line(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        loop {
            let mut line = Vec::new();
            let failed = |line, cause| ExportError::Io { line, cause };
            let read = (&mut self.input).take(LONGEST + 1).read_until(b'\n', &mut line);
            if read.map_err(|cause| failed(self.number + 1, cause))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if line.len() as u64 > LONGEST {
                return Err(failed(self.number, io::Error::other("it is longer than any that shipmark writes")));
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }
}

/// A line other than the header.
fn parse(line: &[u8]) -> Result<Line, String> {
    if line.len() <= LONGEST_JSON {
        return serde_json::from_slice(line).map_err(|cause| told(&cause));
    }
    /// A snapshot as its line has it. Anything else would be parsed into values first.
    #[derive(Deserialize)]
    struct SnapshotLine<'a> {
        kind: &'a str,
        environment: EnvironmentName,
        service: ServiceName,
        hash: String,
        #[serde(rename = "base64", deserialize_with = "from_base64")]
        bytes: Vec<u8>,
    }
    let SnapshotLine { kind, environment, service, hash, bytes } =
        serde_json::from_slice(line).map_err(|cause| told(&cause))?;
    match kind {
        "snapshot" => Ok(Line::Snapshot { owner: Owner { environment, service }, hash, bytes }),
        _ => Err(format!("it has more than {LONGEST_JSON} bytes, as only a snapshot may")),
    }
}

/// What is wrong with a line, without its position: for the JSON parser, every line is line 1.
fn told(cause: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", cause.line(), cause.column());
    let text = cause.to_string();
    text.strip_suffix(&place).map_or_else(|| text.clone(), |text| format!("{text}, column {}", cause.column()))
}

fn to_base64<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
    STANDARD
        .decode(text.as_bytes())
        .map_err(|cause| serde::de::Error::custom(format!("its bytes are no base64: {cause}")))
}

#[cfg(test)]
mod tests;
