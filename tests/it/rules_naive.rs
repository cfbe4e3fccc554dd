//! Whole maps against a matcher that is too simple to be wrong: every pattern is tried on every path and every directory
//! above it, and every sentence of the definition is one line of code.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use shipmark::base::names::EnvironmentName;
use shipmark::map::ServiceMap;
use shipmark::map::rules::Via;
use shipmark::map::rules::{PathCursor, Rules};
use shipmark::pattern::Pattern;

fn covers(pattern: &Pattern, path: &str) -> bool {
    crate::rules_oracle::covers(&pattern.text, path.as_bytes(), false)
}

fn any(patterns: &[Pattern], path: &str) -> bool {
    patterns.iter().any(|pattern| covers(pattern, path))
}

/// The rule by which a path is selected by a service's own include or groups, excludes not yet cut.
fn selecting<'m>(map: &'m ServiceMap, service: usize, path: &str) -> Option<(&'m str, Via)> {
    let service = &map.services[service];
    let include = service.include.iter().map(|pattern| (pattern, Via::Own));
    let groups = service
        .groups
        .iter()
        .flat_map(|group| map.groups[group].iter().map(|pattern| (pattern, Via::Group(group.clone()))));
    include.chain(groups).find(|(pattern, _)| covers(pattern, path)).map(|(pattern, via)| (pattern.text.as_str(), via))
}

fn own<'m>(map: &'m ServiceMap, service: usize, path: &str) -> Option<(&'m str, Via)> {
    let excluded = any(&map.defaults.exclude, path) || any(&map.services[service].exclude, path);
    selecting(map, service, path).filter(|_| !excluded)
}

fn claim<'m>(map: &'m ServiceMap, service: usize, path: &str) -> Option<(&'m str, Via)> {
    let mut queue = VecDeque::from([service]);
    let mut seen = BTreeSet::new();
    while let Some(next) = queue.pop_front() {
        if !seen.insert(next) {
            continue;
        }
        if let Some((rule, via)) = own(map, next, path) {
            let via = if next == service { via } else { Via::Dependency(map.services[next].name.clone()) };
            return Some((rule, via));
        }
        queue.extend(&map.services[next].depends_on);
    }
    None
}

fn owned(map: &ServiceMap, path: &str) -> bool {
    any(&map.defaults.exclude, path) || (0..map.services.len()).any(|service| selecting(map, service, path).is_some())
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&["a", "b", "ab", "c"][..]), 1..5).prop_map(|names| names.join("/"))
}

fn pattern() -> impl Strategy<Value = String> {
    let component = prop::sample::select(&["a", "b", "ab", "c", "*", "**", "a*", "?", "*b", "**"][..]);
    prop::collection::vec(component, 1..5).prop_map(|all| all.join("/"))
}

fn list(patterns: &[String]) -> String {
    format!("{patterns:?}")
}

prop_compose! {
    fn service()(
        include in prop::collection::vec(pattern(), 0..4),
        exclude in prop::collection::vec(pattern(), 0..3),
        groups in prop::sample::subsequence(vec!["g", "h"], 0..=2).prop_shuffle(),
        depends_on in prop::collection::btree_set(0usize..6, 0..3),
    ) -> (Vec<String>, Vec<String>, Vec<&'static str>, BTreeSet<usize>) {
        (include, exclude, groups, depends_on)
    }
}

prop_compose! {
    fn map()(
        exclude in prop::collection::vec(pattern(), 0..2),
        build_all in prop::bool::weighted(0.2),
        g in prop::collection::vec(pattern(), 0..3),
        h in prop::collection::vec(pattern(), 0..3),
        services in prop::collection::vec(service(), 1..6),
    ) -> String {
        let unowned = if build_all { "build-all" } else { "warn" };
        let mut text = format!("[defaults]\nexclude = {}\nunowned = '{unowned}'\n[groups]\ng = {}\nh = {}\n", list(&exclude), list(&g), list(&h));
        for (index, (mut include, exclude, groups, depends_on)) in services.into_iter().enumerate() {
            // Only earlier ones, so that there is no cycle; the names run the other way, so that the order must be found.
            let depends_on: Vec<String> = depends_on.into_iter().filter(|other| *other < index).map(|other| format!("s{}", 9 - other)).collect();
            if include.is_empty() && groups.is_empty() && depends_on.is_empty() {
                include.push("a".to_owned());
            }
            text += &format!("[services.s{}]\ninclude = {}\nexclude = {}\ngroups = {groups:?}\ndepends_on = {depends_on:?}\n", 9 - index, list(&include), list(&exclude));
        }
        text
    }
}

fn check(text: &str, paths: &BTreeSet<String>, asked: &[bool]) -> Result<(), TestCaseError> {
    let map = ServiceMap::parse("shipmark.toml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let asked: Vec<usize> = (0..map.services.len()).filter(|service| asked[*service]).collect();
    let rules = Rules::compile(&map, &EnvironmentName::default(), &asked, true);
    let narrow = Rules::compile(&map, &EnvironmentName::default(), &asked, false);
    let build_all = map.defaults.unowned == shipmark::map::Unowned::BuildAll;
    let (mut cursor, mut narrow_cursor) = (PathCursor::new(&rules), PathCursor::new(&narrow));
    // What a directory must be known to reach.
    let mut below = BTreeMap::<&str, (BTreeSet<usize>, bool)>::new();
    for path in paths {
        let verdict = cursor.verdict(path.as_bytes());
        let owned = owned(&map, path);
        prop_assert_eq!(verdict.owned, owned, "{} owned", path);
        let found: Vec<_> =
            verdict.claims.iter().map(|claim| (claim.service, claim.rule.to_string(), claim.via.clone())).collect();
        let policy =
            |service: &usize| (build_all && !owned).then(|| (*service, "unowned = \"build-all\"".to_owned(), Via::Own));
        let expected: Vec<_> = asked
            .iter()
            .filter_map(|service| match claim(&map, *service, path) {
                Some((rule, via)) => Some((*service, rule.to_owned(), via)),
                None => policy(service),
            })
            .collect();
        prop_assert_eq!(&found, &expected, "{}", path);
        prop_assert_eq!(&narrow_cursor.verdict(path.as_bytes()).claims, &verdict.claims, "{} without the others", path);
        let ends = path.match_indices('/').map(|(end, _)| end).chain([0, path.len()]);
        for end in ends {
            let (services, unowned) = below.entry(&path[..end]).or_default();
            services.extend(expected.iter().map(|(service, ..)| *service));
            *unowned |= !owned;
        }
    }
    for (directory, (services, unowned)) in below {
        for rules in [&rules, &narrow] {
            let place = PathCursor::new(rules).place(directory.as_bytes()).clone();
            let reach = rules.reach(&place);
            prop_assert!(
                services.iter().all(|service| reach.services.contains(service)),
                "{directory} reaches {services:?}"
            );
            prop_assert!(!rules.knows_owners() || reach.unowned || !unowned, "{} reaches unowned files", directory);
            let linked: Vec<usize> = rules.gitlink(&place).claims.iter().map(|claim| claim.service).collect();
            prop_assert_eq!(&linked, &reach.services);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_trie_agrees_with_the_definition(
        text in map(),
        paths in prop::collection::btree_set(path(), 1..60),
        asked in prop::collection::vec(prop::bool::weighted(0.7), 6),
    ) {
        check(&text, &paths, &asked)?;
    }
}
