//! Units from Dockerfiles: what each builds, and its name.

use std::collections::BTreeSet;

use crate::upkeep::manifests::{
    Image, Manifests, Project, ProjectKind, ProjectRole, Pull, above, base, parent, within,
};

use super::{DraftService, PACKAGING, words};

/// A directory's own name if it is meaningful, else that of the nearest meaningful one above.
pub(in crate::upkeep::init) fn named_directory(directory: &str, fallback: &str) -> String {
    let last = base(directory);
    let places = || std::iter::once(directory).chain(above(directory)).map(base);
    let telling = places().find(|name| !words::says_nothing(name) && !words::holds_others(name));
    match telling {
        None if last.is_empty() => fallback.to_owned(),
        None => last.to_owned(),
        Some(name) if name != last && words::is_applied(last) => format!("{name}-{last}"),
        Some(name) => name.to_owned(),
    }
}

/// What distinguishes a Dockerfile from others beside it: `api` in `Dockerfile.api`, `api.Dockerfile`.
pub(super) fn suffix(dockerfile: &str) -> Option<String> {
    let name = base(dockerfile).to_lowercase();
    let variants = [
        "run",
        "prod",
        "production",
        "release",
        "alpine",
        "slim",
        "debian",
        "ubuntu",
        "arm64",
        "amd64",
        "build",
        "multi",
        "default",
        "base",
    ];
    let rest = name.replace("dockerfile", "").replace("containerfile", "");
    let rest = rest.trim_matches(['.', '-', '_']);
    (!rest.is_empty() && !rest.split(['.', '-', '_']).all(|word| variants.contains(&word))).then(|| rest.to_owned())
}

/// Names of programs that the words of a Dockerfile may mean as commands.
const TOOLS: [&str; 14] =
    ["bash", "bun", "cargo", "dotnet", "go", "gradle", "java", "mvn", "node", "npm", "pip", "python", "sh", "swift"];

/// The unit of an image.
pub(super) fn from_image(facts: &Manifests, image: &Image) -> DraftService {
    let place = parent(&image.dockerfile);
    let suffix = suffix(&image.dockerfile);
    let packaging = PACKAGING.contains(&base(place));
    let packaged = PACKAGING.contains(&base(parent(place))) || base(parent(place)) == "package";
    let hint = image.stage.clone().or(suffix);
    let hint = hint.or_else(|| (packaged && !packaging).then(|| base(place).to_owned()));
    let projects = project_of(facts, image, hint.as_deref(), packaging || packaged);
    let mut own = BTreeSet::from([image.dockerfile.clone()]);
    let directory = match projects.first() {
        // A folder for one target, with its Dockerfile.
        Some(index) if within(&facts.projects[*index].directory, place) && !place.is_empty() => place.to_owned(),
        Some(index) if projects.len() == 1 => facts.projects[*index].directory.clone(),
        Some(_) => {
            own.extend(projects.iter().map(|index| facts.projects[*index].directory.clone()));
            if place.is_empty() { image.context.clone() } else { place.to_owned() }
        }
        None if packaging || packaged || (place.is_empty() && hint.is_some()) => {
            own.extend(image.sources.iter().filter(|source| **source != image.context).cloned());
            if image.sources.contains(&image.context) || image.sources.is_empty() {
                image.context.clone()
            } else {
                place.to_owned()
            }
        }
        None => place.to_owned(),
    };
    if packaged && !packaging {
        own.insert(place.to_owned());
    }
    let placed = if directory == place && packaging { image.context.clone() } else { directory };
    let name = named_directory(&placed, "");
    // A folder of Dockerfiles has nothing of an image but what that copies.
    let told = image.known && !image.prebuilt && !image.sources.is_empty() && !image.sources.contains(&image.context);
    let whole = projects.iter().any(|index| facts.projects[*index].directory.is_empty());
    let apart = packaging && placed.is_empty() && !whole && told;
    let directory = if apart { image.dockerfile.clone() } else { placed };
    let program = projects.first().filter(|_| projects.len() == 1).map(|index| facts.projects[*index].name.clone());
    let names = [hint, Some(name), image.name.clone(), program];
    let said = image
        .said_by
        .as_ref()
        .map(|file| format!("{file} builds it in `{}`", if image.context.is_empty() { "." } else { &image.context }));
    let evidence = std::iter::once(image.dockerfile.clone()).chain(said).collect();
    DraftService {
        names: names.into_iter().flatten().filter(|name| !name.is_empty()).collect(),
        directory,
        own,
        strong: true,
        evidence,
        image: Some((image.dockerfile.clone(), image.context.clone())),
        builds: image.bases.iter().cloned().chain([(image.dockerfile.clone(), image.context.clone())]).collect(),
        said: image.said_by.is_some(),
        prebuilt: image.prebuilt,
        pulls: image.more.iter().map(|path| Pull::new(path, "a further context of its build")).collect(),
        copies: image.sources.clone(),
        projects: projects.into_iter().collect(),
        ..DraftService::default()
    }
}

