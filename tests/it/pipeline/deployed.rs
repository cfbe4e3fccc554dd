//! What is really deployed: a folder, into which a deploy copies the bytes of a service in two steps.

use std::fs;
use std::path::PathBuf;

use super::history::Content;

/// The folder.
pub(super) struct Deployed {
    folder: PathBuf,
}

/// A step of a deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    First,
    Second,
}

impl Deployed {
    pub(super) fn new(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// The bytes of a service that run now.
    pub(super) fn bytes(&self, service: &str) -> Content {
        let Ok(entries) = fs::read_dir(self.folder.join(service)) else { return Content::new() };
        let files = entries.map(|entry| entry.unwrap());
        files.map(|file| (path(&file.file_name().into_string().unwrap()), fs::read(file.path()).unwrap())).collect()
    }

    /// Copies one half of a service, and removes what that half no longer has.
    pub(super) fn copy(&self, service: &str, content: &Content, half: Half) {
        let folder = self.folder.join(service);
        fs::create_dir_all(&folder).unwrap();
        let middle = content.keys().nth(content.len() / 2).expect("a service has files");
        let mine = |path: &String| (path < middle) == (half == Half::First);
        for gone in self.bytes(service).into_keys().filter(|path| mine(path) && !content.contains_key(path)) {
            fs::remove_file(folder.join(name(&gone))).unwrap();
        }
        for (path, bytes) in content.iter().filter(|(path, _)| mine(path)) {
            fs::write(folder.join(name(path)), bytes).unwrap();
        }
    }
}

/// One folder a service: a file may take the place of a directory without more ado.
fn name(path: &str) -> String {
    path.replace('/', "\\")
}

fn path(name: &str) -> String {
    name.replace('\\', "/")
}
