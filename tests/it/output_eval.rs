//! The shell format, evaluated by real shells: what arrives is compared, never the text.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use shipmark::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use shipmark::output::{Format, Options, refusal, render};
use shipmark::protocol::answer::{Answer, Reason, ServiceAnswer};
use shipmark::source::tree::SourceKind;

const SHELLS: [&str; 3] = ["sh", "dash", "bash"];

/// The two forms that are documented; the text arrives on stdin.
const FORMS: [&str; 2] = [r#"eval "$(cat)""#, r#"BUILD_SKIPPED=false; D="$(cat)" && eval "$D""#];

/// What was left behind by an evaluation.
struct Evaluated {
    success: bool,
    exported: BTreeMap<String, Vec<u8>>,
    files: usize,
}

/// Evaluates `text` in an empty directory and an empty environment, then asks another process what it was given.
fn evaluate(shell: &str, script: &str, text: &[u8]) -> Evaluated {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(shell)
        .args(["-c", &format!("{script}\nstatus=$?\nenv -0\nexit $status")])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("these tests need `{shell}`: {error}"));
    child.stdin.take().unwrap().write_all(text).unwrap();
    let output = child.wait_with_output().unwrap();
    let exported = output
        .stdout
        .split(|byte| *byte == 0)
        .filter_map(|entry| {
            let at = entry.iter().position(|byte| *byte == b'=')?;
            Some((String::from_utf8(entry[..at].to_vec()).unwrap(), entry[at + 1..].to_vec()))
        })
        .collect();
    let files = directory.path().read_dir().unwrap().count();
    Evaluated { success: output.status.success(), exported, files }
}

fn service(name: &str, reason: Reason, outputs: BTreeMap<OutputName, String>) -> ServiceAnswer {
    ServiceAnswer {
        service: ServiceName::new(name).unwrap(),
        reason,
        detail: String::new(),
        fingerprint: None,
        baseline: None,
        changes: Vec::new(),
        changes_total: None,
        rules_changed: false,
        declared: outputs.keys().cloned().collect(),
        outputs,
        reused: None,
        redeploys: BTreeMap::new(),
        inputs: None,
        full: None,
        candidate: None,
        why: None,
    }
}

fn shell_text(revision: &str, services: Vec<ServiceAnswer>) -> Vec<u8> {
    let answer = Answer {
        project: ProjectName::default(),
        environment: EnvironmentName::default(),
        state: None,
        revision: Some(revision.to_owned()),
        base: None,
        source: SourceKind::Directory,
        files: 0,
        services,
        unowned: None,
    };
    let options = Options { all_changes: false, side_by_side: false, now: jiff::Timestamp::UNIX_EPOCH, color: false };
    render(Format::Shell, &[answer], &options).unwrap()
}

/// Any text that a variable can hold, most of it ill-meant.
fn hostile() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        Just("'".to_owned()),
        Just("\\".to_owned()),
        Just("'\\''".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("$(touch canary)".to_owned()),
        Just("`touch canary`".to_owned()),
        Just("'; touch canary; '".to_owned()),
        Just("'\ntouch canary\n'".to_owned()),
        Just("\" && touch canary && \"".to_owned()),
        Just("${IFS}!!#~*?[a]".to_owned()),
        Just("-n -e %s\\0".to_owned()),
        Just("日本é😀\u{202e}".to_owned()),
        "[^\\x00]{1,4}",
    ];
    proptest::collection::vec(fragment, 0..6).prop_map(|fragments| fragments.concat())
}

