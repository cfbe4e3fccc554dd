//! Small monorepos of many kinds with real contents, each beside the map that a person would write for it.

use std::path::{Path, PathBuf};

use bstr::BString;

use super::score::Score;
use crate::support::{World, git, say};

/// How close a draft must come, in percent.
const SERVICES: usize = 100;
const FILES: usize = 95;

/// A file of `tests/init/`: files, each after a line `=== PATH`, and the map as `shipmark.toml`.
struct Monorepo {
    name: String,
    map: String,
    files: Vec<(String, String)>,
}

fn all() -> Vec<Monorepo> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/init");
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Monorepo {
    let text = std::fs::read_to_string(file).unwrap();
    let parts = text.split("\n=== ").skip(1);
    let mut files: Vec<(String, String)> = parts
        .map(|part| part.split_once('\n').unwrap_or((part, "")))
        .map(|(path, text)| (path.trim().to_owned(), format!("{text}\n")))
        .collect();
    let map = files.iter().position(|(path, _)| path == "shipmark.toml").expect("a map");
    let (_, map) = files.remove(map);
    Monorepo { name: file.file_stem().unwrap().to_string_lossy().into_owned(), map, files }
}

impl Monorepo {
    /// A repository with these files and no map.
    fn world(&self) -> World {
        let files: Vec<(&str, &str)> = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let world = World::new("", &files);
        world.remove("shipmark.toml");
        git(&world.source(), &["init", "--quiet"]);
        world
    }
}

#[test]
fn drafts_come_close_to_what_a_person_would_write() {
    let mut told = Vec::new();
    let mut wrong = Vec::new();
    for monorepo in all() {
        let world = monorepo.world();
        let done = world.run(["init", "--print"]);
        assert_eq!(done.code, 0, "{}: {done:?}", monorepo.name);
        let names: Vec<BString> = monorepo.files.iter().map(|(path, _)| BString::from(path.as_str())).collect();
        let score = Score::of(&names, &monorepo.map, &done.stdout, "default");
        told.push(format!("{}: {score}", monorepo.name));
        if score.services_percent() < SERVICES || score.files_percent() < FILES || score.extra + score.missing > 0 {
            wrong.push(format!("{}: {score}\n  {}\n{}", monorepo.name, score.differences.join("\n  "), done.stdout));
        }
    }
    say(&format!("drafts beside maps of people:\n  {}", told.join("\n  ")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn check_accepts_every_draft() {
    for monorepo in all() {
        let world = monorepo.world();
        let done = world.run(["init"]);
        assert_eq!(done.code, 0, "{}: {done:?}", monorepo.name);
        let done = world.run(["check"]);
        let warnings: Vec<&str> = done
            .stdout
            .lines()
            .filter(|line| {
                line.starts_with("warning[")
                    && !line.starts_with("warning[unowned]")
                    && !line.starts_with("warning[floating")
                    && !line.starts_with("warning[dockerfile-unclear")
                    && !line.contains("was not understood")
            })
            .collect();
        assert!(done.code == 0 && warnings.is_empty(), "{}: {}", monorepo.name, done.stdout);
    }
}
