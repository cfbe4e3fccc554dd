//! The environments of a map: names, or patterns such as `pr-*`, and the settings of each.

use std::collections::BTreeSet;
use std::time::Duration;

use super::problem::Table;
use super::problem::collect::{Report, Text, shown};
use super::raw::{RawEnvironments, RawService};
use super::{Service, ServiceMap};
use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::text;
use crate::pattern::Pattern;
use crate::pattern::shape::OutputShape;

/// The environments that a map allows.
#[derive(Debug, Clone)]
pub struct Environments(Vec<DeclaredEnvironment>);

/// An environment, or a pattern for several, that a map declares, with its settings.
#[derive(Debug, Clone)]
pub struct DeclaredEnvironment {
    name: Declared,
    /// The pipelines whose deploys count as our own here: names, or ARNs for other accounts and regions.
    pub pipelines: Vec<String>,
    /// The environment whose deploy of the same inputs is deployed here without building.
    pub reuse_from: Option<EnvironmentName>,
    /// The address of its store, if it is not the map's; not yet parsed.
    pub state: Option<String>,
    /// Whether nothing is skipped there.
    pub shadow: Option<bool>,
    /// A deploy older than this builds anyway.
    pub max_skip_age: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Declared {
    Name(EnvironmentName),
    /// `*` matches anything, including `/`.
    Pattern(OutputShape),
}

impl DeclaredEnvironment {
    /// The name or pattern as typed.
    pub fn text(&self) -> &str {
        match &self.name {
            Declared::Name(name) => name.as_str(),
            Declared::Pattern(pattern) => pattern.text(),
        }
    }

    fn covers(&self, environment: &EnvironmentName) -> bool {
        match &self.name {
            Declared::Name(name) => name == environment,
            Declared::Pattern(pattern) => pattern.fits(environment.as_str()),
        }
    }

    /// Whether it has any settings.
    pub fn has_keys(&self) -> bool {
        let Self { name: _, pipelines, reuse_from, state, shadow, max_skip_age } = self;
        let own = !pipelines.is_empty() || reuse_from.is_some() || state.is_some();
        own || shadow.is_some() || max_skip_age.is_some()
    }
}

impl Environments {
    /// All declared environments, in the order of the map.
    pub fn declared(&self) -> &[DeclaredEnvironment] {
        &self.0
    }

    /// Those declared by name: which environments a pattern stands for is not known.
    pub fn names(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.0.iter().filter_map(|declared| match &declared.name {
            Declared::Name(name) => Some(name),
            Declared::Pattern(_) => None,
        })
    }

    /// The declarations of an environment: its name if declared, otherwise all patterns that cover it.
    fn covering(&self, environment: &EnvironmentName) -> Vec<&DeclaredEnvironment> {
        let named =
            |declared: &&DeclaredEnvironment| matches!(&declared.name, Declared::Name(name) if name == environment);
        match self.0.iter().find(named) {
            Some(declared) => vec![declared],
            None => self.0.iter().filter(|declared| declared.covers(environment)).collect(),
        }
    }

    /// The way from a declaration back to itself by `reuse_from`, if there is one.
    fn reuse_cycle(&self, first: &DeclaredEnvironment) -> Option<String> {
        let mut way = vec![first.text()];
        let mut from = first.reuse_from.as_ref()?;
        // Longer ways than there are declarations go in a circle further on, which is reported there.
        while way.len() <= self.0.len() {
            way.push(from.as_str());
            if first.covers(from) {
                return Some(way.join(" -> "));
            }
            from = self.covering(from).first()?.reuse_from.as_ref()?;
        }
        None
    }

    /// Whether the map allows an environment.
    pub fn allows(&self, environment: &EnvironmentName) -> bool {
        self.0.iter().any(|declared| declared.covers(environment))
    }

    /// Two patterns that cover an environment with different settings, so that neither can be used.
    pub fn ambiguity(&self, environment: &EnvironmentName) -> Option<(&str, &str)> {
        let covering = self.covering(environment);
        let with_keys = covering.iter().find(|declared| declared.has_keys())?;
        let other = covering.iter().find(|other| other.text() != with_keys.text())?;
        let (one, other) = (with_keys.text(), other.text());
        Some(if one < other { (one, other) } else { (other, one) })
    }
}

impl ServiceMap {
    /// The declaration of an environment, if there is one.
    pub fn environment(&self, environment: &EnvironmentName) -> Option<&DeclaredEnvironment> {
        self.environments.as_ref()?.covering(environment).first().copied()
    }

