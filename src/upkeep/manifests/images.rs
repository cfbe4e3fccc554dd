//! Images: a source's Dockerfiles, the build context of each, and what it copies from there.

mod programs;
mod stages;

use std::collections::{BTreeMap, BTreeSet};

use super::dockerfile::Dockerfile;
use super::dockerfile::is_dockerfile;
use super::paths::{above, base, below, join, parent, plain_prefix, within};
use super::said::ImageBuild;
use super::{Files, dockerfile, rooted};

use programs::Programs;

/// An image that a Dockerfile builds.
#[derive(Debug, Clone)]
pub struct Image {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The build context.
    pub context: String,
    /// The file that defines the context; `None` if it was guessed.
    pub said_by: Option<String>,
    /// The image's name in another manifest.
    pub name: Option<String>,
    /// What it is called beside the other images that the Dockerfile builds, each from a stage of its own.
    pub stage: Option<String>,
    /// What is copied from the context: paths that exist. The context itself if it is copied whole.
    pub sources: Vec<String>,
    /// The words of its instructions, to search for program names.
    pub words: Vec<String>,
    /// Whether its text was understood.
    pub known: bool,
    /// The programs that it can build.
    pub programs: Programs,
    /// Whether it copies nothing from the source: a development environment.
    pub bare: bool,
    /// Whether it copies something that only an argument names.
    pub unclear: bool,
    /// Whether it copies something that is not in the source, because an earlier build makes it.
    pub prebuilt: bool,
    /// Further directories that the build can copy from.
    pub more: Vec<String>,
    /// The Dockerfiles and contexts of other images of the source that it is made from.
    pub bases: Vec<(String, String)>,
}

/// Lock files, by manifest.
const LOCKS: [(&str, &[&str]); 3] = [
    ("package.json", &["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"]),
    ("Cargo.toml", &["Cargo.lock"]),
    ("pyproject.toml", &["uv.lock", "poetry.lock", "pdm.lock"]),
];

/// Files that make a directory one that something is built in.
const MANIFESTS: [&str; 14] = [
    "package.json",
    "Cargo.toml",
    "go.mod",
    "Package.swift",
    "pyproject.toml",
    "requirements.txt",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "Gemfile",
    "mix.exs",
    "setup.py",
    "Pipfile",
];

/// All Dockerfiles, each parsed once: those that their names show to be one, and `more` that a map names.
pub(super) fn parse(files: &Files<'_>, more: &[String]) -> BTreeMap<String, Dockerfile> {
    let named = files.own().filter(|name| is_dockerfile(base(name))).map(str::to_owned);
    let all = named.chain(more.iter().filter(|name| files.has(name)).cloned());
    all.map(|name| {
        let parsed = dockerfile::read(&files.text(&name).unwrap_or_default());
        (name, parsed)
    })
    .collect()
}

/// All images except those for development.
pub(super) fn scan(files: &Files<'_>, dockerfiles: &BTreeMap<String, Dockerfile>, said: &[ImageBuild]) -> Vec<Image> {
    let mut by_file: BTreeMap<String, Vec<&ImageBuild>> = BTreeMap::new();
    for build in said {
        by_file.entry(build.dockerfile.clone()).or_default().push(build);
    }
    let deployed =
        dockerfiles.iter().filter(|(name, _)| is_dockerfile(base(name)) && !aside(name) && !super::foreign(name));
    let all = |(name, parsed): (&String, &Dockerfile)| {
        let said = by_file.get(name).map_or(&[][..], Vec::as_slice);
        let (stages, others) = stages::of(said);
        if stages.len() < 2 {
            return vec![image(files, name, parsed, said)];
        }
        let of_stage = |(stage, said): (String, Vec<&ImageBuild>)| Image {
            stage: Some(stage),
            ..image(files, name, parsed, &said)
        };
        let rest = (!others.is_empty()).then(|| image(files, name, parsed, &others));
        stages.into_iter().map(of_stage).chain(rest).collect()
    };
    deployed.flat_map(all).collect()
}

/// Whether a Dockerfile is for development, by its name or its directory's.
fn aside(path: &str) -> bool {
    let words = |text: &str| text.to_lowercase().split(['.', '-', '_']).any(|word| stages::ASIDE.contains(&word));
    words(base(path)) || parent(path).split('/').any(|part| part == "dev" || part == ".docker-dev" || part == "local")
}

