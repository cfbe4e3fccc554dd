//! Commits that a clone does not have: fetched alone, into a place of their own, from a real server.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use super::super::support::{Build, Done, changes, entry, git, hermetic, reason, run};
use super::server::{Manners, Server, address, root};
use super::{Clone, commit, listing, write};

const SHALLOW: [&str; 3] = ["--depth", "1", "--single-branch"];

/// Puts a server in front of the origin, and makes the clone ask it.
fn served(clone: &Clone, manners: Manners, user: &str) -> Server {
    let server = Server::new(&root(&clone.origin), manners);
    git(&clone.source(), &["remote", "set-url", "origin", &address(&server, user, &clone.origin)]);
    server
}

/// Runs a plan that must leave the clone as it was, and nothing in the temporary directory.
fn plan(clone: &Clone, args: &[&str]) -> Done {
    let (before, left) = (listing(&clone.source()), fs::read_dir(clone.world.path("tmp")).unwrap().count());
    let done = clone.world.run(["plan", "--format", "json"].iter().chain(args));
    assert!(listing(&clone.source()) == before, "{args:?}: the clone is written to");
    assert_eq!(fs::read_dir(clone.world.path("tmp")).unwrap().count(), left, "{args:?}: something is left behind");
    done
}

/// Case 81: a depth-1 clone, by https as by a file system. It gets the merge base, not the branch's own changes.
#[test]
fn a_shallow_clone_is_compared_with_the_merge_base_and_not_written_to() {
    let clone = Clone::new(&SHALLOW);
    let base = git(&clone.origin, &["merge-base", "main", "feature"]);
    let servers = [None, Some(Manners::default()), Some(Manners { old: true, ..Manners::default() })];
    for manners in servers {
        let server = manners.map(|manners| served(&clone, manners, ""));
        for args in [&["--base", "main..."][..], &["--base", "refs/heads/main..."], &["--base", "origin/main...HEAD"]] {
            let answer = plan(&clone, args).json();
            assert_eq!(
                (changes(&answer, "a"), reason(&answer, "b")),
                (vec!["modified a/x".to_owned()], "unchanged".to_owned())
            );
            assert_eq!(entry(&answer, "a")["baseline"]["revision"], base, "{args:?}");
            assert!(server.as_ref().is_none_or(|server| !server.asked().is_empty()), "{args:?}");
        }
    }
}

/// Commits that only the clone has, above those that it has of its remote.
#[test]
fn the_merge_base_of_a_commit_that_was_never_pushed_is_found_in_a_shallow_clone() {
    for old in [false, true] {
        let clone = Clone::new(&SHALLOW);
        write(&clone.source(), "a/y", "1");
        commit(&clone.source());
        served(&clone, Manners { old, ..Manners::default() }, "");
        let answer = plan(&clone, &["--base", "main..."]).json();
        assert_eq!(
            (changes(&answer, "a"), reason(&answer, "b")),
            (vec!["modified a/x".to_owned(), "added a/y".to_owned()], "unchanged".to_owned())
        );
    }
}

/// A commit or a branch by its name, as base or as target.
#[test]
fn a_commit_that_is_not_here_is_fetched_alone() {
    let clone = Clone::new(&SHALLOW);
    let main = git(&clone.origin, &["rev-parse", "main"]);
    let server = served(&clone, Manners::default(), "");
    for args in [&["--base", &main][..], &["--base", "main"], &["--base", &main, "--revision", "HEAD"]] {
        let answer = plan(&clone, args).json();
        assert_eq!(
            (changes(&answer, "a"), changes(&answer, "b")),
            (vec!["modified a/x".to_owned()], vec!["modified b/x".to_owned()])
        );
        assert!(!server.asked().is_empty(), "{args:?}");
    }
    let answer = plan(&clone, &["--revision", &main]).json();
    assert_eq!((answer["revision"].as_str(), reason(&answer, "a").as_str()), (Some(&*main), "never-deployed"));
    // What is here is not asked for.
    server.asked();
    plan(&clone, &["--base", "HEAD"]).json();
    assert_eq!(server.asked(), [""; 0]);
    let explained = clone.world.run(["plan", "--explain", "--base", "main"]);
    assert!(explained.code == 0 && explained.stdout.contains("b/x"), "{explained:?}");
}

