//! The time of the file system: that of a file that has just been touched, on a server its server's, and never this machine's
//! own clock.

use std::fs::File;
use std::path::Path;

use jiff::Timestamp;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};

/// The file that is touched. No project's directory has this name, since every `%` in a name is encoded.
const FILE: &str = "%clock";

/// The file system's time now; `None` where the store does not exist yet or cannot be written. Makes no directory.
pub(super) fn touch(root: &Path) -> Option<Timestamp> {
    let file = File::options().create(true).truncate(false).write(true).open(root.join(FILE)).ok()?;
    // Both times, since only the owner of a file may set one of them.
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    futimens(&file, &Timestamps { last_access: now, last_modification: now }).ok()?;
    Timestamp::try_from(file.metadata().ok()?.modified().ok()?).ok()
}