fn image(files: &Files<'_>, dockerfile: &str, found: &Dockerfile, said: &[&ImageBuild]) -> Image {
    let text = files.text(dockerfile).unwrap_or_default();
    let copies: Vec<String> = found.copies.iter().flat_map(|copied| copied.sources.clone()).collect();
    let unclear = found.unclear.iter().any(|unclear| unclear.copies);
    // If everything it copies is named by an argument, it can build any program.
    let named = copies.is_empty() && !found.unclear.is_empty();
    // A jar that some build has made, where nothing is built: each program can bring its own.
    let packs = |copy: &String| copy.ends_with(".jar") && in_built(copy);
    let packing = said.is_empty() && !copies.is_empty() && copies.iter().all(packs);
    let packing = packing && files.present(parent(dockerfile), &MANIFESTS).is_empty();
    let mut programs = Programs::read(&text);
    programs.any |= named || packing;
    programs.packs = packing;
    let known = found.builds;
    // Files that disagree about the context may build different images; what holds all that is copied is right for one.
    let fits = |build: &&&ImageBuild| lacking(files, &build.context, &copies) == 0;
    let (context, said_by) = match said.iter().find(fits).or(said.first()) {
        Some(build) => (build.context.clone(), Some(build.file.clone())),
        None if packing => (around(files, parent(dockerfile)), None),
        None => (guess(files, dockerfile, &copies, known), None),
    };
    let mut sources: Vec<String> = copies.iter().filter_map(|copy| source(files, &context, copy)).collect();
    sources.sort_unstable();
    sources.dedup();
    let absent = |copy: &String| !files.exists(&below(&context, plain_prefix(&rooted(copy))));
    let made = said.iter().any(|build| build.made);
    let prebuilt = made || unclear || copies.iter().any(absent);
    let more: BTreeSet<String> = said.iter().flat_map(|build| build.more.iter().cloned()).collect();
    let words = text.split(|c: char| c.is_whitespace() || "\"',[]=:;&|()".contains(c)).filter(|word| !word.is_empty());
    Image {
        dockerfile: dockerfile.to_owned(),
        context,
        said_by,
        name: match said {
            // A file that builds several images has none of their names.
            [one] => Some(one.name.clone()),
            _ => None,
        },
        stage: None,
        sources,
        programs,
        bare: known && copies.is_empty() && !named,
        words: words.map(str::to_owned).collect(),
        known,
        unclear,
        prebuilt,
        more: more.into_iter().collect(),
        bases: Vec::new(),
    }
}

/// The source of a copy as a path; for a pattern, the directory it searches.
fn source(files: &Files<'_>, context: &str, copy: &str) -> Option<String> {
    let copy = &rooted(copy);
    let plain = plain_prefix(copy);
    let path = below(context, plain);
    // A pattern for names in the context itself (`Package.*`) does not copy it whole.
    let whole = plain == copy || !within(context, &path);
    (whole && files.exists(&path)).then_some(path)
}

/// The nearest directory around one that something is built in.
fn around(files: &Files<'_>, own: &str) -> String {
    above(own).find(|place| !files.present(place, &MANIFESTS).is_empty()).unwrap_or_default().to_owned()
}

/// The nearest directory that contains everything copied; if that is inconclusive, the nearest with a manifest.
fn guess(files: &Files<'_>, dockerfile: &str, copies: &[String], known: bool) -> String {
    let own = parent(dockerfile);
    let named = named(copies).count();
    let whole = copies.iter().any(|copy| matches!(copy.as_str(), "." | "./"));
    let places = || std::iter::once(own).chain(above(own));
    // A workspace member without its own lock file is built from the directory of the workspace's lock file.
    for (manifest, locks) in LOCKS {
        let unlocked = !files.present(own, &[manifest]).is_empty() && files.present(own, locks).is_empty();
        let locked = |place: &&str| !files.present(place, locks).is_empty();
        if let Some(root) = above(own).find(locked).filter(|_| unlocked && (whole || named == 0)) {
            return root.to_owned();
        }
    }
    let with_manifest = |place: &&str| !files.present(place, &MANIFESTS).is_empty();
    if known && named > 0 {
        // The nearest of those that hold the most: ideally all.
        let best = places().enumerate().min_by_key(|(distance, place)| (lacking(files, place, copies), *distance));
        return best.map_or(own, |(_, place)| place).to_owned();
    }
    // A folder outside any project, with a Dockerfile and sources of its own, is its own context.
    let packaging =
        ["docker", ".docker", "build", "deploy", "deployment", "ci", "container", "containers"].contains(&base(own));
    let bare = packaging || (!known || whole) && files.inside(own).len() == 1;
    match places().find(with_manifest) {
        Some(place) if place == own || bare || within_package(files, own, place) => place.to_owned(),
        _ if packaging => parent(own).to_owned(),
        _ => own.to_owned(),
    }
}

/// The copied paths that can tell contexts apart.
fn named(copies: &[String]) -> impl Iterator<Item = &str> {
    let plain = copies.iter().map(|copy| copy.trim_start_matches("./").trim_start_matches('/'));
    plain.filter(|copy| !matches!(*copy, "." | "") && !copy.starts_with('$'))
}

/// Whether a copied path is in a directory that a build writes, such as `target`, and so not in the source.
fn in_built(copy: &str) -> bool {
    let first = copy.trim_start_matches("./").split('/').next().unwrap_or_default();
    ["target", "dist", "build", "bin", "out"].contains(&first)
}

/// How many of the copied paths a directory does not have.
fn lacking(files: &Files<'_>, place: &str, copies: &[String]) -> usize {
    let has = |copy: &&str| {
        let path = join(place, plain_prefix(copy));
        in_built(copy) || copy.contains('$') || path.is_some_and(|path| files.exists(&path))
    };
    named(copies).filter(|copy| !has(copy)).count()
}

/// Whether a directory is one of the source folders of a package above it.
fn within_package(files: &Files<'_>, own: &str, package: &str) -> bool {
    let rest = own.strip_prefix(package).unwrap_or_default().trim_start_matches('/');
    let first = rest.split('/').next().unwrap_or_default();
    ["Sources", "src", "cmd", "app", "apps", "internal"].contains(&first)
        && !files.present(package, &["Package.swift", "go.mod", "Cargo.toml"]).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_have_many_names() {
        for name in ["Dockerfile", "Dockerfile.api", "api.Dockerfile", "Containerfile", "dockerfile-worker"] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in ["Dockerfile.md", ".dockerignore", "Dockerfile.dockerignore", "MyDockerfileReader.java"] {
            assert!(!is_dockerfile(name), "{name}");
        }
        assert!(aside("api/Dockerfile.dev") && aside("x/Dockerfile_backup") && !aside("devices/Dockerfile"));
    }
}