/// A clone without directories has commits of which nothing else is here. What a name means here is fetched, not what the
/// remote means by it now.
#[test]
fn a_commit_without_its_directory_is_the_one_that_the_clone_names() {
    let clone = Clone::new(&["--filter=tree:0"]);
    let main = git(&clone.origin, &["rev-parse", "main"]);
    write(&clone.origin, "a/x", "2");
    commit(&clone.origin);
    git(&clone.source(), &["branch", "-q", "--no-track", "kept", "origin/main"]);
    git(&clone.origin, &["branch", "-q", "kept"]);
    for name in ["origin/main", "kept", "kept~0", &main] {
        let answer = plan(&clone, &["--base", name]).json();
        assert_eq!(entry(&answer, "a")["baseline"]["revision"], main, "{name}");
        assert_eq!(changes(&answer, "a"), ["modified a/x"], "{name}");
    }
    let before = plan(&clone, &["--base", "HEAD~1"]).json();
    assert_eq!(
        (changes(&before, "a"), reason(&before, "b")),
        (vec!["modified a/x".to_owned()], "unchanged".to_owned())
    );
}

/// Neither the contents of files nor earlier commits cross the network, where the server can leave them out.
#[test]
fn neither_files_nor_history_are_fetched() {
    let clone = Clone::new(&SHALLOW);
    let large: String = (0..200_000).map(|number| format!("{number:x}-")).collect();
    for _ in 0..3 {
        write(&clone.origin, "b/large", &large);
        commit(&clone.origin);
    }
    let trace = clone.world.path("trace");
    let build = Build::default().with("GIT_TRACE2_EVENT", trace.to_str().unwrap());
    served(&clone, Manners::default(), "");
    let done = clone.world.run_in(&build, ["plan", "--format", "json", "--base", "main"]);
    assert_eq!(changes(&done.json(), "b"), ["deleted b/large", "modified b/x"]);
    let told = fs::read_to_string(&trace).unwrap();
    assert!(told.contains("--depth=1") && told.contains("--filter=blob:none"), "{told}");
}

