//! What the change of a map means for a plan with `--base`: the base's own map decides about the same two versions.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice as _};

use crate::app::settings::Settings;
use crate::base::failure::Failure;
use crate::base::fingerprint::{BlobId, hex};
use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::text::{printable, short_revision};
use crate::map::rules::Rules;
use crate::map::{Answers, Draft, ServiceMap, Sought};
use crate::output::{MapChange, MapFlip};
use crate::protocol::answer::{Answer, Reason};
use crate::protocol::engine::decision;
use crate::source::difference::{self, Change, Compared};
use crate::source::extras::Extras;
use crate::source::inputs;
use crate::source::snapshot::Snapshot;
use crate::source::tree::find;

use super::commits::fetch_blobs;
use super::context::Context;
use super::gather::current;

/// The largest map.
const MOST: usize = 4 << 20;

/// What the change of the map means in each environment of the answers; nothing where the map is the same.
pub(super) fn map_changes(context: &Context<'_>, answers: &[Answer], is_commit: bool) -> Vec<Option<MapChange>> {
    let Some(base) = answers.first().and_then(|answer| answer.base.clone()) else { return Vec::new() };
    // A map beside the source changes with no commit.
    if context.map.file.starts_with('/') {
        return Vec::new();
    }
    let map = match map_at(context.settings, &base, &context.map.file) {
        Ok(map) if map.to_toml() == context.map.to_toml() => return Vec::new(),
        Ok(map) => map,
        Err(failure) => return answers.iter().map(|_| Some(MapChange::Unknown(failure.to_string()))).collect(),
    };
    let change = |answer: &Answer| {
        let target = answer.revision.as_deref().filter(|_| is_commit);
        let other = decided(context.settings, &map, &answer.environment, &base, target);
        Some(other.map_or_else(
            |failure| MapChange::Unknown(failure.to_string()),
            |other| compare(context, &map, answer, other),
        ))
    };
    answers.iter().map(change).collect()
}

fn compare(context: &Context<'_>, map: &ServiceMap, answer: &Answer, mut other: Decisions) -> MapChange {
    let mut flips = Vec::new();
    let mut added = Vec::new();
    for service in &answer.services {
        let Some((reason, changes)) = other.remove(&service.service) else {
            added.push(service.service.clone());
            continue;
        };
        let builds = !service.skip();
        if builds != (reason == Reason::Unchanged) {
            continue;
        }
        let (reason, changes) = if builds { (service.reason, service.changes.clone()) } else { (reason, changes) };
        flips.push(MapFlip { service: service.service.clone(), builds, reason, changes });
    }
    let names = map.services.iter().map(|service| &service.name);
    let removed = names.filter(|name| context.map.index(name).is_none()).cloned().collect();
    MapChange::Known { flips, added, removed }
}

/// The reason and the changed inputs of each service.
type Decisions = BTreeMap<ServiceName, (Reason, Vec<Change>)>;

/// How a map decides between a base and a commit, or the source as it is.
fn decided(
    settings: &Settings,
    map: &ServiceMap,
    environment: &EnvironmentName,
    base: &str,
    target: Option<&str>,
) -> Result<Decisions, Failure> {
    let all: Vec<usize> = (0..map.services.len()).collect();
    let rules = Rules::compile(map, environment, &all, false);
    let repository = settings.repository().map_err(Failure::request)?;
    let name = |service: usize| map.services[service].name.clone();
    if let Some(target) = target {
        let difference = repository.changes(base, target, &rules).map_err(Failure::request)?;
        let of = |service: usize| {
            let reason = match difference::compared(&difference, service) {
                Compared::Unreadable => Reason::SourceUnreadable,
                Compared::NoInputs => Reason::NoInputs,
                Compared::Changed => Reason::Changed,
                Compared::Unchanged => Reason::Unchanged,
            };
            (name(service), (reason, difference::between(&difference, service)))
        };
        return Ok(all.into_iter().map(of).collect());
    }
    let then = repository.read(base, &rules).map_err(Failure::request)?;
    let now = settings.source.read_as_git(&rules).map_err(Failure::request)?;
    // Extras are the same on both sides.
    let none = Extras::default();
    let (before, after) = (inputs::collect(&then, &rules, |_| &none), inputs::collect(&now, &rules, |_| &none));
    let of = |(before, after): (&inputs::Inputs, &inputs::Inputs)| {
        let reason = decision::between(&current(before, &[]), &current(after, &[])).reason();
        let changes = difference::since(&Snapshot::of(&then, after.service, &none), &now, after.service);
        (name(after.service), (reason, changes))
    };
    Ok(before.iter().zip(&after).map(of).collect())
}

/// The map in a commit, with all that it includes and discovers there.
fn map_at(settings: &Settings, commit: &str, file: &str) -> Result<ServiceMap, Failure> {
    let shown = format!("{file} at {}", short_revision(commit));
    let mut found = contents(settings, commit, &[file.into()])?;
    let bytes = found.remove(file.as_bytes().as_bstr()).ok_or_else(|| {
        Failure::request(format!("the commit `{}` has no `{}`", short_revision(commit), printable(file.as_bytes())))
    })?;
    let draft = Draft::read(file, &bytes).map_err(|problems| problem(&shown, &problems))?;
    let questions = draft.questions();
    let mut answers = Answers::default();
    if !questions.is_empty() {
        let repository = settings.repository().map_err(Failure::request)?;
        let names = repository.files(commit).map_err(Failure::request)?;
        let modules = contents(settings, commit, &[".gitmodules".into()])?.into_values().next();
        answers.paths = find::among(&names, modules.as_deref(), |_| false, questions).map_err(Failure::request)?.paths;
        let files = questions.iter().zip(&answers.paths).filter(|(question, _)| question.sought == Sought::Files);
        let names: Vec<BString> = files.flat_map(|(_, paths)| paths).cloned().collect();
        answers.maps = contents(settings, commit, &names)?;
    }
    draft.complete(&answers).map_err(|problems| problem(&shown, &problems))
}

fn problem(shown: &str, problems: &dyn std::fmt::Display) -> Failure {
    let text = problems.to_string();
    Failure::request(format!(
        "`{}` is not a valid map: {}",
        printable(shown.as_bytes()),
        text.lines().next().unwrap_or("")
    ))
}

/// The contents of the plain files among these paths of a commit. What is not here is fetched.
fn contents(settings: &Settings, commit: &str, paths: &[BString]) -> Result<BTreeMap<BString, Vec<u8>>, Failure> {
    let mut repository = settings.repository().map_err(Failure::request)?;
    let mut ids: Vec<(&BString, BlobId)> = Vec::new();
    for path in paths {
        let id = repository.blob_at(commit, path.as_ref()).map_err(Failure::request)?;
        ids.extend(id.map(|id| (path, id)));
    }
    let missing = ids.iter().filter(|(_, id)| !repository.has(*id));
    let missing: Vec<String> = missing.map(|(_, id)| hex(&id.0)).collect();
    if !missing.is_empty() {
        fetch_blobs(settings, commit, &missing)?;
        repository = settings.repository().map_err(Failure::request)?;
    }
    let mut found = BTreeMap::new();
    for (path, id) in ids {
        let bytes = repository.blob(id).filter(|bytes| bytes.len() <= MOST).ok_or_else(|| {
            let text = format!("`{}` of the commit `{}` cannot be read", printable(path), short_revision(commit));
            Failure::request(text)
        })?;
        found.insert(path.clone(), bytes);
    }
    Ok(found)
}
