//! `status`: what is deployed where and since when, what is open or uncertain, and how far it is behind the source.

mod shadow;

use std::io::IsTerminal as _;

use crate::app::cli::StatusArgs;
use crate::app::reading::read;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, duration, given, now};
use crate::base::failure::{Failure, Status};
use crate::base::fingerprint::same;
use crate::base::key::Key;
use crate::base::names::EnvironmentName;
use crate::map::rules::Rules;
use crate::output::status::{self as output, StatusView};
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::mark::{Clock, Deploy};
use crate::protocol::engine::marks::Marks;
use crate::protocol::engine::people;
use crate::protocol::engine::status::ServiceStatus;
use crate::source::difference;
use crate::source::extras::Extras;
use crate::source::inputs::{self, Inputs};
use crate::source::snapshot::Snapshot;
use crate::source::tree::Tree;

use super::commits_behind;
use super::context::Context;
use super::extras::{self, ServiceExtras};
use super::print::{emit, show};

pub(super) use shadow::warn_of_contradictions;

/// Shows the state.
pub(super) fn status(settings: &Settings, reporter: Reporter, args: &StatusArgs) -> Result<Status, Failure> {
    let max_age = args.max_age.as_deref().map(|text| duration("--max-age", text)).transpose()?;
    let context = Context::among(settings, reporter, &args.services, args.all_environments)?;
    let asked = settings::services(&context.map, &args.services)?;
    // In the side-by-side view, all environments have the same services.
    let all = args.services.is_empty();
    let listed = all && !args.all_environments;
    if args.shadow {
        return shadow::shadow(&context, args, &asked);
    }
    let standings =
        if args.log { recorded(&context, &asked, (all, listed)) } else { compared(&context, &asked, (all, listed))? };
    let color = context.reporter.colors(std::io::stdout().is_terminal());
    let view = StatusView { project: &context.project, now: now(), color };
    if let Some(file) = &args.html {
        given("--html", file.to_str())?;
        let price = args.price.map(|price| match price {
            price if price.is_finite() && price >= 0.0 => Ok(price),
            price => Err(Failure::request(format!("--price: `{price}` is not a price"))),
        });
        let price = price.transpose()?;
        // What does not exist in an environment is not missing there.
        let exists = |one: &ServiceStatus| {
            let service = context.map.index(&one.key.service);
            service.is_none_or(|service| context.map.exists(service, &one.key.environment))
        };
        let standings: Vec<ServiceStatus> = standings.into_iter().filter(exists).collect();
        emit(Some(file), output::page(&standings, price, &view).as_bytes())?;
        context.reporter.say(&format!("{} is written: open it in a browser", file.display()));
        return Ok(Status::Done);
    }
    let print = match (args.log, args.shape.is_json()) {
        (true, true) => output::log_json,
        (true, false) => output::log,
        (false, true) => output::json,
        (false, false) if args.all_environments => output::matrix,
        (false, false) => output::table,
    };
    show(print(&standings, &view).as_bytes())?;
    let mine = |standing: &&ServiceStatus| context.map.index(&standing.key.service).is_some();
    let late = max_age.is_some_and(|max_age| standings.iter().filter(mine).any(|standing| !standing.is_fresh(max_age)));
    Ok(if late { Status::Denied } else { Status::Done })
}

/// The recorded state, without reading the source; includes services that have a mark but are no longer in the map.
fn recorded(context: &Context<'_>, asked: &[usize], (all, listed): (bool, bool)) -> Vec<ServiceStatus> {
    let mut standings = Vec::new();
    let marks = marks(context, asked, all);
    for environment in &context.environments {
        standings.extend(of_environment(context, environment, asked, &marks));
        standings.extend(orphans(context, environment, &marks, all).into_iter().filter(|_| listed));
    }
    standings
}

