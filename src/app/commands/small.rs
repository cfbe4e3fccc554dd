//! `taint`, `output` and `state rm`: a single read or write each.

use std::io::Write as _;

use crate::app::cli::{OutputArgs, RmArgs, TaintArgs};
use crate::app::reading::read;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, given, key, now};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, OutputName};
use crate::map::ServiceMap;
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::mark::{Rest, Taint};
use crate::protocol::engine::marks::{Known, Marks, StoredNames};
use crate::protocol::engine::people;

use super::context::Context;
use super::print::emit;
use super::recording::not_recorded;
use super::refusals;
use super::whole_store::WholeStore;

/// Records a person's statement that something else is deployed. It works without a map, because the command may be
/// pasted anywhere.
pub(super) fn taint(settings: &Settings, reporter: Reporter, args: &TaintArgs) -> Result<Status, Failure> {
    given("--reason", Some(&args.reason))?;
    let place = WholeStore::new(settings, std::slice::from_ref(&args.service), Settings::environments)?;
    let environments = place.environments.clone();
    let services = place.services(&environments, std::slice::from_ref(&args.service))?;
    let environment = &settings.environment;
    let by = environment.user.clone().or_else(|| environment.build_id.clone()).unwrap_or_else(|| "somebody".to_owned());
    let taint = Taint { reason: args.reason.clone(), by, at: now(), rest: Rest::new() };
    let keys: Vec<Key> = (environments.iter())
        .flat_map(|environment| services.iter().map(|service| key(&place.project, environment, service)))
        .collect();
    let step = place.apply(
        |marks| unread(&keys, marks),
        |marks, now| people::taint(&keys, &taint, args.nothing_running, marks, now),
    );
    let step = step.map_err(|refusal| refusals::failure(&refusal, &|key| place.hint(key)))?;
    place.say(reporter, &step.told)
}

/// Prints a recorded output.
pub(super) fn output(settings: &Settings, reporter: Reporter, args: &OutputArgs) -> Result<Status, Failure> {
    let context = Context::new(settings, reporter, std::slice::from_ref(&args.service))?;
    let service = settings::service(&context.map, &args.service)?;
    let name = OutputName::new(args.name.as_str()).map_err(Failure::request)?;
    given("--default", args.default.as_deref())?;
    let key = context.key(context.environment()?, service);
    let value = match read_one(&context, &key) {
        Known::Unavailable(cause) => return Err(Failure::other(cause).hint("make the store reachable")),
        Known::Damaged { cause, .. } => {
            let failure = Failure::other(format!("the mark of `{}` is damaged: {cause}", key.service));
            return Err(failure.hint(refusals::removal(&context.hint(&key.environment), &key)));
        }
        Known::Mark(mark) if mark.newer.is_some() => {
            let failure = Failure::other(format!("the mark of `{}` was written by a newer shipmark", key.service));
            return Err(failure.hint("upgrade this shipmark"));
        }
        Known::Mark(mark) => {
            let value = mark.deployed.as_ref().and_then(|deploy| deploy.release.outputs.get(&name)).cloned();
            if value.is_some() && !mark.certain() {
                context
                    .reporter
                    .warn(&format!("{}: the last deploy is uncertain: something else may be live", key.service));
            }
            value
        }
        Known::Absent => None,
    };
    let Some(value) = value.or_else(|| args.default.clone()) else {
        let failure =
            Failure::other(format!("no output {name} of `{}` is recorded in {}", key.service, key.environment));
        return Err(failure.with_status(Status::Denied).hint("give --default VALUE for the first deploy"));
    };
    let mut line = value.into_bytes();
    writeln!(line).map_err(Failure::other)?;
    emit(None, &line)?;
    Ok(Status::Done)
}

/// Forgets services.
pub(super) fn forget(settings: &Settings, reporter: Reporter, args: &RmArgs) -> Result<Status, Failure> {
    let place = WholeStore::new(settings, &args.services, Settings::environments)?;
    let environments = place.environments.clone();
    if args.orphans {
        return orphans(settings, reporter, &place, &environments);
    }
    let mut keys = Vec::new();
    let named = place.services(&environments, &args.services)?;
    for environment in &environments {
        let all = match args.all {
            true => place.store.services(&place.project, environment).map_err(not_recorded)?,
            false => named.iter().cloned().collect(),
        };
        keys.extend(all.iter().map(|service| key(&place.project, environment, service)));
    }
    let step = place.apply(
        |marks| unread(&keys, marks),
        |marks, now| Ok::<_, std::convert::Infallible>(people::state_rm(&keys, marks, now)),
    );
    let Ok(step) = step;
    place.say(reporter, &step.told)
}

/// Forgets the services that are not in the map.
fn orphans(
    settings: &Settings,
    reporter: Reporter,
    place: &WholeStore,
    environments: &[EnvironmentName],
) -> Result<Status, Failure> {
    let map = settings.map()?;
    if map.names_project && map.project != place.project {
        return Err(another_map(&map, &format!("is of the project `{}`", map.project)));
    }
    let mut told = Vec::new();
    for environment in environments {
        let services = map.services_of(environment);
        let needed = |marks: &Marks| {
            let mut missing = unread(&people::orphans(&place.project, environment, &services, marks), marks);
            if marks.names(environment).is_none() {
                missing.names.insert(environment.clone());
            }
            missing
        };
        let step = place.apply(needed, |marks, now| {
            // If the command is pasted where another system's map is, it would forget all services.
            let all = matches!(marks.names(environment), Some(StoredNames::Names { names, .. }) if names.is_disjoint(&services));
            if all && !people::orphans(&place.project, environment, &services, marks).is_empty() {
                return Err(another_map(&map, "has none of the services that have a mark here"));
            }
            Ok(people::rm_orphans(&place.project, environment, &services, marks, now))
        })?;
        told.extend(step.told);
    }
    if told.is_empty() {
        reporter.say("the map has every service that has a mark: there is nothing to remove");
    }
    place.say(reporter, &told)
}

/// Orphans are defined by a map, so `--orphans` needs the right one.
fn another_map(map: &ServiceMap, why: &str) -> Failure {
    Failure::request(format!("nothing was removed: the map `{}` {why}", map.file))
        .hint("run it in the source of that project, or name the services")
}

fn read_one(context: &Context<'_>, key: &Key) -> Known {
    let mut marks = Marks::default();
    read(&context.store, &context.project, &mut marks, &|marks: &Marks| {
        let mut missing = unread([key], marks);
        missing.names.clear();
        missing
    });
    marks.get(key).map_or_else(|| Known::Unavailable("its mark was not read".to_owned()), |read| read.known.clone())
}
