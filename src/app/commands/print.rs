//! Data on standard output, or in the file given with `--out`.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use crate::app::report::Reporter;
use crate::base::atomic_file::{Flush, replace_with};
use crate::base::failure::{Failure, Status};
use crate::map::lint_codes::Level;
use crate::output::{Checked, FindingFormat};

/// Removes the output of an earlier decision, so that it can never be mistaken for this one. A link stays and its
/// target is emptied; a pipe or a device (`/dev/stdout`) stores nothing and must not be removed, because others use it
/// too.
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

/// [`emit`], for output too large to hold in memory.
pub(super) fn emit_with(
    out: Option<&Path>,
    flush: Flush,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let written = match out {
        Some(path) => match path.symlink_metadata() {
            // Anything but a plain file is written to, not replaced.
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

/// Writes to standard output for people: a reader that stops early (`… | head`) is not an error.
pub(super) fn show(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::other(format!("standard output cannot be written: {cause}")))
        }
        _ => Ok(()),
    }
}

/// Prints findings; the status says whether one is denied.
pub(super) fn findings(checked: &Checked, format: FindingFormat, reporter: Reporter) -> Result<Status, Failure> {
    let color = format == FindingFormat::Text && reporter.colors(io::stdout().is_terminal());
    show(checked.render(format, color).as_bytes())?;
    Ok(if checked.count(Level::Deny) > 0 { Status::Denied } else { Status::Done })
}
