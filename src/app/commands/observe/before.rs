//! The source as it is before a build, read from the disk.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use bstr::BString;

use crate::base::failure::Failure;
use crate::source::tree::listing;
use crate::upkeep::observe::{OnDisk, SourceBefore};

/// All files of the source that are there, with those of its submodules.
///
/// # Errors
/// The source's real path is not known, or a submodule cannot be listed: what is read there would count for nothing.
pub(super) fn read(root: &Path, names: &[BString]) -> Result<SourceBefore, Failure> {
    let real = root
        .canonicalize()
        .map_err(|cause| Failure::other(format!("the source `{}` cannot be read: {cause}", root.display())))?;
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        let path = real.join(OsStr::from_bytes(name));
        let kind = match path.symlink_metadata() {
            Ok(found) => kind(&path, &found),
            // What git knows and is not there is missing, not a file.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(_) => OnDisk::Other,
        };
        match kind {
            OnDisk::Link(text) => all.push((name.clone(), Some(text))),
            OnDisk::Directory => {
                let below = listing::directory(&path).map_err(Failure::other)?;
                all.extend(below.into_iter().map(|file| {
                    let path = path.join(OsStr::from_bytes(&file));
                    let name: BString = [&name[..], b"/", &file].concat().into();
                    (name, std::fs::read_link(path).ok().map(|text| text.into_os_string().into_vec()))
                }));
            }
            OnDisk::Other => all.push((name.clone(), None)),
        }
    }
    Ok(SourceBefore::new(real.as_os_str().as_bytes(), all))
}

/// What a path is now.
pub(super) fn look(path: &[u8]) -> OnDisk {
    let path = Path::new(OsStr::from_bytes(path));
    path.symlink_metadata().map_or(OnDisk::Other, |found| kind(path, &found))
}

fn kind(path: &Path, found: &Metadata) -> OnDisk {
    if found.is_symlink() {
        return path.read_link().map_or(OnDisk::Other, |text| OnDisk::Link(text.into_os_string().into_vec()));
    }
    if found.is_dir() { OnDisk::Directory } else { OnDisk::Other }
}

/// Whether a program is this one. What `/proc` and `/dev` have for each process differs for this one, and is not looked up.
pub(super) fn is_own(path: &[u8]) -> bool {
    if [&b"/proc/self/"[..], b"/proc/thread-self/", b"/dev/fd/"].iter().any(|start| path.starts_with(start)) {
        return false;
    }
    let same = |path: &Path| path.metadata().ok().map(|found| (found.dev(), found.ino()));
    let own = same(Path::new("/proc/self/exe"));
    own.is_some() && own == same(Path::new(OsStr::from_bytes(path)))
}
