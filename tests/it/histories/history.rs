//! Rebuilds a repository from a history of paths, as `git fast-import` reads it.
//!
//! A history is one JSON object a line: the original commit's id, its time, and the paths that it changed with mode and
//! blob id. Contents are stand-ins, the original's blob id, so they differ exactly where the originals did.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::oracle::git::Git;

/// One line of a history.
#[derive(Deserialize)]
pub(crate) struct Commit {
    /// The id that the commit had where it was made.
    #[serde(rename = "commit")]
    pub(crate) original: String,
    time: i64,
    changes: Vec<(String, Option<String>, Option<String>)>,
}

impl Commit {
    /// The paths that it changed, and whether each is a file then.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (&str, bool)> {
        let is_file = |mode: &Option<String>| mode.as_ref().is_some_and(|mode| mode != "160000");
        self.changes.iter().map(move |(path, mode, _)| (path.as_str(), is_file(mode)))
    }
}

/// The folder with the histories: real ones, where they lie beside the checkout, or where `SHIPMARK_HISTORIES` says.
/// The variable is read when the tests are compiled; cargo compiles them again when it changes.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = match option_env!("SHIPMARK_HISTORIES") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/histories"),
    };
    folder.is_dir().then_some(folder)
}

/// All commits of a history, oldest first.
pub(crate) fn read(file: &Path) -> Vec<Commit> {
    let lines = BufReader::new(GzDecoder::new(File::open(file).unwrap())).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

/// Makes a repository in `directory` whose branch `main` holds these commits.
pub(crate) fn rebuild(history: &[Commit], directory: &Path) -> Git {
    fs::create_dir_all(directory).unwrap();
    let git = Git { directory: directory.to_owned() };
    git.run(&["init", "--quiet", "--bare", "--initial-branch=main"], b"");
    let mut stream = Vec::new();
    for commit in history {
        let changes = commit.changes.iter().map(|(path, mode, blob)| (path.as_str(), mode.as_deref(), blob.as_deref()));
        write_commit(&mut stream, "main", commit.time, changes);
    }
    git.run(&["fast-import", "--quiet", "--date-format=raw"], &stream);
    git
}

/// Adds a branch with one commit that holds just these files.
pub(crate) fn add_branch(git: &Git, branch: &str, files: &[&str]) {
    let mut stream = Vec::new();
    write_commit(&mut stream, branch, 0, files.iter().map(|path| (*path, Some("100644"), Some("stand-in"))));
    git.run(&["fast-import", "--quiet", "--date-format=raw"], &stream);
}

fn write_commit<'a>(
    stream: &mut Vec<u8>,
    branch: &str,
    time: i64,
    changes: impl Iterator<Item = (&'a str, Option<&'a str>, Option<&'a str>)>,
) {
    let head = format!("commit refs/heads/{branch}\ncommitter history <history@example.com> {time} +0000\ndata 0\n\n");
    stream.extend(head.bytes());
    // Deletions first: a file may have become a directory.
    let (deleted, written): (Vec<_>, Vec<_>) = changes.partition(|(_, mode, _)| mode.is_none());
    for (path, ..) in deleted {
        stream.extend(format!("D {}\n", quoted(path)).bytes());
    }
    for (path, mode, blob) in written {
        let (mode, blob) = (mode.unwrap(), blob.unwrap());
        // A submodule has no contents here. A symlink's content is its target, which has no end of line.
        let body = match mode {
            "160000" => continue,
            "120000" => blob.to_owned(),
            _ => format!("{blob}\n"),
        };
        stream.extend(format!("M {mode} inline {}\ndata {}\n{body}\n", quoted(path), body.len()).bytes());
    }
}

/// A path as `git fast-import` reads it between quotes.
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
