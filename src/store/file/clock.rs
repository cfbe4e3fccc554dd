//! The time of the file system: that of a file that has just been touched, on a server its server's, and never this machine's
//! own clock.

use jiff::Timestamp;

use super::root::StoreRoot;

/// The file that is touched. No project's directory has this name, since every `%` in a name is encoded.
pub(super) const FILE: &str = "%clock";

/// The file system's time now; `None` where the store does not exist yet or cannot be written. Makes no directory.
pub(super) fn touch(root: &StoreRoot) -> Option<Timestamp> {
    let root = root.open("".as_ref()).ok()??;
    Timestamp::try_from(root.touch(FILE).ok()?).ok()
}
