//! What Dockerfiles take from their build contexts, compared with their services' inputs.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bstr::BString;

use super::context::across;
use super::context::{EnvironmentView, LintContext};
use super::directories;
use super::finding::{Finding, FindingPlace};
use super::nearest::Nearest;
use crate::base::text;
use crate::map::ServiceMap;
use crate::map::lint_codes::Code;
use crate::map::rules::{PatternSet, Role};
use crate::pattern::component::Component;
use crate::upkeep::manifests::dockerfile::{self, Copied};
use crate::upkeep::manifests::{BuildContext, clean, ignore_files};

/// A service's Dockerfile and its build context, by default the Dockerfile's directory.
struct CheckedImage {
    service: usize,
    dockerfile: String,
    context: String,
}

/// The files to read: each Dockerfile, and the candidates for its .dockerignore.
pub(super) fn wanted(map: &ServiceMap) -> BTreeSet<String> {
    let all = images(map).into_iter();
    all.flat_map(|image| image.ignores().into_iter().chain([image.dockerfile])).collect()
}

fn images(map: &ServiceMap) -> Vec<CheckedImage> {
    let image = |service: usize| {
        let keys = &map.services[service];
        // A path that leads out of the source is kept as it is; it does not exist.
        let cleaned = |path: &str| clean(path).unwrap_or_else(|| path.to_owned());
        let dockerfile = cleaned(keys.dockerfile.as_deref()?);
        let beside = dockerfile.rsplit_once('/').map_or("", |(directory, _)| directory);
        let context = cleaned(keys.context.as_deref().unwrap_or(beside));
        Some(CheckedImage { service, dockerfile, context })
    };
    (0..map.services.len()).filter_map(image).collect()
}

impl CheckedImage {
    /// Candidates for the .dockerignore; the first that exists applies.
    fn ignores(&self) -> [String; 2] {
        ignore_files(&self.dockerfile, &self.context)
    }

    fn in_dockerfile(&self, line: usize) -> FindingPlace {
        FindingPlace::File { path: self.dockerfile.clone(), line }
    }
}

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let images = images(facts.map);
    let (whole, gone): (Vec<&CheckedImage>, Vec<&CheckedImage>) =
        images.iter().partition(|image| missing(facts, image).is_none());
    // Some services of a `[discover]` may not have an image.
    let position = |image: &CheckedImage| facts.map.services[image.service].position;
    let elsewhere = |image: &&&CheckedImage| whole.iter().any(|other| position(other) == position(image));
    let gone = gone.iter().filter(|image| !elsewhere(image));
    let mut found: Vec<Finding> = gone.filter_map(|image| Some(told(facts, image, missing(facts, image)?))).collect();
    found.extend(across(facts, |view| whole.iter().flat_map(|image| one(facts, view, image)).collect()));
    found
}

/// What is missing, and how to say so.
fn missing<'i>(facts: &LintContext<'_>, image: &'i CheckedImage) -> Option<(&'i str, String)> {
    let name = facts.service(image.service);
    let shown = |path: &str| text::printable(path.as_bytes());
    if facts.file(image.dockerfile.as_bytes()).is_none() {
        let message = format!("the Dockerfile `{}` of `{name}` is not there", shown(&image.dockerfile));
        return Some((&image.dockerfile, message));
    }
    let message = || format!("the context `{}` of `{name}` has no file", shown(&image.context));
    facts.range(image.context.as_bytes()).is_empty().then(|| (image.context.as_str(), message()))
}

fn told(facts: &LintContext<'_>, image: &CheckedImage, (path, message): (&str, String)) -> Finding {
    let place = FindingPlace::Map(facts.map.services[image.service].position);
    let finding = Finding::new(Code::DockerfileMissing, place, message);
    let names: Vec<Component> = path.split('/').map(|name| Component::Literal(name.into())).collect();
    match Nearest::new(facts.names).advice(&names) {
        Some(advice) => finding.hint(advice),
        None => finding,
    }
}

