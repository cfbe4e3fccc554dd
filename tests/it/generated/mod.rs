//! Files that are made from the program itself, and committed: for those who want them without building it, and for whoever
//! reviews a change of what people read.
//!
//! `UPDATE_GENERATED=1 cargo test --locked --test it generated` writes them again.

mod completions;
mod lints;
mod man;
mod pages;
mod schema;
mod texts;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use snapbox::assert::Action;
use snapbox::data::DataFormat;
use snapbox::report::Palette;
use snapbox::{Assert, Data};

/// Checks that a directory holds these files as they are, and no others of its kind; or writes them.
fn are_current(directory: &str, files: &BTreeMap<String, Vec<u8>>, ours: impl Fn(&str) -> bool) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let update = std::env::var_os("UPDATE_GENERATED").is_some();
    let entries = fs::read_dir(&directory).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    let names = entries.map(|name| name.into_string().unwrap());
    let gone: Vec<String> = names.filter(|name| ours(name) && !files.contains_key(name)).collect();
    if update {
        fs::create_dir_all(&directory).unwrap();
        gone.iter().for_each(|name| fs::remove_file(directory.join(name)).unwrap());
    }
    let mut wrong: Vec<String> =
        gone.iter().filter(|_| !update).map(|name| format!("`{name}` is superfluous")).collect();
    let assert =
        Assert::new().palette(Palette::plain()).action(if update { Action::Overwrite } else { Action::Verify });
    for (name, bytes) in files {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let kept = Data::read_from(&directory.join(name), Some(DataFormat::Text)).raw();
        let compared = assert.try_eq(Some(&"the program"), Data::text(text).raw(), kept);
        wrong.extend(compared.err().map(|error| error.to_string()));
    }
    let advice = "run `UPDATE_GENERATED=1 cargo test --locked --test it generated` and commit what it writes";
    assert!(wrong.is_empty(), "{}\nin {}: {advice}", wrong.join("\n"), directory.display());
}
