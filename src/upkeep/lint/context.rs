//! What lints work on: the map, the names of all files, what the rules say about them, and the contents of some.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use bstr::BString;
use jiff::Timestamp;

use super::finding::Finding;
use crate::base::names::EnvironmentName;
use crate::base::text;
use crate::map::ServiceMap;
use crate::map::rules::{PathCursor, Role, RuleInfo, RulePosition, Rules, SelectedBy, Verdict, Via};
use crate::pattern::Position;
use crate::source::tree::listing::below;
use crate::upkeep::manifests::{Files, Manifests, cover};
use crate::upkeep::observe::saved::ObservedService;

/// The contents of files that lints read: bytes, `None` if it is not a plain file, or why reading failed.
pub type Contents = BTreeMap<String, Result<Option<Vec<u8>>, String>>;

/// All facts.
#[derive(Debug)]
pub struct LintContext<'a> {
    /// The map.
    pub map: &'a ServiceMap,
    /// All files of the source, including submodules, sorted bytewise.
    pub names: &'a [BString],
    /// The files of [`super::wanted`].
    pub contents: &'a Contents,
    /// What the manifests and Dockerfiles of the source say, those that the map names included.
    pub manifests: &'a Manifests,
    /// What the rules say, one view per environment. There is at least one.
    pub views: Vec<EnvironmentView>,
    /// The services that have observations.
    pub observed: Vec<ObservedFacts>,
}

/// The saved observation of a service.
#[derive(Debug)]
pub struct ObservedFacts {
    /// The service.
    pub service: usize,
    /// Its file.
    pub file: String,
    /// What it says, or why it cannot be read.
    pub saved: Result<ObservedService, String>,
    /// Git's ids of the files that the last build was made by, as they are now; without those that are gone.
    pub made_by: BTreeMap<String, String>,
    /// The current time.
    pub now: Timestamp,
}

/// The directory that all of these sorted paths are in; empty for the root.
fn common(paths: &[BString]) -> &str {
    let (Some(first), Some(last)) = (paths.first(), paths.last()) else { return "" };
    let same = first.iter().zip(last.iter()).take_while(|(one, other)| one == other).count();
    let end = first[..same].iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    std::str::from_utf8(&first[..end]).unwrap_or_default()
}

/// What the rules say in one environment.
#[derive(Debug)]
pub struct EnvironmentView {
    /// The environment.
    pub environment: EnvironmentName,
    /// The rules of all services.
    pub rules: Rules,
    /// All files, grouped by the patterns that match them.
    pub kinds: Vec<ContentsKind>,
    /// The files that are inputs through links, sorted bytewise; empty until [`LintContext::add_linked`].
    pub linked: Vec<(BString, Arc<Verdict>)>,
    /// The services of which an input could not be read when links were followed.
    pub in_doubt: BTreeSet<usize>,
    /// The kind of each file.
    of_file: Vec<usize>,
    /// The kinds that each pattern matches.
    by_rule: Vec<Vec<usize>>,
}

/// Files that are matched by the same patterns.
#[derive(Debug)]
pub struct ContentsKind {
    /// The patterns, as indices into [`Rules::patterns`], sorted.
    pub hits: Vec<usize>,
    /// The verdict on these files.
    pub verdict: Arc<Verdict>,
    /// The files, as indices into [`LintContext::names`], sorted.
    pub files: Vec<usize>,
}

impl<'a> LintContext<'a> {
    /// Evaluates the rules for all files. `submodules` are paths of which only the commit is known.
    pub fn new(
        map: &'a ServiceMap,
        environments: &[EnvironmentName],
        names: &'a [BString],
        contents: &'a Contents,
        manifests: &'a Manifests,
        submodules: &BTreeSet<BString>,
    ) -> Self {
        let view = |environment: &EnvironmentName| EnvironmentView::new(map, environment, names, submodules);
        let views = environments.iter().map(view).collect();
        Self { map, names, contents, manifests, views, observed: Vec::new() }
    }

    /// Adds what links lead to. `read` gives the files that are inputs through links, with these rules, sorted bytewise,
    /// and the services of which an input cannot be read.
    pub fn add_linked(&mut self, read: impl Fn(&Rules) -> (Vec<(BString, Arc<Verdict>)>, BTreeSet<usize>)) {
        for view in &mut self.views {
            (view.linked, view.in_doubt) = read(&view.rules);
        }
    }

    /// All patterns of the map, in an order that is the same in all environments.
    pub fn patterns(&self) -> &[RuleInfo] {
        self.views.first().map_or(&[], |view| view.rules.patterns())
    }

