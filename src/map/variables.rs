//! The shell variables that a decision prints: each must have a single meaning.

use std::collections::{BTreeMap, HashMap};

use super::problem::Table;
use super::problem::collect::{Report, Text};
use super::raw::RawService;
use crate::base::names::{OutputName, ServiceName};

/// A service and its outputs with valid names.
struct Named<'a> {
    name: ServiceName,
    raw: &'a RawService,
    outputs: Vec<(OutputName, &'a Text)>,
}

impl Named<'_> {
    fn table(&self) -> Table {
        Table::Service(self.name.to_string())
    }
}

/// Reports names that would share a variable, or use a reserved one.
pub(super) fn check(services: &[RawService], report: &mut Report<'_>) {
    let named: Vec<Named<'_>> = services.iter().filter_map(named).collect();
    let mut by_part: BTreeMap<String, &Named<'_>> = BTreeMap::new();
    let mut by_variable: HashMap<String, (&ServiceName, &OutputName)> = HashMap::new();
    for service in &named {
        let part = service.name.variable();
        if let Some(other) = by_part.insert(part.clone(), service) {
            let message =
                format!("`{}` and `{}` both become `{part}` in the names of variables", other.name, service.name);
            report.within([other.table(), service.table()], |report| {
                report.add("variable-clash", &service.raw.name.span, message, "rename one of the services");
            });
            // Their outputs then clash too, which need not be reported again.
            continue;
        }
        for (output, text) in &service.outputs {
            match output.variable(&service.name) {
                Err(error) => report.within([service.table()], |report| {
                    report.add("reserved-name", &text.span, error.to_string(), "rename the output or the service");
                }),
                Ok(variable) => {
                    if let Some((other, of)) = by_variable.get(&variable) {
                        clash(service, other, text, (of, &variable), report);
                    }
                    by_variable.insert(variable, (&service.name, output));
                }
            }
        }
    }
    let by_name: HashMap<&str, &Named<'_>> = named.iter().map(|service| (service.name.as_str(), service)).collect();
    for service in &named {
        let others =
            service.raw.keys.redeploys.items.iter().filter_map(|text| by_name.get(text.text.as_str()).copied());
        let printed: Vec<(String, &Named<'_>, &OutputName)> = std::iter::once(service)
            .chain(others.filter(|other| other.name != service.name))
            .flat_map(|other| other.outputs.iter().map(move |(output, _)| (other, output)))
            .filter_map(|(other, output)| Some((output.variable(&other.name).ok()?, other, output)))
            .collect();
        // When a single service is decided, its outputs are also printed without its name.
        for (plain, text) in &service.outputs {
            let Some((_, other, output)) = printed.iter().find(|(variable, ..)| variable == plain.as_str()) else {
                continue;
            };
            clash(service, &other.name, text, (output, plain.as_str()), report);
        }
    }
}

/// Reports an output of a service that would be printed as the same variable as another.
fn clash(
    service: &Named<'_>,
    other: &ServiceName,
    text: &Text,
    (output, variable): (&OutputName, &str),
    report: &mut Report<'_>,
) {
    let message = format!("this output and `{output}` of `{other}` would both be printed as `{variable}`");
    report.within([service.table(), Table::Service(other.to_string())], |report| {
        report.add("variable-clash", &text.span, message, "rename one of the outputs");
    });
}

fn named(raw: &RawService) -> Option<Named<'_>> {
    let name = ServiceName::new(raw.name.text.as_str()).ok()?;
    let outputs = raw
        .keys
        .outputs
        .iter()
        .flatten()
        .filter_map(|(text, _)| Some((OutputName::new(text.text.as_str()).ok()?, text)));
    Some(Named { name, raw, outputs: outputs.collect() })
}
