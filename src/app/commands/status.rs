//! `status`: what is deployed where and since when, what is open or uncertain, and how far it is behind the source.

use std::io::IsTerminal as _;

use crate::app::cli::StatusArgs;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, duration, now};
use crate::base::failure::{Failure, Status};
use crate::base::fingerprint::same;
use crate::base::names::EnvironmentName;
use crate::map::rules::Rules;
use crate::output::status::{self as output, StatusView};
use crate::protocol::mark::Deploy;
use crate::protocol::service_status::ServiceStatus;
use crate::source::difference;
use crate::source::extras::Extras;
use crate::source::inputs::Inputs;
use crate::source::snapshot::Snapshot;
use crate::source::tree::Tree;

use super::commits_behind;
use super::context::{Context, read};
use super::gather::gather;
use super::print::show;

/// Shows the state.
pub(super) fn status(settings: &Settings, reporter: Reporter, args: &StatusArgs) -> Result<Status, Failure> {
    let max_age = args.max_age.as_deref().map(|text| duration("--max-age", text)).transpose()?;
    let context = Context::among(settings, reporter, args.all_environments)?;
    let asked = settings::services(&context.map, &args.services)?;
    let mut standings = Vec::new();
    for environment in &context.environments {
        standings.extend(match args.log {
            true => recorded(&context, environment, &asked),
            false => compared(&context, environment, &asked)?,
        });
    }
    let color = context.reporter.colors(std::io::stdout().is_terminal());
    let view = StatusView { project: &context.project, now: now(), color };
    let print = match (args.log, args.json) {
        (true, true) => output::log_json,
        (true, false) => output::log,
        (false, true) => output::json,
        (false, false) if args.all_environments => output::matrix,
        (false, false) => output::table,
    };
    show(print(&standings, &view).as_bytes())?;
    let late = max_age.is_some_and(|max_age| standings.iter().any(|standing| !standing.is_fresh(max_age, view.now)));
    Ok(if late { Status::Denied } else { Status::Done })
}

/// The recorded state, without reading the source.
fn recorded(context: &Context<'_>, environment: &EnvironmentName, asked: &[usize]) -> Vec<ServiceStatus> {
    let keys: Vec<_> = asked.iter().map(|service| context.key(environment, *service)).collect();
    let found = read(&context.store, &keys).into_iter().zip(keys);
    found.map(|(found, key)| ServiceStatus::new(key.service, key.environment, &found.known)).collect()
}

/// The recorded state, and how far it is behind the source.
fn compared(
    context: &Context<'_>,
    environment: &EnvironmentName,
    asked: &[usize],
) -> Result<Vec<ServiceStatus>, Failure> {
    let rules = Rules::compile(&context.map, environment, asked, false);
    let read = |rules: &Rules| context.settings.source.read_as_git(rules).map_err(Failure::request);
    let evidence = gather(context, environment, &rules, &Extras::default(), read)?;
    let standing = |place: usize| {
        let inputs: &Inputs = &evidence.inputs[place];
        let name = context.name(inputs.service).clone();
        let mut standing = ServiceStatus::new(name, environment.clone(), &evidence.marks[place].known);
        let deploy = standing.deployed.as_ref();
        standing.behind.inputs =
            deploy.and_then(|deploy| differing(context, environment, &evidence.tree, inputs, deploy));
        standing
    };
    let mut standings = context.each(0..evidence.inputs.len(), standing);
    commits_behind::count(context, &rules, &mut standings);
    Ok(standings)
}

/// How many inputs differ. A decision's extras are unknown here, so equal files count as no difference.
fn differing(
    context: &Context<'_>,
    environment: &EnvironmentName,
    tree: &Tree,
    inputs: &Inputs,
    deploy: &Deploy,
) -> Option<usize> {
    if same(inputs.content.as_ref(), deploy.release.content.as_ref()) {
        return Some(0);
    }
    let hash = deploy.release.snapshot.as_deref()?;
    let bytes = context.store.snapshot(&context.key(environment, inputs.service), hash).ok()??;
    let old = Snapshot::decode(&bytes, hash).ok()?;
    Some(difference::since(&old, tree, inputs.service).len())
}
