//! The line of the map that makes the deploys of two pipelines count as one another's.

use crate::base::names::EnvironmentName;
use crate::map::{DeclaredEnvironment, ServiceMap, toml_text};
use crate::protocol::engine::mark::Home;

/// What to write into the map; `None` where one of the two cannot be listed (a shell outside of any CI, say).
pub(super) fn to_paste(map: &ServiceMap, environment: &EnvironmentName, mine: &Home, theirs: &Home) -> Option<String> {
    let mut names = map.pipelines(environment).to_vec();
    for name in mine.listed_with(theirs)? {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let names: Vec<String> = names.iter().map(|name| toml_text::quote(name)).collect();
    let table = format!("[environments.{}]", toml_text::key(environment.as_str()));
    let line = format!("pipelines = [{}]", names.join(", "));
    // A list of environments and their tables are the same key of TOML, and a list has no settings.
    let declared = map.environments.as_ref().map_or(&[][..], |all| all.declared());
    let list = !declared.is_empty() && !declared.iter().any(DeclaredEnvironment::has_keys);
    let list = if list { " (a list `environments` has to become tables)" } else { "" };
    Some(format!("to let each count as the other's, write in the map, under `{table}`{list}: {line}"))
}
