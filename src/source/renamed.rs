//! Renamed folders and services: at least nine tenths of their files are the same, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::tree::listing::below;
use crate::base::fingerprint::BlobId;
use crate::base::text::{count, printable};

/// A file: its path and its contents.
pub type NamedBlob = (BString, BlobId);

/// In how many folders files are looked for.
const MOST_FOLDERS: usize = 20;

/// A folder that has moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// Where it was.
    pub from: BString,
    /// Where it is.
    pub to: BString,
    /// How many of its files are the same.
    pub equal: usize,
    /// How many files it had, or has, whichever is more.
    pub files: usize,
}

impl Renamed {
    /// `` `services/api` was renamed to `services/gateway` (9 of 10 files are the same) ``.
    pub fn sentence(&self) -> String {
        let folder =
            |path: &BString| if path.is_empty() { "the root".to_owned() } else { format!("`{}`", printable(path)) };
        let (from, to) = (folder(&self.from), folder(&self.to));
        format!("{from} looks renamed to {to} ({} of {} the same)", self.equal, count(self.files, "file"))
    }
}

/// Whether so many equal files are enough for a rename, of so many on both sides.
pub fn alike(equal: usize, one: usize, other: usize) -> bool {
    equal > 0 && equal * 10 >= one.max(other) * 9
}

/// How many of these contents are among those, each counted once.
pub fn equal_blobs(one: impl IntoIterator<Item = BlobId>, other: impl IntoIterator<Item = BlobId>) -> usize {
    let mut left: BTreeMap<BlobId, usize> = BTreeMap::new();
    for id in other {
        *left.entry(id).or_default() += 1;
    }
    let take = |id: &BlobId| match left.get_mut(id) {
        Some(number) if *number > 0 => {
            *number -= 1;
            true
        }
        _ => false,
    };
    one.into_iter().filter(take).count()
}

/// The folder that files which are gone have moved to, among files which are new.
pub fn folder(gone: &[NamedBlob], new: &[NamedBlob]) -> Option<Renamed> {
    let (from, to) = (common(gone.iter().map(|(path, _)| path))?, common(new.iter().map(|(path, _)| path))?);
    let there: BTreeSet<(&[u8], BlobId)> = new.iter().map(|(path, id)| (rest(path, &to), *id)).collect();
    let equal = gone.iter().filter(|(path, id)| there.contains(&(rest(path, &from), *id))).count();
    let files = gone.len().max(new.len());
    let (from, to) = shortest(&from, &to);
    (from != to && alike(equal, gone.len(), new.len())).then_some(Renamed { from, to, equal, files })
}

/// The folders that, by the names of their files, may be where files which are gone have moved to, the likeliest first. `names`
/// are all files, sorted.
pub fn candidates(gone: &[NamedBlob], names: &[BString]) -> Vec<BString> {
    let Some(from) = common(gone.iter().map(|(path, _)| path)) else { return Vec::new() };
    let mut folders: BTreeSet<&[u8]> = BTreeSet::new();
    // One of ten files may differ, and so may its name: two are enough to find the folder.
    for (path, _) in gone.iter().take(2) {
        let rest = rest(path, &from);
        let folder = |name: &'_ BString| -> Option<usize> {
            let at = name.len().checked_sub(rest.len())?;
            let whole = name.ends_with(rest) && (at == 0 || name[at - 1] == b'/');
            whole.then(|| at.saturating_sub(1))
        };
        folders.extend(names.iter().filter_map(|name| Some(&name[..folder(name)?])));
    }
    let number = |folder: &[u8]| {
        let here = &names[below(names, folder)];
        let is_there = |path: &BString| {
            let path = join(folder, rest(path, &from));
            here.binary_search_by(|name| name[..].cmp(&path[..])).is_ok()
        };
        gone.iter().filter(|(path, _)| is_there(path)).count()
    };
    let likely = folders.into_iter().filter(|folder| *folder != &from[..]).take(MOST_FOLDERS);
    let mut likely: Vec<(usize, &[u8])> = likely.map(|folder| (number(folder), folder)).collect();
    likely.retain(|(number, _)| alike(*number, gone.len(), gone.len()));
    likely.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    likely.into_iter().map(|(_, folder)| folder.into()).collect()
}

