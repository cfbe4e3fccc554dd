//! A commit's files as CodePipeline hands them to a build: a directory without `.git`, without modes, without empty
//! directories, and with a text file in place of each symlink.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::oracle::Oracle;
use crate::oracle::git::Status;

/// One directory that follows the history.
pub(crate) struct Layout {
    pub(crate) directory: PathBuf,
    at: Option<usize>,
}

impl Layout {
    pub(crate) fn new(directory: PathBuf) -> Self {
        fs::create_dir_all(&directory).unwrap();
        Self { directory, at: None }
    }

    /// Makes the directory hold this commit. Only what differs is written.
    pub(crate) fn move_to(&mut self, oracle: &Oracle, commit: usize) {
        let (gone, here): (Vec<_>, Vec<_>) =
            oracle.step(self.at, commit).into_iter().partition(|entry| entry.status == Status::Deleted);
        for entry in gone {
            self.remove(&entry.path);
        }
        let ids: Vec<&str> = here.iter().map(|entry| entry.new_blob.as_str()).collect();
        for (entry, bytes) in here.iter().zip(oracle.git.blobs(&ids)) {
            let path = self.directory.join(&entry.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            File::create(path).unwrap().write_all(&bytes).unwrap();
        }
        self.at = Some(commit);
    }

    fn remove(&self, path: &str) {
        let path = self.directory.join(path);
        fs::remove_file(&path).unwrap();
        let parents = path.ancestors().skip(1).take_while(|parent| *parent != self.directory);
        // The first directory that is not empty ends it.
        parents.map(Path::to_owned).map_while(|parent| fs::remove_dir(parent).ok()).for_each(drop);
    }
}
