//! Gathers the current inputs and the marks at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::reading;
use crate::app::settings::Forced;
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::EnvironmentName;
use crate::map::rules::{Role, Rules};
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::inputs::CurrentInputs;
use crate::protocol::engine::mark::Unseen;
use crate::protocol::engine::marks::Marks;
use crate::protocol::engine::policy::Asked;
use crate::source::extras::Extras;
use crate::source::inputs::{self, Inputs};
use crate::source::tree::{FileKind, Tree};

use super::context::Context;
use super::extras::{self, ServiceExtras};
use super::unmatched_includes::{unhit, warn_of_dead_includes};

/// How many patterns all asked services may have together: a bound on memory for a map in which each of very many services
/// depends on the next.
const MOST_PATTERNS: usize = 1_000_000;

/// The current inputs in one environment.
pub(super) struct Seen<'a> {
    pub(super) environment: &'a EnvironmentName,
    pub(super) tree: Tree,
    /// The requested services, in dependency order, with their indices in the map.
    pub(super) services: Vec<(usize, Asked)>,
    indices: BTreeMap<Key, usize>,
    extras: Arc<BTreeMap<usize, ServiceExtras>>,
}

impl Seen<'_> {
    /// The index in the map of a requested service.
    pub(super) fn index(&self, key: &Key) -> Option<usize> {
        self.indices.get(key).copied()
    }

    /// The extras of a requested service, given by its index in the map.
    pub(super) fn extras(&self, service: usize) -> &Extras {
        &self.extras[&service].extras
    }
}

/// What to gather.
pub(super) struct Wanted<'a> {
    /// The services of each environment of the context, as indices into the map.
    pub(super) services: &'a [Vec<usize>],
    /// Whether files without an owner are looked for.
    pub(super) find_unowned: bool,
    /// `--extra`.
    pub(super) extras: &'a Extras,
    /// `--force`.
    pub(super) forced: &'a Forced,
}

/// Reads the tree and, at the same time, the marks of the requested services.
pub(super) fn gather<'a>(
    context: &'a Context<'_>,
    engine: &Engine,
    wanted: &Wanted<'_>,
    tree: impl Fn(&Rules) -> Result<Tree, Failure>,
) -> Result<(Vec<Seen<'a>>, Marks), Failure> {
    let keys: Vec<Key> = (context.environments.iter())
        .zip(wanted.services)
        .flat_map(|(environment, services)| services.iter().map(|service| context.key(environment, *service)))
        .collect();
    let all: BTreeSet<usize> = wanted.services.iter().flatten().copied().collect();
    let extras = Arc::new(extras::of_services(context, all, wanted.extras)?);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut marks = Marks::default();
            let needed = |marks: &Marks| engine.keys(&keys, marks);
            reading::read_with(&context.store, &context.elsewhere, &context.project, &mut marks, &needed);
            marks
        });
        let mut seen = Vec::new();
        for (environment, services) in context.environments.iter().zip(wanted.services) {
            let rules = Rules::compile(&context.map, environment, services, wanted.find_unowned);
            let tree = tree(&rules)?;
            let unhit = unhit(&rules, &tree);
            warn_of_dead_includes(context, &rules, &unhit);
            let unseen = unseen(&tree);
            let inputs = inputs::collect(&tree, &rules, |service| &extras[&service].extras);
            let patterns = patterns(context, &rules, &unhit)?;
            let asked = inputs.into_iter().map(|inputs| {
                let (matched, unmatched) = patterns[&rules.alike(inputs.service)].clone();
                let key = context.key(environment, inputs.service);
                let rules = Some(rules.digest(inputs.service));
                let missing = &extras[&inputs.service].missing;
                let unseen = unseen.clone();
                let current = CurrentInputs { matched, unmatched, rules, unseen, ..current(&inputs, missing) };
                (inputs.service, Asked { key, forced: wanted.forced.has(inputs.service), inputs: current })
            });
            let services: Vec<(usize, Asked)> = asked.collect();
            let indices = services.iter().map(|(service, asked)| (asked.key.clone(), *service)).collect();
            seen.push(Seen { environment, tree, services, indices, extras: Arc::clone(&extras) });
        }
        // A panicked thread has no answer, which must not be read as "there is none". (The released program aborts on a
        // panic, which is not a skip either.)
        let marks = reading.join().map_err(|_| Failure::other("reading the store failed in an unforeseen way"))?;
        Ok((seen, marks))
    })
}

/// What a source without git cannot show: there a link may be a text file, and a submodule nothing at all. It is noted so
/// that a change against a clone can be explained.
fn unseen(tree: &Tree) -> BTreeSet<Unseen> {
    if tree.keeps_modes {
        return BTreeSet::new();
    }
    let shows_links = tree.entries.iter().any(|entry| entry.kind == FileKind::Symlink);
    let links = (!shows_links).then_some(Unseen::Links);
    [Unseen::Modes, Unseen::Submodules].into_iter().chain(links).collect()
}

/// The inputs of a service as read. Without the value of each variable that is an input, their content is unknown.
pub(super) fn current(inputs: &Inputs, missing: &[String]) -> CurrentInputs {
    CurrentInputs {
        content: inputs.content.filter(|_| missing.is_empty()),
        env_missing: missing.to_vec(),
        count: inputs.count,
        selects: inputs.own > 0,
        unreadable: inputs.doubt.as_ref().map(ToString::to_string),
        ..CurrentInputs::default()
    }
}

/// Patterns that match something, and those that match nothing.
type MatchedAndNot = (BTreeSet<String>, BTreeSet<String>);

/// The patterns that select inputs of each asked service, those of its groups and dependencies included: first the ones
/// that match something, then the others. Services that are alike share them: see [`Rules::alike`].
///
/// # Errors
/// There are too many.
pub(super) fn patterns(
    context: &Context<'_>,
    rules: &Rules,
    unhit: &BTreeSet<usize>,
) -> Result<BTreeMap<usize, MatchedAndNot>, Failure> {
    let mut own: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, pattern) in rules.patterns().iter().enumerate() {
        match &pattern.role {
            Role::Include(service) => own.entry(*service).or_default().push(at),
            Role::Group { users, .. } => users.iter().for_each(|(user, _)| own.entry(*user).or_default().push(at)),
            Role::Exclude(_) | Role::DefaultExclude => {}
        }
    }
    let (mut found, mut all) = (BTreeMap::new(), 0);
    for service in rules.asked() {
        let (matched, unmatched) = found.entry(rules.alike(*service)).or_insert_with_key(|service| {
            let (mut matched, mut unmatched) = (BTreeSet::new(), BTreeSet::new());
            let selecting = context.map.with_dependencies(&[*service]);
            for at in selecting.iter().filter_map(|service| own.get(service)).flatten() {
                let list = if unhit.contains(at) { &mut unmatched } else { &mut matched };
                list.insert(rules.patterns()[*at].text.to_string());
            }
            (matched, unmatched)
        });
        all += matched.len() + unmatched.len();
        if all > MOST_PATTERNS {
            let text = format!(
                "the services together have more than {MOST_PATTERNS} patterns, those of dependencies included"
            );
            return Err(Failure::request(text).hint("name fewer services at once"));
        }
    }
    Ok(found)
}
