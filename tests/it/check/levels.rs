//! Levels: in the map, and on the command line.

use crate::support::World;

fn world(lints: &str) -> World {
    let map = format!("{lints}\n[services.a]\ninclude = ['a', 'gone']\n");
    World::new(&map, &[("a", "x"), ("b", "x")])
}

#[test]
fn the_map_says_what_is_denied_and_what_is_not_told() {
    for (lints, code, told) in [
        ("", 0, &["warning[dead-pattern]", "warning[unowned]"][..]),
        ("[lints]\nunowned = 'deny'", 4, &["warning[dead-pattern]", "error[unowned]"]),
        ("[lints]\nunowned = 'allow'\ndead-pattern = 'deny'", 4, &["error[dead-pattern]"]),
        ("[lints]\nunowned = 'allow'\ndead-pattern = 'allow'", 0, &[]),
    ] {
        let done = world(lints).run(["check"]);
        assert_eq!(done.code, code, "{lints}: {}", done.stdout);
        assert!(told.iter().all(|told| done.stdout.contains(told)), "{lints}: {}", done.stdout);
        assert_eq!(done.stdout.matches("]: ").count(), told.len(), "{lints}: {}", done.stdout);
    }
}

#[test]
fn flags_overrule_the_map() {
    let world = world("[lints]\nunowned = 'allow'\ndead-pattern = 'deny'");
    assert_eq!(world.run(["check"]).code, 4);
    assert_eq!(world.run(["check", "--warn", "dead-pattern"]).code, 0);
    assert_eq!(world.run(["check", "--allow", "dead-pattern", "--deny", "unowned"]).code, 4);
}

#[test]
fn a_code_that_there_is_not_is_a_wrong_request_or_a_wrong_map() {
    let typed = world("").run(["check", "--deny", "unownd"]);
    assert_eq!(typed.code, 2);
    assert!(
        typed.stderr.contains("there is no lint `unownd`") && typed.stderr.contains("did you mean `unowned`?"),
        "{}",
        typed.stderr
    );
    let map = world("[lints]\ndead-patern = 'warn'\nunowned = 'dney'\nexpect = 3\nwhatever = 'deny'").run(["check"]);
    assert_eq!(map.code, 2);
    for line in [
        "error[unknown-lint]: there is no lint `dead-patern`",
        "help: did you mean `dead-pattern`?",
        "error[bad-value]: a level may not be `dney`",
        "help: did you mean `deny`?",
        "error[wrong-type]: the level of `expect` is an integer",
        "error[unknown-lint]: there is no lint `whatever`",
        "help: `shipmark check --list` lists the codes",
    ] {
        assert!(map.stderr.contains(line), "{line}\n{}", map.stderr);
    }
}

#[test]
fn every_code_is_listed_and_explained_without_a_map() {
    let world = World::new("not a map", &[]);
    let listed = world.run(["check", "--list"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    let codes: Vec<&str> = listed.stdout.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(codes.len() > 20 && codes.contains(&"copied-not-input"), "{codes:?}");
    for code in codes {
        let explained = world.run(["check", "--explain", code]);
        assert!(explained.code == 0 && explained.stdout.starts_with(code), "{}", explained.stdout);
    }
    assert_eq!(world.run(["check", "--explain", "nothing-like-it"]).code, 2);
}
