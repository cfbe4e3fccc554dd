//! Files that are made from the program itself, and committed for those who want them without building it.
//!
//! `UPDATE_GENERATED=1 cargo test --locked --test it generated` writes them anew.

mod completions;
mod lints;
mod man;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Checks that a directory holds these files as they are, and no others of its kind; or writes them.
fn are_current(directory: &str, files: &BTreeMap<String, Vec<u8>>, ours: impl Fn(&str) -> bool) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let there = || -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(&directory).into_iter().flatten().map(|entry| entry.unwrap().path());
        let named = entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
        named.filter(|(name, _)| ours(name)).map(|(name, path)| (name, fs::read(path).unwrap())).collect()
    };
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::create_dir_all(&directory).unwrap();
        there().keys().for_each(|name| fs::remove_file(directory.join(name)).unwrap());
        files.iter().for_each(|(name, bytes)| fs::write(directory.join(name), bytes).unwrap());
    }
    let there = there();
    let stale: Vec<&String> =
        files.iter().filter(|(name, bytes)| there.get(*name) != Some(bytes)).map(|(name, _)| name).collect();
    let gone: Vec<&String> = there.keys().filter(|name| !files.contains_key(*name)).collect();
    let advice = "run `UPDATE_GENERATED=1 cargo test --locked --test it generated` and commit what it writes";
    assert!(
        stale.is_empty() && gone.is_empty(),
        "in {}: not current: {stale:?}; superfluous: {gone:?}: {advice}",
        directory.display()
    );
}
