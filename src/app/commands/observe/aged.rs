//! Access times, where tracing is forbidden: those of all files are set before their dates of change, and what is read gets a
//! newer one.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use bstr::BString;
use rustix::fs::{AtFlags, CWD, Stat, Timespec, Timestamps, UTIME_OMIT, statat, utimensat};

use super::super::signals::{Watch, exit_code};
use super::traced::Watched;
use crate::app::settings::Environment;
use crate::base::failure::Failure;
use crate::upkeep::observe::{BlindSpot, Observation};

/// Checks that reading a file of the source changes its access time.
///
/// # Errors
/// It does not.
pub(super) fn probe(root: &Path) -> Result<(), Failure> {
    let kept = || -> io::Result<bool> {
        let mut file = tempfile::Builder::new().prefix(".shipmark-").tempfile_in(root)?;
        file.write_all(b"x")?;
        age(file.path())?;
        file.reopen()?.read_to_end(&mut Vec::new())?;
        Ok(was_read(file.path()))
    };
    match kept() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::request("the source's file system keeps no access times (`noatime`)")
            .hint("use --by strace, or copy the source to another file system")),
        Err(cause) => Err(Failure::request(format!("access times of the source cannot be set: {cause}"))
            .hint("the source must be writable; or use --by strace")),
    }
}

/// Runs a command and sees which of the files it read.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(
    watch: &Watch,
    environment: &Environment,
    root: &Path,
    names: &[BString],
    command: &[OsString],
) -> io::Result<Watched> {
    let at = |name: &BString| root.join(OsStr::from_bytes(name));
    let failed = names.iter().filter(|name| age(&at(name)).is_err()).count();
    let Some((program, args)) = command.split_first() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut build = Command::new(program);
    build.args(args).stdout(Stdio::from(io::stderr()));
    // A new access time changes the time of change, by which git would take every file for changed, and read it.
    let count = environment.input("GIT_CONFIG_COUNT").ok().flatten();
    let count = count.and_then(|count| count.parse::<u32>().ok()).unwrap_or_default();
    build.env("GIT_CONFIG_COUNT", (count + 1).to_string());
    build.env(format!("GIT_CONFIG_KEY_{count}"), "core.trustctime");
    build.env(format!("GIT_CONFIG_VALUE_{count}"), "false");
    let exit = match watch.start(&mut build)? {
        Some(mut child) => Some(exit_code(watch.wait(&mut child)?)),
        None => None,
    };
    let read = names.iter().filter(|name| was_read(&at(name))).map(|name| (name.clone(), "?".to_owned()));
    let mut seen = Observation { read: read.collect(), ..Observation::default() };
    seen.doubts.insert(BlindSpot::AccessTimes, 1);
    if failed > 0 {
        seen.doubts.insert(BlindSpot::NotAged(failed), 1);
    }
    Ok(Watched { exit, started: true, seen, left: Vec::new() })
}

fn stat(path: &Path) -> io::Result<Stat> {
    Ok(statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Sets the access time a second before the date of change.
fn age(path: &Path) -> io::Result<()> {
    let found = stat(path)?;
    let before = Timespec { tv_sec: found.st_mtime - 1, tv_nsec: 0 };
    let omitted = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    let times = Timestamps { last_access: before, last_modification: omitted };
    Ok(utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Whether a file was read since. Of one that is gone, nobody knows: it may have been read before.
fn was_read(path: &Path) -> bool {
    stat(path).map_or(true, |found| found.st_atime >= found.st_mtime)
}
