//! What is pushed: the commits of a small made-up system, or of a real one.

use std::collections::BTreeMap;
use std::rc::Rc;

use fastrand::Rng;

use crate::histories::{Replay, map_file};
use crate::oracle::systems;

/// Files with their bytes.
pub(super) type Content = BTreeMap<String, Vec<u8>>;

/// A system with its commits.
pub(super) struct History {
    /// The service map.
    pub(super) map: String,
    pub(super) environment: &'static str,
    pub(super) services: Vec<&'static str>,
    pub(super) commits: Vec<Commit>,
}

/// What one commit holds.
pub(super) struct Commit {
    pub(super) files: Content,
    /// The files of each service, as somebody else than the program sees it.
    pub(super) services: BTreeMap<&'static str, Rc<Content>>,
}

const MAP: &str = r#"[groups]
library = ["library"]
[services.front]
include = ["front"]
exclude = ["**/*.md"]
[services.back]
include = ["back"]
groups = ["library"]
"#;

/// Commits of two services, of which each has few contents, so that they often return to what was deployed before.
pub(super) fn made_up(rng: &mut Rng) -> History {
    let commits = (0..5).map(|number| {
        let mut files = Content::new();
        let mut write = |path: &str, text: String| files.insert(path.to_owned(), text.into_bytes());
        write("front/README.md", format!("commit {number}"));
        for (service, last) in [("front", "z"), ("back", "y")] {
            let content = rng.u8(..2);
            write(&format!("{service}/a"), format!("{service} {content}"));
            write(&format!("{service}/{last}"), format!("{service} {content} to the end"));
            if content == 1 {
                write(&format!("{service}/only here"), String::new());
            }
        }
        write("library/x", format!("library {}", rng.u8(..4) / 3));
        let of = |directories: &[&str]| {
            let inputs = files.iter().filter(|(path, _)| {
                directories.iter().any(|directory| path.split('/').next() == Some(directory)) && !path.ends_with(".md")
            });
            Rc::new(inputs.map(|(path, bytes)| (path.clone(), bytes.clone())).collect::<Content>())
        };
        let services = BTreeMap::from([("front", of(&["front"])), ("back", of(&["back", "library"]))]);
        Commit { files, services }
    });
    let commits = commits.collect();
    History { map: MAP.to_owned(), environment: "live", services: vec!["front", "back"], commits }
}

/// The last commits of a real system; which files belong to which service is git's word. `None`, and a loud line, where its
/// history is not at hand.
pub(super) fn real() -> Option<History> {
    let replay = Replay::of(systems::platform())?;
    let oracle = &replay.oracle;
    let services: Vec<_> = oracle.system.services().collect();
    let whole = |commit: &usize| services.iter().all(|service| !oracle.content(service, *commit).is_empty());
    let commits = (0..oracle.commits.len()).filter(whole).map(|commit| {
        let entries = oracle.step(None, commit);
        let ids: Vec<&str> = entries.iter().map(|entry| entry.new_blob.as_str()).collect();
        let bytes = oracle.git.blobs(&ids);
        let files: Content = entries.iter().map(|entry| entry.path.clone()).zip(bytes).collect();
        let of = |service| {
            let paths = oracle.content(service, commit);
            Rc::new(paths.keys().map(|path| (path.clone(), files[path].clone())).collect::<Content>())
        };
        let services = services.iter().map(|service| (*service, of(service))).collect();
        Commit { files, services }
    });
    let commits = commits.collect();
    let map = std::fs::read_to_string(map_file(&oracle.system)).unwrap();
    Some(History { map, environment: oracle.system.environment, services, commits })
}
