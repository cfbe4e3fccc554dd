//! Images that a Dockerfile builds from stages of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::super::paths::base;
use super::super::said::ImageBuild;
use super::super::{is_bake, is_compose};

/// Words in Dockerfile names for images that are not deployed.
pub(super) const ASIDE: [&str; 19] = [
    "playwright",
    "cypress",
    "e2e",
    "storybook",
    "devcontainer",
    "dev",
    "development",
    "local",
    "localdev",
    "test",
    "tests",
    "testing",
    "ci",
    "debug",
    "backup",
    "bak",
    "old",
    "orig",
    "example",
];

/// Words in the names of stages that are steps of a build, or say how an image is made but not what it runs.
const STEPS: [&str; 20] = [
    "base",
    "build",
    "builder",
    "check",
    "default",
    "deploy",
    "deps",
    "docs",
    "final",
    "generate",
    "lint",
    "prod",
    "production",
    "release",
    "run",
    "runner",
    "runtime",
    "update",
    "validate",
    "vendor",
];

/// The builds of images that are called alike.
type Builds<'b> = Vec<&'b ImageBuild>;

/// The images of a Dockerfile that builds several, each from a stage of its own: what each is called, and its builds. And
/// the builds of another one: without a stage, with one that only its tool knows, or with one whose name tells nothing.
pub(super) fn of<'b>(said: &[&'b ImageBuild]) -> (BTreeMap<String, Builds<'b>>, Builds<'b>) {
    let mut by_stage: BTreeMap<&str, Builds<'b>> = BTreeMap::new();
    let mut others = Vec::new();
    for build in said {
        let stage = build.target.as_deref().unwrap_or_default();
        let words: Vec<String> = stage.split(['.', '-', '_']).map(str::to_lowercase).collect();
        let is = |list: &[&str], word: &String| list.contains(&word.as_str());
        let aside = words.iter().any(|word| word == "dev") || words.iter().all(|word| is(&ASIDE, word));
        // Others inherit from a target of Bake that begins like this.
        if aside || (build.name.starts_with('_') && is_bake(base(&build.file))) {
            continue;
        }
        match stage.is_empty() || words.iter().all(|word| is(&ASIDE, word) || is(&STEPS, word)) {
            true => others.push(*build),
            false => by_stage.entry(stage).or_default().push(build),
        }
    }
    let mut images: BTreeMap<String, Builds<'b>> = BTreeMap::new();
    for (stage, builds) in by_stage {
        let named = builds.iter().filter(|build| is_compose(base(&build.file)) || is_bake(base(&build.file)));
        let names: BTreeSet<&str> = named.map(|build| build.name.as_str()).collect();
        let name = names.first().filter(|_| names.len() == 1).copied().unwrap_or(stage);
        images.entry(name.to_owned()).or_default().extend(builds);
    }
    (images, others)
}