/// Output names that no shell uses for itself, as bash does `UID` and dash `OPTIND`.
fn output_name() -> impl Strategy<Value = OutputName> {
    "[A-Za-z_][A-Za-z0-9_]{0,8}_out".prop_filter_map("reserved", |text| OutputName::new(text).ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_value_arrives_byte_for_byte_and_nothing_runs(
        name in "[A-Za-z0-9][A-Za-z0-9._-]{0,12}",
        revision in hostile(),
        outputs in proptest::collection::btree_map(output_name(), hostile(), 0..4),
    ) {
        let skipped = service(&name, Reason::Unchanged, outputs.clone());
        let mut expected: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (output, value) in &outputs {
            expected.insert(output.to_string(), value.clone().into());
            expected.insert(output.variable(&skipped.service).unwrap(), value.clone().into());
        }
        expected.insert("BUILD_SKIPPED".into(), "true".into());
        expected.insert(format!("BUILD_SKIPPED_{}", skipped.service.variable()), "true".into());
        expected.insert(format!("BUILD_REASON_{}", skipped.service.variable()), "unchanged".into());
        expected.insert(format!("BUILD_FINGERPRINT_{}", skipped.service.variable()), "".into());
        expected.insert("BUILD_SERVICES".into(), "".into());
        expected.insert("BUILD_REVISION".into(), revision.clone().into());
        let text = shell_text(&revision, vec![skipped]);
        for shell in SHELLS {
            for form in FORMS {
                let seen = evaluate(shell, form, &text);
                prop_assert!(seen.success, "{} {}", shell, form);
                for (variable, value) in &expected {
                    prop_assert_eq!(seen.exported.get(variable), Some(value), "{} in {} {}", variable, shell, form);
                }
                prop_assert_eq!(seen.files, 0, "something ran in {} {}", shell, form);
            }
        }
    }
}

#[test]
fn a_refusal_fails_the_evaluation_and_is_no_skip() {
    let text = refusal(Format::Shell, "$(touch canary)'");
    for shell in SHELLS {
        for form in FORMS {
            let seen = evaluate(shell, form, &text);
            assert!(!seen.success, "{shell} {form}");
            assert_eq!(seen.exported["BUILD_SKIPPED"], b"false", "{shell} {form}");
            assert_eq!(seen.files, 0, "{shell} {form}");
            let stopped = evaluate(shell, &format!("set -e\n{form}"), &text);
            assert!(!stopped.success && stopped.exported.is_empty(), "`set -e` goes on in {shell} {form}");
        }
    }
}

#[test]
fn a_program_that_is_missing_or_dies_is_no_skip() {
    for shell in SHELLS {
        for failure in ["no-such-program decide", "exit 101", "sh -c 'kill -9 $$'"] {
            let plain = evaluate(shell, &format!("eval \"$({failure})\""), b"");
            assert_eq!(plain.exported.get("BUILD_SKIPPED"), None, "{shell}: {failure}");
            let documented = format!("export BUILD_SKIPPED=false; D=\"$({failure})\" && eval \"$D\"");
            let documented = evaluate(shell, &documented, b"");
            assert_eq!(documented.exported["BUILD_SKIPPED"], b"false", "{shell}: {failure}");
            assert!(!documented.success, "{shell}: {failure}");
        }
    }
}

#[test]
fn an_earlier_skip_does_not_speak_for_a_later_service() {
    let text = shell_text("", vec![service("a", Reason::Unchanged, BTreeMap::new())]);
    for shell in SHELLS {
        let plain = evaluate(shell, r#"eval "$(cat)"; eval "$(exit 101)""#, &text);
        assert_eq!(plain.exported["BUILD_SKIPPED_A"], b"true");
        assert_eq!(plain.exported.get("BUILD_SKIPPED_B"), None, "per-service names keep them apart in {shell}");
        let documented = r#"eval "$(cat)"; BUILD_SKIPPED=false; D="$(exit 101)" && eval "$D""#;
        assert_eq!(evaluate(shell, documented, &text).exported["BUILD_SKIPPED"], b"false", "{shell}");
    }
}

#[test]
fn the_services_to_build_can_be_looped_over() {
    let services = ["base", "b-1", "a.x"].map(|name| service(name, Reason::Changed, BTreeMap::new()));
    let text = shell_text("", services.into());
    for shell in SHELLS {
        let seen = evaluate(
            shell,
            r#"eval "$(cat)"; for s in $BUILD_SERVICES; do SEEN="$SEEN<$s>"; done; export SEEN"#,
            &text,
        );
        assert_eq!(seen.exported["SEEN"], b"<base><b-1><a.x>", "{shell}");
        assert_eq!(seen.exported["BUILD_SKIPPED"], b"false", "{shell}");
    }
}
