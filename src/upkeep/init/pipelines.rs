//! Pipelines: buildspecs, workflows that deploy, and the files of the source that they run or read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::upkeep::manifests::{Files, base, child, join, parent};

use super::units::DraftService;
use super::words::is_pipeline;
use super::{excludes, words};

/// Files that pipelines name, with the units whose pipelines they are.
pub(super) type PipelineFiles = BTreeMap<String, BTreeSet<usize>>;

/// Why such files are inputs.
pub(super) const WHY: &str = "what the pipelines do";

/// The files that the pipelines of any unit run or read.
pub(super) fn named(files: &Files<'_>, units: &[DraftService]) -> PipelineFiles {
    let mut named = PipelineFiles::new();
    let keys = keys(units);
    // Pipelines share scripts.
    let mut read: HashMap<String, BTreeSet<String>> = HashMap::new();
    for pipeline in files.own().filter(|name| is_pipeline(name)) {
        let of = users(files, units, &keys, pipeline);
        if of.is_empty() {
            continue;
        }
        let mut open = vec![pipeline.to_owned()];
        let mut paths: BTreeSet<String> = BTreeSet::new();
        while let Some(script) = open.pop() {
            let named = read.entry(script).or_insert_with_key(|script| names(files, script));
            open.extend(named.iter().filter(|path| runs(path) && !paths.contains(*path)).cloned());
            paths.extend(named.iter().cloned());
        }
        paths.into_iter().for_each(|path| named.entry(path).or_default().extend(&of));
    }
    named
}

/// Whether a file is a script, which may name others.
fn runs(path: &str) -> bool {
    let file = base(path);
    !file.contains('.') || [".sh", ".mk", ".py", ".js", ".ps1"].iter().any(|end| file.ends_with(end))
}

/// The files of the source that a script or a pipeline names.
fn names(files: &Files<'_>, script: &str) -> BTreeSet<String> {
    let text = words::without_ignored(&files.text(script).unwrap_or_default());
    let separates = |c: char| c.is_whitespace() || "\"'`,=:;&|()<>".contains(c);
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for word in text.split(separates).filter(|word| word.len() > 2) {
        // `${ROOT}/tools/build`
        let word = word.rsplit_once('}').map_or(word, |(_, rest)| rest.trim_start_matches('/'));
        let places = [join("", word.trim_start_matches('@')), join(parent(script), word)];
        paths.extend(places.into_iter().flatten().filter(|path| files.has(path)));
    }
    if text.contains("make ") {
        let places = ["", parent(script)].map(|place| child(place, "Makefile"));
        paths.extend(places.into_iter().filter(|path| files.has(path)));
    }
    paths
}

/// The units that are built, or all if none is.
pub(super) fn everyone(units: &[DraftService]) -> BTreeSet<usize> {
    let built: BTreeSet<usize> = (0..units.len()).filter(|index| !units[*index].infra).collect();
    if built.is_empty() { (0..units.len()).collect() } else { built }
}

/// The words that file names may use for each unit.
pub(super) fn keys(units: &[DraftService]) -> Vec<Vec<String>> {
    units.iter().map(of_unit).collect()
}

fn of_unit(unit: &DraftService) -> Vec<String> {
    let directory = base(&unit.directory).to_owned();
    let mut keys: Vec<String> =
        unit.names.iter().chain([&directory]).filter(|name| !words::says_nothing(name)).cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The units whose pipeline a file describes: those that it mentions, else those of the kind in its name, else all.
/// `keys` are those of [`keys`].
pub(super) fn users(files: &Files<'_>, units: &[DraftService], keys: &[Vec<String>], name: &str) -> BTreeSet<usize> {
    if parent(name) == ".github/workflows" && !excludes::deploys(name) {
        return BTreeSet::new();
    }
    if let Some(user) = words::named(base(name), keys) {
        return BTreeSet::from([user]);
    }
    let text = files.text(name).unwrap_or_default();
    let mentioned = |unit: &DraftService| {
        let image = unit
            .image
            .as_ref()
            .is_some_and(|(dockerfile, _)| dockerfile.contains('/') && text.contains(dockerfile.as_str()));
        let directory = unit.directory.as_str();
        let place = |at: usize| {
            let before = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
            let after = text[at + directory.len()..]
                .chars()
                .next()
                .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
            before && after
        };
        image
            || (directory.contains('/') || directory.len() > 3)
                && text.match_indices(directory).any(|(at, _)| place(at))
    };
    let found: BTreeSet<usize> = (0..units.len()).filter(|index| mentioned(&units[*index])).collect();
    if !found.is_empty() {
        return found;
    }
    let stem = base(name).to_lowercase();
    let of = |test: &dyn Fn(&DraftService) -> bool| {
        (0..units.len()).filter(|index| test(&units[*index])).collect::<BTreeSet<_>>()
    };
    let applies = ["terraform ", "tofu ", "cdk deploy", "setup-terraform"].iter().any(|word| text.contains(word));
    let said = if applies || ["terraform", "infra", "cdk", "tofu"].iter().any(|word| stem.contains(word)) {
        of(&|unit| unit.infra)
    } else if ["docker", "image", "ecr"].iter().any(|word| stem.contains(word)) {
        of(&|unit| unit.image.is_some())
    } else {
        BTreeSet::new()
    };
    if said.is_empty() { everyone(units) } else { said }
}
