//! What git says of inputs.

use super::{codes, found};
use crate::support::World;

const MAP: &str =
    "[services.a]\ninclude = ['a', 'vendor/lib/**']\n[defaults]\nexclude = ['.git*', '**/.gitattributes']\n";

#[test]
fn inputs_that_git_archive_writes_anew_are_told() {
    let attributes = "*.txt text\nversion.txt export-subst\n*.bin filter=lfs -text\n";
    let world = World::new(
        MAP,
        &[
            ("a/version.txt", "$Format:%H$"),
            ("a/x.bin", "x"),
            ("a/y", "x"),
            (".gitattributes", attributes),
            ("vendor/lib/x", "x"),
        ],
    );
    assert_eq!(found(&world), ["warning export-subst .gitattributes:2", "warning lfs-pointer .gitattributes:3"]);
    assert!(world.run(["check"]).stdout.contains("  - a/version.txt\n"));
    world.write("a/.gitattributes", "x.bin -export-subst\ny export-subst\n");
    world.write(".gitattributes", "b.txt export-subst\n");
    assert_eq!(found(&world), ["warning export-subst a/.gitattributes:2"]);
}

#[test]
fn a_submodule_under_a_rule_is_told() {
    let modules = "[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = ../lib\n[submodule \"x\"]\n\tpath = elsewhere\n";
    let world = World::new(MAP, &[("a/x", "x"), (".gitmodules", modules), ("vendor/lib/x", "x")]);
    assert_eq!(found(&world), ["warning submodule-input .gitmodules:2"]);
    assert!(world.run(["check"]).stdout.contains("the submodule `vendor/lib` is an input of a"));
}

#[test]
fn the_files_are_those_that_git_would_keep() {
    let world = World::new(MAP, &[("a/x", "x"), ("vendor/lib/x", "x"), (".gitignore", "built\n"), ("built/x", "x")]);
    assert_eq!(codes(&world), ["unowned"]);
    crate::support::git(&world.source(), &["init", "--quiet"]);
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn what_a_link_leads_to_is_told_unless_a_rule_covers_it() {
    let world = World::new("[services.a]\ninclude = ['a']\n", &[("a/x", "x"), ("lib/y", "y"), ("lib/z", "z")]);
    std::os::unix::fs::symlink("../lib", world.source().join("a/lib")).unwrap();
    assert_eq!(found(&world), ["warning link-target shipmark.toml:2"]);
    let text = world.run(["check"]).stdout;
    assert!(text.contains("the link `a/lib` leads to 2 files that no rule of a covers"), "{text}");
    assert!(text.contains("  - lib/ (2 files)\n"), "{text}");
    world.write("shipmark.toml", "[services.a]\ninclude = ['a', 'lib']\n");
    assert_eq!(found(&world), [""; 0]);
    world.write("shipmark.toml", "[services.a]\ninclude = ['a/x', 'a/lib/y']\n");
    assert!(!codes(&world).contains(&"dead-pattern".to_owned()), "a pattern that goes on behind a link is not dead");
}