/// Whether that folder is where they have moved to. `blob` reads a file; `None` where it cannot be read.
pub fn moved_to(gone: &[NamedBlob], folder: &BString, blob: impl Fn(&BString) -> Option<BlobId>) -> Option<Renamed> {
    let from = common(gone.iter().map(|(path, _)| path))?;
    let same = |(path, id): &&NamedBlob| blob(&join(folder, rest(path, &from))) == Some(*id);
    let equal = gone.iter().filter(same).count();
    let files = gone.len();
    let (from, to) = shortest(&from, folder);
    alike(equal, files, files).then_some(Renamed { from, to, equal, files })
}

/// The deepest folder that has all of the files; `None` for no files.
fn common<'p>(mut paths: impl Iterator<Item = &'p BString>) -> Option<BString> {
    let parent = |path: &[u8]| path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let first = paths.next()?;
    let mut folder = &first[..parent(first)];
    for path in paths {
        let has = |folder: &[u8]| path.starts_with(folder) && path.get(folder.len()) == Some(&b'/');
        while !folder.is_empty() && !has(folder) {
            folder = &folder[..parent(folder)];
        }
    }
    Some(folder.into())
}

/// A path from a folder that has it.
fn rest<'p>(path: &'p BString, folder: &[u8]) -> &'p [u8] {
    if folder.is_empty() { path } else { path.get(folder.len() + 1..).unwrap_or_default() }
}

fn join(folder: &[u8], rest: &[u8]) -> BString {
    if folder.is_empty() { rest.into() } else { [folder, b"/", rest].concat().into() }
}

/// Both folders without the components at their ends that did not change: `a/src` and `b/src` are `a` and `b`.
fn shortest(from: &BString, to: &BString) -> (BString, BString) {
    let (mut from, mut to): (Vec<&[u8]>, Vec<&[u8]>) =
        (from.split(|byte| *byte == b'/').collect(), to.split(|byte| *byte == b'/').collect());
    while from.len() > 1 && to.len() > 1 && from.last() == to.last() {
        from.pop();
        to.pop();
    }
    (from.join(&b'/').into(), to.join(&b'/').into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &str, ids: &[u8]) -> Vec<NamedBlob> {
        ids.iter().map(|id| (format!("{folder}/{id}.go").into(), BlobId([*id; 20]))).collect()
    }

    #[test]
    fn nine_tenths_of_the_files_make_a_rename() {
        let old = files("services/api/src", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let mut new = files("services/gateway/src", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        new[0].1 = BlobId([99; 20]);
        let renamed = folder(&old, &new).unwrap();
        assert_eq!(renamed.sentence(), "`services/api` looks renamed to `services/gateway` (9 of 10 files the same)");
        let mut names: Vec<BString> = new.iter().map(|(path, _)| path.clone()).collect();
        names.sort();
        let found = candidates(&old, &names);
        assert_eq!(found, ["services/gateway/src"]);
        let blob = |path: &BString| new.iter().find(|(other, _)| other == path).map(|(_, id)| *id);
        assert_eq!(moved_to(&old, &found[0], blob), Some(renamed));
        new[1].1 = BlobId([99; 20]);
        assert_eq!(folder(&old, &new), None, "eight of ten are another folder");
        let blob = |path: &BString| new.iter().find(|(other, _)| other == path).map(|(_, id)| *id);
        assert_eq!(moved_to(&old, &found[0], blob), None);
        assert_eq!(folder(&old, &[]), None);
    }

    #[test]
    fn a_file_that_is_there_twice_counts_twice() {
        let ids = |ids: &[u8]| ids.iter().map(|id| BlobId([*id; 20])).collect::<Vec<_>>();
        assert_eq!(equal_blobs(ids(&[1, 1, 2]), ids(&[1, 2, 2])), 2);
        assert!(alike(9, 10, 10) && !alike(9, 10, 11) && !alike(0, 0, 0));
    }

    #[test]
    fn the_root_is_a_folder_too() {
        let old: Vec<NamedBlob> = vec![("main.go".into(), BlobId([1; 20]))];
        let renamed = folder(&old, &files("app", &[1]));
        assert_eq!(renamed, None, "another name is no move");
        let new: Vec<NamedBlob> = vec![("app/main.go".into(), BlobId([1; 20]))];
        assert_eq!(folder(&old, &new).unwrap().sentence(), "the root looks renamed to `app` (1 of 1 file the same)");
        assert_eq!(candidates(&old, &["app/main.go".into()]), ["app"]);
    }
}
