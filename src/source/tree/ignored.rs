//! Which files git would not store: by the `.gitignore` files of the source alone, so that an artifact without `.git` can say so too.

use std::collections::BTreeSet;
use std::path::Path;

use bstr::{BStr, ByteSlice as _};
use gix::glob::pattern::Case;
use gix::ignore::Search;
use gix::ignore::search::Ignore;

/// Where the source is taken to be: patterns are relative to the directory of their file.
const ROOT: &str = "/";

/// Those of the paths that a `.gitignore` file of the source ignores. `file` gives the bytes of a file of the source; one that
/// cannot be read ignores nothing.
pub fn ignored<'p>(paths: &[&'p BStr], file: impl Fn(&str) -> Option<Vec<u8>>) -> Vec<&'p BStr> {
    let above =
        |path: &&'p BStr| path.char_indices().filter(|(_, _, c)| *c == '/').map(|(at, ..)| at).collect::<Vec<_>>();
    let directories: BTreeSet<&str> =
        paths.iter().flat_map(|path| above(path).into_iter().filter_map(|at| path[..at].to_str().ok())).collect();
    let mut search = Search::default();
    // Sorted, so that the files of deeper directories come later and count first.
    for directory in std::iter::once("").chain(directories) {
        let name = if directory.is_empty() { ".gitignore".to_owned() } else { format!("{directory}/.gitignore") };
        let Some(bytes) = file(&name) else { continue };
        let place = Path::new(ROOT).join(&name);
        let _ = search.add_patterns_buffer(&bytes, place, Some(Path::new(ROOT)), Ignore { support_precious: false });
    }
    let matched = |path: &BStr, directory: bool| {
        let found = search.pattern_matching_relative_path(path, Some(directory), Case::Sensitive);
        found.map(|found| !found.pattern.is_negative())
    };
    let is_ignored = |path: &&&'p BStr| {
        // What is in an ignored directory is ignored, whatever else says.
        let in_one = above(path).into_iter().any(|at| matched(path[..at].as_bstr(), true) == Some(true));
        in_one || matched(path, false) == Some(true)
    };
    paths.iter().filter(is_ignored).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_all_directories_above_decide_and_the_nearest_first() {
        let files =
            [(".gitignore", "*.log\nnode_modules/\n/dist\n!keep.log\n"), ("a/.gitignore", "*.tmp\n!x.log\n/own\n")];
        let paths = [
            "x.log",
            "keep.log",
            "a/x.log",
            "a/y.log",
            "a/node_modules/m/i.js",
            "dist/x",
            "b/dist/x",
            "a/x.tmp",
            "b/x.tmp",
            "a/own",
            "a/b/own",
            "node_modules",
        ];
        let paths = paths.map(BStr::new);
        let file = |name: &str| Some(files.iter().find(|(file, _)| *file == name)?.1.as_bytes().to_vec());
        let expected = ["x.log", "a/y.log", "a/node_modules/m/i.js", "dist/x", "a/x.tmp", "a/own"];
        assert_eq!(ignored(&paths, file), expected);
    }
}
