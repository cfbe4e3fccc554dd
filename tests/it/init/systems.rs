//! The four systems whose maps are in `config/`: their paths are real, their contents are not, so that names are all
//! there is. Nothing is known of their Dockerfiles and manifests then, so drafts take more in; they must not lack what
//! the people included.

use bstr::BString;

use super::score::Score;
use crate::histories::history;
use crate::support::{git, say, shipmark, skip};

/// The map of a system, an environment of it, and how close a draft must come: services found, in percent, and how many
/// inputs of theirs it may lack: files that only a person can know to be needed.
const SYSTEMS: [(&str, &str, usize, usize); 4] = [
    ("cqrs-es-example-swift", "prod", 100, 0),
    ("hima-five-bomber", "prod", 66, 0),
    ("lambda-microservice", "dev", 85, 1),
    ("poc-mc-vision", "prod", 100, 0),
];

#[test]
fn drafts_come_close_to_the_maps_that_people_wrote_even_from_paths_alone() {
    let Some(folder) = history::folder() else {
        return skip(
            "histories",
            "no draft is compared with the maps of the four systems: their histories are missing",
        );
    };
    let mut told = Vec::new();
    let mut wrong = Vec::new();
    for (system, environment, services, lacking) in SYSTEMS {
        let scratch = tempfile::tempdir().unwrap();
        let bare =
            history::rebuild(&history::read(&folder.join(format!("{system}.jsonl.gz"))), &scratch.path().join("bare"));
        let source = scratch.path().join(system);
        git(scratch.path(), &["clone", "--quiet", bare.directory.to_str().unwrap(), source.to_str().unwrap()]);
        let listed = git(&source, &["-c", "core.quotePath=false", "ls-files"]);
        // Thousands of installed packages that are excluded in both would say that all is well.
        let counted = listed.lines().filter(|name| !name.contains("/node_modules/"));
        let names: Vec<BString> = counted.map(BString::from).collect();
        let done = shipmark(&source, ["init", "--print"]);
        assert_eq!(done.code, 0, "{system}: {done:?}");
        let written = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/{system}.toml"));
        let written = std::fs::read_to_string(written).unwrap();
        let score = Score::of(&names, &written, &done.stdout, environment);
        told.push(format!("{system}: {score}"));
        if score.services_percent() < services || score.missing > lacking {
            wrong.push(format!("{system}: {score}\n  {}", score.differences.join("\n  ")));
        }
    }
    say(&format!("drafts beside the maps in config/:\n  {}", told.join("\n  ")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