/// One service in one environment.
struct DockerfileCheck<'f, 'a> {
    facts: &'f LintContext<'a>,
    view: &'f EnvironmentView,
    image: &'f CheckedImage,
    not_inputs: PatternSet,
    context: BuildContext,
    /// What earlier instructions have already reported.
    told: BTreeSet<usize>,
}

/// The files that the build of a service's image is sent, with the Dockerfile and its .dockerignore; `None` if the map names
/// no Dockerfile of it that is there.
pub(super) fn sent(facts: &LintContext<'_>, service: usize) -> Option<BTreeSet<BString>> {
    let image = images(facts.map).into_iter().find(|image| image.service == service)?;
    let text = facts.text(&image.dockerfile)?;
    let ignore = ignore(facts, &image);
    let context = BuildContext::new(&image.context, ignore.as_ref().map(|(_, text)| &**text));
    let copies = dockerfile::read(&text).copies;
    let taken =
        copies.iter().flat_map(|copied| context.copied(facts.names, copied).0).map(|file| facts.names[file].clone());
    let own = [Some(image.dockerfile.clone()), ignore.map(|(name, _)| name)];
    Some(taken.chain(own.into_iter().flatten().map(BString::from)).collect())
}

/// The names of the files that decide what a service's image holds: those that are there.
pub(super) fn deciding(facts: &LintContext<'_>, service: usize) -> Vec<String> {
    let image = images(facts.map).into_iter().find(|image| image.service == service);
    let names = image.into_iter().flat_map(|image| {
        let ignore = ignore(facts, &image).map(|(name, _)| name);
        [Some(image.dockerfile), ignore].into_iter().flatten()
    });
    names.filter(|name| facts.file(name.as_bytes()).is_some()).collect()
}

/// The .dockerignore that applies.
fn ignore<'a>(facts: &LintContext<'a>, image: &CheckedImage) -> Option<(String, Cow<'a, str>)> {
    image.ignores().into_iter().find_map(|name| facts.text(&name).map(|text| (name, text)))
}

fn one(facts: &LintContext<'_>, view: &EnvironmentView, image: &CheckedImage) -> Vec<Finding> {
    let not_inputs = facts.map.services[image.service].not_inputs_in(&view.environment);
    let ignore = ignore(facts, image);
    let mut check = DockerfileCheck {
        facts,
        view,
        image,
        not_inputs,
        context: BuildContext::new(&image.context, ignore.as_ref().map(|(_, text)| &**text)),
        told: BTreeSet::new(),
    };
    let own = [Some(&image.dockerfile), ignore.as_ref().map(|(name, _)| name)];
    let mut found: Vec<Finding> = own.into_iter().flatten().filter_map(|name| check.own(name)).collect();
    let Some(parsed) = facts.manifests.dockerfiles.get(&image.dockerfile) else { return found };
    for copied in &parsed.copies {
        found.extend(check.copied(copied));
    }
    found
}

impl DockerfileCheck<'_, '_> {
    fn service(&self) -> &str {
        self.facts.service(self.image.service)
    }

    /// The Dockerfile or the .dockerignore.
    fn own(&self, name: &str) -> Option<Finding> {
        let file = self.facts.file(name.as_bytes())?;
        if self.is_input(file) || self.not_inputs.covers(name.as_bytes()) {
            return None;
        }
        let shown = text::printable(name.as_bytes());
        let place = FindingPlace::Map(self.facts.map.services[self.image.service].position);
        let message = format!("`{shown}` decides what the image of `{}` holds, and is no input of it", self.service());
        let finding = Finding::new(Code::DockerfileNotInput, place, message).paths([name.into()]);
        if self.is_cut(file) {
            return Some(finding.hint("narrow the exclude, or list it in `not_inputs` on purpose"));
        }
        let include = self.facts.patterns_for(&[name.into()], |_| false);
        let finding = finding.fix(self.image.service, include);
        Some(finding.hint(format!("include `{shown}`, or list it in `not_inputs` on purpose")))
    }