    /// The findings for all patterns of the map. A pattern that applies to several services, as in `[discover]`, is
    /// reported once, and only if the finding holds for all of them.
    pub fn of_patterns(&self, find: impl Fn(usize, &RuleInfo) -> Option<Finding>) -> Vec<Finding> {
        let mut found: BTreeMap<Position, Option<Finding>> = BTreeMap::new();
        for (rule, info) in self.patterns().iter().enumerate() {
            match found.entry(info.position) {
                Entry::Vacant(first) => drop(first.insert(find(rule, info))),
                Entry::Occupied(mut first) if first.get().is_some() && find(rule, info).is_none() => {
                    first.insert(None);
                }
                Entry::Occupied(_) => {}
            }
        }
        found.into_values().flatten().collect()
    }

    /// The files below a directory, sorted; `""` is the root.
    pub fn below(&self, directory: &[u8]) -> &'a [BString] {
        &self.names[self.range(directory)]
    }

    /// The index of a file in [`LintContext::names`], if it exists.
    pub fn file(&self, name: &[u8]) -> Option<usize> {
        self.names.binary_search_by(|other| other[..].cmp(name)).ok()
    }

    /// The range in [`LintContext::names`] of the files below a directory; `""` is the root.
    pub fn range(&self, directory: &[u8]) -> Range<usize> {
        below(self.names, directory)
    }

    /// The text of a file, if it was read.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let bytes = self.contents.get(name)?.as_ref().ok()?.as_ref()?;
        Some(String::from_utf8_lossy(bytes))
    }

    /// The fewest patterns for these files, sorted, that select nothing else but files that do not matter.
    pub fn patterns_for(&self, wanted: &[BString], matters_not: impl Fn(usize) -> bool) -> Vec<String> {
        let nothing = |_: &str| None;
        let top = common(wanted);
        let files = Files::new(self.below(top.as_bytes()), &nothing);
        let judge = |name: &str| match wanted.binary_search_by(|other| other[..].cmp(name.as_bytes())) {
            Ok(_) => Some(true),
            Err(_) => (!self.file(name.as_bytes()).is_some_and(&matters_not)).then_some(false),
        };
        // No wider than needed, though what does not matter would allow it.
        let holds = |path: &&str| files.below(path).into_iter().any(|name| judge(name) == Some(true));
        let narrow = |mut path: String| {
            loop {
                let inside = files.children(&path);
                let mut wanted = inside.iter().copied().filter(|child| *child != path).filter(holds);
                match (wanted.next(), wanted.next()) {
                    (Some(child), None) => path = child.to_owned(),
                    _ => return path,
                }
            }
        };
        cover::patterns(&files, cover::cover(&files, top, &judge).into_iter().map(narrow))
    }

    /// The services that a file is an input of, in any environment, sorted.
    pub fn services_of(&self, path: &[u8]) -> Vec<usize> {
        let verdicts = self.views.iter().map(|view| view.rules.path(path));
        let claims = verdicts.flat_map(|verdict| verdict.claims.clone());
        let services: BTreeSet<usize> = claims.filter(|claim| !claim.by_policy).map(|claim| claim.service).collect();
        services.into_iter().collect()
    }

    /// A service's name.
    pub fn service(&self, service: usize) -> &'a str {
        self.map.services[service].name.as_str()
    }

    /// A pattern and its position.
    pub fn rule(&self, rule: usize) -> String {
        self.pattern(&self.patterns()[rule].text, self.patterns()[rule].position)
    }

    /// A pattern and its position.
    pub fn pattern(&self, text: &str, position: Position) -> String {
        format!("`{text}` ({})", self.map.line(position))
    }
}

impl EnvironmentView {
    fn new(map: &ServiceMap, environment: &EnvironmentName, names: &[BString], submodules: &BTreeSet<BString>) -> Self {
        let all: Vec<usize> = (0..map.services.len()).collect();
        let rules = Rules::compile(map, environment, &all, true);
        let mut kinds: Vec<ContentsKind> = Vec::new();
        let mut of_file = Vec::with_capacity(names.len());
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut cursor = PathCursor::new(&rules);
        for (file, name) in names.iter().enumerate() {
            let place = cursor.place(name);
            if submodules.contains(name) {
                of_file.push(kinds.len());
                kinds.push(submodule(&rules, place, file));
                continue;
            }
            let kind = *places.entry(place.kind()).or_insert_with(|| {
                kinds.push(ContentsKind { hits: rules.hits(place), verdict: rules.verdict(place), files: Vec::new() });
                kinds.len() - 1
            });
            of_file.push(kind);
            kinds[kind].files.push(file);
        }
        let mut by_rule = vec![Vec::new(); rules.patterns().len()];
        for (index, kind) in kinds.iter().enumerate() {
            kind.hits.iter().for_each(|rule| by_rule[*rule].push(index));
        }
        Self {
            environment: environment.clone(),
            rules,
            kinds,
            linked: Vec::new(),
            in_doubt: BTreeSet::new(),
            of_file,
            by_rule,
        }
    }