/// A base that was force-pushed away is still there for a while on most servers.
#[test]
fn history_that_was_rewritten_is_found_or_the_error_says_what_to_do() {
    let clone = Clone::new(&SHALLOW);
    let gone = git(&clone.origin, &["rev-parse", "main"]);
    write(&clone.origin, "b/x", "3");
    git(&clone.origin, &["commit", "-qa", "--amend", "-m", "rewritten"]);
    served(&clone, Manners::default(), "");
    assert_eq!(changes(&plan(&clone, &["--base", &gone]).json(), "b"), ["modified b/x"]);
    assert_eq!(reason(&plan(&clone, &["--base", "main..."]).json(), "b"), "unchanged");
    // An old server gives out what a branch leads to, unless `uploadpack.allowAnySHA1InWant` is set.
    served(&clone, Manners { old: true, ..Manners::default() }, "");
    let refused = plan(&clone, &["--base", &gone]);
    assert!(refused.code == 2 && refused.stderr.contains("only what a branch or tag leads to"), "{refused:?}");
    git(&clone.origin, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    assert_eq!(plan(&clone, &["--base", &gone]).code, 0);
    git(&clone.origin, &["reflog", "expire", "--expire=now", "--all"]);
    git(&clone.origin, &["gc", "-q", "--prune=now"]);
    let missing = plan(&clone, &["--base", &gone]);
    assert!(
        missing.code == 2 && missing.stderr.contains("hint: ") && missing.stderr.contains(&gone[..12]),
        "{missing:?}"
    );
}

/// Helpers of the user's configuration are asked, those of the repository's are not.
#[test]
fn a_password_comes_from_the_users_credential_helper_alone() {
    let clone = Clone::new(&SHALLOW);
    served(&clone, Manners { password: Some("ann:right"), ..Manners::default() }, "ann@");
    let proof = clone.world.path("proof");
    let helper = |password: &str| {
        format!("!f() {{ echo asked >>'{}'; echo username=ann; echo password={password}; }}; f", proof.display())
    };
    let settings = clone.world.path("tmp").join(".gitconfig");
    let configured = |helper: &str| fs::write(&settings, format!("[credential]\n\thelper = \"{helper}\"\n")).unwrap();
    git(&clone.source(), &["config", "credential.helper", &helper("right")]);
    let without = plan(&clone, &["--base", "main..."]);
    assert!(without.code == 1 && !proof.exists(), "{without:?}");
    assert!(without.stderr.contains("credential helpers") && without.stderr.contains("hint: "), "{without:?}");
    configured(&helper("wrong-secret"));
    let wrong = plan(&clone, &["--base", "main..."]);
    assert!(wrong.code == 1 && wrong.stderr.contains("Authentication failed"), "{wrong:?}");
    assert!(proof.exists() && !wrong.stderr.contains("secret"), "{wrong:?}");
    configured(&helper("right"));
    let answer = plan(&clone, &["--base", "main..."]).json();
    assert_eq!(
        (changes(&answer, "a"), reason(&answer, "b")),
        (vec!["modified a/x".to_owned()], "unchanged".to_owned())
    );
}

/// A password in the remote's address serves, and is in no message.
#[test]
fn a_password_in_the_address_is_not_printed() {
    let clone = Clone::new(&SHALLOW);
    for (user, code) in [("ann:right@", 0), ("ann:se%63ret@", 1)] {
        served(&clone, Manners { password: Some("ann:right"), ..Manners::default() }, user);
        let done = plan(&clone, &["--base", "main..."]);
        assert_eq!(done.code, code, "{done:?}");
        for secret in ["se%63ret", "secret"] {
            assert!(!done.stderr.contains(secret), "{done:?}");
        }
    }
    // The user's configuration may put one into the address.
    let server = served(&clone, Manners { password: Some("ann:right"), ..Manners::default() }, "");
    let rewritten = format!("[url \"http://ann:secret@{0}/\"]\n\tinsteadOf = http://{0}/\n", server.address);
    fs::write(clone.world.path("tmp").join(".gitconfig"), rewritten).unwrap();
    let done = plan(&clone, &["--base", "main..."]);
    assert!(done.code == 1 && done.stderr.contains("Authentication failed"), "{done:?}");
    assert!(!done.stderr.contains("secret"), "{done:?}");
}

/// The time for all fetches is six times that of the requests.
#[test]
fn a_server_that_stalls_is_given_up() {
    let clone = Clone::new(&SHALLOW);
    served(&clone, Manners { stalls: true, ..Manners::default() }, "");
    let start = Instant::now();
    let done = plan(&clone, &["--base", "main...", "--timeout", "1s"]);
    assert!(done.code == 1 && done.stderr.contains("it took more than 6 seconds"), "{done:?}");
    assert!(done.stderr.contains("--timeout"), "{done:?}");
    assert!(start.elapsed().as_secs() < 300, "the server would stall for ten minutes");
}

/// Without git one sentence says so.
#[test]
fn without_git_a_plan_says_what_is_missing() {
    let clone = Clone::new(&SHALLOW);
    let mut command = hermetic(super::super::support::SHIPMARK, &clone.source(), &clone.world.path("tmp"));
    command.env("PATH", "/nonexistent").args(["plan", "--base", "main..."]);
    let done = run(command);
    assert!(done.code == 1 && done.stderr.contains("`git` is not installed"), "{done:?}");
}

/// Neither programs that the repository names nor addresses that run one.
#[test]
fn a_fetch_runs_nothing_that_the_repository_configures() {
    let clone = Clone::new(&SHALLOW);
    let (program, proof) = (clone.world.path("planted"), clone.world.path("proof"));
    fs::write(&program, format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\n", proof.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let planted = program.to_str().unwrap();
    for hook in ["reference-transaction", "post-checkout", "proc-receive", "post-index-change"] {
        for repository in [clone.source().join(".git"), clone.origin.join(".git")] {
            fs::copy(&program, repository.join("hooks").join(hook)).unwrap();
        }
    }
    for key in [
        "credential.helper",
        "core.askPass",
        "core.sshCommand",
        "core.gitProxy",
        "core.fsmonitor",
        "core.alternateRefsCommand",
        "remote.origin.uploadpack",
        "remote.origin.proxy",
        "uploadpack.packObjectsHook",
    ] {
        git(&clone.source(), &["config", key, planted]);
    }
    git(&clone.origin, &["config", "uploadpack.packObjectsHook", planted]);
    git(&clone.source(), &["config", "protocol.ext.allow", "always"]);
    let _ = fs::remove_file(&proof);
    let asked = Build::default().with("GIT_ASKPASS", planted).with("SSH_ASKPASS", planted);
    assert_eq!(plan(&clone, &["--base", "main..."]).code, 0);
    served(&clone, Manners { password: Some("ann:right"), ..Manners::default() }, "");
    assert_eq!(clone.world.run_in(&asked, ["plan", "--base", "main..."]).code, 1);
    for url in [
        format!("ext::{planted}"),
        "ssh://127.0.0.1/x".to_owned(),
        "git://127.0.0.1/x".to_owned(),
        "http://192.0.2.1/x".to_owned(),
        "--upload-pack=touch".to_owned(),
        "-x".to_owned(),
    ] {
        git(&clone.source(), &["config", "remote.origin.url", &url]);
        let done = plan(&clone, &["--base", "main..."]);
        assert!(done.code == 1 && done.stderr.contains("hint: "), "{url}: {done:?}");
    }
    assert!(!proof.exists(), "{}", fs::read_to_string(&proof).unwrap());
}
