//! What the links of a source make inputs.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use bstr::BString;

use super::OpenSource;
use crate::map::rules::{Rules, SelectedBy, Verdict, Via};

/// What links make of a source; empty if it has none.
#[derive(Debug, Default)]
pub struct Linked {
    /// The files that are inputs through links, with what they are to the services, sorted bytewise.
    pub files: Vec<(BString, Arc<Verdict>)>,
    /// The services of which an input cannot be read, such as what is behind a link out of the source.
    pub in_doubt: BTreeSet<usize>,
}

impl OpenSource {
    /// What links of the source make of it. The source is read only if it has links.
    pub fn linked(&self, rules: &Rules) -> Linked {
        let tree = self.may_have_links().then(|| self.read_as_git(rules).ok()).flatten();
        let Some(tree) = tree else { return Linked::default() };
        let through = |claim: &SelectedBy| matches!(claim.via, Via::Link(_));
        let linked = tree.entries.into_iter().filter(|entry| entry.verdict.claims.iter().any(through));
        let files = linked.map(|entry| (entry.path, entry.verdict)).collect();
        let in_doubt = tree.unreadable.into_iter().flat_map(|unreadable| unreadable.services).collect();
        Linked { files, in_doubt }
    }

    /// Whether the source may contain a symbolic link. True if that is not known.
    fn may_have_links(&self) -> bool {
        let is_link = |path: &BString| {
            let path = self.directory.join(std::ffi::OsStr::from_bytes(path));
            path.symlink_metadata().map_or(true, |found| found.is_symlink())
        };
        self.artifact.is_some() || self.names().map_or(true, |names| names.iter().any(is_link))
    }
}
