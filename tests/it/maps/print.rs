//! `plan --print-map`.

use shipmark::base::names::EnvironmentName;
use shipmark::map::ServiceMap;
use shipmark::map::rules::Rules;

use super::super::support::World;

/// The names of all services and the digests of their rules.
fn digests(map: &ServiceMap) -> Vec<(String, String)> {
    let all: Vec<usize> = (0..map.services.len()).collect();
    let rules = Rules::compile(map, &EnvironmentName::new("stage").unwrap(), &all, true);
    let digest = |service: usize| format!("{:?}", rules.digest(service));
    map.services.iter().enumerate().map(|(at, service)| (service.name.to_string(), digest(at))).collect()
}

fn parse(text: &str) -> ServiceMap {
    ServiceMap::parse("shipmark.toml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

#[test]
fn what_is_printed_is_the_same_map() {
    let maps =
        std::fs::read_dir("config").unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let odd = "project = 'p'\nenvironments = ['stage', 'prod']\n[state]\nurl = 'file:\"x\"'\n[defaults]\nunowned = 'build-all'\n\
               max_skip_age = '90m'\n[groups]\n\"a \\\"group\\\"\" = ['x', \"y\\\\*\"]\n[services.'a.b']\ninclude = ['${environment}/é', '{a,b}']\n\
               groups = ['a \"group\"']\noutputs = { X = '*@{a,b}' }\nredeploys = ['c']\n[services.c]\ndepends_on = ['a.b']\nnot_inputs = ['n']\n\
               dockerfile = 'D'\ncontext = '.'\n[[expect]]\nchanged = ['x']\nbuilds = ['c', 'a.b']\n\
               [lints]\nunowned = 'deny'\nfloating-base = 'allow'\n";
    let tables = "[environments.prod]\nstate = 'file:p'\nshadow = false\npipelines = ['shop', 'arn:aws:codepipeline:eu-west-1:1:shop']\n[environments.'pr-*']\n\
                  max_skip_age = '1d'\n[services.a]\ninclude = ['a']\nbuild_timeout = '2h'\nmax_skip_age = '90s'\n\
                  env = ['A', 'B']\nshadow = true\nnot_inputs = { 'n/**' = 'it is \"n\"', m = 'x' }\n";
    for text in maps.chain([odd.to_owned(), tables.to_owned()]) {
        let map = parse(&text);
        let printed = map.to_toml();
        let again = parse(&printed);
        assert_eq!(digests(&again), digests(&map));
        // Only the comments tell where things stood before.
        let bare = |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        assert_eq!(bare(&again.to_toml()), bare(&printed));
        assert_eq!((again.project, again.state_url), (map.project, map.state_url));
        assert_eq!(again.lints, map.lints);
        assert_eq!(again.defaults.max_skip_age, map.defaults.max_skip_age);
        let lines = |text: &str| {
            let keys = [
                "environments",
                "[environments.",
                "pipelines",
                "max_skip_age",
                "build_timeout",
                "env = ",
                "state = ",
                "shadow = ",
                "not_inputs = ",
            ];
            text.lines().filter(|line| keys.iter().any(|key| line.starts_with(key))).count()
        };
        assert!(lines(&printed) >= lines(&text), "{printed}");
        assert_eq!(again.expects.len(), map.expects.len());
    }
}

#[test]
fn what_was_included_and_discovered_decides_the_same_when_it_is_written_out() {
    let world = World::new(
        "include_maps = ['*/*/map']\n[discover.'services/*']\nexclude = ['${directory}/*.log']\n[discover.'odd/[[]*']\n",
        &[
            ("services/api/x", "1"),
            (
                "services/api/map",
                "[services.api]\ndepends_on = ['tool']\n[services.tool]\ninclude = ['${directory}/tools/**']\n",
            ),
            ("services/api/tools/x", "1"),
            ("services/web/x.log", "1"),
        ],
    );
    // No directory matches the second table: a map that names one is refused, and prints nothing.
    assert_eq!(world.run(["plan", "--print-map"]).stdout, "");
    world.write(
        "shipmark.toml",
        "include_maps = ['*/*/map']\n[discover.'services/*']\nexclude = ['${directory}/*.log']\n",
    );
    let printed = world.run(["plan", "--print-map"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    let plan = || {
        let mut plan = world.plan(&["--base", "HEAD"]);
        plan["unowned"].take();
        plan
    };
    super::super::support::git(&world.source(), &["init", "-q"]);
    super::super::support::git(&world.source(), &["add", "-A"]);
    super::super::support::git(&world.source(), &["commit", "-q", "-m", "x"]);
    let before = plan();
    world.write("shipmark.toml", &printed.stdout);
    assert_eq!(plan(), before);
}

#[test]
fn it_plans_nothing_and_takes_nothing_that_is_about_plans() {
    let world = World::new("[services.a]\ninclude = ['a']\n", &[("a", "")]);
    for other in [&["a"][..], &["--base", "HEAD"], &["--revision", "HEAD"], &["--format", "json"]] {
        let done = world.run(["plan", "--print-map"].iter().chain(other));
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{done:?}");
    }
}
