//! The extras of each service: what `--extra` gives, and the environment variables that the map names.

use std::collections::BTreeMap;

use crate::base::failure::Failure;
use crate::map::ServiceVariables;
use crate::source::extras::{Extras, TakenName};

use super::context::Context;

/// How many variables all services may have together, those of dependencies included: a bound on memory for a map in
/// which each of very many services depends on the next.
const MOST_VARIABLES: usize = 1_000_000;

/// The extras of one service.
#[derive(Debug, Default)]
pub(super) struct ServiceExtras {
    /// Those that have a value.
    pub(super) extras: Extras,
    /// The variables that are not set: without them the content is unknown.
    pub(super) missing: Vec<String>,
}

/// The extras of services, given as indices into the map. `given` is `--extra`, which all of them have.
///
/// # Errors
/// `--extra` gives a variable that the map names, or the value of one is not UTF-8.
pub(super) fn of_services(
    context: &Context<'_>,
    services: impl IntoIterator<Item = usize>,
    given: &Extras,
) -> Result<BTreeMap<usize, ServiceExtras>, Failure> {
    let services: Vec<usize> = services.into_iter().collect();
    let named = context.map.variables_of(&services);
    let all: usize = services.iter().map(|service| named[service].len()).sum();
    if all > MOST_VARIABLES {
        let text = format!("the services together have {all} variables in `env`, more than {MOST_VARIABLES}");
        return Err(Failure::request(text).hint("name fewer services at once"));
    }
    services.into_iter().map(|service| Ok((service, of_service(context, &named[&service], given)?))).collect()
}

fn of_service(context: &Context<'_>, named: &ServiceVariables<'_>, given: &Extras) -> Result<ServiceExtras, Failure> {
    let mut found = ServiceExtras { extras: given.clone(), missing: Vec::new() };
    for (name, (owner, _)) in named {
        let taken = |TakenName| {
            let text = format!("--extra gives `{name}`, which is in `env` of `{}`", context.name(*owner));
            Failure::request(text).hint("set the environment variable instead, or give the --extra another name")
        };
        match context.settings.environment.input(name)? {
            Some(value) => found.extras.add(name, value).map_err(taken)?,
            None if given.iter().any(|(known, _)| known == *name) => return Err(taken(TakenName)),
            None => found.missing.push((*name).to_owned()),
        }
    }
    Ok(found)
}
