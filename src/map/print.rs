//! The whole map as one TOML text, with everything that it includes and discovers written out.

use std::time::Duration;

use super::{DeclaredEnvironment, Environments, NotInput, Pattern, Service, ServiceMap, Unowned};
use crate::base::text;
use crate::map::toml_text::{key, list, quote};

/// Units of time, in seconds.
const UNITS: [(u64, char); 4] = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];

impl ServiceMap {
    /// The map as one text that is read as the same services. Comments say where each comes from.
    pub fn to_toml(&self) -> String {
        let file = text::printable(self.file.as_bytes());
        let mut out = format!("# {file}, with all that it includes and discovers\n");
        let mut line = |text: String| out.push_str(&(text + "\n"));
        line(format!("project = {}", quote(self.project.as_str())));
        let environments = self.environments.as_ref().map_or(&[][..], Environments::declared);
        let tables = environments.iter().any(DeclaredEnvironment::has_keys);
        if !environments.is_empty() && !tables {
            line(list("environments", environments.iter().map(DeclaredEnvironment::text)));
        }
        if let Some(url) = &self.state_url {
            line(format!("\n[state]\nurl = {}", quote(url)));
        }
        environments.iter().filter(|_| tables).for_each(|declared| line(environment_text(declared)));
        line(self.defaults_text());
        if !self.groups.is_empty() {
            line("\n[groups]".to_owned());
        }
        for (name, patterns) in &self.groups {
            if let Some(first) = patterns.first() {
                line(format!("# {}", self.line(first.position)));
            }
            line(list(name, texts(patterns)));
        }
        self.services.iter().for_each(|service| line(self.service_text(service)));
        for expect in &self.expects {
            let builds = expect.builds.iter().map(|service| self.services[*service].name.as_str());
            line(format!("\n# {}\n[[expect]]", self.line(expect.position)));
            line(list("changed", expect.changed.iter().map(String::as_str)));
            line(list("builds", builds));
        }
        if !self.lints.is_empty() {
            line("\n[lints]".to_owned());
        }
        for (code, level) in &self.lints {
            line(format!("{} = {}", code.word(), quote(level.word())));
        }
        out
    }

    fn defaults_text(&self) -> String {
        let defaults = &self.defaults;
        let unowned = match defaults.unowned {
            Unowned::Ignore => "ignore",
            Unowned::Warn => "warn",
            Unowned::BuildAll => "build-all",
        };
        let mut lines = vec!["\n[defaults]".to_owned()];
        if !defaults.exclude.is_empty() {
            lines.push(list("exclude", texts(&defaults.exclude)));
        }
        lines.push(format!("unowned = {}", quote(unowned)));
        lines.extend(defaults.max_skip_age.map(|age| format!("max_skip_age = {}", quote(&time(age)))));
        lines.push(format!("build_timeout = {}", quote(&time(defaults.build_timeout))));
        lines.push(format!("deploy_timeout = {}", quote(&time(defaults.deploy_timeout))));
        lines.join("\n")
    }

    fn service_text(&self, service: &Service) -> String {
        let place = self.line(service.position);
        let origin = match &service.discovered {
            None => place,
            Some(found) if found.position == service.position => format!("{}, by {place}", found.directory),
            Some(found) => format!("{}, by {}; and {place}", found.directory, self.line(found.position)),
        };
        let mut lines = vec![format!("\n# {}", text::printable(origin.as_bytes()))];
        lines.push(format!("[services.{}]", key(service.name.as_str())));
        let names = |services: &[usize]| -> Vec<&str> {
            services.iter().map(|other| self.services[*other].name.as_str()).collect()
        };
        let lists: [(&str, Vec<&str>); 7] = [
            ("include", texts(&service.include).collect()),
            ("exclude", texts(&service.exclude).collect()),
            ("groups", service.groups.iter().map(String::as_str).collect()),
            ("depends_on", names(&service.depends_on)),
            ("redeploys", names(&service.redeploys)),
            ("environments", service.environments.iter().flatten().map(String::as_str).collect()),
            ("env", service.env.keys().map(String::as_str).collect()),
        ];
        lines.extend(lists.into_iter().filter(|(_, items)| !items.is_empty()).map(|(key, items)| list(key, items)));
        if !service.not_inputs.is_empty() {
            lines.push(not_inputs(&service.not_inputs));
        }
        if !service.outputs.is_empty() {
            let shapes = service.outputs.iter().map(|(name, shape)| format!("{name} = {}", quote(shape.text())));
            lines.push(format!("outputs = {{ {} }}", shapes.collect::<Vec<_>>().join(", ")));
        }
        let paths = [("dockerfile", &service.dockerfile), ("context", &service.context)];
        lines.extend(paths.into_iter().filter_map(|(key, text)| Some(format!("{key} = {}", quote(text.as_ref()?)))));
        let times = [("build_timeout", service.build_timeout), ("max_skip_age", service.max_skip_age)];
        lines.extend(times.into_iter().filter_map(|(key, age)| Some(format!("{key} = {}", quote(&time(age?))))));
        lines.extend(service.shadow.map(|shadow| format!("shadow = {shadow}")));
        lines.join("\n")
    }
}

/// A table where there are reasons, else a list.
fn not_inputs(all: &[NotInput]) -> String {
    let pattern = |one: &NotInput| one.pattern.text.as_str().to_owned();
    if all.iter().all(|one| one.reason.is_none()) {
        return list("not_inputs", all.iter().map(pattern));
    }
    let pair = |one: &NotInput| Some(format!("{} = {}", key(&pattern(one)), quote(one.reason.as_ref()?)));
    format!("not_inputs = {{ {} }}", all.iter().filter_map(pair).collect::<Vec<_>>().join(", "))
}

fn environment_text(declared: &DeclaredEnvironment) -> String {
    let mut lines = vec![format!("\n[environments.{}]", key(declared.text()))];
    if !declared.pipelines.is_empty() {
        lines.push(list("pipelines", declared.pipelines.iter().map(String::as_str)));
    }
    lines.extend(declared.reuse_from.as_ref().map(|from| format!("reuse_from = {}", quote(from.as_str()))));
    lines.extend(declared.state.as_ref().map(|state| format!("state = {}", quote(state))));
    lines.extend(declared.shadow.map(|shadow| format!("shadow = {shadow}")));
    lines.extend(declared.max_skip_age.map(|age| format!("max_skip_age = {}", quote(&time(age)))));
    lines.join("\n")
}

fn texts(patterns: &[Pattern]) -> impl Iterator<Item = &str> {
    patterns.iter().map(|pattern| pattern.text.as_str())
}

/// A duration in its largest whole unit.
fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    let whole = UNITS.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, letter) = whole.copied().unwrap_or((1, 's'));
    format!("{}{letter}", seconds / unit)
}