    fn is_input(&self, file: usize) -> bool {
        self.view.kind(file).verdict.claim(self.image.service).is_some()
    }

    /// Whether an exclude cuts a file. What it cuts, no include brings back.
    fn is_cut(&self, file: usize) -> bool {
        !self.view.cutting(&self.view.kind(file).hits, self.image.service).is_empty()
    }

    /// Checks what an instruction takes: files that are not inputs, and sources that match nothing.
    fn copied(&mut self, copied: &Copied) -> Vec<Finding> {
        let (files, used) = self.context.copied(self.facts.names, copied);
        let (mut lacking, mut addable, mut cut) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            let name = &self.facts.names[file];
            if !self.is_input(file) && !self.not_inputs.covers(name) && self.told.insert(file) {
                match self.on_purpose(file) {
                    Some(true) => cut.push(name.clone()),
                    Some(false) => {
                        lacking.push(name.clone());
                        addable.extend((!self.is_cut(file)).then(|| name.clone()));
                    }
                    None => {}
                }
            }
        }
        lacking.sort_unstable();
        addable.sort_unstable();
        let place = || self.image.in_dockerfile(copied.line);
        let mut found = Vec::new();
        let verb = if copied.keyword == "RUN" { "mounts" } else { "copies" };
        if !lacking.is_empty() {
            let message = format!(
                "the Dockerfile of `{}` {verb} {} no input of it",
                self.service(),
                match lacking.len() {
                    1 => "1 file that is".to_owned(),
                    more => format!("{more} files that are"),
                }
            );
            let notes = directories::lines(self.facts.names, &lacking);
            let include = self.facts.patterns_for(&addable, |file| self.is_input(file));
            let finding = Finding::new(Code::CopiedNotInput, place(), message).notes(notes).paths(lacking);
            found.push(finding.fix(self.image.service, include));
        }
        if !cut.is_empty() {
            let message = format!(
                "the Dockerfile of `{}` {verb} {}, which `[defaults]` excludes",
                self.service(),
                text::count(cut.len(), "file")
            );
            let notes = directories::lines(self.facts.names, &cut);
            found.push(Finding::new(Code::CopiedExcluded, place(), message).notes(notes).paths(cut));
        }
        let idle = copied.sources.iter().zip(used).filter(|(_, used)| !used);
        found.extend(idle.map(|(source, _)| self.nothing(source, place())));
        found
    }

    /// Whether `[defaults]` excludes a file that is not an input; `None` for the map itself, which cannot be included.
    fn on_purpose(&self, file: usize) -> Option<bool> {
        let kind = self.view.kind(file);
        let by_default = |rule: &usize| self.view.rules.patterns()[*rule].role == Role::DefaultExclude;
        match kind.hits.iter().any(by_default) {
            true => Some(true),
            false if kind.hits.is_empty() && kind.verdict.owned => None,
            false => Some(false),
        }
    }

    fn nothing(&self, source: &str, place: FindingPlace) -> Finding {
        let context = match self.image.context.as_str() {
            "" => "the root".to_owned(),
            context => format!("`{}/`", text::printable(context.as_bytes())),
        };
        let source = text::printable(source.as_bytes());
        let message = format!("`{source}` is no file of the context of `{}`, which is {context}", self.service());
        let hint = "correct `context` in the map; if a build makes it, what it is made of must be inputs";
        Finding::new(Code::CopiesNothing, place, message).hint(hint)
    }
}

/// The Dockerfiles of the map, each once.
pub(super) fn all(facts: &LintContext<'_>) -> BTreeSet<String> {
    named(facts.map).into_iter().collect()
}

/// The Dockerfiles that a map names, each once, sorted.
pub fn named(map: &ServiceMap) -> Vec<String> {
    let all: BTreeSet<String> = images(map).into_iter().map(|image| image.dockerfile).collect();
    all.into_iter().collect()
}
