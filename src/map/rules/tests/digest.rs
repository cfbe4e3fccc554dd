//! The digests of rules: what must not change them, and what must.

use super::{EnvironmentName, Rules, ServiceMap, ServiceName};

#[test]
fn digests_stay_the_same_over_releases() {
    // Digests are stored in marks. A changed value here would report changed rules for every service.
    let map = r"[defaults]
exclude = ['**/*.md', 'a/[!a-c\]]?x.', '[^!]']
[services.a]
include = ['src/**', 'config/{a,b/*}-*.json', 'env/${environment}*', '*x*', '[a-]/[]!^]é*', 'docs/']
exclude = ['*', '\*\[']
";
    let map = ServiceMap::parse("m", map.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let rules = Rules::compile(&map, &EnvironmentName::new("prod").unwrap(), &[0], false);
    assert_eq!(rules.digest(0).to_string(), "7e8dfa228bac41de0e228f39cb295be784cabfd2428e648c832a874c22e80d5f");
}

#[test]
fn the_digest_differs_where_other_files_could_be_selected() {
    let digest = |map: &str, environment: &str, service: &str| {
        let map = ServiceMap::parse("m", map.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
        let service = map.index(&ServiceName::new(service).unwrap()).unwrap();
        Rules::compile(&map, &EnvironmentName::new(environment).unwrap(), &[service], false).digest(service)
    };
    let map = "[defaults]\nexclude = ['**/*.md']\n[groups]\ng = ['g', 'h']\n[services.a]\ninclude = ['a', 'b']\ngroups = ['g']\ndepends_on = ['d']\n[services.d]\ninclude = ['d']\nexclude = ['d/x']\n[services.z]\ninclude = ['z']\n";
    let same = digest(map, "prod", "a");
    for (old, new) in [
        ("['a', 'b']", "['{b,a}']"),
        ("['g', 'h']", "['h', 'g']"),
        ("services.d]", "services.d]\nredeploys = ['z']"),
        ("['z']", "['zz']"),
        ("['d']\n[", "['d'] # x\n["),
    ] {
        assert!(map.contains(old));
        assert_eq!(digest(&map.replace(old, new), "prod", "a"), same, "{old} -> {new}");
    }
    for (old, new) in [
        ("'b']", "'bb']"),
        ("'h']", "'i']"),
        ("['d']\nexclude", "['e']\nexclude"),
        ("['d/x']", "['d/y']"),
        ("*.md", "*.mdx"),
        ("depends_on = ['d']", ""),
        ("groups = ['g']", ""),
        ("'b']", "'b/**']"),
        ("'b']", "'[b]']"),
        ("[defaults]", "[defaults]\nunowned = 'build-all'"),
        ("include = ['a', 'b']", "include = ['a']\nexclude = ['b']"),
    ] {
        assert!(map.contains(old));
        assert_ne!(digest(&map.replacen(old, new, 1), "prod", "a"), same, "{old} -> {new}");
    }
    let all = map.replace("[defaults]", "[defaults]\nunowned = 'build-all'");
    assert_ne!(digest(&all, "prod", "a"), digest(&all.replace("['z']", "['zz']"), "prod", "a"));
    let variable = map.replace("'b']", "'${environment}']");
    assert_ne!(digest(&variable, "prod", "a"), digest(&variable, "stage", "a"));
    assert_eq!(digest(&variable, "b", "a"), same);
}
