//! For `check`: where the folder of a pattern that matches nothing went, by git's history.

use std::collections::{BTreeMap, BTreeSet};

use crate::map::lint_codes::{Code, Level};
use crate::map::rules::{Role, Rules};
use crate::pattern::Position;
use crate::source::renamed::{NamedBlob, Renamed};
use crate::source::tree::commit::{Range, Repository};
use crate::upkeep::lint::{Finding, FindingPlace};

use super::context::Context;
use super::renames::moved;

/// How many commits back the folder may have been there last.
const COMMITS: usize = 30;

/// Adds to each dead pattern where its files are now, if that is known, and what it costs.
pub(super) fn name_renames(context: &Context<'_>, findings: &mut [(Level, Finding)]) {
    let place = |finding: &Finding| match &finding.place {
        FindingPlace::Map(position) if finding.code == Code::DeadPattern => Some(*position),
        _ => None,
    };
    let dead: BTreeSet<_> = findings.iter().filter_map(|(_, finding)| place(finding)).collect();
    let (Some(environment), Ok(repository)) = (context.environments.first(), context.settings.source.repository())
    else {
        return;
    };
    if dead.is_empty() {
        return;
    }
    let mut of: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    let all: Vec<usize> = (0..context.map.services.len()).collect();
    let rules = Rules::compile(&context.map, environment, &all, false);
    for info in rules.patterns().iter().filter(|info| dead.contains(&info.position)) {
        match &info.role {
            Role::Include(service) => drop(of.entry(info.position).or_default().insert(*service)),
            Role::Group { users, .. } => {
                of.entry(info.position).or_default().extend(users.iter().map(|(service, _)| *service));
            }
            Role::Exclude(_) | Role::DefaultExclude => {}
        }
    }
    let services: Vec<usize> = of.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let rules = Rules::compile(&context.map, environment, &services, false);
    let gone = last_seen(&repository, &rules, &of);
    for (_, finding) in findings {
        let Some(files) = place(finding).and_then(|position| gone.get(&position)) else { continue };
        let Some(renamed) = moved(context, files) else { continue };
        let services = place(finding).and_then(|position| of.get(&position)).into_iter().flatten();
        let services: Vec<&str> = services.map(|service| context.name(*service).as_str()).collect();
        finding.hint = hint(&renamed, &services);
    }
}

fn hint(renamed: &Renamed, services: &[&str]) -> String {
    let services = crate::base::text::list(services);
    format!(
        "{}: correct the pattern; until then {services} builds without these files, or every time if it has no others",
        renamed.sentence()
    )
}

/// What patterns matched in the newest commit in which each matched anything.
fn last_seen(
    repository: &Repository,
    rules: &Rules,
    of: &BTreeMap<Position, BTreeSet<usize>>,
) -> BTreeMap<Position, Vec<NamedBlob>> {
    let mut seen: BTreeMap<Position, Vec<NamedBlob>> = BTreeMap::new();
    let Ok(history) = repository.history(Range { last: Some(COMMITS), ..Range::default() }) else { return seen };
    let older = history.steps.iter().rev().map(|step| step.parent.as_str());
    for commit in std::iter::once(history.revision.as_str()).chain(older) {
        if seen.len() == of.len() {
            break;
        }
        let Ok(tree) = repository.read(commit, rules) else { break };
        let mut here: BTreeMap<Position, BTreeMap<_, _>> = BTreeMap::new();
        for entry in &tree.entries {
            for claim in &entry.verdict.claims {
                let position = claim.position;
                if of.contains_key(&position) && !seen.contains_key(&position) {
                    here.entry(position).or_default().insert(entry.path.clone(), entry.id);
                }
            }
        }
        seen.extend(here.into_iter().map(|(position, files)| (position, files.into_iter().collect())));
    }
    seen
}
