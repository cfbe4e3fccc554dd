//! Files that git neither tracks nor ignores.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use bstr::{BStr, BString};
use gix::dir::EntryRef;
use gix::dir::entry::{Kind, Status};
use gix::dir::walk::{Action, Delegate, EmissionMode, ForDeletionMode};

use crate::source::tree::never_input;

/// The untracked files, links and repositories, sorted bytewise. Directories that are not `sought` are not entered.
pub(super) fn list(
    git: &gix::Repository,
    index: &gix::index::State,
    sought: impl FnMut(&BStr) -> bool,
) -> gix::Result<Vec<BString>> {
    let options = git.dirwalk_options()?.emit_untracked(EmissionMode::Matching);
    let mut found = Untracked { sought, paths: Vec::new() };
    git.dirwalk(index, std::iter::empty::<&BStr>(), &AtomicBool::new(false), options, &mut found)?;
    found.paths.sort_unstable();
    Ok(found.paths)
}

struct Untracked<F> {
    sought: F,
    paths: Vec<BString>,
}

impl<F: FnMut(&BStr) -> bool> Delegate for Untracked<F> {
    fn emit(&mut self, entry: EntryRef<'_>, _collapsed: Option<Status>) -> Action {
        let path: &BStr = &entry.rela_path;
        let is_file = matches!(entry.disk_kind, Some(Kind::File | Kind::Symlink | Kind::Repository));
        let is_never = || path.split(|&byte| byte == b'/').any(never_input);
        if entry.status == Status::Untracked && is_file && !is_never() {
            self.paths.push(path.to_owned());
        }
        ControlFlow::Continue(())
    }

    fn can_recurse(
        &mut self,
        entry: EntryRef<'_>,
        deletion: Option<ForDeletionMode>,
        root_is_repository: bool,
    ) -> bool {
        let git_would = entry.status.can_recurse(entry.disk_kind, entry.pathspec_match, deletion, root_is_repository);
        git_would && (self.sought)(&entry.rela_path)
    }
}
