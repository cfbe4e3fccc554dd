//! Services that look alike, as one `[discover]` table and what differs beneath it, so that eighty of them fit on a page.

use std::collections::BTreeMap;

use crate::map::toml_text::{key, list, quote};
use crate::upkeep::manifests::{Files, base, child, parent};

use super::draft::{DraftedService, FirstDraft};

/// From how many services on a table is shorter than they are.
const ENOUGH: usize = 6;

/// The services of one folder.
#[derive(Debug)]
pub(super) struct Alike {
    folder: String,
    /// Folders beside theirs that are not services.
    except: Vec<String>,
    /// The groups that most of them have.
    groups: Vec<String>,
    /// Whether each has a Dockerfile in its own folder.
    images: bool,
    /// The context of most images; `None` for the service's own folder.
    context: Option<String>,
    /// The names.
    names: Vec<String>,
}

/// The folders with services that look alike.
pub(super) fn find(draft: &FirstDraft, files: &Files<'_>) -> Vec<Alike> {
    let mut folders: BTreeMap<String, Vec<&DraftedService>> = BTreeMap::new();
    for service in &draft.services {
        let place = service.include.iter().filter_map(|pattern| pattern.strip_suffix("/**"));
        let place =
            place.filter(|place| base(place) == service.name && !place.contains(['\\', '{'])).map(parent).next();
        if let Some(folder) = place.filter(|folder| !folder.is_empty()) {
            folders.entry(folder.to_owned()).or_default().push(service);
        }
    }
    folders.retain(|_, services| services.len() >= ENOUGH);
    folders.into_iter().filter_map(|(folder, services)| alike(files, &folder, &services)).collect()
}

fn alike(files: &Files<'_>, folder: &str, services: &[&DraftedService]) -> Option<Alike> {
    let names: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
    let inside = files.children(folder).into_iter().filter(|path| files.has_directory(path));
    let except: Vec<String> =
        inside.filter(|path| !names.iter().any(|name| name == base(path))).map(str::to_owned).collect();
    let own = |service: &DraftedService| child(folder, &service.name);
    let in_own = |service: &&&DraftedService| {
        service.image.as_ref().is_some_and(|(dockerfile, _)| *dockerfile == child(&own(service), "Dockerfile"))
    };
    let images = services.iter().filter(in_own).count() == services.len();
    let context = |service: &&DraftedService| {
        service.image.as_ref().map(|(_, context)| context.clone()).filter(|context| *context != own(service))
    };
    let context = if images { most(services.iter().map(context)) } else { None };
    (except.len() < names.len()).then(|| Alike {
        except,
        groups: most(services.iter().map(|service| service.groups.clone())),
        images,
        context,
        folder: folder.to_owned(),
        names,
    })
}

/// What occurs most often.
fn most<T: Ord + Default>(all: impl Iterator<Item = T>) -> T {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map_or_else(T::default, |(one, _)| one)
}

impl Alike {
    /// Whether a service is one of them.
    pub(super) fn has(&self, service: &DraftedService) -> bool {
        self.names.contains(&service.name)
    }

    /// The table that makes them.
    pub(super) fn table(&self) -> String {
        let mut lines = vec![
            format!("\n# {} services that look alike; what differs is beneath.", self.names.len()),
            format!("[discover.{}]", quote(&format!("{}/*", self.folder))),
        ];
        if !self.except.is_empty() {
            lines.push(list("except", &self.except));
        }
        if !self.groups.is_empty() {
            lines.push(list("groups", &self.groups));
        }
        if self.images {
            lines.push("dockerfile = \"${directory}/Dockerfile\"".to_owned());
        }
        if let Some(context) = &self.context {
            lines.push(format!("context = {}", quote(shown(context))));
        }
        lines.join("\n") + "\n"
    }

    /// What differs of one of them; empty if nothing does.
    pub(super) fn differences(&self, service: &DraftedService) -> String {
        let own = child(&self.folder, &service.name);
        let mut lines = Vec::new();
        if service.include != [format!("{own}/**")] {
            lines.push(list("include", &service.include));
        }
        if !service.exclude.is_empty() {
            lines.push(list("exclude", &service.exclude));
        }
        if service.groups != self.groups {
            lines.push(list("groups", &service.groups));
        }
        if !service.depends_on.is_empty() {
            lines.push(list("depends_on", &service.depends_on));
        }
        if let Some((dockerfile, context)) = &service.image {
            if !self.images {
                lines.push(format!("dockerfile = {}", quote(dockerfile)));
            }
            let common = self.context.as_ref().unwrap_or(&own);
            if context != common || !self.images {
                lines.push(format!("context = {}", quote(shown(context))));
            }
        }
        match lines.is_empty() {
            true => String::new(),
            false => format!("[services.{}]\n{}\n", key(&service.name), lines.join("\n")),
        }
    }
}

fn shown(context: &str) -> &str {
    if context.is_empty() { "." } else { context }
}
