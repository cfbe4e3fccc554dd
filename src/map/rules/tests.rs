//! The meaning of the rules, one statement per test.

use super::*;
use crate::base::names::ServiceName;

mod digest;

fn compile(map: &str, find_unowned: bool) -> (ServiceMap, Rules) {
    let map = ServiceMap::parse("shipmark.toml", map.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let all: Vec<usize> = (0..map.services.len()).collect();
    let environment = EnvironmentName::new("prod/eu*").unwrap();
    let rules = Rules::compile(&map, &environment, &all, find_unowned);
    (map, rules)
}

/// The claims on a path, each as `service <- rule (via)`.
fn claims(map: &str, path: &str) -> Vec<String> {
    let (map, rules) = compile(map, false);
    let shown =
        |claim: &SelectedBy| format!("{} <- {} ({:?})", map.services[claim.service].name, claim.rule, claim.via);
    rules.path(path.as_bytes()).claims.iter().map(shown).collect()
}

fn covers(pattern: &str, path: &str) -> bool {
    !claims(&format!("[services.a]\ninclude = ['''{pattern}''']"), path).is_empty()
}

fn place(rules: &Rules, path: &str) -> RulePosition {
    PathCursor::new(rules).place(path.as_bytes()).clone()
}

#[test]
fn patterns_are_anchored_and_match_whole_components() {
    for (pattern, inside, outside) in [
        ("docs", "docs/a/b.md", "x/docs/a"),
        ("svc-a", "svc-a", "svc-ab/x"),
        ("svc-a", "svc-a/x", "SVC-A/x"),
        ("a/b", "a/b", "a"),
        ("a/*", "a/x/y", "a"),
        ("*.rs", "x.rs", "src/x.rs"),
        ("a/?.rs", "a/x.rs", "a/xy.rs"),
        ("a?c", "abc", "a/c"),
        ("a/[a-c]x", "a/bx/y", "a/dx"),
        ("a/[!a-c]x", "a/dx", "a/bx"),
        ("{a,b/{c,d}}/x", "b/d/x", "b/x"),
        ("a/{b/c,d}.{x,y}", "a/b/c.y", "a/b/d.x"),
        ("\\*x", "*x", "ax"),
    ] {
        assert!(covers(pattern, inside), "{pattern} covers {inside}");
        assert!(!covers(pattern, outside), "{pattern} does not cover {outside}");
    }
}

#[test]
fn two_stars_cross_components() {
    for (pattern, inside) in [
        ("**/x", "x"),
        ("**/x", "a/b/x/y"),
        ("a/**/x", "a/x"),
        ("a/**/x", "a/b/c/x"),
        ("**", "a"),
        ("a/**", "a/b/c"),
        ("**/a/**/b", "x/a/y/z/b"),
        ("a/**/**/b", "a/b"),
        ("**/*.md", "a/b.md"),
    ] {
        assert!(covers(pattern, inside), "{pattern} covers {inside}");
    }
    assert!(!covers("a/**", "a"), "a file `a` is not below `a`");
    assert!(!covers("**/x", "a/xx"));
}

#[test]
fn a_slash_at_the_end_means_the_directory() {
    assert!(covers("docs/", "docs/a/b"));
    assert!(!covers("docs/", "docs"));
}

#[test]
fn the_environment_is_literal_text_and_may_hold_slashes() {
    assert!(covers("env/${environment}.tfvars", "env/prod/eu*.tfvars"));
    assert!(!covers("env/${environment}.tfvars", "env/prod/eux.tfvars"));
    assert!(covers("env/{${environment},x}/y", "env/prod/eu*/y"));
}

#[test]
fn an_environment_of_slashes_alone_excludes_nothing() {
    let map =
        ServiceMap::parse("m", b"[services.a]\ninclude = ['x']\nexclude = ['${environment}', 'x/${environment}']")
            .unwrap();
    let rules = Rules::compile(&map, &EnvironmentName::new("/").unwrap(), &[0], false);
    assert_eq!(rules.path(b"x/y").claims.len(), 1);
}

#[test]
fn bytes_that_are_not_utf8_match_wildcards() {
    let (_, rules) = compile("[services.a]\ninclude = ['a/?.rs']", false);
    assert_eq!(rules.path(b"a/\xff.rs").claims.len(), 1);
    assert_eq!(rules.path("a/é.rs".as_bytes()).claims.len(), 0);
}

const NAMED: &str = "
[groups]
g = ['**/*.x', 'lib']
h = ['lib/**']
[services.base]
include = ['lib/deep', 'base']
[services.left]
include = ['left']
depends_on = ['base']
[services.top]
include = ['first', 'f*']
groups = ['h', 'g']
depends_on = ['left', 'base']
";

#[test]
fn the_first_rule_of_own_includes_then_groups_then_dependencies_is_named() {
    assert_eq!(claims(NAMED, "first")[0], "top <- first (Own)");
    assert_eq!(claims(NAMED, "f1.x")[0], "top <- f* (Own)");
    assert_eq!(claims(NAMED, "lib/a.x")[0], "top <- lib/** (Group(\"h\"))");
    assert_eq!(claims(NAMED, "left"), ["left <- left (Own)", "top <- left (Dependency(ServiceName(\"left\")))"]);
    let base = "(Dependency(ServiceName(\"base\")))";
    assert_eq!(
        claims(NAMED, "base/x"),
        ["base <- base (Own)".to_owned(), format!("left <- base {base}"), format!("top <- base {base}")]
    );
}

#[test]
fn excludes_cut_includes_and_groups_and_never_dependencies() {
    let map = "
[defaults]
exclude = ['**/*.md']
[groups]
g = ['shared']
[services.lib]
include = ['lib']
exclude = ['lib/skip']
[services.app]
include = ['app']
exclude = ['**/x', 'lib', '**/*.orig']
groups = ['g']
depends_on = ['lib']
";
    assert_eq!(claims(map, "app/x").len(), 0);
    assert_eq!(claims(map, "shared/x").len(), 0);
    assert_eq!(claims(map, "shared/y").len(), 1);
    assert_eq!(claims(map, "lib/x").len(), 2, "the dependency's files are cut by the dependency's excludes alone");
    assert_eq!(claims(map, "lib/skip/a").len(), 0);
    assert_eq!(claims(map, "lib/a.md").len(), 0);
    let (_, rules) = compile(map, true);
    for owned in ["app/x", "lib/skip/a", "other/a.md", "shipmark.toml", "config/shipmark.toml"] {
        assert!(rules.path(owned.as_bytes()).owned, "{owned}");
    }
    for unowned in ["other/x", "a.orig", "config/other.toml"] {
        assert!(!rules.path(unowned.as_bytes()).owned, "{unowned}");
    }
}

#[test]
fn a_map_elsewhere_is_nobodys_but_never_unowned() {
    for (file, owned) in [("./maps/ship.toml", true), ("/abs/maps/ship.toml", false), ("../maps/ship.toml", false)] {
        let map = ServiceMap::parse(file, b"[services.a]\ninclude = ['a']").unwrap();
        let rules = Rules::compile(&map, &EnvironmentName::default(), &[], true);
        assert_eq!(rules.path(b"maps/ship.toml").owned, owned, "{file}");
    }
}

#[test]
fn build_all_makes_a_file_without_an_owner_an_input_of_all() {
    let map = "[defaults]\nexclude = ['**/*.md']\nunowned = 'build-all'\n[services.a]\ninclude = ['a']\n[services.b]\ninclude = ['b']\nexclude = ['b/x', 'c/x']";
    let (_, rules) = compile(map, false);
    assert!(rules.knows_owners());
    for (path, services, by_policy) in [
        ("other", 2, true),
        ("c/x", 2, true),
        ("a", 1, false),
        ("b/x", 0, false),
        ("c.md", 0, false),
        ("shipmark.toml", 0, false),
    ] {
        let verdict = rules.path(path.as_bytes());
        assert_eq!(
            (verdict.claims.len(), verdict.claims.iter().any(|claim| claim.by_policy)),
            (services, by_policy),
            "{path}"
        );
    }
    let claim = &rules.path(b"other").claims[0];
    assert_eq!((&*claim.rule, claim.position), ("unowned = \"build-all\"", Position { file: 0, line: 3, column: 11 }));
    assert_eq!(rules.reach(&place(&rules, "a")).services, [0]);
    assert_eq!(*rules.reach(&place(&rules, "other")), ReachableServices { services: vec![0, 1], unowned: true });
}

#[test]
fn only_the_asked_services_and_their_dependencies_are_compiled() {
    let map = ServiceMap::parse("m", NAMED.as_bytes()).unwrap();
    let left = map.index(&ServiceName::new("left").unwrap()).unwrap();
    let rules = Rules::compile(&map, &EnvironmentName::default(), &[left, left], false);
    assert_eq!((rules.asked(), rules.knows_owners(), rules.patterns().len()), (&[left][..], false, 3));
    assert_eq!(rules.path(b"base").claims.iter().map(|claim| claim.service).collect::<Vec<_>>(), [left]);
    assert!(rules.path(b"first").claims.is_empty());
}

#[test]
fn directories_without_anything_of_interest_are_not_entered() {
    let (_, rules) =
        compile("[services.web]\ninclude = ['frontend/**', 'deep/*/x/**']\nexclude = ['**/node_modules']", false);
    for (path, services) in [
        ("", 1),
        ("frontend", 1),
        ("frontend/src/a", 1),
        ("frontend/node_modules", 0),
        ("frontend/a/node_modules/b", 0),
        ("other", 0),
        ("deep", 1),
        ("deep/a", 1),
        ("deep/a/b", 0),
        ("deep/a/x", 1),
        ("node_modules", 0),
    ] {
        let reach = rules.reach(&place(&rules, path));
        assert_eq!((reach.services.len(), reach.unowned), (services, false), "{path}");
    }
}

#[test]
fn an_excluded_directory_is_entered_for_whom_does_not_exclude_it() {
    let map = "[services.a]\ninclude = ['x']\nexclude = ['x/gen']\n[services.b]\ninclude = ['x/gen/b']\n[services.c]\ninclude=['c']\ndepends_on = ['b']";
    let (_, rules) = compile(map, false);
    assert_eq!(rules.reach(&place(&rules, "x/gen")).services, [1, 2]);
    assert_eq!(rules.reach(&place(&rules, "x/gen/b/c")).services, [1, 2]);
    assert_eq!(rules.reach(&place(&rules, "x/gen/c")).services, [0_usize; 0]);
}

#[test]
fn a_submodule_is_an_input_of_every_service_that_selects_something_in_it() {
    let map = "[services.a]\ninclude = ['libs/sub/src/**']\n[services.b]\ninclude = ['libs']\nexclude = ['libs/sub']\n[services.c]\ninclude = ['**/*.rs']\n[services.d]\ninclude = ['libs/other']";
    let (_, rules) = compile(map, false);
    let verdict = rules.gitlink(&place(&rules, "libs/sub"));
    let found: Vec<_> = verdict.claims.iter().map(|claim| (claim.service, &*claim.rule)).collect();
    assert_eq!(found, [(0, "libs/sub/src/**"), (2, "**/*.rs")]);
    let (_, rules) = compile("[services.a]\ninclude = ['libs/sub/src/**']", true);
    assert!(rules.gitlink(&place(&rules, "libs/sub")).owned && !rules.verdict(&place(&rules, "libs/sub")).owned);
    assert!(!rules.gitlink(&place(&rules, "libs/other")).owned);
}

#[test]
fn every_pattern_that_had_a_part_is_explained() {
    let map = "[defaults]\nexclude = ['**/*.md']\n[groups]\ng = ['a']\n[services.s]\ninclude = ['a/b', 'z']\nexclude = ['a/*/x*']\ngroups = ['g']";
    let (_, rules) = compile(map, false);
    let hits: Vec<_> = rules
        .explain(b"a/b/x.md")
        .into_iter()
        .map(|hit| (hit.rule.text.to_string(), hit.matched.to_string(), hit.rule.position.line))
        .collect();
    let expected = [("a", "a", 4), ("a/b", "a/b", 6), ("**/*.md", "a/b/x.md", 2), ("a/*/x*", "a/b/x.md", 7)];
    assert_eq!(hits, expected.map(|(rule, matched, line)| (rule.to_owned(), matched.to_owned(), line)));
    assert_eq!(rules.explain(b"a")[0].rule.role, Role::Group { name: "g".to_owned(), users: vec![(0, 0)] });
    let place = place(&rules, "a/b/x.md");
    assert_eq!(rules.hits(&place).len(), 4);
    assert!(rules.hits(&place).iter().all(|rule| &*rules.patterns()[*rule].text != "z"));
}

#[test]
fn an_explanation_has_the_whole_chain_of_dependencies() {
    let map = "[groups]\ng = ['shared']\n[services.gateway]\ninclude = ['gw']\ndepends_on = ['command']\n\
               [services.command]\ninclude = ['cmd']\ndepends_on = ['base']\n[services.base]\ninclude = ['base']\ngroups = ['g']\nexclude = ['shared/x']";
    let (map, rules) = compile(map, true);
    let names = |chain: &[usize]| chain.iter().map(|at| map.services[*at].name.to_string()).collect::<Vec<_>>();
    let explanation = rules.explanation(b"shared/a");
    let gateway = explanation.concern(map.index(&ServiceName::new("gateway").unwrap()).unwrap()).unwrap();
    assert_eq!(
        (names(&gateway.chain.services), gateway.group),
        (["gateway", "command", "base"].map(str::to_owned).to_vec(), Some("g"))
    );
    let claims: Vec<_> = explanation.concerns.iter().filter_map(|concern| concern.claim.clone()).collect();
    assert_eq!(claims, rules.path(b"shared/a").claims, "they are those of the decision");
    let cut = rules.explanation(b"shared/x");
    let [base] = &cut.concerns[..] else { panic!("{cut:?}") };
    let texts = |hits: &[RuleHit<'_>]| hits.iter().map(|hit| hit.rule.text.to_string()).collect::<Vec<_>>();
    assert_eq!(
        (base.claim.is_none(), texts(&base.selecting), texts(&base.excluding)),
        (true, vec!["shared".to_owned()], vec!["shared/x".to_owned()])
    );
}

#[test]
fn a_very_long_chain_names_its_first_services_and_the_owner() {
    let chained = |services: usize| {
        let more = (1..services).map(|at| format!("[services.s{at}]\ndepends_on = ['s{}']\n", at - 1));
        let map = format!("[services.s0]\ninclude = ['a']\n{}", more.collect::<String>());
        let (map, rules) = compile(&map, true);
        let last = map.index(&ServiceName::new(format!("s{}", services - 1)).unwrap()).unwrap();
        let chain = rules.explanation(b"a").concern(last).unwrap().chain.clone();
        let names = chain.services.iter().map(|at| map.services[*at].name.to_string()).collect::<Vec<_>>();
        (names, chain.left_out)
    };
    let named = |numbers: &mut dyn Iterator<Item = usize>| numbers.map(|at| format!("s{at}")).collect::<Vec<_>>();
    assert_eq!(chained(20), (named(&mut (0..20).rev()), 0));
    assert_eq!(chained(21), (named(&mut (2..21).rev().chain([0])), 1));
    assert_eq!(chained(50), (named(&mut (31..50).rev().chain([0])), 30));
}

#[test]
fn a_cursor_reuses_only_whole_components() {
    let (_, rules) = compile("[services.s]\ninclude = ['ab', 'a/b', 'x/y/z']", false);
    let mut cursor = PathCursor::new(&rules);
    for (path, input) in [
        ("a", 0),
        ("a/b", 1),
        ("a/bc", 0),
        ("a/b/c", 1),
        ("ab", 1),
        ("ab/c", 1),
        ("abc", 0),
        ("a/b", 1),
        ("x/y/z/w", 1),
        ("x/y", 0),
        ("x", 0),
        ("x/y/z", 1),
    ] {
        assert_eq!(cursor.verdict(path.as_bytes()).claims.len(), input, "{path}");
    }
}
