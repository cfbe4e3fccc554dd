//! Case 78: a repository whose configuration names programs, other places, and files of other people.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Build, World, hermetic, output, say};

use super::SECRET;

/// Every command that reads the source, its repository, or both.
const COMMANDS: [&[&str]; 19] = [
    &["plan"],
    &["plan", "--explain", "--base", "HEAD~1"],
    &["plan", "--revision", "HEAD"],
    &["plan", "--base", "HEAD~1", "--revision", "HEAD"],
    &["plan", "--base", "elsewhere..."],
    &["plan", "--base", "HEAD~1", "--format", "markdown"],
    &["plan", "--revision", "0123456789012345678901234567890123456789"],
    &["decide", "a"],
    &["record", "a"],
    &["adopt", "a", "--from-git", "HEAD", "--yes"],
    &["status"],
    &["explain", "a/x", "a/x.up"],
    &["check"],
    &["replay"],
    &["replay", "--last", "5"],
    &["init", "--print"],
    &["run", "a", "--", "true"],
    &["doctor"],
    &["output", "a", "X"],
];

/// Runs C git there, with nobody's configuration.
fn git(world: &World, args: &[&str]) {
    let mut git = hermetic("git", &world.source(), &world.path("tmp"));
    git.env("GIT_CONFIG_NOSYSTEM", "1").args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(args);
    let done = output(git);
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A repository with two commits.
fn repository() -> World {
    let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1"), ("a/x.up", "1")]);
    git(&world, &["init", "-q", "-b", "main", "."]);
    for text in ["1", "2"] {
        world.write("a/x", text);
        git(&world, &["add", "-A"]);
        git(&world, &["commit", "-q", "-m", "x"]);
    }
    world
}

/// A program that leaves a proof that it was run.
fn planted(world: &World) -> (String, std::path::PathBuf) {
    let (program, proof) = (world.path("planted"), world.path("proof"));
    fs::write(&program, format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\ncat\n", proof.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    (program.display().to_string(), proof)
}

#[test]
fn nothing_that_a_repository_configures_is_run_by_any_command() {
    let world = repository();
    let (program, proof) = planted(&world);
    let hooks = world.path("hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in ["post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction"] {
        fs::copy(&program, hooks.join(hook)).unwrap();
        fs::copy(&program, world.source().join(".git/hooks").join(hook)).unwrap();
    }
    for key in [
        "filter.up.clean",
        "filter.up.smudge",
        "filter.long.process",
        "core.fsmonitor",
        "core.pager",
        "pager.log",
        "core.editor",
        "core.askPass",
        "core.sshCommand",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.up.textconv",
        "diff.up.command",
        "merge.up.driver",
        "gpg.program",
        "gpg.ssh.program",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
        "remote.origin.receivepack",
        "alias.log",
        "sequence.editor",
        "interactive.diffFilter",
        "init.templateDir",
    ] {
        git(&world, &["config", key, &program]);
    }
    let ext = format!("ext::{program}");
    for (key, value) in [
        ("core.hooksPath", &*hooks.to_string_lossy()),
        ("remote.origin.url", &ext),
        ("protocol.ext.allow", "always"),
        ("credential.helper", &format!("!{program}")),
        ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
        ("remote.origin.promisor", "true"),
    ] {
        git(&world, &["config", "--replace-all", key, value]);
    }
    let included = world.path("included");
    fs::write(&included, format!("[filter \"included\"]\n\tclean = {program}\n")).unwrap();
    git(&world, &["config", "include.path", &included.to_string_lossy()]);
    let attributes = "*.up filter=up diff=up merge=up\n*.in filter=included\n*.long filter=long\n";
    world.write(".gitattributes", attributes);
    for name in ["a/x.up", "a/x.in", "a/x.long"] {
        world.write(name, "changed");
    }
    fs::write(world.source().join(".git/info/attributes"), attributes).unwrap();
    let _ = fs::remove_file(&proof);
    for (number, args) in COMMANDS.iter().enumerate() {
        let done = world.run_in(&Build::new(&format!("b:{number}")), *args);
        assert!(!proof.exists(), "{args:?}: {done:?}: {}", fs::read_to_string(&proof).unwrap());
        assert!(!done.stderr.contains("bug"), "{args:?}: {done:?}");
    }
    // What cannot be known without the filter is doubt, and says why.
    let plan = world.run(["plan", "--explain"]);
    assert!(plan.stdout.contains("source-unreadable"), "{plan:?}");
    assert!(plan.stdout.contains("of the repository's own configuration, which is not run"), "{plan:?}");
}

/// What the user's own configuration names is another matter: git runs it in every repository.
#[test]
fn a_filter_of_the_users_own_configuration_is_run() {
    let world = repository();
    let (program, proof) = planted(&world);
    fs::write(world.path("tmp").join(".gitconfig"), format!("[filter \"up\"]\n\tclean = {program}\n")).unwrap();
    world.write(".gitattributes", "*.up filter=up\n");
    world.write("a/x.up", "changed");
    let plan = world.run(["plan"]);
    assert!(!plan.stdout.contains("source-unreadable") && proof.exists(), "{plan:?}");
}

/// A working tree elsewhere is not the source, and a file that a setting includes is not printed.
#[test]
fn a_repository_that_points_elsewhere_is_refused_and_nothing_of_it_is_printed() {
    let elsewhere = |world: &World| world.path("elsewhere").display().to_string();
    type Plant = fn(&World, &str);
    let plants: [(&str, Plant); 5] = [
        ("core.worktree", |world, elsewhere| git(world, &["config", "core.worktree", elsewhere])),
        ("include.path", |world, elsewhere| {
            let secret = format!("{elsewhere}/secret");
            git(world, &["config", "include.path", &secret]);
        }),
        ("a configuration that is a link", |world, elsewhere| {
            let config = world.source().join(".git/config");
            fs::remove_file(&config).unwrap();
            std::os::unix::fs::symlink(Path::new(elsewhere).join("secret"), config).unwrap();
        }),
        ("a `.git` that is a link to a file", |world, elsewhere| {
            let dot_git = world.source().join(".git");
            fs::remove_dir_all(&dot_git).unwrap();
            std::os::unix::fs::symlink(Path::new(elsewhere).join("secret"), dot_git).unwrap();
        }),
        ("attributes", |world, elsewhere| {
            git(world, &["config", "core.attributesFile", &format!("{elsewhere}/secret")]);
            git(world, &["config", "core.excludesFile", &format!("{elsewhere}/secret")]);
        }),
    ];
    for (what, plant) in plants {
        let world = repository();
        fs::create_dir(elsewhere(&world)).unwrap();
        // Not the text of a configuration, of attributes, or of a `.git` file.
        fs::write(Path::new(&elsewhere(&world)).join("secret"), format!("[{SECRET}\n{SECRET}: -= \"\\q\n")).unwrap();
        plant(&world, &elsewhere(&world));
        for args in COMMANDS {
            let done = world.run(args);
            let printed = format!("{}{}", done.stdout, done.stderr);
            assert!(!printed.contains(SECRET), "{what}: {args:?}: {printed}");
        }
        assert_eq!(fs::read_dir(elsewhere(&world)).unwrap().count(), 1, "{what}");
    }
}

#[test]
fn a_repository_of_another_user_is_named_with_what_to_do() {
    let world = repository();
    if std::os::unix::fs::chown(world.source().join(".git"), Some(65_534), None).is_err() {
        return say("only root can give a repository to another user");
    }
    let plan = world.run(["plan", "--revision", "HEAD"]);
    assert_ne!(plan.code, 0, "{plan:?}");
    let source = world.source().canonicalize().unwrap();
    let command = format!("git config --global --add safe.directory {}", source.display());
    assert!(plan.stderr.contains("belongs to another user") && plan.stderr.contains(&command), "{plan:?}");
    assert_ne!(world.run(["plan"]).code, 0);
    // Only bytes decide, so a decision does not need the repository.
    let decided = world.run_in(&Build::new("b:1"), ["decide", "a"]);
    assert!(decided.stdout.contains("BUILD_REASON_A='never-deployed'"), "{decided:?}");
    // The repository cannot say that of itself.
    git_config(&world, ".git/config", &source);
    assert_ne!(world.run(["plan", "--revision", "HEAD"]).code, 0);
    git_config(&world, "../tmp/.gitconfig", &source);
    for args in [&["plan", "--revision", "HEAD"][..], &["plan"]] {
        let plan = world.run(args);
        assert_eq!(plan.code, 0, "{plan:?}");
    }
}

/// Lists a directory as safe.
fn git_config(world: &World, file: &str, safe: &Path) {
    let file = world.source().join(file);
    let before = fs::read_to_string(&file).unwrap_or_default();
    fs::write(file, format!("{before}[safe]\n\tdirectory = {}\n", safe.display())).unwrap();
}