    /// The pipelines that deploy the same services to an environment; empty if there is only one.
    pub fn pipelines(&self, environment: &EnvironmentName) -> &[String] {
        self.environment(environment).map_or(&[], |declared| &declared.pipelines)
    }

    /// The environment whose deploy of the same inputs is deployed to this one without building.
    pub fn reuse_from(&self, environment: &EnvironmentName) -> Option<&EnvironmentName> {
        self.environment(environment)?.reuse_from.as_ref()
    }

    /// The address of an environment's store: its own, else the map's.
    pub fn state_url(&self, environment: Option<&EnvironmentName>) -> Option<&str> {
        let own = environment.and_then(|environment| self.environment(environment)?.state.as_deref());
        own.or(self.state_url.as_deref())
    }

    /// Whether a service never skips in an environment: its own value, else the environment's.
    pub fn shadow(&self, service: &Service, environment: &EnvironmentName) -> bool {
        let declared = || self.environment(environment)?.shadow;
        service.shadow.or_else(declared).unwrap_or(false)
    }

    /// A deploy older than this builds anyway: the service's own value, else the environment's, else the default.
    pub fn max_skip_age(&self, service: &Service, environment: &EnvironmentName) -> Option<Duration> {
        let declared = || self.environment(environment)?.max_skip_age;
        service.max_skip_age.or_else(declared).or(self.defaults.max_skip_age)
    }

    /// Whether a service exists in an environment.
    pub fn exists(&self, service: usize, environment: &EnvironmentName) -> bool {
        self.services[service].environments.as_ref().is_none_or(|listed| {
            let declared = self.environments.iter().flat_map(|all| all.declared());
            let mut covering = declared.filter(|declared| declared.covers(environment));
            covering.any(|declared| listed.iter().any(|name| name == declared.text()))
        })
    }

    /// For each service, whether a pattern of its inputs contains `${environment}`, those of groups and dependencies
    /// included.
    pub fn know_environment(&self) -> Vec<bool> {
        let mut know = Vec::with_capacity(self.services.len());
        for service in &self.services {
            let shared = service.groups.iter().filter_map(|group| self.groups.get(group)).flatten();
            let patterns = service.include.iter().chain(&service.exclude).chain(shared).chain(&self.defaults.exclude);
            // Services are in dependency order, so the dependencies are there already.
            let inherits = service.depends_on.iter().any(|dependency| know[*dependency]);
            know.push(inherits || patterns.into_iter().any(Pattern::knows_environment));
        }
        know
    }

    /// The services that exist in an environment.
    pub fn services_of(&self, environment: &EnvironmentName) -> BTreeSet<ServiceName> {
        let there = self.services.iter().enumerate().filter(|(at, _)| self.exists(*at, environment));
        there.map(|(_, service)| service.name.clone()).collect()
    }

