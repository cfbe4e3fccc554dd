//! Lints of the rules against the names of the files.

use super::{codes, found};
use crate::support::World;

/// A source of these files, and a map.
fn world(map: &str, files: &[&str]) -> World {
    let files: Vec<(&str, &str)> = files.iter().map(|file| (*file, "x")).collect();
    World::new(map, &files)
}

fn said(world: &World) -> String {
    world.run(["check", "--warn", "dead-exclude"]).stdout
}

#[test]
fn a_good_map_is_silent() {
    let world =
        world("[services.a]\ninclude = ['a']\n[services.b]\ninclude = ['b/*.x', 'c']\n", &["a/1", "b/1.x", "c"]);
    assert_eq!(found(&world), Vec::<String>::new());
    assert_eq!(
        world.run(["check"]).stdout,
        "shipmark.toml: 2 services, 0 expectations, 4 files: 0 errors, 0 warnings\n"
    );
}

#[test]
fn a_pattern_that_matches_nothing_is_told_with_what_was_meant() {
    let map = "[services.a]\ninclude = [\n  'services/api/**',\n  'servces/web/**',\n  'apps/web',\n]\n";
    let world = world(map, &["services/api/x", "services/web/y"]);
    let said = said(&world);
    assert!(
        said.contains("warning[dead-pattern]: `servces/web/**` matches no file\n --> shipmark.toml:4:3\n"),
        "{said}"
    );
    assert!(
        said.contains("4 |   'servces/web/**',\n  |   ^^^^^^^^^^^^^^^^\n  = help: did you mean `services`?\n"),
        "{said}"
    );
    assert!(said.contains("did you mean `services/web`, which has that name?"), "{said}");
}

#[test]
fn a_name_in_another_case_is_told_as_such_also_of_an_exclude() {
    let world =
        world("[services.a]\ninclude = ['src', 'Readme.md']\nexclude = ['SRC/Gen*']\n", &["src/gen1", "README.md"]);
    let said = said(&world);
    assert!(said.contains("`Readme.md` matches no file, but would match `README.md` if case did not count"), "{said}");
    assert_eq!(codes(&world), ["unowned", "wrong-case"]);
    assert_eq!(found(&world).len(), 3);
}

#[test]
fn an_environment_of_the_pattern_is_one_of_the_maps() {
    let files = ["a/x", "env/prod/x", "env/dev/x"];
    let map =
        |environments: &str| format!("{environments}\n[services.a]\ninclude = ['a', 'env/${{environment}}/**']\n");
    assert_eq!(codes(&world(&map("environments = ['dev', 'prod']"), &files)), Vec::<String>::new());
    let half = world(&map("environments = ['dev', 'qa']"), &files);
    assert_eq!(codes(&half), ["unowned"], "it matches in one environment");
    let none = world(&map("environments = ['qa']"), &files);
    assert_eq!(codes(&none), ["dead-environment", "unowned"]);
    let unnamed = said(&world(&map(""), &files));
    assert!(unnamed.contains("name the environments in the map: `environments = [\"prod\"]`"), "{unnamed}");
}

#[test]
fn a_file_that_is_an_input_in_some_environment_is_owned() {
    let map = "environments = ['dev', 'prod']\n[services.a]\ninclude = ['a', 'env/${environment}']\n";
    let world = world(map, &["a", "env/dev/x", "env/prod/x", "env/qa/x"]);
    let said = said(&world);
    assert!(said.contains("1 file that no service covers\n --> shipmark.toml\n  - env/qa/x\n"), "{said}");
}

