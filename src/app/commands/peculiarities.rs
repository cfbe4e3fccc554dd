//! What git knows of changed inputs and the bytes do not show: that it ignores them, or stores them in another form. It only explains.

use bstr::{BStr, ByteSlice as _};

use crate::app::settings::OpenSource;
use crate::base::text::printable;
use crate::protocol::engine::evidence::Evidence;
use crate::source::difference::{Change, ChangeKind};
use crate::upkeep::manifests::gitattributes::Attribute;

/// How many changes are looked at.
const MOST: usize = 1_000;

/// The attributes with which an archive, a working tree and git itself have different bytes, or different files.
const ATTRIBUTES: [&str; 4] = ["export-ignore", "export-subst", "ident", "eol=crlf"];

/// Those that have a value of the repository's choice.
const WITH_VALUES: [&str; 2] = ["filter=", "working-tree-encoding="];

/// What to say of these changes, if anything.
pub(super) fn peculiarities(source: &OpenSource, evidence: &Evidence, changes: &[Change]) -> Option<String> {
    match evidence {
        Evidence::Changed => written_before(source, changes),
        // Decided in another kind of source than this one.
        Evidence::ChangedUnseen(_) => attributed(source, changes),
        _ => None,
    }
}

/// Files that the build itself made before it was decided, as an install phase does.
fn written_before(source: &OpenSource, changes: &[Change]) -> Option<String> {
    let there = changes.iter().filter(|change| change.kind != ChangeKind::Deleted).take(MOST);
    let paths: Vec<&BStr> = there.map(|change| change.path.as_bstr()).collect();
    let ignored = source.ignored(&paths);
    let first = printable(ignored.first()?);
    let more = if ignored.len() > 1 { format!(" and {} more", ignored.len() - 1) } else { String::new() };
    let it = if ignored.len() > 1 { "them" } else { "it" };
    Some(format!("; {first}{more}: git ignores {it}: decide before the install phase, or exclude {it}"))
}

/// The first file with an attribute by which a clone and an archive differ.
fn attributed(source: &OpenSource, changes: &[Change]) -> Option<String> {
    let (path, attribute, file) =
        changes.iter().take(MOST).find_map(|change| of_path(source, change.path.as_bstr()))?;
    Some(format!("; {path} has `{attribute}` in `{file}`, so an archive and a clone differ there"))
}

/// A path, its attribute, and the file that sets it.
fn of_path(source: &OpenSource, path: &BStr) -> Option<(String, String, String)> {
    let above = path
        .char_indices()
        .filter(|(_, _, character)| *character == '/')
        .filter_map(|(at, ..)| path[..at].to_str().ok());
    std::iter::once("").chain(above).find_map(|directory| {
        let file =
            if directory.is_empty() { ".gitattributes".to_owned() } else { format!("{directory}/.gitattributes") };
        let bytes = source.file(&file).ok().flatten()?;
        let text = String::from_utf8_lossy(&bytes);
        let with_values = text.split_whitespace().filter(|word| WITH_VALUES.iter().any(|name| word.starts_with(name)));
        let sets = |attribute: &&str| Attribute::read(directory, &text, attribute).line(path).is_some();
        let attribute = ATTRIBUTES.into_iter().chain(with_values).find(sets)?;
        Some((printable(path), printable(attribute.as_bytes()), printable(file.as_bytes())))
    })
}
