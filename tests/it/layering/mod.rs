//! The layering rules: which wing may use which, no circle of files, packages that only one place may name, and type names that
//! are used once. So what comes first can be read without knowing the rest.
//!
//! Paths are resolved through imports and re-exports to the file that defines what they name.

mod modules;
mod planted;
mod resolve;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rules::{WINGS, survey};

/// The texts of all files of `src/`, by their paths below it.
fn source() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_layering_rules_hold() {
    let survey = survey(&source());
    println!("{}", survey.counts());
    let breaches = survey.breaches();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn the_survey_sees_the_whole_tree() {
    let survey = survey(&source());
    assert!(survey.files > 200, "{}", survey.counts());
    assert!(survey.edges.len() > 800, "{}", survey.counts());
    for (wing, _) in WINGS {
        assert!(survey.edges.iter().any(|(from, _)| from.starts_with(wing)) || wing == "base", "{wing}");
    }
}

#[test]
fn architecture_has_the_table_of_wings() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let rows: Vec<&str> = document.lines().filter(|line| line.starts_with("| [`")).collect();
    let found: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            let wing = cells[0].trim_start_matches("[`").split('`').next().unwrap();
            (wing.to_owned(), cells.last().unwrap().trim_matches('|').trim().to_owned())
        })
        .collect();
    let expected: Vec<(String, String)> =
        WINGS.iter().map(|(wing, used)| ((*wing).to_owned(), used.join(", "))).collect();
    assert_eq!(found, expected);
}
