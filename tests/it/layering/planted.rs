//! One planted breach of each kind, and what is not one.

use std::collections::BTreeMap;

use super::rules::survey;

/// What is wrong with a tree of these files.
fn breaches(files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<String, String> =
        files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    survey(&files).breaches()
}

const LIB: (&str, &str) = ("lib.rs", "pub mod base; pub mod map; pub mod store; pub mod output;");
const BASE: (&str, &str) = ("base/mod.rs", "pub mod names;");
const NAMES: (&str, &str) = ("base/names.rs", "pub struct Name;");

#[test]
fn a_tree_that_keeps_the_rules() {
    let map = "use crate::base::names::Name; use std::fmt; pub struct Map(Name); // crate::store\nconst S: &str = \"crate::store\";";
    assert_eq!(breaches(&[LIB, BASE, NAMES, ("map/mod.rs", map), ("store/mod.rs", "")]), Vec::<String>::new());
}

#[test]
fn a_wing_that_uses_another() {
    let wrong = "base/names.rs uses map/mod.rs: `base` may not use `map`";
    for text in [
        "use crate::map::Map;",
        "use crate::{map::{Map, Other}, base};",
        "use super::super::map::Map;",
        "fn f(map: &crate::map::Map) {}",
        "fn f() { let _ = vec![crate::map::Map]; }",
        "#[serde(with = \"crate::map::Map\")] struct S;",
        "mod inner { fn f() { super::super::super::map::new(); } }",
        "pub use crate::map::Map;",
    ] {
        let files = [LIB, BASE, ("base/names.rs", text), ("map/mod.rs", "pub struct Map; pub fn new() {}")];
        assert_eq!(breaches(&files), [wrong], "{text}");
    }
}

#[test]
fn a_wing_that_uses_another_through_a_re_export() {
    let files = [
        LIB,
        BASE,
        NAMES,
        ("map/mod.rs", "pub use crate::base::Hidden;"),
        ("base/mod.rs", "pub mod names; pub use crate::store::Hidden;"),
        ("store/mod.rs", "pub struct Hidden;"),
    ];
    let wrong = [
        "base/mod.rs uses store/mod.rs: `base` may not use `store`",
        "map/mod.rs uses store/mod.rs: `map` may not use `store`",
    ];
    assert_eq!(breaches(&files), wrong);
}

#[test]
fn a_circle_of_files() {
    let files = [
        LIB,
        ("base/mod.rs", "mod a; mod b; mod c;"),
        ("base/a.rs", "use super::b::B; pub struct A;"),
        ("base/b.rs", "pub struct B; fn f() { super::c::f() }"),
        ("base/c.rs", "use crate::base::a; pub fn f() { a::A; }"),
    ];
    assert_eq!(breaches(&files), ["a circle of files: base/a.rs -> base/b.rs -> base/c.rs"]);
}

#[test]
fn a_re_export_makes_no_circle() {
    let files = [
        LIB,
        ("base/mod.rs", "mod a; mod b; pub use a::A; pub struct Top;"),
        ("base/a.rs", "use super::Top; pub struct A(Top);"),
        ("base/b.rs", "use super::A;"),
    ];
    assert_eq!(breaches(&files), Vec::<String>::new());
}

#[test]
fn a_package_outside_of_its_fence() {
    for (text, named, fence, places) in [
        ("use gix::ObjectId;", "gix::ObjectId", "gix", "source/"),
        ("fn f() -> aws_sdk_s3::Client {}", "aws_sdk_s3::Client", "aws_", "store/"),
        ("#[derive(clap::Args)] struct S;", "clap::Args", "clap", "app/, output/, store/provision/, main.rs"),
        ("use globset::{Glob as G};", "globset::Glob", "globset", "pattern/glob.rs"),
        ("use toml::Spanned;", "toml::Spanned", "toml", "base/toml_text.rs, map/, upkeep/manifests/, upkeep/init/"),
        (
            "use toml_edit::DocumentMut;",
            "toml_edit::DocumentMut",
            "toml_",
            "base/toml_text.rs, map/, upkeep/manifests/, upkeep/init/",
        ),
        ("fn f() { std::env::var(\"X\"); }", "std::env::var", "std::env", "app/settings/, main.rs, output/schemas.rs"),
        (
            "use std::env; fn f() { env::var(\"X\"); }",
            "std::env::var",
            "std::env",
            "app/settings/, main.rs, output/schemas.rs",
        ),
        (
            "use jiff::Timestamp; fn f() { Timestamp::now(); }",
            "jiff::Timestamp::now",
            "jiff::Timestamp::now",
            "app/settings/, store/file/tests.rs",
        ),
        ("fn f() { std::process::exit(1) }", "std::process::exit", "std::process::exit", "main.rs"),
    ] {
        let found = breaches(&[LIB, BASE, ("base/names.rs", text)]);
        let wrong = format!("base/names.rs names `{named}`: only {places} may name `{fence}`");
        assert!(found.contains(&wrong), "{text}: {found:?}");
    }
}

#[test]
fn a_type_name_that_is_used_twice() {
    let files =
        [LIB, BASE, NAMES, ("map/mod.rs", "pub(crate) enum Name {} #[cfg(test)] mod tests { pub struct Name; }")];
    assert_eq!(breaches(&files), ["the type name `Name` is used in base/names.rs, map/mod.rs"]);
}
