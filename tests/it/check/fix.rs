//! `check --fix`: what it adds, and what it leaves alone.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;

use super::codes;
use crate::support::World;

fn map(world: &World) -> String {
    std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap()
}

/// An image that copies a library, whose manifest needs another one, which embeds a file.
const FILES: [(&str, &str); 9] = [
    ("api/Dockerfile", "FROM scratch\nCOPY api /api\nCOPY libs/db /db\n"),
    ("api/Cargo.toml", "[package]\nname = 'api'\n"),
    ("api/src/main.rs", "fn main() {}"),
    ("libs/db/Cargo.toml", "[package]\nname = 'db'\n[dependencies]\nlog = { path = '../log' }\n"),
    ("libs/db/src/lib.rs", ""),
    ("libs/log/Cargo.toml", "[package]\nname = 'log'\n"),
    ("libs/log/src/lib.rs", "const X: &str = include_str!(\"../../../texts/x.txt\");"),
    ("texts/x.txt", "x"),
    ("texts/y.txt", "x"),
];

#[test]
fn what_a_service_lacks_is_added_until_nothing_is_lacking_and_comments_stay() {
    let text = "# mine\n[services.api]\ninclude = [\n  'api/**',  # its own\n]\ndockerfile = 'api/Dockerfile'\ncontext = '.'\n";
    let world = World::new(text, &FILES);
    world.assert(["check"]).code(4);
    world.assert(["check", "--fix"]).success().stderr(contains("added to the include of `api`: \"libs/db/**\""));
    let fixed = map(&world);
    assert_eq!(fixed, text.replace("'api/**',", "'api/**', \"libs/db/**\", \"libs/log/**\", \"texts/x.txt\","));
    assert_eq!(codes(&world), ["unowned"]);
    world.assert(["check", "--fix"]).success().stderr(contains("nothing to fix"));
    assert_eq!(map(&world), fixed);
}

#[test]
fn where_unowned_files_build_everything_nothing_is_lacking() {
    let text = "[defaults]\nunowned = 'build-all'\n[services.api]\ninclude = ['api/**']\ndockerfile = 'api/Dockerfile'\ncontext = '.'\n\
                [services.web]\ninclude = ['texts/y.txt']\n";
    let world = World::new(text, &FILES);
    world.assert(["check", "--fix"]).success().stderr(contains("nothing to fix"));
    assert_eq!(map(&world), text);
}

#[test]
fn an_exclude_is_never_touched() {
    let text = "[defaults]\nexclude = ['libs/db/src/**']\n[services.api]\ninclude = ['api/**', 'libs/**', 'texts/**']\n\
                dockerfile = 'api/Dockerfile'\ncontext = '.'\n";
    let world = World::new(text, &FILES);
    world.assert(["check", "--fix"]).code(4).stderr(contains("nothing to fix"));
    assert_eq!((map(&world).as_str(), codes(&world)), (text, vec!["copied-excluded".to_owned()]));
}

/// No include brings back what an exclude of the service cuts.
#[test]
fn what_an_exclude_cuts_is_not_added() {
    let text = "[services.api]\ninclude = ['api/**']\nexclude = ['libs/db/src/**', 'api/Dockerfile']\n\
                dockerfile = 'api/Dockerfile'\ncontext = '.'\n";
    let world = World::new(text, &FILES);
    world.assert(["check", "--fix"]).code(4).stderr(contains("added to the include of `api`: \"libs/db/Cargo.toml\""));
    let fixed = map(&world);
    assert_eq!(fixed, text.replace("['api/**']", "['api/**', \"libs/db/Cargo.toml\"]"));
    world.assert(["check", "--fix"]).code(4).stderr(contains("nothing to fix"));
    assert_eq!(map(&world), fixed);
    world.assert(["check"]).stdout(contains("narrow the exclude").and(contains("include `api/Dockerfile`").not()));
}

#[test]
fn a_code_is_explained_with_an_example() {
    let world = World::new("[services.a]\ninclude = ['a']\n", &[("a", "x")]);
    let explained = world.assert(["check", "--explain", "pulled-in"]).success();
    let explained = explained.stdout(contains("  before:\n        [services.api]\n"));
    explained.stdout(contains("  after:\n        [services.api]\n        include = [\"api/**\", \"libs/db/**\"]\n"));
}

#[test]
fn findings_that_say_the_same_are_one_with_the_other_places() {
    let service = |name: &str| format!("[services.{name}]\ninclude = ['{name}']\ndockerfile = '{name}/Dockerfile'\n");
    let map: String = ["a", "b", "c"].map(service).concat();
    let files = ["a/Dockerfile", "b/Dockerfile", "c/Dockerfile"].map(|name| (name, "FROM node:22\n"));
    let world = World::new(&map, &files);
    let said = world.run(["check"]).stdout;
    assert_eq!(said.matches("warning[floating-base]").count(), 1, "{said}");
    assert!(said.contains(" - the same at 2 more places: b/Dockerfile:1, c/Dockerfile:1\n"), "{said}");
    assert!(said.contains("0 errors, 3 warnings"), "{said}");
}
