//! The id that a file would get if it were added.

use std::ffi::OsStr;
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::BStr;
use gix::filter::plumbing::pipeline::convert::ToGitOutcome;
use gix::index::entry::Mode;
use rustix::fs::{Mode as Permissions, OFlags};

use super::{OwnDrivers, WorktreeReader, kind};
use crate::base::fingerprint::BlobId;
use crate::source::tree::FileKind;
use crate::source::tree::blob::{self, OpenFile};

impl WorktreeReader<'_> {
    /// Hashes a file as git would store it under this mode.
    pub(super) fn file(&mut self, path: &BStr, mode: Mode) -> Result<(BlobId, FileKind), String> {
        let full = self.files.full(path);
        let kind = kind(mode);
        let id = if kind == FileKind::Symlink && full.is_symlink() {
            let target = rustix::fs::readlink(&full, Vec::new()).map_err(|error| format!("cannot be read: {error}"))?;
            blob::of_bytes(target.as_bytes())
        } else {
            self.cleaned(path, &full, kind)?
        };
        Ok((id, kind))
    }

    fn cleaned(&mut self, path: &BStr, full: &Path, kind: FileKind) -> Result<BlobId, String> {
        // NONBLOCK keeps the open of a named pipe from waiting for a writer that may never come.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(full, flags, Permissions::empty());
        let file = std::fs::File::from(file.map_err(|error| format!("cannot be read: {error}"))?);
        let open = OpenFile::new(file.as_fd()).map_err(|error| error.to_string())?;
        if kind == FileKind::Symlink {
            // The file system does not support links (`core.symlinks=false`): the file contains the target, which is
            // not converted.
            return open.blob_id().map_err(|error| error.to_string());
        }
        let failed = |cause: &dyn std::fmt::Display| format!("cannot be converted as git would: {cause}");
        let relative = Path::new(OsStr::from_bytes(path));
        let drivers = match &mut self.drivers {
            Some(drivers) => drivers,
            none => none.insert(OwnDrivers::new(self.git, self.index).map_err(|error| failed(&error))?),
        };
        if let Some(driver) = drivers.of(relative).map_err(|error| failed(&error))? {
            return Err(format!(
                "is converted by the filter `{driver}` of the repository's own configuration, which is not run: \
                 configure it with `git config --global`"
            ));
        }
        let filters = match &mut self.filters {
            Some(filters) => filters,
            none => none.insert(self.git.filter_pipeline(None).map_err(|error| failed(&error))?.0),
        };
        let converted = filters.convert_to_git(&file, relative, self.index).map_err(|error| failed(&error))?;
        let id = match converted {
            ToGitOutcome::Unchanged(_) => return open.blob_id().map_err(|error| error.to_string()),
            ToGitOutcome::Buffer(bytes) => blob::of_bytes(bytes),
            ToGitOutcome::Process(mut output) => {
                let mut bytes = Vec::new();
                output.read_to_end(&mut bytes).map_err(|error| failed(&error))?;
                blob::of_bytes(&bytes)
            }
        };
        open.check_unchanged().map_err(|error| error.to_string())?;
        Ok(id)
    }
}
