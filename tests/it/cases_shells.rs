//! The program in the shells of a buildspec: missing, crashed, refused, and what an earlier skip leaves behind.

use super::support::{Build, World};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\noutputs = { IMAGE = \"*\" }\n[services.b]\ninclude = [\"b\"]\n";
const SHELLS: [&str; 3] = ["sh", "dash", "bash"];

/// What a file of an earlier decision may say.
const SKIP: &str = "export BUILD_SKIPPED='true'\n";

/// What a script exports, told by another process.
const TELL: &str =
    "sh -c 'echo \"${BUILD_SKIPPED-unset} ${BUILD_SKIPPED_A-unset} ${BUILD_SKIPPED_B-unset} ${IMAGE-unset}\"'";

/// `a` is deployed, `b` never was.
fn world() -> World {
    let world = World::new(MAP, &[("a/x", "1"), ("b/y", "1")]);
    world.reason(&Build::new("1"), "a");
    let done = world.run_in(&Build::new("1"), ["record", "a", "--output", "IMAGE=it's $(touch canary)"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    world
}

fn told(world: &World, shell: &str, script: &str) -> String {
    let done = world.shell(&Build::new("2"), shell, &format!("{script}\n{TELL}"));
    assert!(!world.source().join("canary").exists(), "something ran in {shell}: {script}");
    done.stdout.trim_end().to_owned()
}

/// Both documented forms hand over the decision and the outputs, byte for byte.
#[test]
fn both_forms_evaluate_a_decision() {
    let world = world();
    for shell in SHELLS {
        for form in ["BUILD_SKIPPED=false; D=\"$(\"$0\" decide a)\" && eval \"$D\"", "eval \"$(\"$0\" decide a)\""] {
            assert_eq!(told(&world, shell, form), "true true unset it's $(touch canary)", "{shell}: {form}");
        }
        let both = told(&world, shell, "eval \"$(\"$0\" decide)\"");
        assert_eq!(both, "false true false unset", "{shell}: one of them builds");
    }
}

/// Case 28: the tool is missing, crashes, or refuses.
#[test]
fn a_missing_or_crashed_tool_is_never_a_skip() {
    let world = world();
    let failures = [
        "./no-such-shipmark decide a",
        "sh -c \"exit 101\"",
        "sh -c \"kill -9 \\$\\$\"",
        "\"$0\" decide --environment \"\"",
        "\"$0\" decide a --no-such-flag",
        "\"$0\" decide \"\"",
        "\"$0\" decide no-such-service",
        "\"$0\" decide a --config nowhere.toml",
    ];
    for shell in SHELLS {
        for failure in failures {
            let plain = told(&world, shell, &format!("eval \"$({failure})\""));
            assert!(
                ["unset unset unset unset", "false unset unset unset"].contains(&plain.as_str()),
                "{failure}: {plain}"
            );
            let form = format!("export BUILD_SKIPPED=false; D=\"$({failure})\" && eval \"$D\"");
            assert_eq!(told(&world, shell, &form), "false unset unset unset", "{shell}: {failure}");
            let status = world.shell(&Build::new("2"), shell, &form);
            assert_ne!(status.code, 0, "the build stops in {shell}: {failure}");
        }
        let refused = world.shell(&Build::new("2"), shell, "eval \"$(\"$0\" decide \"\")\"");
        assert_ne!(refused.code, 0, "a refusal fails the plain form too, in {shell}");
    }
}

/// Case 47: `decide a` skips, then `decide b` crashes in the same shell.
#[test]
fn an_earlier_skip_does_not_speak_for_another_service() {
    let world = world();
    for shell in SHELLS {
        let first = "eval \"$(\"$0\" decide a)\"";
        let documented = format!("{first}; BUILD_SKIPPED=false; D=\"$(sh -c \"exit 101\")\" && eval \"$D\"");
        assert!(told(&world, shell, &documented).starts_with("false true unset "), "{shell}");
        let plain = format!("{first}; eval \"$(sh -c \"exit 101\")\"");
        assert!(told(&world, shell, &plain).starts_with("true true unset "), "{shell}: the names keep them apart");
        let refused = format!("{first}; eval \"$(\"$0\" decide \"\")\"");
        assert!(told(&world, shell, &refused).starts_with("false true unset "), "{shell}");
    }
}

/// `--out`: a file that an earlier decision left is never read as this one.
#[test]
fn a_refused_decision_leaves_no_old_file() {
    let world = world();
    let out = world.path("tmp/decision");
    for wrong in [
        &["no-such-service"][..],
        &["a", "--environment", ""],
        &["a", "--no-such-flag"],
        &["a", "--environment"],
        &["a", "--config", "nowhere.toml"],
        &["a", "--extra", "="],
    ] {
        std::fs::write(&out, SKIP).unwrap();
        let args = ["decide", "--out", out.to_str().unwrap()].into_iter().chain(wrong.iter().copied());
        let done = world.run_in(&Build::new("2"), args);
        assert_eq!(done.code, 2, "{wrong:?}: {}", done.stderr);
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "export BUILD_SKIPPED='false'\nfalse\n", "{wrong:?}");
    }
    let joined = format!("--out={}", out.display());
    std::fs::write(&out, SKIP).unwrap();
    let refused = world.run_in(&Build::new("2"), ["decide", "--no-such-flag", "--format=dotenv", &joined]);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "BUILD_SKIPPED=\"false\"\n", "{}", refused.stderr);
    std::fs::write(&out, SKIP).unwrap();
    world.run_in(&Build::new("2"), ["run", "--no-such-flag", "--", "shipmark", "decide", "--no-such-flag", &joined]);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), SKIP, "the flag of another command");

    let done = world.run_in(&Build::new("2"), ["decide", "a", "--out", out.to_str().unwrap()]);
    assert_eq!((done.code, done.stdout.as_str()), (0, ""));
    assert!(std::fs::read_to_string(&out).unwrap().contains("export BUILD_SKIPPED='true'\n"));
    let unwritable = world.run_in(&Build::new("2"), ["decide", "a", "--out", "/nonexistent/x"]);
    assert_eq!(unwritable.code, 1, "{}", unwritable.stderr);
    assert_eq!(unwritable.stdout, "export BUILD_SKIPPED='false'\nfalse\n", "whoever evaluates it builds");
}

