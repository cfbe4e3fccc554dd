//! How close a drafted map comes to one that a person wrote.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;
use shipmark::base::names::EnvironmentName;
use shipmark::map::ServiceMap;
use shipmark::map::rules::Rules;

/// The files of each service, as indices.
type Inputs = BTreeMap<String, BTreeSet<usize>>;

/// The result of a comparison.
#[derive(Debug, Clone)]
pub(crate) struct Score {
    /// Services of the person's map that the draft has, and how many there are.
    pub(crate) found: (usize, usize),
    /// Services that only the draft has.
    pub(crate) extra: usize,
    /// Files that are inputs of the same services in both, and how many there are.
    pub(crate) agreed: (usize, usize),
    /// Inputs of the person's services that the draft does not have: each would be a false skip.
    pub(crate) missing: usize,
    /// Files on which they differ, with what each says.
    pub(crate) differences: Vec<String>,
}

impl Score {
    /// Compares the inputs that two maps give to files.
    pub(crate) fn of(names: &[BString], written: &str, drafted: &str, environment: &str) -> Self {
        let written = inputs(names, written, environment);
        let drafted = inputs(names, drafted, environment);
        let partner = partners(&written, &drafted);
        let renamed: BTreeMap<&str, &str> =
            partner.iter().map(|(ours, theirs)| (theirs.as_str(), ours.as_str())).collect();
        let lacks = |(ours, files): (&String, &BTreeSet<usize>)| {
            let theirs = partner.get(ours).and_then(|theirs| drafted.get(theirs));
            theirs.map_or(0, |theirs| files.difference(theirs).count())
        };
        let missing = written.iter().map(lacks).sum();
        let mut differences = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let of = |map: &Inputs| -> BTreeSet<String> {
                map.iter().filter(|(_, files)| files.contains(&index)).map(|(service, _)| service.clone()).collect()
            };
            let theirs = of(&drafted);
            let theirs: BTreeSet<String> = theirs
                .iter()
                .map(|service| renamed.get(service.as_str()).map_or(format!("+{service}"), |name| (*name).to_owned()))
                .collect();
            let ours = of(&written);
            if ours != theirs {
                differences.push(format!("{name}: written {ours:?}, drafted {theirs:?}"));
            }
        }
        Self {
            found: (partner.len(), written.len()),
            extra: drafted.len() - partner.len(),
            agreed: (names.len() - differences.len(), names.len()),
            missing,
            differences,
        }
    }

    pub(crate) fn services_percent(&self) -> usize {
        self.found.0 * 100 / self.found.1.max(1)
    }

    pub(crate) fn files_percent(&self) -> usize {
        self.agreed.0 * 100 / self.agreed.1.max(1)
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (found, services) = self.found;
        let (agreed, files) = self.agreed;
        write!(
            f,
            "services found {found} of {services}, {} more; inputs missing {}; files agreed on {agreed} of {files}",
            self.extra, self.missing
        )
    }
}

fn inputs(names: &[BString], map: &str, environment: &str) -> Inputs {
    let map = ServiceMap::parse("map", map.as_bytes()).unwrap_or_else(|problems| panic!("{problems}\n{map}"));
    let all: Vec<usize> = (0..map.services.len()).collect();
    let environment = EnvironmentName::new(environment).unwrap();
    let rules = Rules::compile(&map, &environment, &all, false);
    let mut inputs: Inputs = map.services.iter().map(|service| (service.name.to_string(), BTreeSet::new())).collect();
    for (index, name) in names.iter().enumerate() {
        for claim in &rules.path(name).claims {
            inputs.get_mut(map.services[claim.service].name.as_str()).unwrap().insert(index);
        }
    }
    inputs
}

/// Pairs of services, the most alike first: each has one partner, and shares with it at least half of what both have, or
/// half of what the person wrote if their names are the same.
fn partners(written: &Inputs, drafted: &Inputs) -> BTreeMap<String, String> {
    let mut pairs = Vec::new();
    for (ours, one) in written {
        for (theirs, other) in drafted {
            let (both, either) = (one.intersection(other).count(), one.union(other).count());
            let alike = usize::from(ours == theirs || *theirs == format!("{ours}-image"));
            let enough = if alike > 0 { one.len() } else { either };
            if both * 2 >= enough.max(1) {
                pairs.push((both * 1000 / either.max(1), alike, ours, theirs));
            }
        }
    }
    pairs.sort_by(|one, other| (other.0, other.1, one.2).cmp(&(one.0, one.1, other.2)));
    let mut partner: BTreeMap<String, String> = BTreeMap::new();
    for (_, _, ours, theirs) in pairs {
        if !partner.contains_key(ours) && !partner.values().any(|taken| taken == theirs) {
            partner.insert(ours.clone(), theirs.clone());
        }
    }
    partner
}
