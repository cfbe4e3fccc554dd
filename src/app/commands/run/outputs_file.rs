//! `$SHIPMARK_OUTPUTS`: what a command says about its deploy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::base::failure::{Failure, Status, chain};
use crate::base::names::{OutputName, ServiceName};
use crate::base::plain_file;
use crate::base::text::printable;

use super::super::recording::outputs_of;

/// The longest file that is read, in bytes.
const MOST: u64 = 4 << 20;

/// How much of a line an error shows.
const SHOWN: usize = 120;

/// An empty file for one command.
///
/// # Errors
/// The temporary directory cannot be written.
pub(super) fn create(temporary: &Path) -> Result<NamedTempFile, Failure> {
    let file = tempfile::Builder::new().prefix("shipmark-outputs-").tempfile_in(temporary);
    file.map_err(|cause| Failure::other(format!("no file for SHIPMARK_OUTPUTS: {cause}")))
}

/// The outputs that the command of a service has written: `NAME=VALUE` lines; empty ones are ignored.
///
/// # Errors
/// The file is not what it should be. The command has succeeded, so it is no wrong request.
pub(super) fn read(file: &Path, service: &ServiceName) -> Result<BTreeMap<OutputName, String>, Failure> {
    // A command could put a pipe in its place, whose end nobody would write.
    let read = plain_file::read(file, MOST)
        .map_err(|cause| Failure::other(format!("SHIPMARK_OUTPUTS cannot be read: {cause}")));
    read.and_then(|bytes| parse(&bytes, service)).map_err(|failure| {
        let error = format!("`{service}`: not recorded: {}", chain(&*failure.error)).into();
        Failure { error, ..failure }.with_status(Status::Other)
    })
}

fn parse(bytes: &[u8], service: &ServiceName) -> Result<BTreeMap<OutputName, String>, Failure> {
    let wrong = |line: &[u8], what: &str| {
        let line = printable(&line[..line.len().min(SHOWN)]);
        Failure::other(format!("the line `{line}` of SHIPMARK_OUTPUTS {what}"))
    };
    let last = bytes.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    if !last.is_empty() {
        let failure = wrong(last, "has no end: it may be the half of a line");
        return Err(failure.hint("end every line with a newline, the last one too"));
    }
    let mut lines = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = std::str::from_utf8(line).map_err(|_| wrong(line, "is not UTF-8"))?;
        if text.trim().is_empty() {
            continue;
        }
        if !text.contains('=') {
            return Err(wrong(line, "is not NAME=VALUE"));
        }
        lines.push(text.to_owned());
    }
    Ok(outputs_of(&lines, &BTreeSet::from([service]))?.remove(service).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &[u8]) -> Result<Vec<String>, String> {
        let service = ServiceName::new("api").unwrap();
        let outputs = parse(text, &service).map_err(|failure| failure.to_string())?;
        Ok(outputs.iter().map(|(name, value)| format!("{name}={value}")).collect())
    }

    #[test]
    fn whole_lines_are_outputs() {
        assert_eq!(parsed(b""), Ok(vec![]));
        assert_eq!(parsed(b"A=1\n\n  \nB=2=3 \r\n"), Ok(vec!["A=1".to_owned(), "B=2=3 ".to_owned()]));
    }

    #[test]
    fn anything_else_is_refused_with_the_line() {
        for (text, expected) in [
            (&b"A=1\nB=2"[..], "the line `B=2` of SHIPMARK_OUTPUTS has no end"),
            (b" ", "has no end"),
            (b"A=1\nhello\n", "the line `hello` of SHIPMARK_OUTPUTS is not NAME=VALUE"),
            (b"A=\xff\n", "is not UTF-8"),
            (b"PATH=x\n", "PATH"),
            (b"web:A=1\n", "`web`"),
            (b"A=1\nA=2\n", "twice"),
            (b"A=\n", "empty"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let long = parsed(&[b'x'; 10_000]).unwrap_err();
        assert!(long.len() < 300, "{long}");
    }
}
