//! What the links of a source make inputs.

use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use bstr::BString;

use super::OpenSource;
use crate::map::rules::{Rules, SelectedBy, Verdict, Via};

impl OpenSource {
    /// The files that are inputs only through links, with what they are to the services, sorted bytewise. The source is
    /// read only if it has links; what cannot be read is left out.
    pub fn linked(&self, rules: &Rules) -> Vec<(BString, Arc<Verdict>)> {
        let tree = self.may_have_links().then(|| self.read_as_git(rules).ok()).flatten();
        let entries = tree.into_iter().flat_map(|tree| tree.entries);
        let through = |claim: &SelectedBy| matches!(claim.via, Via::Link(_));
        let linked = entries.filter(|entry| entry.verdict.claims.iter().any(through));
        linked.map(|entry| (entry.path, entry.verdict)).collect()
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
