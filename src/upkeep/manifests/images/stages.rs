//! Images that a Dockerfile builds from stages of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::super::paths::base;
use super::super::said::ImageBuild;
use super::super::{is_bake, is_compose};

/// Words in Dockerfile names for images that are not deployed.
pub(super) const ASIDE: [&str; 18] = [
    "playwright",
    "cypress",
    "e2e",
    "storybook",
    "devcontainer",
    "dev",
    "development",
    "local",
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
const STEPS: [&str; 21] = [
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
    "localdev",
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

/// The images of a Dockerfile that builds several, each from a stage of its own: what each is called, and its builds.
pub(super) fn of<'b>(said: &[&'b ImageBuild]) -> BTreeMap<String, Vec<&'b ImageBuild>> {
    let tells = |stage: &&str| {
        let words: Vec<String> = stage.split(['.', '-', '_']).map(str::to_lowercase).collect();
        let told = |word: &String| !ASIDE.contains(&word.as_str()) && !STEPS.contains(&word.as_str());
        !stage.is_empty() && words.iter().any(told) && !words.iter().any(|word| word == "dev")
    };
    let mut by_stage: BTreeMap<&str, Vec<&ImageBuild>> = BTreeMap::new();
    for build in said {
        // Which one is meant without a stage, or with one that is worked out, is not said.
        if let Some(stage) = build.target.as_deref().filter(tells) {
            by_stage.entry(stage).or_default().push(build);
        }
    }
    let mut images: BTreeMap<String, Vec<&ImageBuild>> = BTreeMap::new();
    for (stage, builds) in by_stage {
        let named = builds.iter().filter(|build| is_compose(base(&build.file)) || is_bake(base(&build.file)));
        let names: BTreeSet<&str> = named.map(|build| build.name.as_str()).collect();
        let name = names.first().filter(|_| names.len() == 1).copied().unwrap_or(stage);
        images.entry(name.to_owned()).or_default().extend(builds);
    }
    images
}