/// Every format says the same decision, and a refusal of each is no skip.
#[test]
fn every_format_carries_the_decision_and_the_refusal() {
    let world = world();
    let decide = |args: &[&str]| world.run_in(&Build::new("2"), ["decide"].iter().chain(args));
    for (format, skip, refusal) in [
        ("shell", "export BUILD_SKIPPED='true'\n", "export BUILD_SKIPPED='false'\nfalse\n"),
        ("dotenv", "BUILD_SKIPPED=\"true\"\n", "BUILD_SKIPPED=\"false\"\n"),
        ("powershell", "$env:BUILD_SKIPPED = 'true'\n", "throw"),
        ("github", "BUILD_SKIPPED<<", "false"),
        ("json", "\"skip\": true", "\"error\": "),
    ] {
        let done = decide(&["a", "--format", format]);
        assert_eq!(done.code, 0, "{}", done.stderr);
        assert!(done.stdout.contains(skip), "{format}: {}", done.stdout);
        for wrong in [&["", "--format", format][..], &["--no-such-flag", "--format", format]] {
            let done = decide(wrong);
            assert_eq!(done.code, 2, "{}", done.stderr);
            assert!(done.stdout.contains(refusal) && !done.stdout.contains("true"), "{format}: {}", done.stdout);
        }
    }
    let refused: serde_json::Value = serde_json::from_str(&decide(&["", "--format", "json"]).stdout).unwrap();
    assert_eq!((&refused["schema"], refused["error"].is_string()), (&1.into(), true));
    let dotenv = decide(&["a", "--format", "dotenv"]).stdout;
    assert!(dotenv.contains("IMAGE=\"it's \\$(touch canary)\"\n"), "{dotenv}");
    let powershell = decide(&["a", "--format", "powershell"]).stdout;
    assert!(powershell.contains("$env:IMAGE = 'it''s $(touch canary)'\n"), "{powershell}");
}
