//! Files that no manifest claims: cluster manifests, pipelines, migrations, shared folders. Names are the only evidence
//! here.

use std::collections::{BTreeMap, BTreeSet};

use crate::upkeep::manifests::{Files, Manifests, ProjectKind, base, is_bake, is_compose, parent, within};

use super::inputs::Paths;
use super::pipelines::PipelineFiles;
use super::units::DraftService;
use super::words::is_pipeline;
use super::{pipelines, words};
use crate::upkeep::manifests::cover::cover;

/// The owners of some files.
pub(super) struct Leftover {
    /// Units, as indices; empty for a new unit.
    pub(super) users: BTreeSet<usize>,
    /// The paths, and why.
    pub(super) paths: Paths,
    /// The name of a new service for them.
    pub(super) new: Option<String>,
}

/// The units that use some files, the name of a new one, and why.
type Whose = (BTreeSet<usize>, Option<String>, String);

/// Folders that describe deployments to a cluster or a machine.
const DEPLOYS: [&str; 22] = [
    "k8s",
    "kubernetes",
    "kube",
    "helm",
    "charts",
    "chart",
    "manifests",
    "kustomize",
    "openfaas",
    "argocd",
    "istio",
    "deploy",
    "deployment",
    "deployments",
    "ecs",
    "task-definitions",
    "nomad",
    "ops",
    "nginx",
    "config",
    "configs",
    "scripts",
];

/// How many of [`DEPLOYS`] are about clusters.
const CLUSTER: usize = 11;

/// Folders that only organise others within one of [`DEPLOYS`].
const ORDERS: [&str; 24] = [
    "base",
    "overlays",
    "environments",
    "envs",
    "env",
    "dev",
    "prod",
    "staging",
    "stage",
    "production",
    "common",
    "functions",
    "runtimes",
    "templates",
    "services",
    "apps",
    "values",
    "manifests",
    "deployments",
    "ingress",
    "config",
    "configmaps",
    "secrets",
    "components",
];

/// Folders of code that any service may use, if no manifest says which ones do.
const SHARED: [&str; 14] = [
    "shared",
    "common",
    "lib",
    "libs",
    "proto",
    "protos",
    "protobuf",
    "contracts",
    "schemas",
    "utils",
    "core",
    "packages",
    "layers",
    "types",
];

/// Claims the remaining files.
pub(super) fn claim(
    files: &Files<'_>,
    facts: &Manifests,
    units: &[DraftService],
    named: &PipelineFiles,
    claimed: &dyn Fn(&str) -> bool,
    excluded: &dyn Fn(&str) -> bool,
) -> Vec<Leftover> {
    let left: BTreeSet<&str> = files.names().filter(|name| !claimed(name) && !excluded(name)).collect();
    let names = pipelines::keys(units);
    let mut claims: BTreeMap<Whose, BTreeSet<&str>> = BTreeMap::new();
    let mut made = platforms(&left, &names);
    made.extend(migrations(&left));
    made.extend(models(&left));
    let called = |(place, name): &(&str, String)| {
        let migrations = name == "migrations";
        let database = migrations.then(|| base(parent(place)).to_owned()).filter(|name| name.len() > 2);
        let migrate = migrations.then(|| "migrate".to_owned());
        std::iter::once(name.clone()).chain(database).chain(migrate).collect()
    };
    let new_names: Vec<Vec<String>> = made.iter().map(called).collect();
    let built: BTreeSet<usize> = (0..units.len()).filter(|index| !units[*index].infra).collect();
    let baked: BTreeSet<usize> = built.iter().copied().filter(|index| units[*index].said).collect();
    let everyone = &pipelines::everyone(units);
    // An application of the CDK is code, which may use what any other code uses.
    let is_cdk =
        |unit: &DraftService| unit.projects.iter().any(|project| facts.projects[*project].kind == ProjectKind::Cdk);
    let coders: BTreeSet<usize> = (0..units.len()).filter(|at| everyone.contains(at) || is_cdk(&units[*at])).collect();
    let cluster = |part: &&str| is_deploys(part, &DEPLOYS[..CLUSTER]);
    let unit_in = |name: &&str| words::named(below(name, parent(name).split('/').find(cluster)?), &names);
    let in_cluster: BTreeSet<usize> = left.iter().filter_map(unit_in).collect();
    let deployed = if in_cluster.is_empty() { everyone } else { &in_cluster };
    let unused = |place: &str| {
        facts
            .projects
            .iter()
            .any(|project| project.known && project.kind.names_what_it_builds() && within(&project.directory, place))
    };
    for name in &left {
        let deploys = parent(name).split('/').find(|part| is_deploys(part, &DEPLOYS));
        let place = made.iter().find(|(place, _)| within(name, place));
        let found = if let Some((_, new)) = place {
            Some((BTreeSet::new(), Some(new.clone()), String::new()))
        } else if is_pipeline(name) {
            let users = pipelines::users(files, units, &names, name);
            (!users.is_empty()).then(|| (users, None, pipelines::WHY.to_owned()))
        } else if let Some(users) = named.get(*name) {
            Some((users.clone(), None, pipelines::WHY.to_owned()))
        } else if let Some(new) = deploys.and_then(|folder| words::named(below(name, folder), &new_names)) {
            Some((BTreeSet::new(), Some(new_names[new][0].clone()), String::new()))
        } else if deploys.is_some() {
            let user = words::named(below(name, deploys.unwrap_or_default()), &names);
            let script = deploys.is_some_and(|part| part == "scripts");
            let deploy_script = base(name).to_lowercase().contains("deploy");
            match user {
                Some(user) => Some((BTreeSet::from([user]), None, "names it".to_owned())),
                None if script && !deploy_script => None,
                None => Some((deployed.clone(), None, "how it is deployed".to_owned())),
            }
        } else if is_compose(base(name)) {
            Some((built.clone(), None, "how it is deployed".to_owned()))
        } else if is_bake(base(name)) {
            Some((baked.clone(), None, "how it is built".to_owned()))
        } else if let Some(place) = shared_place(name).filter(|place| !unused(place)) {
            // Whoever is beside it may use it; where nobody is, anybody.
            let around = parent(place);
            let beside: BTreeSet<usize> =
                coders.iter().copied().filter(|user| within(&units[*user].directory, around)).collect();
            let users = if beside.is_empty() { coders.clone() } else { beside };
            Some((users, None, "shared by its name".to_owned()))
        } else {
            None
        };
        if let Some(key) = found {
            claims.entry(key).or_default().insert(name);
        }
    }
    let whole = |of: &BTreeSet<&str>| {
        let judge = |name: &str| {
            // What nobody seems to need does not tell directories apart: it comes along.
            if excluded(name) && !claimed(name) { None } else { Some(of.contains(name)) }
        };
        cover(files, "", &judge)
    };
    claims
        .iter()
        .map(|((users, new, why), of)| {
            // A pipeline added later would not belong to these services.
            let pipelines = of.iter().any(|name| is_pipeline(name));
            let paths = if pipelines { of.iter().map(|name| (*name).to_owned()).collect() } else { whole(of) };
            let paths = paths.into_iter().map(|path| (path, why.clone())).collect();
            Leftover { users: users.clone(), paths, new: new.clone() }
        })
        .collect()
}

