//! Compares a file's metadata with what git recorded about it.

use gix::index::entry::stat::Time;
use gix::index::entry::{Flags, Mode, Stat};
use gix::index::{Entry, State};
use rustix::fs::FileType;

/// Which capabilities of the file system git relies on.
pub(in super::super) struct Capabilities {
    pub(in super::super) files: gix::fs::Capabilities,
    pub(in super::super) stat: gix::index::entry::stat::Options,
}

impl Capabilities {
    /// A file's mode, as far as git relies on this file system to keep modes.
    pub(in super::super) fn mode(&self, before: Mode, found: &rustix::fs::Stat) -> Mode {
        let is = |kind| FileType::from_raw_mode(found.st_mode) == kind;
        // gix would treat an executable file that became a link as a file that lost its executable bit.
        let was_executable = before == Mode::FILE_EXECUTABLE && !is(FileType::RegularFile);
        let before = if was_executable { Mode::FILE } else { before };
        let is_executable = is(FileType::RegularFile) && found.st_mode & 0o100 != 0;
        let change = before.change_to_match_fs_with_values(
            is(FileType::RegularFile),
            is(FileType::Directory),
            is(FileType::Symlink),
            is_executable,
            self.files.symlink,
            self.files.executable_bit,
        );
        change.map_or(before, |change| change.apply(before))
    }

    /// Whether the index vouches for the file's content.
    pub(super) fn is_unchanged(&self, entry: &Entry, found: &rustix::fs::Stat, index: &State) -> bool {
        let stat = noted(found);
        // Git writes a length of 0 for an entry that was racily clean: then the index is only right about an empty
        // file.
        let smudged = entry.stat.size == 0 && !entry.id.is_empty_blob();
        // An entry that is in conflict or only announced has no valid stat data, whatever some tool may have written
        // there.
        let settled = entry.stage_raw() == 0 && !entry.flags.contains(Flags::INTENT_TO_ADD);
        settled && !smudged && stat.matches(&entry.stat, self.stat) && !stat.is_racy(index.timestamp(), self.stat)
    }
}

/// As git records it: the lowest 32 bits of each number.
fn noted(found: &rustix::fs::Stat) -> Stat {
    Stat {
        mtime: Time { secs: found.st_mtime as u32, nsecs: found.st_mtime_nsec as u32 },
        ctime: Time { secs: found.st_ctime as u32, nsecs: found.st_ctime_nsec as u32 },
        dev: found.st_dev as u32,
        ino: found.st_ino as u32,
        uid: found.st_uid,
        gid: found.st_gid,
        size: found.st_size as u32,
    }
}
