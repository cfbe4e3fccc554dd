//! `plan --base` alone: what differs between a commit and the source as it is, without using a store.

use std::collections::BTreeMap;

use crate::app::cli::PlanArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::Failure;
use crate::base::names::EnvironmentName;
use crate::map::rules::Rules;
use crate::protocol::answer::{Answer, Reason, ServiceAnswer};
use crate::protocol::engine::decision;
use crate::protocol::engine::inputs::CurrentInputs;
use crate::source::difference;
use crate::source::extras::Extras;
use crate::source::inputs;
use crate::source::snapshot::Snapshot;

use super::between::{differing, without_store};
use super::commits::{Commits, CommitsAsked};
use super::context::Context;
use super::extras;
use super::gather::current;

/// Why everything builds where a webhook says that no commit came before.
const NEW_BRANCH: &str = "the branch is new: there is no commit to compare with";

/// Compares the source with a commit for some services, or for all if none is named. The source is the working tree as
/// `git add -A` would see it; where no commit came before, it may also be a commit.
pub(super) fn since_base<'a>(
    settings: &'a Settings,
    reporter: Reporter,
    args: &PlanArgs,
    base: &CommitsAsked,
    services: &[String],
    given: &Extras,
) -> Result<(Context<'a>, Vec<Answer>), Failure> {
    let context = Context::without_store(settings, reporter, services, args.all_environments)?;
    let asked = context.asked(services)?;
    let commits = base.resolve(settings)?;
    let compare = |(environment, asked): (&EnvironmentName, &Vec<usize>)| {
        let rules = Rules::compile(&context.map, environment, asked, services.is_empty());
        compare(&context, environment, &rules, &commits, given)
    };
    let answers = context.environments.iter().zip(&asked).map(compare).collect::<Result<_, _>>()?;
    Ok((context, answers))
}

/// How the source differs from the base in one environment.
pub(super) fn compare(
    context: &Context<'_>,
    environment: &EnvironmentName,
    rules: &Rules,
    commits: &Commits,
    given: &Extras,
) -> Result<Answer, Failure> {
    let source = &context.settings.source;
    let extras = extras::of_services(context, rules.asked().iter().copied(), given)?;
    let read = |commit: &String| commits.repository.read(commit, rules);
    let then = commits.base.as_ref().map(read).transpose().map_err(Failure::request)?;
    let now = commits.revision.as_ref().map_or_else(|| source.read_as_git(rules), read).map_err(Failure::request)?;
    let inputs = |tree| -> BTreeMap<usize, CurrentInputs> {
        let inputs = inputs::collect(tree, rules, |service| &extras[&service].extras).into_iter();
        // An unset variable is as unknown for the base, and no reason to build everything.
        inputs.map(|inputs| (inputs.service, current(&inputs, &[]))).collect()
    };
    let (before, after) = (then.as_ref().map(inputs), inputs(&now));
    let service = |service: &usize| {
        // Without a base nothing is known of what came before, which equals nothing.
        let nothing = CurrentInputs::default();
        let evidence = decision::between(before.as_ref().map_or(&nothing, |before| &before[service]), &after[service]);
        let changes = match (&then, evidence.reason()) {
            (Some(then), Reason::Changed) => {
                difference::since(&Snapshot::of(then, *service, &extras[service].extras), &now, *service)
            }
            _ => Vec::new(),
        };
        let detail = match evidence.reason() {
            Reason::Changed if then.is_none() => NEW_BRANCH.to_owned(),
            Reason::Changed => differing(&changes, "since the base"),
            Reason::Unchanged => "no input differs since the base".to_owned(),
            _ => evidence.to_string(),
        };
        let inputs = Some(after[service].count);
        ServiceAnswer {
            inputs,
            ..without_store(context, *service, evidence.reason(), detail, changes, commits.base.as_deref())
        }
    };
    Ok(Answer {
        project: context.project.clone(),
        environment: environment.clone(),
        state: None,
        revision: commits.revision.clone().or_else(|| source.head_revision()),
        base: commits.base.clone(),
        source: now.source,
        files: now.files,
        services: rules.asked().iter().map(service).collect(),
        unowned: now.unowned.clone(),
    })
}
