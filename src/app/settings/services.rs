//! The services that were asked for.

use crate::base::failure::Failure;
use crate::base::names::{NameError, ServiceName};
use crate::base::text;
use crate::map::ServiceMap;

/// The indices of the requested services, sorted; all if none was requested.
///
/// # Errors
/// A name is empty, or the map has no such service.
pub fn services(map: &ServiceMap, asked: &[String]) -> Result<Vec<usize>, Failure> {
    if asked.is_empty() {
        return Ok((0..map.services.len()).collect());
    }
    let mut found = Vec::with_capacity(asked.len());
    for name in asked {
        found.push(service(map, name)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The index of a service.
///
/// # Errors
/// The name is empty, or the map has no such service.
pub fn service(map: &ServiceMap, name: &str) -> Result<usize, Failure> {
    let name = service_name(name)?;
    map.index(&name).ok_or_else(|| {
        let failure = Failure::request(format!("the map `{}` has no service `{name}`", map.file));
        let names = map.services.iter().map(|service| service.name.as_str());
        match text::did_you_mean(name.as_str(), names.clone()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("it has {}", text::list(&names.take(20).collect::<Vec<_>>()))),
        }
    })
}

/// A service name, whether or not the map contains it.
///
/// # Errors
/// It is empty or invalid.
pub fn service_name(name: &str) -> Result<ServiceName, Failure> {
    ServiceName::new(name).map_err(|error| match error {
        NameError::Empty { .. } => Failure::request(error).hint("a variable that is not set?"),
        error => Failure::request(error),
    })
}