#[test]
fn unowned_files_are_counted_by_directory_and_none_is_left_out() {
    let files: Vec<String> = (0..12).map(|number| format!("services/new/{number}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).chain(["a/x", "a/lost", "z"]).collect();
    let world = world("[services.a]\ninclude = ['a/x']\n", &files);
    let said = said(&world);
    assert!(said.contains("14 files that no service covers\n"), "{said}");
    assert!(said.contains("  - a/lost\n  - services/ (12 files)\n  - z\n"), "{said}");
    let whole = world.run(["check", "--format", "json"]).json();
    assert_eq!(whole["findings"][0]["paths"].as_array().unwrap().len(), 14);
    world.write("shipmark.toml", "[defaults]\nunowned = 'ignore'\n[services.a]\ninclude = ['a/x']\n");
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn an_include_that_excludes_swallow_whole_is_told_with_them() {
    let map = "[defaults]\nexclude = ['**/*.md']\n[services.a]\ninclude = ['a', 'docs']\nexclude = ['docs/x']\n";
    let world = world(map, &["a/1", "docs/x/1", "docs/y.md"]);
    let said = said(&world);
    let expected =
        "`docs` matches 2 files, and all are cut by `**/*.md` (shipmark.toml:2) and `docs/x` (shipmark.toml:5)";
    assert!(said.contains(expected), "{said}");
    world.write("docs/z", "x");
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn a_group_that_one_user_cuts_and_another_does_not_is_alive() {
    let map = "[groups]\ng = ['g']\n[services.a]\ninclude = ['a']\ngroups = ['g']\nexclude = ['g']\n[services.b]\ngroups = ['g']\n";
    assert_eq!(codes(&world(map, &["a", "g/x"])), Vec::<String>::new());
    let unused = "[groups]\ng = ['g']\n[services.a]\ninclude = ['a']\n";
    assert_eq!(codes(&world(unused, &["a", "g/x"])), ["unowned", "unused-group"]);
}

#[test]
fn what_another_pattern_of_the_service_says_already_is_told_once() {
    let map = "[groups]\ng = ['lib', 'lib/x']\n[services.a]\ninclude = ['a/**', 'a/sub', 'a/**', 'lib']\ngroups = ['g']\n[services.b]\ninclude = ['a/sub']\n";
    let world = world(map, &["a/1", "a/sub/1", "lib/x", "lib/y"]);
    assert_eq!(
        found(&world),
        [
            "warning duplicate-pattern shipmark.toml:4",
            "warning duplicate-pattern shipmark.toml:4",
            "warning covered-pattern shipmark.toml:2",
            "warning covered-pattern shipmark.toml:4"
        ]
    );
    let said = said(&world);
    assert!(said.contains("`a/sub` selects 1 file, which `a/**` (shipmark.toml:4) selects too"), "{said}");
}

#[test]
fn of_two_patterns_that_select_the_same_one_is_told() {
    let world = world("[services.a]\ninclude = ['a',\n'a/**']\n", &["a/1"]);
    assert_eq!(found(&world), ["warning covered-pattern shipmark.toml:3"]);
}

#[test]
fn excludes_that_cut_nothing_may_stand() {
    let map = "[services.a]\ninclude = ['a']\nexclude = ['a/dist', 'b']\n[services.b]\ninclude = ['b']\n";
    let world = world(map, &["a/1", "b/1"]);
    assert_eq!(found(&world), Vec::<String>::new());
    let said = said(&world);
    assert!(said.contains("the exclude `a/dist` matches no file"), "{said}");
    assert!(said.contains("`b` cuts nothing: no other rule of `a` selects what it matches"), "{said}");
}

#[test]
fn inputs_that_differ_in_case_only_are_told() {
    let world = world("[services.a]\ninclude = ['a']\n", &["a/Makefile", "a/makefile", "b", "B"]);
    assert_eq!(codes(&world), ["case-collision", "unowned"]);
    assert!(said(&world).contains("`a/Makefile` and `a/makefile` differ in case only, and are inputs of `a`"));
}

#[test]
fn a_failing_expectation_names_the_path_and_the_rule_that_decided() {
    let map = "[groups]\ng = ['lib']\n[services.a]\ninclude = ['a']\ngroups = ['g']\n[services.b]\ninclude = ['b']\nexclude = ['b/x']\n[services.c]\ninclude = ['c']\ndepends_on = ['a']\n[[expect]]\nchanged = ['lib/1', 'b/x']\nbuilds = ['b']\n";
    let said = said(&world(map, &["a", "b/x", "b/y", "c", "lib/1"]));
    for line in [
        "error[expect]: these changes build a and c, and should build b",
        "  - too many: lib/1 is an input of a by `lib` (shipmark.toml:2), through group g",
        "  - too many: lib/1 is an input of c by `lib` (shipmark.toml:2), through its dependency a",
        "  - missing: no rule of b matches lib/1",
        "  - missing: b/x is excluded from b by `b/x` (shipmark.toml:8)",
        "12 | [[expect]]",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

#[test]
fn a_pattern_for_each_directory_is_told_once_and_only_if_all_are_dead() {
    let map = "[discover.'svc/*']\ninclude = ['${directory}/**', 'deploy/${service}/**', 'ops/${service}.tf']\n";
    let world = world(map, &["svc/a/x", "svc/b/x", "deploy/a/x", "op/a.tf"]);
    assert_eq!(found(&world), ["warning dead-pattern shipmark.toml:2", "warning unowned shipmark.toml"]);
    assert!(said(&world).contains("`ops/a.tf` matches no file"));
}

#[test]
fn names_that_are_no_text_are_shown_and_drive_no_terminal() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = world("[services.a]\ninclude = ['a']\n", &["a"]);
    for name in [&b"bad\xff"[..], b"esc\x1b[31m"] {
        std::fs::write(world.source().join(std::ffi::OsStr::from_bytes(name)), "x").unwrap();
    }
    let said = said(&world);
    assert!(said.contains("  - bad\\xff\n  - esc\\u{1b}[31m\n"), "{said}");
}

#[test]
fn brackets_of_a_name_are_told_though_the_pattern_matches_something() {
    let map = "[services.a]\ninclude = ['app/[slug]/**', 'lib/[ab]/*.x', 'other/[cd]/**']\n";
    let world = world(map, &["app/[slug]/1", "lib/a/1.x", "lib/[ab]/2.x", "other/c/1"]);
    let found = found(&world);
    let brackets = found.iter().filter(|found| *found == "warning bracket-name shipmark.toml:2").count();
    assert_eq!((brackets, codes(&world)), (2, vec!["bracket-name".to_owned(), "unowned".to_owned()]));
    assert!(said(&world).contains(r"brackets stand for one character of a set: write 'app/\[slug\]/**'"));
    world.write(
        "shipmark.toml",
        "[services.a]\ninclude = ['app/\\[slug\\]/**', 'lib/{[ab],\\[ab\\]}/*.x', 'other/[cd]/**']\n",
    );
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn names_in_two_forms_of_unicode_are_told() {
    let files = ["cafe\u{301}/x", "na\u{ef}ve", "nai\u{308}ve"];
    let world = world("[services.a]\ninclude = ['caf\u{e9}/**', 'na*']\n", &files);
    assert_eq!(codes(&world), ["unicode-form", "unowned"]);
    let told = said(&world);
    assert!(told.contains("matches no file, but would in another form of Unicode"), "{told}");
    assert!(told.contains("two inputs of `a` are named `na\u{ef}ve`, in two forms of Unicode"), "{told}");
    world.write(
        "shipmark.toml",
        "[services.a]\ninclude = ['cafe\u{301}/**', 'na\u{ef}ve']\n[defaults]\nunowned = 'ignore'\n",
    );
    assert_eq!(codes(&world), Vec::<String>::new());
}