    /// How long a build of a service may live.
    pub fn build_timeout(&self, service: &Service) -> Duration {
        service.build_timeout.unwrap_or(self.defaults.build_timeout)
    }
}

/// Checks that services exist only in environments that the map declares: a typo would make one exist nowhere.
pub(super) fn check_services(services: &[RawService], declared: Option<&Environments>, report: &mut Report<'_>) {
    let known: Vec<&str> =
        declared.iter().flat_map(|declared| declared.declared()).map(DeclaredEnvironment::text).collect();
    for service in services {
        let table = Table::Service(service.name.text.clone());
        report.within([table], |report| check_service(service, &known, report));
    }
}

fn check_service(service: &RawService, known: &[&str], report: &mut Report<'_>) {
    let listed = &service.keys.environments;
    report.duplicates(&listed.items, "environment");
    if !listed.absent() && listed.items.is_empty() {
        let message = format!("the service `{}` exists in no environment", shown(&service.name.text));
        report.add("empty-list", &service.name.span, message, "name its environments, or leave the key out");
    }
    for name in listed.items.iter().filter(|name| !known.contains(&name.text.as_str())) {
        let message = format!("the map declares no environment `{}`", shown(&name.text));
        let hint = match text::did_you_mean(&name.text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "list it in `environments` at the top of the map".to_owned(),
            None => format!("it has {}", text::list(known)),
        };
        report.add("unknown-environment", &name.span, message, hint);
    }
}

/// Checks what is declared.
pub(super) fn check(raw: &RawEnvironments, report: &mut Report<'_>) -> Environments {
    if raw.empty {
        let message = "`environments` is empty: no environment would be allowed".to_owned();
        report.add("empty-list", &raw.span, message, "name the environments, or leave the key out to allow any");
    }
    let names: Vec<Text> = raw.declared.iter().map(|raw| raw.name.clone()).collect();
    report.duplicates(&names, "environment");
    let mut declared = Vec::new();
    for raw in &raw.declared {
        report.duplicates(&raw.pipelines.items, "pipeline");
        let pipelines = raw.pipelines.items.iter().map(|text| pipeline(text, report)).collect();
        let max_skip_age = report.duration(raw.max_skip_age.as_ref());
        let reuse_from = raw.reuse_from.as_ref().and_then(|text| report.name(text, EnvironmentName::new));
        let state = raw.state.as_ref().map(|state| report.filled(state, "the store of the environment"));
        let shadow = raw.shadow;
        let settings = |name| DeclaredEnvironment { name, pipelines, reuse_from, state, shadow, max_skip_age };
        declared.extend(name(&raw.name, report).map(settings));
    }
    let environments = Environments(declared);
    check_reuse(raw, &environments, report);
    environments
}

/// Checks that whatever is reused is built somewhere: not here, and not from here by way of others.
fn check_reuse(raw: &RawEnvironments, environments: &Environments, report: &mut Report<'_>) {
    for declared in environments.declared() {
        let Some(from) = &declared.reuse_from else { continue };
        let mut texts = raw.declared.iter().filter(|raw| raw.name.text == declared.text());
        let Some(text) = texts.find_map(|raw| raw.reuse_from.as_ref()) else { continue };
        if !environments.allows(from) {
            let known = environments.declared().iter().map(DeclaredEnvironment::text);
            let hint = match text::did_you_mean(from.as_str(), known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", text::list(&known.collect::<Vec<_>>())),
            };
            report.add("unknown-environment", &text.span, format!("the map declares no environment `{from}`"), hint);
        } else if declared.covers(from) {
            let message = format!("`{}` cannot reuse what is deployed to `{from}`, which is itself", declared.text());
            report.add("reuse-cycle", &text.span, message, "name the environment that is deployed first");
        } else if let Some(cycle) = environments.reuse_cycle(declared) {
            let message = format!("each of these reuses what the next one has deployed: {cycle}");
            report.add("reuse-cycle", &text.span, message, "leave `reuse_from` out where the services are built");
        }
    }
}

fn name(text: &Text, report: &mut Report<'_>) -> Option<Declared> {
    let name = report.name(text, EnvironmentName::new)?;
    if !name.as_str().contains(['*', '?', '[', '{']) {
        return Some(Declared::Name(name));
    }
    match OutputShape::parse(name.as_str()) {
        Ok(pattern) => Some(Declared::Pattern(pattern)),
        Err(flaw) => {
            let message = format!("the pattern `{}` {}", shown(&text.text), flaw.message);
            report.add("bad-pattern", &text.span, message, flaw.hint);
            None
        }
    }
}

/// A pipeline, given by name or ARN.
fn pipeline(text: &Text, report: &mut Report<'_>) -> String {
    let parts: Vec<&str> = text.text.splitn(6, ':').collect();
    let filled = parts.iter().all(|part| !part.is_empty());
    let good = match parts[..] {
        ["arn", _, "codepipeline", _, _, name] => filled && !name.contains(['/', ':']),
        ["arn", _, "codebuild", _, _, name] => {
            filled && name.strip_prefix("project/").is_some_and(|name| !name.is_empty() && !name.contains(['/', ':']))
        }
        ["arn", ..] => false,
        _ => true,
    };
    if !good {
        let message = format!("`{}` is not the ARN of a pipeline or a project", shown(&text.text));
        let hint =
            "write `arn:aws:codepipeline:REGION:ACCOUNT:NAME` or `arn:aws:codebuild:REGION:ACCOUNT:project/NAME`";
        report.add("bad-value", &text.span, message, hint);
    } else if text.text.chars().any(char::is_control) {
        let message = format!("`{}` has a control character", shown(&text.text));
        report.add("bad-value", &text.span, message, "write the name of a pipeline, or its ARN");
    }
    report.filled(text, "a pipeline's name")
}

#[cfg(test)]
mod tests;
