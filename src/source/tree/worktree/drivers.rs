//! The filters that a repository's own configuration names. It may come with the source, in an archive or a cache of an
//! earlier build, so its programs are not run.

use std::collections::BTreeSet;
use std::path::Path;

use bstr::BString;
use gix::attrs::StateRef;
use gix::attrs::search::Outcome;
use gix::config::source::Kind;
use gix::index::State;
use gix::worktree::stack::state::attributes::Source;

use crate::base::text;

/// Finds the files that such a filter would convert.
pub(super) struct OwnDrivers<'a> {
    names: BTreeSet<BString>,
    /// `None` without any such filter.
    attributes: Option<(gix::AttributeStack<'a>, Outcome)>,
}

impl<'a> OwnDrivers<'a> {
    /// # Errors
    /// The repository's attributes cannot be read.
    pub(super) fn new(git: &'a gix::Repository, index: &State) -> Result<Self, gix::Error> {
        let config = git.config_snapshot();
        let sections = config.plumbing().sections_by_name("filter").into_iter().flatten();
        let own = sections.filter(|section| section.meta().source.kind() == Kind::Repository);
        let programs = own.filter(|section| ["clean", "process"].iter().any(|key| section.value(*key).is_some()));
        let names = programs.filter_map(|section| Some(section.header().subsection_name()?.to_owned()));
        let names: BTreeSet<BString> = names.collect();
        let attributes = match names.is_empty() {
            true => None,
            false => {
                let stack = git.attributes_only(index, Source::WorktreeThenIdMapping)?;
                let outcome = stack.selected_attribute_matches(["filter"]);
                Some((stack, outcome))
            }
        };
        Ok(Self { names, attributes })
    }

    /// The filter of the repository's own configuration that a file has, if any; printable.
    ///
    /// # Errors
    /// The file's attributes cannot be read.
    pub(super) fn of(&mut self, path: &Path) -> Result<Option<String>, gix::Error> {
        let Some((stack, outcome)) = &mut self.attributes else { return Ok(None) };
        stack.at_path(path, None)?.matching_attributes(outcome);
        let names = &self.names;
        let mut found = outcome.iter_selected().filter_map(|found| match found.assignment.state {
            StateRef::Value(value) if names.contains(value.as_bstr()) => Some(text::printable(value.as_bstr())),
            _ => None,
        });
        Ok(found.next())
    }
}
