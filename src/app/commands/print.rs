//! Data on standard output, or in the file of `--out`.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::base::atomic_file::{Flush, replace_with};
use crate::base::failure::Failure;

/// Removes what an earlier decision left, so that it can never be read as this one. A link keeps its place and is emptied;
/// a pipe or a device (`/dev/stdout`) keeps nothing, and must not be taken away from everybody else.
pub(super) fn remove_old(out: &Path) -> Result<(), Failure> {
    let removed = match std::fs::metadata(out) {
        Ok(found) if !found.is_file() && !found.is_dir() => Ok(()),
        Ok(found) if found.is_file() && out.is_symlink() => File::create(out).map(drop),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        _ => std::fs::remove_file(out),
    };
    removed.map_err(|cause| Failure::other(format!("the file `{}` cannot be replaced: {cause}", out.display())))
}

/// Writes to the file, or to standard output.
pub(super) fn emit(out: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    emit_with(out, Flush::Later, |to| to.write_all(bytes))
}

/// [`emit`], for what is too much to be held at once.
pub(super) fn emit_with(
    out: Option<&Path>,
    flush: Flush,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let written = match out {
        Some(path) => match path.symlink_metadata() {
            // What is no plain file is written through, not replaced.
            Ok(found) if !found.is_file() => File::create(path).and_then(|mut file| write(&mut file)),
            _ => replace_with(path, flush, write),
        },
        None => {
            let mut stdout = io::stdout().lock();
            write(&mut stdout).and_then(|()| stdout.flush())
        }
    };
    written.map_err(|cause| {
        let place = out.map_or_else(|| "standard output".to_owned(), |path| format!("`{}`", path.display()));
        Failure::other(format!("{place} cannot be written: {cause}"))
    })
}

/// Writes to standard output for people: a reader who has seen enough (`… | head`) is no failure.
pub(super) fn show(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::other(format!("standard output cannot be written: {cause}")))
        }
        _ => Ok(()),
    }
}