/// The recorded state, and how far it is behind the source.
fn compared(
    context: &Context<'_>,
    asked: &[usize],
    (all, listed): (bool, bool),
) -> Result<Vec<ServiceStatus>, Failure> {
    let marks = marks(context, asked, all);
    let mut standings = Vec::new();
    for environment in &context.environments {
        let rules = Rules::compile(&context.map, environment, asked, false);
        let tree = context.settings.source.read_as_git(&rules).map_err(Failure::request)?;
        let extras = extras::of_services(context, asked.iter().copied(), &Extras::default())?;
        let inputs = inputs::collect(&tree, &rules, |service| &extras[&service].extras);
        let mut mine = of_environment(context, environment, asked, &marks);
        let differing = context.each(0..mine.len(), |at| {
            let standing: &ServiceStatus = &mine[at];
            let inputs = inputs.iter().find(|inputs| *context.name(inputs.service) == standing.key.service)?;
            differing(context, environment, &tree, inputs, &extras[&inputs.service], standing.deployed.as_ref()?)
        });
        for (standing, differing) in mine.iter_mut().zip(differing) {
            standing.behind.inputs = differing;
        }
        commits_behind::count(context, &rules, &mut mine);
        standings.extend(mine);
        standings.extend(orphans(context, environment, &marks, all).into_iter().filter(|_| listed));
    }
    Ok(standings)
}

/// The marks of the requested services, and of orphans if all services were requested.
fn marks(context: &Context<'_>, asked: &[usize], all: bool) -> Marks {
    let environments = context.environments.iter();
    let keys: Vec<Key> =
        environments.flat_map(|name| asked.iter().map(|service| context.key(name, *service))).collect();
    let mut marks = Marks::default();
    read(&context.store, &context.project, &mut marks, &|marks: &Marks| {
        let mut needed = keys.clone();
        for environment in context.environments.iter().filter(|_| all) {
            needed.extend(people::orphans(&context.project, environment, &context.map.services_of(environment), marks));
        }
        unread(&needed, marks)
    });
    marks
}

fn of_environment(
    context: &Context<'_>,
    environment: &EnvironmentName,
    asked: &[usize],
    marks: &Marks,
) -> Vec<ServiceStatus> {
    let keys = asked.iter().map(|service| context.key(environment, *service));
    keys.filter_map(|key| standing(&key, marks)).collect()
}

/// The services that have a mark but are not in the map.
fn orphans(context: &Context<'_>, environment: &EnvironmentName, marks: &Marks, all: bool) -> Vec<ServiceStatus> {
    let orphans = people::orphans(&context.project, environment, &context.map.services_of(environment), marks);
    if !all {
        return Vec::new();
    }
    context.warn_of_orphans(&orphans);
    orphans.iter().filter_map(|key| standing(key, marks)).collect()
}

fn standing(key: &Key, marks: &Marks) -> Option<ServiceStatus> {
    let read = marks.get(key)?;
    Some(ServiceStatus::new(key, &read.known, Clock { store: read.read_at, own: now() }))
}

/// How many inputs differ. What a decision's `--extra` would be is unknown here, and so is a variable that is not set: they
/// do not count as a difference.
fn differing(
    context: &Context<'_>,
    environment: &EnvironmentName,
    tree: &Tree,
    inputs: &Inputs,
    extras: &ServiceExtras,
    deploy: &Deploy,
) -> Option<usize> {
    if extras.missing.is_empty() && same(inputs.content.as_ref(), deploy.release.content.as_ref()) {
        return Some(0);
    }
    let hash = deploy.release.snapshot.as_deref()?;
    let bytes = context.store.snapshot(&context.key(environment, inputs.service), hash).ok()??;
    let old = Snapshot::decode(&bytes, hash).ok()?;
    let variables = context.map.variables(inputs.service);
    let known = |name: &String| variables.contains_key(name.as_str()) && !extras.missing.contains(name);
    let variables = old.extras.differing(&extras.extras).into_iter().filter(known).count();
    Some(difference::since(&old, tree, inputs.service).len() + variables)
}
