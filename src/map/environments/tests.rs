//! What a map may declare about its environments.

use std::time::Duration;

use crate::base::names::EnvironmentName;
use crate::map::ServiceMap;

#[test]
fn environments_are_names_or_patterns_and_may_differ() {
    let environment = |name: &str| EnvironmentName::new(name).unwrap();
    let map = ServiceMap::parse("map",
        b"[environments.prod]\npipelines = ['shop', 'arn:aws:codebuild:eu-west-1:1:project/x']\n[environments.'pr-*']\n\
         max_skip_age = '1d'\n[environments.'*-x']\n[environments.'pr-1']\n[defaults]\nmax_skip_age = '9d'\n\
         [services.a]\ninclude = ['a']\n[services.b]\ninclude = ['b']\nmax_skip_age = '2d'\nbuild_timeout = '3h'\n",
    ).unwrap();
    let environments = map.environments.as_ref().unwrap();
    for (name, allowed) in [("prod", true), ("pr-7/x", true), ("prd", false), ("pr", false), ("a-x", true)] {
        assert_eq!(environments.allows(&environment(name)), allowed, "{name}");
    }
    assert_eq!(environments.names().map(EnvironmentName::as_str).collect::<Vec<_>>(), ["pr-1", "prod"]);
    assert_eq!(environments.ambiguity(&environment("pr-x")), Some(("*-x", "pr-*")));
    assert_eq!(environments.ambiguity(&environment("pr-1")), None, "a name comes before patterns");
    assert_eq!(map.pipelines(&environment("prod")).len(), 2);
    assert!(map.pipelines(&environment("pr-7")).is_empty());
    let [a, b] = &map.services[..] else { panic!("two services") };
    let days = |service, name: &str| map.max_skip_age(service, &environment(name)).unwrap().as_secs() / 86_400;
    assert_eq!((days(a, "prod"), days(a, "pr-7"), days(b, "pr-7")), (9, 1, 2));
    assert_eq!((map.build_timeout(a), map.build_timeout(b)), (Duration::from_hours(1), Duration::from_hours(3)));
}

#[test]
fn what_an_environment_may_not_say() {
    let codes = |text: &str| -> Vec<&str> {
        let text = format!("{text}\n[services.a]\ninclude = ['a']\n");
        let problems = ServiceMap::parse("map", text.as_bytes()).unwrap_err();
        problems.list().iter().map(|problem| problem.code).collect()
    };
    for (text, expected) in [
        ("environments = []", "empty-list"),
        ("[environments]", "empty-list"),
        ("environments = 'prod'", "wrong-type"),
        ("environments = ['a', 'a']", "duplicate"),
        ("environments = ['pr-{a']", "bad-pattern"),
        ("[environments.prod]\npipeline = ['a']", "unknown-key"),
        ("[environments.prod]\npipelines = 'a'", "wrong-type"),
        ("[environments.prod]\npipelines = ['a', 'a']", "duplicate"),
        ("[environments.prod]\npipelines = ['']", "empty-text"),
        ("[environments.prod]\npipelines = ['arn:aws:codepipeline:eu-west-1:1']", "bad-value"),
        ("[environments.prod]\npipelines = ['arn:aws:codebuild:eu-west-1:1:x']", "bad-value"),
        ("[environments.prod]\npipelines = ['arn:aws:s3:::x']", "bad-value"),
        ("[environments.prod]\nmax_skip_age = 'long'", "bad-duration"),
        ("[environments.prod]\nreuse_from = 'stagee'\n[environments.stage]", "unknown-environment"),
        ("[environments.prod]\nreuse_from = 'prod'", "reuse-cycle"),
        ("[environments.'pr-*']\nreuse_from = 'pr-1'", "reuse-cycle"),
        ("[environments.prod]\nreuse_from = ''", "bad-name"),
        // A list and a table are two ways to write the same key.
        ("environments = ['stage']\n[environments.prod]", "syntax"),
    ] {
        assert_eq!(codes(text), [expected], "{text}");
    }
}

#[test]
fn what_an_environment_reuses_is_built_elsewhere() {
    let map = |text: &str| ServiceMap::parse("map", format!("{text}\n[services.a]\ninclude = ['a']\n").as_bytes());
    let chain = map(
        "[environments.test]\n[environments.stage]\nreuse_from = 'test'\n[environments.prod]\nreuse_from = 'stage'",
    );
    let environment = |name: &str| EnvironmentName::new(name).unwrap();
    assert_eq!(chain.unwrap().reuse_from(&environment("prod")), Some(&environment("stage")));
    let circle =
        "[environments.a]\nreuse_from = 'b'\n[environments.b]\nreuse_from = 'c'\n[environments.c]\nreuse_from = 'b'";
    let problems = map(circle).unwrap_err();
    let found: Vec<_> = problems.list().iter().map(|problem| (problem.code, problem.message.as_str())).collect();
    assert_eq!(
        found,
        [
            ("reuse-cycle", "each of these reuses what the next one has deployed: b -> c -> b"),
            ("reuse-cycle", "each of these reuses what the next one has deployed: c -> b -> c"),
        ]
    );
}
