//! Pull requests: what a branch would build, compared with the branch that it started from.

mod bases;
mod comments;
mod fetches;
mod formats;
mod server;
pub(crate) mod snippets;

use std::path::{Path, PathBuf};

use super::support::{World, git};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

/// A source that is a clone, and the repository that it was cloned from.
struct Clone {
    world: World,
    origin: PathBuf,
}

impl Clone {
    /// A repository whose branch `feature` changes `a` while `main` went on and changed `b`, cloned with these options:
    /// the clone has `feature` checked out, and no branch `main` of its own.
    fn new(options: &[&str]) -> Self {
        let world = World::new(MAP, &[]);
        let origin = world.path("origin");
        std::fs::create_dir(&origin).unwrap();
        git(&origin, &["init", "-q", "-b", "main"]);
        git(&origin, &["config", "uploadpack.allowFilter", "true"]);
        write(&origin, "shipmark.toml", MAP);
        for service in ["a", "b"] {
            write(&origin, &format!("{service}/x"), "1");
        }
        commit(&origin);
        git(&origin, &["checkout", "-q", "-b", "feature"]);
        write(&origin, "a/x", "2");
        commit(&origin);
        git(&origin, &["checkout", "-q", "main"]);
        write(&origin, "b/x", "2");
        commit(&origin);
        let clone = Self { world, origin };
        clone.clone(options);
        clone
    }

    /// Clones `feature` once more.
    fn clone(&self, options: &[&str]) {
        let _ = std::fs::remove_dir_all(self.source());
        let from = format!("file://{}", self.origin.display());
        let source = self.source();
        let to = ["-q", "-b", "feature", &from, source.to_str().unwrap()];
        git(&self.world.path(""), &[&["clone"], options, &to].concat());
    }

    fn source(&self) -> PathBuf {
        self.world.source()
    }
}

fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Commits all that is there.
fn commit(directory: &Path) -> String {
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-q", "--allow-empty", "-m", "x"]);
    git(directory, &["rev-parse", "HEAD"])
}

/// All files below a directory, with their bytes and times.
fn listing(directory: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(path) = open.pop() {
        let changed = path.symlink_metadata().unwrap().modified().unwrap();
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            found.push((path, Vec::new(), changed));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes, changed));
        }
    }
    found.sort();
    found
}