    /// The kind of a file, by its index in [`LintContext::names`].
    pub fn kind(&self, file: usize) -> &ContentsKind {
        &self.kinds[self.of_file[file]]
    }

    /// How many files a pattern matches.
    pub fn matched(&self, rule: usize) -> usize {
        self.kinds_of(rule).map(|kind| kind.files.len()).sum()
    }

    /// What a path is to the services, on its own or through a link.
    pub fn claims(&self, path: &[u8]) -> Vec<SelectedBy> {
        let mut claims = self.rules.path(path).claims.clone();
        if let Ok(at) = self.linked.binary_search_by(|(linked, _)| linked[..].cmp(path)) {
            let linked = self.linked[at].1.claims.iter();
            claims.extend(linked.filter(|claim| matches!(claim.via, Via::Link(_))).cloned());
        }
        claims
    }

    /// Whether a pattern selects a file, on its own or through a link.
    pub fn selects_any(&self, rule: usize) -> bool {
        let position = self.rules.patterns()[rule].position;
        let mut linked = self.linked.iter().flat_map(|(_, verdict)| &verdict.claims);
        self.kinds_of(rule).next().is_some()
            || linked.any(|claim| matches!(claim.via, Via::Link(_)) && claim.position == position)
    }

    /// The files that a pattern matches.
    pub fn kinds_of(&self, rule: usize) -> impl Iterator<Item = &ContentsKind> {
        self.by_rule[rule].iter().map(|kind| &self.kinds[*kind])
    }

    /// The indices of those excludes in `hits` that cut the service's own files.
    pub fn cutting(&self, hits: &[usize], service: usize) -> Vec<usize> {
        let cuts = |rule: &&usize| match self.rules.patterns()[**rule].role {
            Role::Exclude(of) => of == service,
            Role::DefaultExclude => true,
            _ => false,
        };
        hits.iter().filter(cuts).copied().collect()
    }

    /// Whether a pattern selects files for a service.
    pub fn selects(&self, rule: usize, service: usize) -> bool {
        users(&self.rules.patterns()[rule].role).contains(&service)
    }
}

/// The services for which a pattern selects files.
pub(super) fn users(role: &Role) -> Vec<usize> {
    match role {
        Role::Include(service) => vec![*service],
        Role::Group { users, .. } => users.iter().map(|(service, _)| *service).collect(),
        Role::Exclude(_) | Role::DefaultExclude => Vec::new(),
    }
}

/// A submodule, of which only the commit is known: an input of every service with a pattern that reaches it or below
/// it.
fn submodule(rules: &Rules, place: &RulePosition, file: usize) -> ContentsKind {
    let verdict = rules.gitlink(place);
    let reaching = |(index, rule): (usize, &RuleInfo)| {
        verdict.claims.iter().any(|claim| claim.position == rule.position).then_some(index)
    };
    let mut hits = rules.hits(place);
    hits.extend(rules.patterns().iter().enumerate().filter_map(reaching));
    hits.sort_unstable();
    hits.dedup();
    ContentsKind { hits, verdict, files: vec![file] }
}

/// Merges the findings of all environments: one that holds in all is reported once, others say where they hold.
pub(super) fn across(facts: &LintContext<'_>, find: impl Fn(&EnvironmentView) -> Vec<Finding>) -> Vec<Finding> {
    let mut found: Vec<(Finding, Vec<String>)> = Vec::new();
    for view in &facts.views {
        let environment = format!("`{}`", view.environment);
        for finding in find(view) {
            match found.iter_mut().find(|(other, _)| *other == finding) {
                Some((_, environments)) => environments.push(environment.clone()),
                None => found.push((finding, vec![environment.clone()])),
            }
        }
    }
    let several = facts.views.len();
    let told = |(mut finding, environments): (Finding, Vec<String>)| {
        if environments.len() < several {
            let noun = if environments.len() == 1 { "environment" } else { "environments" };
            finding.message = format!("{}, in {noun} {}", finding.message, text::list(&environments));
        }
        finding
    };
    found.into_iter().map(told).collect()
}
