//! The service map as a whole.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::base::names::EnvironmentName;

fn parse(text: &str) -> ServiceMap {
    ServiceMap::parse("shipmark.toml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn problems(text: &str) -> Vec<String> {
    let problems = ServiceMap::parse("shipmark.toml", text.as_bytes()).unwrap_err();
    let short = |problem: &Problem| {
        format!("{}:{} {}: {}", problem.position.line, problem.position.column, problem.code, problem.message)
    };
    problems.list().iter().map(short).collect()
}

/// One service with the given include, in TOML's literal quotes.
fn pattern(text: &str) -> Result<ServiceMap, Problems> {
    ServiceMap::parse("shipmark.toml", format!("[services.a]\ninclude = ['''{text}''']\n").as_bytes())
}

const EXAMPLE: &str = r#"
project = "cqrs"                      # default "default"; first part of every key
environments = ["stage", "prod"]      # optional: when given, an environment must be named and be one of these

[state]
url = "dynamodb://shipmark?region=ap-northeast-1"

[defaults]                            # optional
exclude = ["**/*.md"]                 # subtracted from every service
unowned = "warn"                      # files that no service covers
max_skip_age = "30d"                  # a deploy older than this builds anyway
build_timeout = "1h"                # how long a build may live

[groups]                              # named path lists that services share
infra = ["Server/template.yaml", "Server/AWS/**", "env/${environment}.tfvars"]
package = ["Server/Package.swift", "Server/Package.resolved"]

[services.command]
include = ["Server/Sources/Command/**"]
exclude = ["**/*.orig"]
groups = ["infra", "package"]
depends_on = []
outputs = { IMAGE_URI = "*@sha256:*" }
redeploys = ["query"]
dockerfile = "Server/Sources/Command/Dockerfile"
context = "Server"
not_inputs = ["Server/Tests/**"]

[services.query]
include = ["Server/Sources/Query/**"]
groups = ["infra", "package"]

[[expect]]                            # tests of the rules themselves, run by `check`
changed = ["Server/Sources/Query/Server/configure.swift"]
builds = ["query"]
"#;

#[test]
fn every_key_has_its_place() {
    let map = parse(EXAMPLE);
    assert_eq!(map.project.as_str(), "cqrs");
    let environments: Vec<_> = map.environments.as_ref().unwrap().names().map(EnvironmentName::as_str).collect();
    assert_eq!(environments, ["stage", "prod"]);
    assert_eq!(map.state_url.as_deref(), Some("dynamodb://shipmark?region=ap-northeast-1"));
    assert_eq!(map.defaults.exclude[0].text, "**/*.md");
    assert_eq!(map.defaults.exclude[0].position, Position { file: 0, line: 9, column: 12 });
    assert_eq!(map.defaults.unowned, Unowned::Warn);
    assert_eq!(map.defaults.unowned_position, Some(Position { file: 0, line: 10, column: 11 }));
    assert_eq!(map.defaults.max_skip_age, Some(Duration::from_secs(30 * 86_400)));
    assert_eq!(map.defaults.build_timeout, Duration::from_secs(3600));
    assert_eq!(map.groups["package"].len(), 2);
    let [command, query] = &map.services[..] else { panic!("two services") };
    assert_eq!((command.name.as_str(), command.position), ("command", Position { file: 0, line: 18, column: 11 }));
    assert_eq!(
        (command.include[0].text.as_str(), command.exclude[0].text.as_str()),
        ("Server/Sources/Command/**", "**/*.orig")
    );
    assert_eq!(
        (&command.groups[..], &command.depends_on[..], &command.redeploys[..]),
        (&query.groups[..], &[][..], &[1][..])
    );
    let shape = &command.outputs[&OutputName::new("IMAGE_URI").unwrap()];
    assert!(shape.fits("registry/a/b@sha256:12") && !shape.fits("registry/a/b:latest") && !shape.fits(""));
    assert_eq!(command.dockerfile.as_deref(), Some("Server/Sources/Command/Dockerfile"));
    assert_eq!(command.context.as_deref(), Some("Server"));
    assert_eq!(command.not_inputs[0].pattern.text, "Server/Tests/**");
    assert_eq!(map.expects[0].changed, ["Server/Sources/Query/Server/configure.swift"]);
    assert_eq!((&map.expects[0].builds[..], map.expects[0].position.line), (&[1][..], 33));
    assert_eq!(map.index(&query.name), Some(1));
}

#[test]
fn what_is_left_out_has_a_default() {
    let map = parse("[services.a]\ninclude = ['a']");
    assert_eq!((map.project.as_str(), map.state_url.as_deref()), ("default", None));
    assert!(map.environments.is_none());
    assert_eq!((map.defaults.unowned, map.defaults.unowned_position), (Unowned::Warn, None));
    assert_eq!((map.defaults.max_skip_age, map.defaults.build_timeout), (None, Duration::from_hours(1)));
    assert_eq!(map.defaults.deploy_timeout, Duration::from_hours(9));
}

#[test]
fn every_mistake_is_reported_at_once() {
    let text = include_bytes!("../../tests/maps/every-mistake.toml");
    let problems = ServiceMap::parse("shipmark.toml", text).unwrap_err();
    assert_eq!(format!("{problems}\n"), include_str!("../../tests/maps/every-mistake.txt"));
}

#[test]
fn a_syntax_error_hides_no_other_mistake_and_invents_none() {
    // The header of `b` is broken, so it is unknown whether a service `b` exists.
    let text = "[services.a]\ninclude = ['/a'] x\n[services.b\ninclude = ['b']\n[services.c]\ndepends_on = ['b']\n";
    assert_eq!(
        problems(text),
        [
            "2:12 bad-pattern: the pattern `/a` begins with `/`",
            "2:18 syntax: this is not TOML: unexpected key or value, expected newline, `#`",
            "3:12 syntax: this is not TOML: unclosed table, expected `]`",
        ]
    );
}

#[test]
fn what_is_no_map_gets_one_problem() {
    for (bytes, expected) in [
        (&b""[..], "1:1 no-services"),
        (b" \n\n", "1:1 no-services"),
        (b"# nothing\n", "1:1 no-services"),
        (b"project = 'x'\n", "1:1 no-services"),
        (b"a\n\xff\xfe", "2:1 not-text"),
        (b"a = 1\n\0\0\0", "2:1 not-text"),
        (b"\x7fELF\x01\0\0\xff", "1:6 not-text"),
        (b"a", "1:2 syntax"),
    ] {
        let problems = ServiceMap::parse("shipmark.toml", bytes).unwrap_err();
        let problem = &problems.list()[0];
        let found = format!("{}:{} {}", problem.position.line, problem.position.column, problem.code);
        assert_eq!((found.as_str(), problems.list().len()), (expected, 1), "{problems}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_map() {
    assert_eq!(
        problems("\u{feff}x = 1\n[services.a]\ninclude = ['a']"),
        ["1:1 unknown-key: unknown key `x` in the map"]
    );
}

#[test]
fn services_come_in_dependency_order() {
    let map = parse(
        "[services.a]\ndepends_on = ['z']\n[services.b]\ninclude = ['b']\nredeploys = ['a']\n[services.z]\ninclude = ['z']\n\
         [[expect]]\nchanged = ['z']\nbuilds = ['z', 'a']\n",
    );
    let names: Vec<_> = map.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["b", "z", "a"]);
    assert_eq!((&map.services[2].depends_on[..], &map.services[0].redeploys[..]), (&[1][..], &[2][..]));
    assert_eq!(map.expects[0].builds, [1, 2]);
    assert_eq!(map.with_dependencies(&[2]), [1, 2]);
}

#[test]
fn outputs_of_services_that_are_printed_together_have_their_own_variables() {
    let clash = "[services.a]\ninclude = ['a']\nredeploys = ['b']\noutputs = { URI_B = '*' }\n\
                 [services.b]\ninclude = ['b']\noutputs = { URI = '*' }\n";
    assert_eq!(problems(clash), ["4:13 variable-clash: this output and `URI` of `b` would both be printed as `URI_B`"]);
    parse(&clash.replace("redeploys = ['b']", ""));
    let composed = "[services.a]\ninclude = ['a']\noutputs = { X_B = '*' }\n[services.b-a]\ninclude = ['b']\noutputs = { X = '*' }\n";
    assert_eq!(
        problems(composed),
        ["6:13 variable-clash: this output and `X_B` of `a` would both be printed as `X_B_A`"]
    );
}

#[test]
fn good_patterns_are_accepted() {
    for good in [
        "a",
        "a/",
        "**",
        "a/**/b",
        "{a,b/{c,d}}/x",
        "[!a-z]?",
        "[]x]",
        "\\!a",
        "a\\*",
        "${environment}/x",
        "x{,.y}",
        "$a",
        "é/日本*",
        "...",
        ".git*",
        "a,b",
    ] {
        assert!(pattern(good).is_ok(), "{good}: {}", pattern(good).unwrap_err());
    }
}

#[test]
fn bad_patterns_are_refused() {
    for (bad, why) in [
        ("", "is empty"),
        ("!a", "begins with `!`"),
        ("/a", "begins with `/`"),
        ("a//b", "an empty path component"),
        ("{a,}/b", "an empty path component"),
        ("{a,}", "an empty path component"),
        ("a//", "an empty path component"),
        ("./a", "the path component `.`"),
        ("a/..", "the path component `..`"),
        ("{a,..}/b", "the path component `..`"),
        ("{a", "a `{` without `}`"),
        ("a}", "a `}` without `{`"),
        ("[a", "a `[` without `]`"),
        ("[]", "a `[` without `]`"),
        ("[b-a]", "the backward range `b-a`"),
        ("[é]", "matches single bytes"),
        ("[[:alpha:]]", "a named character class"),
        ("[${environment}]", "a variable in a character class"),
        ("svc/**.go", "`**` inside a component"),
        ("svc/{x,y**}", "`**` inside a component"),
        ("${environment}**", "`**` inside a component"),
        ("${env}", "the unknown variable `${env}`"),
        ("${environment", "a `${` without `}`"),
        ("a\\", "ends with a single `\\`"),
        ("src\\main", "`\\m`, which means nothing"),
        ("a\tb", "a control character"),
        ("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "more than 1000 alternatives"),
    ] {
        let problems = pattern(bad).map(|_| bad).unwrap_err();
        assert_eq!(problems.list().len(), 1, "{problems}");
        let problem = &problems.list()[0];
        assert_eq!(problem.code, "bad-pattern");
        assert!(problem.message.contains(why), "{bad}: {}", problem.message);
    }
    let deep = format!("{}a{}", "{".repeat(100_000), "}".repeat(100_000));
    assert!(pattern(&deep).unwrap_err().to_string().contains("nests its braces too deeply"));
}

#[test]
fn components_that_could_not_be_compiled_are_refused() {
    let long = |length: usize| "?".repeat(length);
    let variables = |count: usize| "${environment}".repeat(count);
    for good in [long(4096), format!("{}/*/{}", long(4096), long(4096)), variables(4), format!("{}/*", variables(4))] {
        assert!(pattern(&good).is_ok(), "{}", pattern(&good).unwrap_err());
    }
    for bad in
        [long(4097), "a".repeat(4097), format!("a/{}*", long(4096)), format!("{{a,{}}}", long(4097)), variables(5)]
    {
        let problems = pattern(&bad).unwrap_err();
        let [problem] = problems.list() else { panic!("{problems}") };
        assert!(problem.message.ends_with("` has a path component of more than 4096 bytes"), "{}", problem.message);
        assert!(problem.message.chars().count() < 300 && problem.hint.contains("1024 bytes"), "{problem:?}");
    }
    let shape = |length: usize| format!("[services.a]\ninclude = ['a']\noutputs = {{ A = '{}' }}", long(length));
    assert_eq!(parse(&shape(4096)).services.len(), 1);
    assert!(problems(&shape(4097))[0].ends_with("` is longer than 4096 bytes"), "{:?}", problems(&shape(4097)));
}

#[test]
fn ten_thousand_services_and_as_many_mistakes_take_no_time() {
    let services = |dependency: &dyn Fn(usize) -> String| -> String {
        let service = |index| {
            format!(
                "[services.s{index}]\ninclude = ['s{index}/**', 's{index}/*.x']\ndepends_on = [{}]\n",
                dependency(index)
            )
        };
        (0..10_000).map(service).collect()
    };
    let started = Instant::now();
    let map = parse(&services(&|index| if index == 0 { String::new() } else { format!("'s{}'", index - 1) }));
    assert_eq!((map.services.len(), map.services[9_999].name.as_str()), (10_000, "s9999"));
    let wrong = services(&|index| format!("'x{index}'")).replace('\n', "\r\n");
    assert_eq!(problems(&wrong).len(), 10_000);
    let cyclic = services(&|index| format!("'s{}'", (index + 1) % 10_000));
    assert_eq!(problems(&cyclic).len(), 1);
    let one_line =
        format!("x = [{}]\n[services.a]\ninclude = ['a']\ngroups = [{}]", "1,".repeat(100), "'é',".repeat(10_000));
    assert_eq!(problems(&one_line).len(), 1 + 10_000 + 9_999);
    // An unoptimised build on a busy machine; anything quadratic takes minutes.
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn a_damaged_map_is_a_problem_and_never_a_panic(
        cut in 0..EXAMPLE.len(),
        length in 0..40usize,
        patch in prop::collection::vec(prop_oneof![prop::sample::select(&b"[]{}\"'=,.\n\\#$!*/"[..]), any::<u8>()], 0..6),
    ) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        let end = (cut + length).min(bytes.len());
        bytes.splice(cut..end, patch);
        if let Err(problems) = ServiceMap::parse("shipmark.toml", &bytes) {
            prop_assert!(problems.list().iter().all(|problem| problem.position.line > 0 && problem.position.column > 0));
            prop_assert!(!problems.to_string().is_empty());
        }
    }
}

#[test]
fn a_file_that_is_something_else_is_told_in_a_few_lines() {
    let text = "root:x:0:0:root\n".repeat(1_000);
    let problems = ServiceMap::parse("passwd", text.as_bytes()).unwrap_err();
    let lines: Vec<_> = problems.list().iter().map(|problem| problem.position.line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6]);
    assert!(problems.list()[5].message.ends_with("nor are 994 lines below"), "{}", problems.list()[5].message);
}
