//! Long lists of files, abbreviated to whole directories where all of their files are meant.

use std::collections::BTreeMap;

use bstr::BString;

use crate::base::text;
use crate::source::tree::listing::below;

/// How many files of one directory are listed individually.
const NAMED: usize = 5;
/// How many lines are printed in total.
const LINES: usize = 20;

/// The chosen files of all `names`, both sorted, as lines such as `services/new/ (12 files)`: the topmost directories
/// whose files are all chosen, and single files.
pub fn lines(names: &[BString], chosen: &[BString]) -> Vec<String> {
    let mut groups = groups(names, chosen);
    let rest = groups.split_off(groups.len().min(LINES));
    let mut lines: Vec<String> = groups.into_iter().map(|(line, _)| line).collect();
    if !rest.is_empty() {
        let files: usize = rest.iter().map(|(_, files)| files).sum();
        lines.push(format!(
            "and {} with {} (`--format json` lists all)",
            text::count(rest.len(), "more place"),
            text::count(files, "file")
        ));
    }
    lines
}

/// The lines, each with the number of files it represents.
fn groups(names: &[BString], chosen: &[BString]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(Vec<u8>, &[BString], &[BString])> = vec![(Vec::new(), names, chosen)];
    while let Some((directory, names, chosen)) = open.pop() {
        let depth = if directory.is_empty() { 0 } else { directory.len() + 1 };
        let mut files = Vec::new();
        let mut directories: BTreeMap<&[u8], ()> = BTreeMap::new();
        for path in chosen {
            match path[depth..].iter().position(|byte| *byte == b'/') {
                Some(end) => drop(directories.insert(&path[..depth + end], ())),
                None => files.push(path),
            }
        }
        if files.len() > NAMED {
            let place =
                if directory.is_empty() { "the root".to_owned() } else { format!("{}/", text::printable(&directory)) };
            found.push((
                directory.clone(),
                format!("{} directly in {place}", text::count(files.len(), "file")),
                files.len(),
            ));
        } else {
            found.extend(files.into_iter().map(|path| (path.to_vec(), text::printable(path), 1)));
        }
        for directory in directories.into_keys() {
            let (all, here) = (&names[below(names, directory)], &chosen[below(chosen, directory)]);
            if all.len() == here.len() && all.len() > 1 {
                let line = format!("{}/ ({})", text::printable(directory), text::count(here.len(), "file"));
                found.push((directory.to_vec(), line, here.len()));
            } else {
                open.push((directory.to_vec(), all, here));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, line, files)| (line, files)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<BString> {
        let mut paths: Vec<BString> = paths.iter().map(|path| (*path).into()).collect();
        paths.sort_unstable();
        paths
    }

    #[test]
    fn whole_directories_stand_for_their_files() {
        let names = paths(&["a/x", "a/y/1", "a/y/2", "b-c", "b/1", "b/2", "b/d/3", "c/only", "z"]);
        let chosen = paths(&["a/y/1", "a/y/2", "b-c", "b/1", "b/2", "b/d/3", "c/only"]);
        assert_eq!(lines(&names, &chosen), ["a/y/ (2 files)", "b/ (3 files)", "b-c", "c/only"]);
    }

    #[test]
    fn many_files_of_a_directory_that_is_not_whole_are_counted() {
        let names: Vec<String> = (0..9).map(|number| format!("d/{number}")).collect();
        let names = paths(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(lines(&names, &names[..8]), ["8 files directly in d/"]);
        assert_eq!(lines(&names, &names[..2]), ["d/0", "d/1"]);
    }

    #[test]
    fn what_is_not_told_is_counted() {
        let names: Vec<String> =
            (0..30).flat_map(|number| [format!("d{number:02}/a"), format!("d{number:02}/b")]).collect();
        let names = paths(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let lines = lines(&names, &names);
        assert_eq!(
            (lines.len(), lines[20].as_str()),
            (21, "and 10 more places with 20 files (`--format json` lists all)")
        );
    }
}
