//! A map whose services also have as inputs what their observed builds read, for the question what it would have changed.

use std::collections::BTreeMap;
use std::mem::take;

use bstr::BString;

use super::{Service, ServiceMap};
use crate::base::names::ServiceName;
use crate::pattern::{Pattern, literal};

impl ServiceMap {
    /// This map with further inputs of services, given by their indices. No exclude cuts them: they are the inputs of new
    /// services, one for each that has some, behind all others.
    #[must_use]
    pub fn with_inputs(&self, inputs: &BTreeMap<usize, Vec<BString>>) -> Self {
        let mut map = self.clone();
        // An exclude of all services would cut those of the new ones too.
        let excluded = take(&mut map.defaults.exclude);
        map.services.iter_mut().for_each(|service| service.exclude.extend(excluded.iter().cloned()));
        for (service, paths) in inputs {
            let Some(of) = map.services.get(*service).cloned() else { continue };
            let Ok(name) = ServiceName::new(format!("{}.observed", of.name)) else { continue };
            let position = of.position;
            let pattern = |path: &BString| Pattern::parse(&literal(path), position).ok();
            let include = paths.iter().filter_map(pattern).collect();
            let next = map.services.len();
            map.services[*service].depends_on.push(next);
            let (exclude, groups, depends_on) = (Vec::new(), Vec::new(), Vec::new());
            map.services.push(Service { name, include, exclude, groups, depends_on, ..of });
        }
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
        let rules = Rules::compile(&more, &EnvironmentName::new("prod").unwrap(), &[0, 1], false);
        let inputs = |path: &[u8]| [0, 1].map(|service| rules.path(path).claim(service).is_some());
        assert_eq!(inputs(b"README.md"), [true, false]);
        assert_eq!(inputs(b"x[1]"), [true, false]);
        assert_eq!(inputs(b"a/x.md"), [false, false]);
        assert_eq!(inputs(b"b/x"), [false, true]);
    }
}
