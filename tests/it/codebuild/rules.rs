//! The rules of CodeBuild that the examples depend on, one test a rule, under every shell.

use std::collections::BTreeMap;

use super::{Build, Buildspec, Ended, Shell, shells};

/// Runs a buildspec over a source of two files.
fn run_with(shell: Shell, text: &str, variables: &[(&str, &str)]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir_all(source.join("sub/deep")).unwrap();
    for file in ["a.txt", "sub/b.txt", "sub/deep/c.txt"] {
        std::fs::write(source.join(file), file).unwrap();
    }
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let build = Build { container: folder.path().join("c"), variables: variables.collect(), shell, number: 7 };
    let ended = build.run(&Buildspec::parse(text).unwrap(), &source);
    println!("{shell:?}\n{}", ended.log);
    ended
}

fn run(shell: Shell, text: &str) -> Ended {
    run_with(shell, text, &[])
}

/// A buildspec whose `build` has these commands, and which exports `SEEN`.
fn building(commands: &[&str]) -> String {
    // A JSON text is a YAML text.
    let commands: String = commands.iter().map(|command| format!("      - {}\n", serde_json::json!(command))).collect();
    format!("version: 0.2\nenv:\n  exported-variables: [SEEN]\nphases:\n  build:\n    commands:\n{commands}")
}

/// What `SEEN` is after these commands, which must succeed.
fn seen(shell: Shell, commands: &[&str]) -> String {
    let ended = run(shell, &building(commands));
    assert!(ended.succeeded, "{}", ended.log);
    ended.exported["SEEN"].clone()
}

#[test]
fn variables_and_the_directory_carry_over_exported_or_not() {
    for shell in shells() {
        assert_eq!(seen(shell, &["A='it''s $x'", "B=\"$(sh -c 'echo \"$A\"')\"", "SEEN=\"$B\""]), "its $x");
        assert_eq!(seen(shell, &["cd sub", "cd deep", "SEEN=\"$(cat c.txt)\""]), "sub/deep/c.txt");
        assert_eq!(seen(shell, &["A=1", "unset A", "unset HOME", "SEEN=\"${A-gone} ${HOME-gone}\""]), "gone gone");
        assert_eq!(seen(shell, &["A='two\nlines'", "SEEN=\"$A\""]), "two\nlines");
    }
}

#[test]
fn options_functions_and_traps_do_not_carry_over() {
    for shell in shells() {
        assert_eq!(seen(shell, &["set -e; set -u", "false; SEEN=\"${NOTHING}goes on\""]), "goes on");
        assert_eq!(seen(shell, &["f() { :; }", "SEEN=kept; f 2>/dev/null || SEEN=gone"]), "gone");
        assert_eq!(
            seen(shell, &["trap 'echo bye >trapped' EXIT", "rm trapped", "SEEN=\"$(ls trapped 2>&1 || echo no)\""])
                .lines()
                .last(),
            Some("no")
        );
    }
}

/// `exit` ends the script before it has saved anything.
#[test]
fn exit_ends_neither_the_build_nor_the_phase_and_loses_what_was_set() {
    for shell in shells() {
        assert_eq!(seen(shell, &["B=1", "B=2; exit 0", "SEEN=$B"]), "1");
        let ended = run(shell, &building(&["exit 3", "SEEN=never"]));
        assert!(!ended.succeeded && !ended.exported.contains_key("SEEN"));
    }
}

#[test]
fn a_block_of_several_commands_counts_only_its_last() {
    for shell in shells() {
        let text = "version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        false\n        true\n";
        assert!(run(shell, text).succeeded);
        assert!(!run(shell, &building(&["false", "true"])).succeeded);
    }
}

#[test]
fn a_missing_tool_under_eval() {
    for shell in shells() {
        assert!(run(shell, &building(&["eval \"$(no-such-tool)\""])).succeeded, "why `&&` must stand between");
        assert!(!run(shell, &building(&["D=\"$(no-such-tool)\" && eval \"$D\""])).succeeded);
        assert!(!run(shell, &building(&["eval \"export A=1\nfalse\""])).succeeded);
    }
}

/// The names of the phases that ran, with `!` behind those that failed.
fn phases(ended: &Ended) -> String {
    let words = ended.phases.iter().map(|(name, ran)| format!("{name}{}", if *ran { "" } else { "!" }));
    words.collect::<Vec<_>>().join(" ")
}

fn failing(phase: &str, more: &str) -> String {
    let phases = ["install", "pre_build", "build", "post_build"].map(|name| {
        let (command, more) = if name == phase { ("false", more) } else { ("true", "") };
        format!("  {name}:\n    {more}\n    commands: [\"{command}\"]\n")
    });
    format!("version: 0.2\nphases:\n{}", phases.concat())
}

#[test]
fn a_failed_build_goes_on_to_post_build_and_a_failed_pre_build_does_not() {
    for shell in shells() {
        for (phase, more, ran) in [
            ("none", "", "install pre_build build post_build"),
            ("install", "", "install!"),
            ("pre_build", "", "install pre_build!"),
            ("build", "", "install pre_build build! post_build"),
            ("post_build", "", "install pre_build build post_build!"),
            ("build", "on-failure: ABORT", "install pre_build build!"),
            ("pre_build", "on-failure: CONTINUE", "install pre_build! build post_build"),
            ("install", "on-failure: CONTINUE", "install! pre_build build post_build"),
        ] {
            let ended = run(shell, &failing(phase, more));
            assert_eq!((phases(&ended).as_str(), ended.succeeded), (ran, phase == "none"), "{phase} {more}");
        }
    }
}

