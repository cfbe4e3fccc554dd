//! What is pushed: the commits of a small made-up system, or of a real one.

use std::collections::BTreeMap;
use std::rc::Rc;

use fastrand::Rng;

use crate::histories::{Replay, map_file};
use crate::oracle::systems::{self, System};

/// Files with their bytes.
pub(super) type Content = BTreeMap<String, Vec<u8>>;

/// A system with its commits.
pub(super) struct History {
    /// The service map.
    pub(super) map: String,
    pub(super) environment: &'static str,
    pub(super) services: Vec<&'static str>,
    /// What each pipeline deploys: all services, or in a stack that two pipelines share its own.
    pub(super) pipelines: Vec<Vec<&'static str>>,
    /// Which other service the deploy of one deploys again.
    pub(super) redeploys: BTreeMap<&'static str, &'static str>,
    pub(super) commits: Vec<Commit>,
}

impl History {
    /// Whether each pipeline has services of its own.
    pub(super) fn is_stack(&self) -> bool {
        !self.redeploys.is_empty()
    }
}

/// What one commit holds.
pub(super) struct Commit {
    pub(super) files: Content,
    /// The files of each service, as somebody else than the program sees it.
    pub(super) services: BTreeMap<&'static str, Rc<Content>>,
}

const MAP: &str = r#"project = "default"
[environments.live]
pipelines = ["p", "q"]
[groups]
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
    let services = vec!["front", "back"];
    let pipelines = vec![services.clone(), services.clone()];
    History { map: MAP.to_owned(), environment: "live", services, pipelines, redeploys: BTreeMap::new(), commits }
}

/// The same two services in one stack: each has a pipeline, which passes what was recorded of the other.
pub(super) fn stack(rng: &mut Rng) -> History {
    let history = made_up(rng);
    let map = history.map.replace("[services.front]", "[services.front]\nredeploys = [\"back\"]");
    let map = map.replace("[services.back]", "[services.back]\nredeploys = [\"front\"]");
    let redeploys = BTreeMap::from([("front", "back"), ("back", "front")]);
    History { map, pipelines: vec![vec!["front"], vec!["back"]], redeploys, ..history }
}

/// The commits of a system whose pipelines all deploy all services.
pub(super) fn platform() -> Option<History> {
    real(systems::platform())
}

/// The last commits of the Swift servers, so few that they often return to what was deployed before: two pipelines, one stack,
/// each deploy with the image that was recorded of the other.
pub(super) fn swift() -> Option<History> {
    let mut history = real(systems::swift())?;
    history.commits.drain(..history.commits.len() - 6);
    history.map = history
        .map
        .replace("# [environments.prod]", &format!("[environments.{}]", history.environment))
        .replace("# pipelines = [\"server-command\", \"server-query\"]", "pipelines = [\"p\", \"q\"]");
    assert!(history.map.contains("\npipelines = "));
    let pipelines = vec![vec!["command-image", "command"], vec!["query-image", "query"]];
    Some(History { pipelines, redeploys: BTreeMap::from([("command", "query"), ("query", "command")]), ..history })
}

/// The commits of a real system; which files belong to which service is git's word. `None`, and SKIPPED, where its
/// history is not at hand.
fn real(system: System) -> Option<History> {
    let replay = Replay::of(system)?;
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
    let pipelines = vec![services.clone()];
    let environment = oracle.system.environment;
    Some(History { map, environment, services, pipelines, redeploys: BTreeMap::new(), commits })
}