/// The outermost directory of a path that is shared by its name.
fn shared_place(name: &str) -> Option<&str> {
    let places: Vec<&str> = crate::upkeep::manifests::above(name).collect();
    places.into_iter().rev().find(|place| SHARED.contains(&base(place)))
}

/// Whether any word of a folder's name is in the list.
fn is_deploys(folder: &str, of: &[&str]) -> bool {
    let lower = folder.to_lowercase();
    of.contains(&lower.as_str())
        || lower.split(['-', '_']).any(|word| of.iter().take(CLUSTER).any(|other| *other == word))
}

/// The part of a path below a folder of that name.
fn below<'n>(name: &'n str, folder: &str) -> &'n str {
    name.split_once(&format!("{folder}/")).map_or(name, |(_, rest)| rest)
}

/// Subfolders of cluster manifests that name no unit: each is deployed on its own.
fn platforms<'a>(left: &BTreeSet<&'a str>, names: &[Vec<String>]) -> Vec<(&'a str, String)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in left {
        let Some((top, rest)) = name.split_once('/') else { continue };
        let cluster = is_deploys(top, &DEPLOYS[..CLUSTER]);
        let Some((second, _)) = rest.split_once('/').filter(|_| cluster) else { continue };
        if !ORDERS.contains(&second) && words::named(&format!("x/{second}"), names).is_none() {
            *counts.entry(&name[..top.len() + 1 + second.len()]).or_default() += 1;
        }
    }
    let of_units =
        |place: &str| left.iter().filter(|name| within(name, place) && words::named(name, names).is_some()).count();
    counts
        .into_iter()
        .filter(|(place, count)| *count > 1 && of_units(place) * 2 < *count)
        .map(|(place, _)| (place, base(place).to_owned()))
        .collect()
}

/// Folders of database migrations that do not belong to a unit.
fn migrations<'a>(left: &BTreeSet<&'a str>) -> Vec<(&'a str, String)> {
    let sql = left.iter().filter(|name| name.ends_with(".sql"));
    let folder = |name: &&'a str| {
        let name: &'a str = name;
        crate::upkeep::manifests::above(name)
            .find(|place| matches!(base(place), "migrations" | "migration" | "flyway" | "liquibase"))
    };
    let places: BTreeSet<&str> = sql.filter_map(folder).collect();
    places.into_iter().map(|place| (place, "migrations".to_owned())).collect()
}

/// Folders of trained models.
fn models<'a>(left: &BTreeSet<&'a str>) -> Vec<(&'a str, String)> {
    let ends = [".tar.gz", ".onnx", ".pt", ".pth", ".safetensors", ".h5", ".joblib"];
    let archive = left.iter().filter(|name| ends.iter().any(|end| name.ends_with(end)));
    let places: BTreeSet<&str> =
        archive.map(|name| parent(name)).filter(|place| base(place).to_lowercase().contains("model")).collect();
    places.into_iter().map(|place| (place, "model".to_owned())).collect()
}
