//! What observed builds read, compared with the inputs of their services.

use bstr::{BStr, BString, ByteSlice as _};
use jiff::SignedDuration;

use super::context::{EnvironmentView, LintContext, ObservedFacts};
use super::finding::{Finding, FindingPlace};
use super::{directories, dockerfiles};
use crate::base::clock::age;
use crate::base::text::{count, list, printable};
use crate::map::lint_codes::Code;
use crate::map::toml_text;
use crate::source::tree::listing::below;
use crate::upkeep::observe::saved::ObservedService;
use crate::upkeep::observe::{Coverage, Covered, Observation};

/// How long an observation may stand for the builds of today.
const OLD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How many files are named with the programs that read them.
const NAMED: usize = 10;

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    facts.observed.iter().flat_map(|observed| one(facts, observed)).collect()
}

fn one(facts: &LintContext<'_>, observed: &ObservedFacts) -> Vec<Finding> {
    let (name, file) = (facts.service(observed.service), printable(observed.file.as_bytes()));
    let saved = match &observed.saved {
        Ok(saved) => saved,
        Err(cause) => {
            let message = format!("the observation of `{name}`, `{file}`, cannot be used: {cause}");
            let finding = Finding::new(Code::ObservationIncomplete, place(facts, observed), message);
            return vec![finding.hint("remove it, and observe the build again")];
        }
    };
    let views = views(facts, saved);
    let coverages = views.iter().map(|view| Coverage::new(facts.map, observed.service, &view.environment, &view.rules));
    let coverages: Vec<Coverage<'_>> = coverages.collect();
    let check = ObservedCheck { facts, observed, saved, coverages };
    [check.not_covered(), check.appeared(), check.old(), check.incomplete()].into_iter().flatten().collect()
}

/// The rules of the environments that were built, of all if they are no longer in the map.
fn views<'f>(facts: &'f LintContext<'_>, saved: &ObservedService) -> Vec<&'f EnvironmentView> {
    let built = saved.environments();
    let views: Vec<_> = facts.views.iter().filter(|view| built.contains(&view.environment)).collect();
    if views.is_empty() { facts.views.iter().collect() } else { views }
}

fn place(facts: &LintContext<'_>, observed: &ObservedFacts) -> FindingPlace {
    FindingPlace::Map(facts.map.services[observed.service].position)
}

/// One observation.
struct ObservedCheck<'f, 'a> {
    facts: &'f LintContext<'a>,
    observed: &'f ObservedFacts,
    saved: &'f ObservedService,
    /// There is at least one.
    coverages: Vec<Coverage<'f>>,
}

impl ObservedCheck<'_, '_> {
    fn name(&self) -> &str {
        self.facts.service(self.observed.service)
    }

    fn finding(&self, code: Code, message: String) -> Finding {
        Finding::new(code, place(self.facts, self.observed), message)
    }

    /// Whether the source still has a file. Of a submodule only the directory may be listed.
    fn is_there(&self, path: &[u8]) -> bool {
        let above = path.find_iter("/").map(|end| &path[..end]);
        self.facts.file(path).is_some() || above.into_iter().any(|above| self.facts.file(above).is_some())
    }

    /// What a file is in the environment that is kindest to it: a file of one environment is not an input in others.
    fn covered(&self, path: &[u8]) -> Covered {
        let all = self.coverages.iter().map(|coverage| coverage.of(path));
        all.min_by_key(|covered| match covered {
            Covered::Yes => 0,
            Covered::Cut { .. } => 1,
            Covered::No => 2,
        })
        .unwrap_or(Covered::No)
    }

    fn not_covered(&self) -> Option<Finding> {
        let lacking = self.saved.read.iter().filter(|(path, _)| self.is_there(path));
        let lacking = lacking.map(|(path, program)| (path, program, self.covered(path)));
        let lacking: Vec<_> = lacking.filter(|(_, _, covered)| *covered != Covered::Yes).collect();
        if lacking.is_empty() {
            return None;
        }
        let paths: Vec<BString> = lacking.iter().map(|(path, ..)| (*path).clone()).collect();
        let notes = if lacking.len() > NAMED {
            directories::lines(self.facts.names, &paths)
        } else {
            let note = |(path, program, covered): &(&BString, &String, Covered)| {
                let cut = match covered {
                    Covered::Cut { rule, at } => format!(", cut by `{}` ({at})", printable(rule.as_bytes())),
                    Covered::Yes | Covered::No => String::new(),
                };
                format!("{} (read by {}{cut})", printable(path), printable(program.as_bytes()))
            };
            lacking.iter().map(note).collect()
        };
        let are = if paths.len() == 1 { "file that is not an input" } else { "files that are not inputs" };
        let message = format!("observed builds of `{}` read {} {are} of it", self.name(), paths.len());
        let finding = self.finding(Code::ObservedNotCovered, message).notes(notes);
        let finding = match self.suggestion(&lacking) {
            Some(hint) => finding.hint(hint),
            None => finding.hint("narrow the exclude, or list the files in `not_inputs` on purpose"),
        };
        // What an exclude cuts, no include brings back.
        let missed = lacking.iter().filter(|(_, _, covered)| *covered == Covered::No);
        let missed: Vec<BString> = missed.map(|(path, ..)| (*path).clone()).collect();
        let is_covered = |file: usize| self.covered(&self.facts.names[file]) == Covered::Yes;
        let include = self.facts.patterns_for(&missed, is_covered);
        Some(finding.paths(paths).fix(self.observed.service, include))
    }

