//! The names of all files in a source, inputs or not, for `check`, `init` and `[discover]`. Never evidence of a
//! decision: nothing is hashed.

use std::io;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::BString;

use super::{TreeError, join, never_input};

/// The files and links below a directory as it is, sorted bytewise. Links are not followed. What cannot be listed is
/// left out, because decisions read it again and then doubt.
///
/// # Errors
/// The directory itself cannot be listed.
pub fn directory(root: &Path) -> Result<Vec<BString>, TreeError> {
    let mut files = Vec::new();
    let mut open = vec![BString::default()];
    while let Some(directory) = open.pop() {
        let below = list(root, &directory, &mut open, &mut files);
        if let (true, Err(cause)) = (directory.is_empty(), below) {
            return Err(TreeError::Root { path: root.display().to_string(), cause });
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn list(root: &Path, directory: &BString, open: &mut Vec<BString>, files: &mut Vec<BString>) -> io::Result<()> {
    for entry in root.join(std::ffi::OsStr::from_bytes(directory)).read_dir()? {
        let entry = entry?;
        let name = entry.file_name();
        if never_input(name.as_bytes()) {
            continue;
        }
        let path = join(directory, name.as_bytes());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            open.push(path);
        } else if kind.is_file() || kind.is_symlink() {
            files.push(path);
        }
    }
    Ok(())
}

/// Where the files below a directory are among sorted names; `""` is the root.
pub fn below<N: AsRef<[u8]>>(names: &[N], directory: &[u8]) -> Range<usize> {
    if directory.is_empty() {
        return 0..names.len();
    }
    // All names that begin with the directory and a slash are adjacent in the sorted list: a slash is one byte.
    let prefix = [directory, b"/"].concat();
    let start = names.partition_point(|name| name.as_ref() < &prefix[..]);
    start..start + names[start..].partition_point(|name| name.as_ref().starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_below_a_directory_are_whole_components() {
        let names = ["a", "a-b", "a.b/c", "a/b", "a/b/c", "a0", "ab/c"];
        assert!(names.is_sorted());
        assert_eq!(names[below(&names, b"a")], ["a/b", "a/b/c"]);
        assert_eq!(names[below(&names, b"a/b")], ["a/b/c"]);
        assert_eq!(names[below(&names, b"")], names);
        assert_eq!(names[below(&names, b"b")], [""; 0]);
    }

    #[test]
    fn files_and_links_are_listed_and_directories_entered() {
        let root = tempfile::tempdir().unwrap();
        for directory in ["a/b", ".git", "empty", "a/.shipmark"] {
            std::fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        for file in ["a/b/c", "z", ".git/HEAD", "a/.shipmark/x"] {
            std::fs::File::create(root.path().join(file)).unwrap();
        }
        std::os::unix::fs::symlink("a", root.path().join("link")).unwrap();
        assert_eq!(directory(root.path()).unwrap(), ["a/b/c", "link", "z"]);
        assert!(directory(&root.path().join("gone")).is_err());
    }
}
