//! Row 3: a plan between two commits, against one `git diff --quiet`; and a plan of the working tree, against `git status`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::measure::{always, in_turn};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale, material};

/// Every how many files one changes from A to B.
const CHANGED: usize = 331;

/// How many files change from B to C.
const FEW: usize = 3;

pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let clone = folder.join("clone");
    make_clone(&clone, scale)?;
    let plan = |arguments: &[&str]| {
        let mut plan = shipmark(&[&["plan"], arguments, &["--source"]].concat());
        plan.arg(&clone);
        plan
    };
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(&clone);
        git
    };
    let mut many = always(|| plan(&["--base", "A", "--revision", "B", "--format", "json"]));
    // Its status is 1 where something differs, as it does here.
    let mut diff = always(|| pipeline("git diff --quiet A B; test $? = 1", &clone));
    let [many, diff] = in_turn(scale.rounds * 2, [&mut many, &mut diff])?;
    // Without a shell, which would take a third of the time.
    let mut few = always(|| plan(&["--base", "B", "--revision", "C", "--format", "json"]));
    let mut names = always(|| git(&["diff", "--name-only", "B", "C"]));
    let [few, names] = in_turn(scale.rounds * 4, [&mut few, &mut names])?;
    let [tree, status] = in_turn(scale.rounds, [&mut always(|| plan(&[])), &mut always(|| git(&["status"]))])?;
    fs::remove_dir_all(&clone)?;
    let files = scale.services * scale.files_per_service;
    let work = format!("plan --base A --revision B, {} services, {files} files, a clone", scale.services);
    let of_few = format!("the same with {FEW} files changed: plan --base B --revision C");
    let of_tree =
        format!("plan of the working tree, {} services, {files} files, as it was checked out", scale.services);
    Ok(vec![
        Row::against(&work, &many, ("git diff --quiet A B", &diff), Some(("within 3x", 3.0))),
        Row::against(&of_few, &few, ("git diff --name-only B C", &names), Some(("within 2x", 2.0))),
        Row::against(&of_tree, &tree, ("git status", &status), Some(("no slower", 1.0))),
    ])
}

/// A repository with the commits A, B and C, of small files, packed and checked out as a clone is.
fn make_clone(clone: &Path, scale: &Scale) -> Outcome<()> {
    let files = scale.services * scale.files_per_service;
    let path = |number: usize| material::path(number / scale.files_per_service, number % scale.files_per_service);
    let mut stream = String::new();
    commit(&mut stream);
    put(&mut stream, "shipmark.toml", &material::map(scale.services));
    (0..files).for_each(|number| put(&mut stream, &path(number), &format!("{number}\n")));
    commit(&mut stream);
    (0..files).step_by(CHANGED).for_each(|number| put(&mut stream, &path(number), "changed\n"));
    commit(&mut stream);
    (0..files).step_by(files.div_ceil(FEW)).for_each(|number| put(&mut stream, &path(number), "changed again\n"));

    fs::create_dir(clone)?;
    git(clone, &["init", "--quiet", "--initial-branch=main"], "")?;
    git(clone, &["fast-import", "--quiet"], &stream)?;
    for (tag, commit) in [("A", "main~2"), ("B", "main~1"), ("C", "main")] {
        git(clone, &["tag", tag, commit], "")?;
    }
    git(clone, &["repack", "-adq"], "")?;
    git(clone, &["reset", "--quiet", "--hard", "C"], "")?;
    // An index that is as old as its files is believed by nobody.
    std::thread::sleep(Duration::from_millis(1_100));
    git(clone, &["update-index", "-q", "--refresh"], "")
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