    /// Lines for the map, if an exclude is not what is in the way.
    fn suggestion(&self, lacking: &[(&BString, &String, Covered)]) -> Option<String> {
        let there = self.saved.read.iter().filter(|(path, _)| self.is_there(path));
        let read = there.map(|(path, program)| (path.clone(), program.clone())).collect();
        let seen = Observation { read, ..Observation::default() };
        let suggestion = self.coverages.first()?.gaps(&seen, self.facts.names, None).suggestion;
        lacking.iter().any(|(_, _, covered)| *covered == Covered::No).then_some(())?;
        let keys =
            [("include", suggestion.include), ("groups", suggestion.groups), ("depends_on", suggestion.depends_on)];
        let keys = keys.iter().filter(|(_, items)| !items.is_empty());
        let lines: Vec<String> = keys.map(|(key, items)| format!("`{}`", toml_text::list(key, items))).collect();
        (!lines.is_empty()).then(|| format!("add {}, or list them in `not_inputs` on purpose", list(&lines)))
    }

    fn appeared(&self) -> Option<Finding> {
        let mut files = Vec::new();
        for path in &self.saved.missing {
            let range = below(self.facts.names, path);
            let there = self.facts.file(path).into_iter().chain(range).map(|file| &self.facts.names[file]);
            files.extend(there.filter(|file| self.covered(file) == Covered::No).cloned());
        }
        if files.is_empty() {
            return None;
        }
        files.sort_unstable();
        files.dedup();
        let are = if files.len() == 1 { "exists now, and is not an input" } else { "exist now, and are not inputs" };
        let message = format!(
            "{} that observed builds of `{}` looked for and did not find {are} of it",
            count(files.len(), "file"),
            self.name()
        );
        let notes = directories::lines(self.facts.names, &files);
        Some(self.finding(Code::ObservedAppeared, message).notes(notes).paths(files))
    }

    fn old(&self) -> Option<Finding> {
        let build = self.saved.builds.last()?;
        let mut notes = Vec::new();
        let now = self.observed.now;
        if now.duration_since(build.at) > OLD {
            notes.push(format!("the last observed build was {}", age(now, build.at)));
        }
        for (name, id) in &build.made_by {
            let shown = printable(name.as_bytes());
            match self.observed.made_by.get(name) {
                Some(now) if now == id => {}
                Some(_) => notes.push(format!("`{shown}` has changed since")),
                None => notes.push(format!("`{shown}` is gone")),
            }
        }
        let names = dockerfiles::deciding(self.facts, self.observed.service);
        for name in names.iter().filter(|name| !build.made_by.contains_key(*name)) {
            notes.push(format!("`{}` is new", printable(name.as_bytes())));
        }
        (!notes.is_empty()).then(|| {
            let message = format!("the observation of `{}` is out of date", self.name());
            self.finding(Code::ObservationOld, message).notes(notes).hint(self.again())
        })
    }

    fn incomplete(&self) -> Option<Finding> {
        if self.saved.builds.iter().any(|build| build.is_complete()) {
            return None;
        }
        let notes = match self.saved.builds.last() {
            None => vec!["it has no builds".to_owned()],
            Some(build) => {
                let status = (build.exit != 0).then(|| format!("the last build ended with status {}", build.exit));
                let doubts = build.doubts.iter().map(|doubt| printable(doubt.as_bytes()));
                status.into_iter().chain(doubts).collect()
            }
        };
        let message = format!("the observation of `{}` is incomplete", self.name());
        Some(self.finding(Code::ObservationIncomplete, message).notes(notes))
    }

    /// The command that observes it again.
    fn again(&self) -> String {
        let build = self.saved.builds.last();
        let words = build.into_iter().flat_map(|build| &build.command);
        let words: Vec<String> = words.map(|word| crate::base::text::shell_word(word)).collect();
        let environment = build.map_or_else(String::new, |build| format!(" --environment {}", build.environment));
        let words = printable(BStr::new(&words.join(" ")));
        format!("observe it again: `shipmark observe {}{environment} -- {words}`", self.name())
    }
}
