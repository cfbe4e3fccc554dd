//! A map whose services also have as inputs what their observed builds read, for the question what it would have changed.

use std::collections::BTreeMap;
use std::mem::take;

use bstr::BString;

use super::{Service, ServiceMap};
use crate::base::names::ServiceName;
use crate::pattern::{Pattern, literal};

impl ServiceMap {
    /// This map with further inputs of services, given by their indices. No exclude cuts them: they are the inputs of new
    /// services, one for each that has some, before all others, as what others depend on is. Names stay, indices do not.
    #[must_use]
    pub fn with_inputs(&self, inputs: &BTreeMap<usize, Vec<BString>>) -> Self {
        let mut map = self.clone();
        // An exclude of all services would cut those of the new ones too.
        let excluded = take(&mut map.defaults.exclude);
        map.services.iter_mut().for_each(|service| service.exclude.extend(excluded.iter().cloned()));
        let observed = inputs.iter().filter_map(|(service, paths)| {
            let of = self.services.get(*service)?.clone();
            let name = ServiceName::new(format!("{}.observed", of.name)).ok()?;
            let position = of.position;
            let include = paths.iter().filter_map(|path| Pattern::parse(&literal(path), position).ok()).collect();
            let (exclude, groups, depends_on, redeploys) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            Some((*service, Service { name, include, exclude, groups, depends_on, redeploys, ..of }))
        });
        let (of, mut services): (Vec<usize>, Vec<Service>) = observed.unzip();
        let before = services.len();
        for service in &mut map.services {
            service.depends_on.iter_mut().chain(&mut service.redeploys).for_each(|index| *index += before);
        }
        of.iter().enumerate().for_each(|(index, service)| map.services[*service].depends_on.push(index));
        services.append(&mut map.services);
        map.indices = services.iter().enumerate().map(|(index, service)| (service.name.clone(), index)).collect();
        map.services = services;
        map.expects.clear();
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::EnvironmentName;
    use crate::map::rules::Rules;

    #[test]
    fn further_inputs_are_cut_by_no_exclude() {
        let map = "[defaults]\nexclude = ['**/*.md']\n[services.a]\ninclude = ['a']\n[services.b]\ninclude = ['b', 'README.md']\n";
        let map = ServiceMap::parse("shipmark.toml", map.as_bytes()).unwrap();
        let more = map.with_inputs(&BTreeMap::from([(0, vec!["README.md".into(), "x[1]".into()])]));
        let services = ["a", "b"].map(|name| more.services.iter().position(|it| it.name.as_str() == name).unwrap());
        let rules = Rules::compile(&more, &EnvironmentName::new("prod").unwrap(), &services, false);
        let inputs = |path: &[u8]| services.map(|service| rules.path(path).claim(service).is_some());
        assert_eq!(inputs(b"README.md"), [true, false]);
        assert_eq!(inputs(b"x[1]"), [true, false]);
        assert_eq!(inputs(b"a/x.md"), [false, false]);
        assert_eq!(inputs(b"b/x"), [false, true]);
    }
}
