//! Names and values that would drive a terminal, forge a line of a log or turn the direction of a text: what is printed for
//! people has none of it.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::support::{Build, Done, World, git};

/// What is planted: escape, carriage return, bell, a C1 control, a bidirectional override, an isolate, and a forged line.
const PLANTED: &str = "q\u{1b}[2Jq\rq\u{7}q\u{9b}31mq\u{202e}q\u{2066}q\u{8}q\nerror: forged\n::error::forged";

/// What a terminal or a reader of a log would take for something else.
fn assert_harmless(args: &[&str], done: &Done) {
    for text in [&done.stdout, &done.stderr] {
        let bad = text.chars().find(|character| {
            let control = character.is_control() && *character != '\n';
            control || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert!(bad.is_none(), "{args:?} printed {bad:?}: {text:?}");
        let forged = text.lines().find(|line| line.starts_with("error: forged") || line.starts_with("::error::forged"));
        assert!(forged.is_none(), "{args:?} printed a forged line: {text}");
    }
    assert!(!done.stderr.contains("bug"), "{args:?}: {done:?}");
}

fn plant(world: &World, path: &[u8]) {
    let path = world.source().join(Path::new(std::ffi::OsStr::from_bytes(path)));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "1").unwrap();
}

#[test]
fn nothing_that_is_planted_reaches_a_terminal() {
    let name = PLANTED.replace('/', "");
    let map = "[services.a]\ninclude = [\"a\", \"gone\\u202e*\"]\noutputs = { X = \"*\" }\n\
               [services.b]\ninclude = [\"b/Dockerfile\"]\ndockerfile = \"b/Dockerfile\"\n[groups]\n\"g\\u202e\" = [\"zz\"]\n";
    let world =
        World::new(map, &[("a/x", "1"), ("b/Dockerfile", &format!("FROM x\nCOPY {} /\n", name.replace('\n', "")))]);
    for path in [format!("a/{name}"), format!("{name}/unowned"), format!("b/{name}")] {
        plant(&world, path.as_bytes());
    }
    plant(&world, b"a/\xff\x1b[2J");
    git(&world.source(), &["init", "-q", "-b", "main"]);
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", &name]);
    world.write("a/x", "2");
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", &format!("x {name}")]);
    let build = Build::new(&format!("b:{name}")).with("CODEBUILD_INITIATOR", &format!("codepipeline/{name}"));
    let output = format!("a:X={}", name.replace('\n', " "));
    let run = |args: &[&str]| {
        let done = world.run_in(&build, args);
        assert_harmless(args, &done);
        done
    };
    for args in [
        &["decide", "--format", "table", "--revision", &name][..],
        &["decide", "-v", "--format", "table", "--revision", &name],
        &["record", "a", "--output", &output],
        &["record", "b"],
        &["taint", "b", "--reason", &name],
    ] {
        run(args);
    }
    world.edit_mark("a", |mark| {
        mark["deployed"]["revision"] = name.as_str().into();
    });
    plant(&world, format!("a/{name}2").as_bytes());
    for args in [
        &["decide", "--format", "table"][..],
        &["plan"],
        &["plan", "--explain"],
        &["plan", "--format", "table", "--all-environments"],
        &["plan", "--base", "HEAD~1"],
        &["plan", "--base", "HEAD~1", "--revision", "HEAD"],
        &["plan", "--base", &name],
        &["plan", "--revision", &name],
        &["plan", &name],
        &["plan", "--environment", &name],
        &["status"],
        &["status", "--log"],
        &["status", "--all-environments"],
        &["status", "--html", "-"],
        &["explain", &format!("a/{name}")],
        &["explain", &format!("{name}/unowned"), &name],
        &["check"],
        &["check", "--format", "github"],
        &["check", "--format", "text"],
        &["replay"],
        &["replay", "--html", "-"],
        &["init", "--print"],
        &["doctor"],
        &["output", "a", &name],
        &["output", &name, "X"],
        &["state", "rm", &name, "--yes"],
        &["state", "import", &name],
        &["adopt", "a", "--from-git", "HEAD", "--output", &output, "--yes"],
        &["adopt", "a", "--from-git", &name, "--yes"],
        &["record", &name],
        &["stage", &name],
        &["begin", "--candidate", &name],
        &["promote", "--candidate", &name],
        &["run", "a", "--", &name],
        &["--state", &name, "plan"],
        &["--config", &name, "plan"],
        &["--source", &name, "plan"],
        &["--pipeline", &name, "status"],
        &[&name],
        &["plan", "--format", &name],
        &["plan", "--timeout", &name],
        &["plan", "--extra", &name],
    ] {
        run(args);
    }
    // A map with mistakes is shown with its lines.
    world.write("shipmark.toml", &format!("[services.\"{name}\"]\ninclude = 1 # {}\n", name.replace('\n', "")));
    run(&["plan"]);
    world.write(
        "shipmark.toml",
        "[services.a]\ninclude = [\"a/\\u001b[2J[\"]\ndepends_on = [\"\\u009b\\u202e\"]\n# \u{202e}\n",
    );
    run(&["check"]);
    // What a store says of itself, and a mark that is none.
    world.write("shipmark.toml", map);
    world.put_mark("a", format!("{{\"schema\": \"{}\"}}", name.escape_default()));
    run(&["plan"]);
    run(&["status"]);
}
