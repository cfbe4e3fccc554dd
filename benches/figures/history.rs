//! Row 3: a plan between two commits, against one `git diff --quiet`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::measure::{always, in_turn};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale, material};

/// Every how many files one changes from A to B.
const CHANGED: usize = 331;

pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let clone = folder.join("clone");
    make_clone(&clone, scale)?;
    let mut plan = always(|| {
        let mut plan = shipmark(&["plan", "--base", "A", "--revision", "B", "--format", "json", "--source"]);
        plan.arg(&clone);
        plan
    });
    // Its status is 1 where something differs, as it does here.
    let mut diff = always(|| pipeline("git diff --quiet A B; test $? = 1", &clone));
    let [plan, diff] = in_turn(scale.rounds * 2, [&mut plan, &mut diff])?;
    fs::remove_dir_all(&clone)?;
    let files = scale.services * scale.files_per_service;
    let work = format!("plan --base A --revision B, {} services, {files} files, a clone", scale.services);
    Ok(vec![Row::against(&work, &plan, ("git diff --quiet A B", &diff), Some(("within 3x", 3.0)))])
}

/// A repository with the commits A and B, of small files, packed and checked out as a clone is.
fn make_clone(clone: &Path, scale: &Scale) -> Outcome<()> {
    let files = scale.services * scale.files_per_service;
    let path = |number: usize| material::path(number / scale.files_per_service, number % scale.files_per_service);
    let mut stream = String::new();
    commit(&mut stream);
    put(&mut stream, "shipmark.toml", &material::map(scale.services));
    (0..files).for_each(|number| put(&mut stream, &path(number), &format!("{number}\n")));
    commit(&mut stream);
    (0..files).step_by(CHANGED).for_each(|number| put(&mut stream, &path(number), "changed\n"));

    fs::create_dir(clone)?;
    git(clone, &["init", "--quiet", "--initial-branch=main"], "")?;
    git(clone, &["fast-import", "--quiet"], &stream)?;
    git(clone, &["tag", "A", "main~1"], "")?;
    git(clone, &["tag", "B", "main"], "")?;
    git(clone, &["repack", "-adq"], "")?;
    git(clone, &["reset", "--quiet", "--hard", "B"], "")
}

/// A commit in the language of `git fast-import`, on top of the one before.
pub(crate) fn commit(stream: &mut String) {
    stream.push_str("commit refs/heads/main\ncommitter figures <figures@example> 1700000000 +0000\ndata 0\n");
}

/// A file of the current commit. Writing to a String cannot fail.
pub(crate) fn put(stream: &mut String, path: &str, content: &str) {
    let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{content}\n", content.len());
}

pub(crate) fn git(directory: &Path, arguments: &[&str], input: &str) -> Outcome<()> {
    let mut child = Command::new("git").args(arguments).current_dir(directory).stdin(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    match child.wait()?.success() {
        true => Ok(()),
        false => Err(format!("git {arguments:?} failed").into()),
    }
}