/// The projects that an image runs, by the nearest evidence.
fn project_of(facts: &Manifests, image: &Image, hint: Option<&str>, packaging: bool) -> Vec<usize> {
    let place = parent(&image.dockerfile);
    let builds = |project: &Project| {
        !matches!(project.kind, ProjectKind::Serverless | ProjectKind::Cdk | ProjectKind::Terraform)
            && project.role != ProjectRole::Workspace
    };
    let all = || facts.projects.iter().enumerate().filter(|(_, project)| builds(project));
    let those = |test: &dyn Fn(&Project) -> bool| -> Vec<usize> {
        all().filter(|(_, project)| test(project)).map(|(index, _)| index).collect()
    };
    let is_named = |project: &Project, name: &str| {
        project.name == name || base(&project.directory) == name || project.name.ends_with(&format!("/{name}"))
    };
    // `api/docker/web` is of what `api` holds, and not of another `web`.
    let around =
        above(place).find(|folder| !PACKAGING.contains(&base(folder))).filter(|_| packaging).unwrap_or_default();
    let inside = |project: &Project| within(&project.directory, &image.context) && within(&project.directory, around);
    let named = hint.map(|hint| those(&|project| is_named(project, hint) && inside(project)));
    let named = named.unwrap_or_default();
    if !named.is_empty() && image.stage.is_none() {
        return named;
    }
    let here = those(&|project| project.directory == place && !(packaging && place.is_empty()));
    // The instructions say better what the image takes from outside the Dockerfile's directory.
    let beyond = image.context != place && !place.is_empty();
    if !here.is_empty() && hint.is_none() && !beyond {
        return here;
    }
    let below = those(&|project| project.role == ProjectRole::Program && within(&project.directory, place));
    if below.len() == 1 && !place.is_empty() {
        return below;
    }
    let mentioned = |project: &Project| {
        let directory = project.directory.as_str();
        let word = |word: &String| {
            let word = word.trim_start_matches("./").trim_end_matches("/...").trim_end_matches('/');
            (!directory.is_empty() && (word == directory || word.ends_with(&format!("/{directory}"))))
                || (word == project.name && !TOOLS.contains(&word))
        };
        project.role == ProjectRole::Program && within(directory, &image.context) && image.words.iter().any(word)
    };
    let mentioned = those(&mentioned);
    if image.stage.is_some() && !(mentioned.is_empty() && named.is_empty()) {
        // Which of them a stage copies from another one, its name does not tell.
        let all: BTreeSet<usize> = mentioned.into_iter().chain(named).collect();
        return all.into_iter().collect();
    }
    if mentioned.len() == 1 || (mentioned.len() > 1 && (here.is_empty() || beyond)) {
        return mentioned;
    }
    if !here.is_empty() {
        return here;
    }
    // Only a packaging folder belongs to the project around it; other folders have sources of their own.
    let near = above(place).take_while(|directory| within(directory, &image.context)).find_map(|directory| {
        let found = those(&|project| project.directory == directory);
        (!found.is_empty()).then_some(found)
    });
    near.filter(|_| packaging).unwrap_or_default()
}
