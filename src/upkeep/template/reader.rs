//! Reads a template as values with positions: YAML or JSON, within bounds.

use super::bounds::TemplateFlaw;
use super::node::{Spot, TemplateNode};
use super::{json, yaml};

/// The largest file: plans and states of Terraform are large.
pub const MOST_BYTES: u64 = 32 << 20;
/// The largest template of CloudFormation, twice its own limit.
const MOST_TEMPLATE: usize = 2 << 20;
/// Why a template cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{file}` line {}: {what}", at.line)]
pub struct TemplateError {
    /// The file, as shown to people.
    pub file: String,
    /// Where.
    pub at: Spot,
    /// What is wrong.
    pub what: String,
}

/// How a template is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// CloudFormation in YAML.
    Yaml,
    /// CloudFormation in JSON, as `cdk synth` writes it.
    Json,
    /// The JSON of `terraform show -json`.
    Terraform,
}

/// Reads the values of a file.
pub(super) fn parse(file: &str, bytes: &[u8]) -> Result<(Notation, TemplateNode), TemplateError> {
    let fail = |flaw: TemplateFlaw| TemplateError { file: file.to_owned(), at: flaw.at, what: flaw.what };
    let first = Spot::first(0);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        fail(TemplateFlaw::new(Spot::new(u32::try_from(line).unwrap_or(u32::MAX), 1), "it is not UTF-8"))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(fail(TemplateFlaw::new(first, "it is empty")));
    }
    let large = || {
        Err(fail(TemplateFlaw::new(
            first,
            format!("it has more than {MOST_TEMPLATE} bytes; CloudFormation takes half"),
        )))
    };
    if !text.trim_start().starts_with('{') {
        return if text.len() > MOST_TEMPLATE {
            large()
        } else {
            Ok((Notation::Yaml, yaml::parse(text).map_err(fail)?))
        };
    }
    let root = json::parse(text).map_err(fail)?;
    let terraform = !root.get("terraform_version").is_absent() || !root.get("format_version").is_absent();
    match terraform {
        true => Ok((Notation::Terraform, root)),
        false if text.len() > MOST_TEMPLATE => large(),
        false => Ok((Notation::Json, root)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_said_in_one_line() {
        let said = |bytes: &[u8]| parse("t.yml", bytes).unwrap_err().to_string();
        assert_eq!(said(b" \n"), "`t.yml` line 1: it is empty");
        assert_eq!(said(b"a: 1\nb: \xff\n"), "`t.yml` line 2: it is not UTF-8");
        assert!(said(&vec![b'#'; 3 << 20]).contains("it has more than 2097152 bytes"));
    }

    #[test]
    fn the_content_decides_how_it_is_read() {
        let notation = |text: &str| parse("t", text.as_bytes()).unwrap().0;
        assert_eq!(notation("\u{feff}a: 1"), Notation::Yaml);
        assert_eq!(notation("{\"Resources\": {}}"), Notation::Json);
        assert_eq!(notation("{\"format_version\": \"1.2\"}"), Notation::Terraform);
    }
}
