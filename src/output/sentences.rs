//! One service's answer in a line or two, for a build's log.

use jiff::Timestamp;

use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::text::{age, count, printable, shell_word, short_revision};
use crate::protocol::answer::{Baseline, ServiceAnswer};

/// What was decided and why, what is deployed and, for a skip, the commands that show the same again or build anyway.
/// Each entry is a single line, whatever the answer contains.
pub fn sentences(answer: &ServiceAnswer, environment: &EnvironmentName, now: Timestamp) -> Vec<String> {
    let deploy = answer.baseline.as_ref().map(|baseline| deploy(baseline, now));
    let service = &answer.service;
    if answer.skip() {
        let inputs = match answer.inputs {
            Some(number) => count(number, "input"),
            None => "all inputs".to_owned(),
        };
        let verb = if answer.inputs == Some(1) { "is" } else { "are" };
        let deploy = deploy.unwrap_or_else(|| "the last deploy".to_owned());
        return vec![
            format!("{service}: skip, unchanged: {inputs} {verb} as deployed from {deploy}"),
            format!(
                "{service}: to see the same, `{}`; to build anyway, `{}`",
                command("plan", service, environment, ""),
                command("taint", service, environment, " --reason '…'")
            ),
        ];
    }
    let reason = answer.reason.word();
    let detail = printable(answer.detail.as_bytes());
    let detail = detail.trim_end_matches('.');
    let deploy = deploy.map(|deploy| format!("; deployed: {deploy}")).unwrap_or_default();
    vec![format!("{service}: build, {reason}: {detail}{deploy}")]
}

/// What is deployed and since when: `3c12540a1b2c, 2 days ago`, plus `uncertain` if something else may be deployed.
pub(super) fn deployed(baseline: &Baseline, now: Timestamp) -> String {
    let mut parts = vec![match baseline.revision.as_deref() {
        Some(revision) => short_revision(revision),
        None => "an unnamed revision".to_owned(),
    }];
    parts.extend(baseline.recorded_at.map(|then| age(now, then)));
    parts.extend((!baseline.certain).then(|| "uncertain".to_owned()));
    parts.join(", ")
}

/// [`deployed`], and the build that deployed it.
pub(super) fn deploy(baseline: &Baseline, now: Timestamp) -> String {
    match &baseline.build {
        Some(build) => format!("{}, by {}", deployed(baseline, now), printable(build.as_bytes())),
        None => deployed(baseline, now),
    }
}

/// The chain by which a rule reaches a service: empty for its own rules, else `, through gateway -> command and its
/// group infra`.
pub(super) fn through(chain: &[&str], group: Option<&str>) -> String {
    let group = group.map(|group| printable(group.as_bytes()));
    match (chain.len() > 1, group) {
        (false, None) => String::new(),
        (false, Some(group)) => format!(", through group {group}"),
        (true, None) => format!(", through {}", chain.join(" -> ")),
        (true, Some(group)) => format!(", through {} and its group {group}", chain.join(" -> ")),
    }
}

/// A command as a person would type it; the environment is named only if necessary.
fn command(verb: &str, service: &ServiceName, environment: &EnvironmentName, rest: &str) -> String {
    let environment = match environment {
        default if *default == EnvironmentName::default() => String::new(),
        named => format!(" --environment {}", shell_word(named.as_str())),
    };
    format!("shipmark {verb} {service}{environment}{rest}")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{build, options, skip};
    use super::*;
    use crate::protocol::answer::Reason;

    fn lines(answer: &ServiceAnswer, environment: &str) -> Vec<String> {
        sentences(answer, &EnvironmentName::new(environment).unwrap(), options().now)
    }

    #[test]
    fn a_build_says_why_and_what_is_deployed() {
        let mut answer = build("query", Reason::Changed);
        answer.detail = "1 of 69 inputs differs (Server/Package.swift).".to_owned();
        assert_eq!(
            lines(&answer, "prod"),
            ["query: build, changed: 1 of 69 inputs differs (Server/Package.swift); \
              deployed: 3c12540a1b2c, 2 days ago, by deploy-prod:42"]
        );
    }

    #[test]
    fn a_first_build_has_nothing_deployed() {
        assert_eq!(
            lines(&build("query", Reason::NeverDeployed), "prod"),
            ["query: build, never-deployed: a sentence about never-deployed"]
        );
    }

    #[test]
    fn a_skip_says_how_to_doubt_it() {
        assert_eq!(
            lines(&skip("query", &[]), "prod"),
            [
                "query: skip, unchanged: 69 inputs are as deployed from 3c12540a1b2c, 2 days ago, by deploy-prod:42",
                "query: to see the same, `shipmark plan query --environment prod`; \
                 to build anyway, `shipmark taint query --environment prod --reason '…'`",
            ]
        );
        assert!(lines(&skip("query", &[]), "default")[1].contains("`shipmark plan query`"));
        assert!(lines(&skip("query", &[]), "it's x")[1].contains(r"--environment 'it'\''s x'"));
    }

    #[test]
    fn doubt_is_said() {
        let mut answer = build("query", Reason::Uncertain);
        answer.baseline = Some(Baseline { revision: None, recorded_at: None, certain: false, build: None });
        assert!(lines(&answer, "prod")[0].ends_with("; deployed: an unnamed revision, uncertain"));
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        let mut answer = build("query", Reason::SourceUnreadable);
        answer.detail = "cannot read `a\nquery: skip\u{1b}[2J`".to_owned();
        answer.baseline.as_mut().unwrap().build = Some("x\ny".to_owned());
        let lines = lines(&answer, "prod");
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains(char::is_control), "{}", lines[0]);
    }
}