#[test]
fn the_commands_after_a_failed_one_do_not_run_and_finally_does() {
    for shell in shells() {
        let text = "version: 0.2\nenv:\n  exported-variables: [SEEN, LAST]\nphases:\n  build:\n    commands:\n      - false\n      \
                    - SEEN=never\n    finally:\n      - LAST=$CODEBUILD_BUILD_SUCCEEDING\n";
        let ended = run(shell, &text.replace("- false", "- 'false'"));
        assert_eq!(ended.exported, BTreeMap::from([("LAST".to_owned(), "0".to_owned())]), "{}", ended.log);
        assert!(!ended.succeeded);
    }
}

#[test]
fn post_build_is_told_whether_the_build_is_succeeding() {
    for shell in shells() {
        for (command, told) in [("true", "1"), ("false", "0")] {
            let text =
                format!("{}  post_build:\n    commands: [SEEN=$CODEBUILD_BUILD_SUCCEEDING]\n", building(&[command]));
            assert_eq!(run(shell, &text).exported["SEEN"], told);
        }
    }
}

#[test]
fn the_projects_variables_go_before_the_buildspecs() {
    for shell in shells() {
        let text = building(&["SEEN=\"$A $B $CODEBUILD_BUILD_ID\""])
            .replace("env:\n", "env:\n  variables: {A: spec, B: spec}\n");
        assert_eq!(run_with(shell, &text, &[("A", "project")]).exported["SEEN"], "project spec p:7");
    }
}

/// Dash and bash differ here, and `env.shell` decides.
#[test]
fn the_shell_is_the_one_that_was_asked_for() {
    for shell in shells() {
        let bash = ["SEEN=\"${BASH_VERSION:+bash}\""];
        assert_eq!(seen(shell, &bash), if shell == Shell::Dash { "" } else { "bash" });
        let text = building(&bash).replace("env:\n", "env:\n  shell: bash\n");
        assert_eq!(run(shell, &text).exported["SEEN"], "bash");
        let posix = seen(shell, &["SEEN=\"$(set -o | grep -c '^posix.*on$' || true)\""]);
        assert_eq!(posix, if shell == Shell::BashAsSh { "1" } else { "0" });
    }
}

/// The user's command stands in the fourth line of what is run.
#[test]
fn an_error_names_line_four() {
    for shell in shells() {
        let log = run(shell, &building(&["no-such-tool"])).log;
        let line = if shell == Shell::Dash { "script.sh: 4: no-such-tool" } else { "script.sh: line 4: no-such-tool" };
        assert!(log.contains(line), "{log}");
    }
}

fn uploaded(shell: Shell, command: &str, artifacts: &str) -> (bool, BTreeMap<String, Vec<String>>) {
    let ended = run(shell, &format!("{}artifacts:\n{artifacts}", building(&[command])));
    let names = ended.artifacts.into_iter().map(|(name, files)| (name, files.into_keys().collect()));
    (ended.succeeded, names.collect())
}

#[test]
fn artifacts_are_what_matches_and_nothing_fails_the_build() {
    let shell = shells()[0];
    let files = |name: &str, files: &[&str]| {
        BTreeMap::from([(name.to_owned(), files.iter().map(ToString::to_string).collect())])
    };
    for (artifacts, found) in [
        ("  files: ['**/*']\n", files("", &["a.txt", "sub/b.txt", "sub/deep/c.txt"])),
        ("  files: ['sub/*']\n", files("", &["sub/b.txt"])),
        ("  files: ['nothing', 'a.txt']\n", files("", &["a.txt"])),
        ("  files: ['**/*']\n  base-directory: sub\n", files("", &["b.txt", "deep/c.txt"])),
        ("  files: ['**/*']\n  discard-paths: yes\n  base-directory: sub\n", files("", &["b.txt", "c.txt"])),
        ("  files: [a.txt]\n  name: of-$CODEBUILD_BUILD_NUMBER\n", files("of-7", &["a.txt"])),
        ("  secondary-artifacts:\n    one:\n      files: [a.txt]\n", files("one", &["a.txt"])),
    ] {
        assert_eq!(uploaded(shell, "true", artifacts), (true, found), "{artifacts}");
    }
    for artifacts in ["  files: ['nothing']\n", "  files: ['*']\n  base-directory: nowhere\n"] {
        assert_eq!(uploaded(shell, "true", artifacts), (false, BTreeMap::new()), "{artifacts}");
    }
    let both = "  files: [a.txt]\n  secondary-artifacts:\n    one:\n      files: [nothing]\n";
    assert_eq!(uploaded(shell, "true", both), (false, files("", &["a.txt"])));
    assert_eq!(uploaded(shell, "false", "  files: [a.txt]\n"), (false, files("", &["a.txt"])), "after a failure too");
}

#[test]
fn what_is_not_modelled_is_refused() {
    for text in [
        "version: 0.1\nphases: {}\n",
        "version: 0.2\nphase: {}\n",
        "version: 0.2\nphases:\n  deploy:\n    commands: [a]\n",
        "version: 0.2\nphases:\n  build:\n    comands: [a]\n",
        "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n",
        "version: 0.2\nphases:\n  build:\n    on-failure: RETRY\n",
        "version: 0.2\nenv:\n  secrets-manager: {A: b}\n",
        "version: 0.2\nenv:\n  variables: {CODEBUILD_X: b}\n",
        "version: 0.2\nenv:\n  exported-variables: [AWS_X]\n",
        "version: 0.2\nphases:\n  build: {}\n  build: {}\n",
    ] {
        assert!(Buildspec::parse(text).is_err(), "{text}");
    }
}
