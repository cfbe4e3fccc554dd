//! One service's answer in a line or two, for a build's log.

use jiff::Timestamp;

use super::hint::{Hint, Suggestion};
use crate::base::clock::age;
use crate::base::text::{count, printable, short_revision};
use crate::protocol::answer::{Baseline, Reason, ServiceAnswer};

/// What was decided and why: a line for each service that builds, with what is deployed; one for all that are skipped, which are
/// listed if `verbose`; and the commands that show the same again and that build anyway. Each entry is a single line, whatever the
/// answers contain.
///
/// Of `several` environments each line names its own.
pub fn sentences(answers: &[ServiceAnswer], hint: &Hint, several: bool, verbose: bool, now: Timestamp) -> Vec<String> {
    let place =
        if several { format!(" in {}", printable(hint.environment.as_str().as_bytes())) } else { String::new() };
    let (skipped, built): (Vec<&ServiceAnswer>, Vec<&ServiceAnswer>) = answers.iter().partition(|answer| answer.skip());
    let mut lines: Vec<String> = built.iter().map(|answer| build(answer, &place, now)).collect();
    match skipped.as_slice() {
        [] => {}
        [only] => lines.push(skip(only, &place, now)),
        several if verbose => lines.extend(several.iter().map(|answer| skip(answer, &place, now))),
        several => lines.push(format!("skip, unchanged{place}: {} (-v lists them)", count(several.len(), "service"))),
    }
    let names = answers.iter().map(|answer| answer.service.clone());
    let plan = hint.command(&Suggestion::Plan(if answers.len() > 5 { Vec::new() } else { names.collect() }));
    if let Some(pending) = built.iter().find(|answer| answer.reason == Reason::DeployPending) {
        let ended = hint.command(&Suggestion::NothingRunning(pending.service.clone()));
        lines.push(format!("if you know that nothing of {}{place} runs or waits any more: {ended}", pending.service));
    }
    match skipped.as_slice() {
        [] if answers.is_empty() => {}
        [] => lines.push(format!("to see the same: {plan}")),
        [first, ..] => {
            let taint = hint.command(&Suggestion::Taint(first.service.clone()));
            lines.push(format!("to see the same: {plan}"));
            lines.push(format!("to build {}{place} anyway: {taint}", first.service));
        }
    }
    lines
}

fn skip(answer: &ServiceAnswer, place: &str, now: Timestamp) -> String {
    let inputs = match answer.inputs {
        Some(number) => count(number, "input"),
        None => "all inputs".to_owned(),
    };
    let verb = if answer.inputs == Some(1) { "is" } else { "are" };
    let deploy = answer.baseline.as_ref().map(|baseline| deploy(baseline, now));
    let deploy = deploy.unwrap_or_else(|| "the last deploy".to_owned());
    format!("{}{place}: skip, unchanged: {inputs} {verb} as deployed from {deploy}", answer.service)
}

fn build(answer: &ServiceAnswer, place: &str, now: Timestamp) -> String {
    let reason = answer.reason.word();
    let detail = printable(answer.detail.as_bytes());
    let detail = detail.trim_end_matches('.');
    let deploy = answer.baseline.as_ref().map(|baseline| format!("; deployed: {}", deploy(baseline, now)));
    format!("{}{place}: {}, {reason}: {detail}{}", answer.service, answer.decision(), deploy.unwrap_or_default())
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
/// group infra`. A chain that leaves services out says how many.
pub(super) fn through(chain: &[&str], left_out: usize, group: Option<&str>) -> String {
    let group = group.map(|group| printable(group.as_bytes()));
    let more = format!("({left_out} more)");
    let mut chain = chain.to_vec();
    if left_out > 0 {
        chain.insert(chain.len().saturating_sub(1), &more);
    }
    match (chain.len() > 1, group) {
        (false, None) => String::new(),
        (false, Some(group)) => format!(", through group {group}"),
        (true, None) => format!(", through {}", chain.join(" -> ")),
        (true, Some(group)) => format!(", through {} and its group {group}", chain.join(" -> ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{answer, build, options, skip};
    use super::*;

    fn hint() -> Hint {
        Hint::of(&answer("prod", Vec::new())).unwrap()
    }

    fn lines(answers: &[ServiceAnswer], verbose: bool) -> Vec<String> {
        sentences(answers, &hint(), false, verbose, options().now)
    }

    fn line(answer: &ServiceAnswer) -> String {
        lines(std::slice::from_ref(answer), false).remove(0)
    }

    #[test]
    fn a_build_says_why_and_what_is_deployed() {
        let mut answer = build("query", Reason::Changed);
        answer.detail = "1 of 69 inputs differs (Server/Package.swift).".to_owned();
        assert_eq!(
            lines(&[answer], false),
            [
                "query: build, changed: 1 of 69 inputs differs (Server/Package.swift); \
                 deployed: 3c12540a1b2c, 2 days ago, by deploy-prod:42",
                "to see the same: shipmark plan query --state file:/s --project cqrs --environment prod"
            ]
        );
    }

    #[test]
    fn a_first_build_has_nothing_deployed() {
        assert_eq!(
            line(&build("query", Reason::NeverDeployed)),
            "query: build, never-deployed: a sentence about never-deployed"
        );
    }

    #[test]
    fn a_skip_says_how_to_doubt_it() {
        assert_eq!(
            lines(&[skip("query", &[])], false),
            [
                "query: skip, unchanged: 69 inputs are as deployed from 3c12540a1b2c, 2 days ago, by deploy-prod:42",
                "to see the same: shipmark plan query --state file:/s --project cqrs --environment prod",
                "to build query anyway: shipmark taint query --reason 'why' --state file:/s --project cqrs --environment prod",
            ]
        );
    }

    #[test]
    fn skips_are_counted_and_listed_only_on_request() {
        let two = [skip("command", &[]), skip("query", &[])];
        assert_eq!(lines(&two, false)[0], "skip, unchanged: 2 services (-v lists them)");
        assert!(lines(&two, true)[1].starts_with("query: skip, unchanged: 69 inputs"));
    }

    #[test]
    fn of_several_environments_each_line_names_its_own() {
        let answers = [build("api", Reason::Changed), skip("command", &[]), skip("query", &[])];
        let lines = sentences(&answers, &hint(), true, false, options().now);
        assert!(lines[0].starts_with("api in prod: build, changed: "), "{}", lines[0]);
        assert_eq!(lines[1], "skip, unchanged in prod: 2 services (-v lists them)");
        assert!(lines[3].starts_with("to build command in prod anyway: "), "{}", lines[3]);
    }

    #[test]
    fn a_suggested_command_is_quoted_for_a_shell() {
        let hint = Hint { environment: crate::base::names::EnvironmentName::new("it's x").unwrap(), ..hint() };
        assert!(hint.state_rm_orphans().ends_with(r"--environment 'it'\''s x'"));
    }

    #[test]
    fn doubt_is_said() {
        let mut answer = build("query", Reason::Uncertain);
        answer.baseline = Some(Baseline { revision: None, recorded_at: None, certain: false, build: None });
        assert!(line(&answer).ends_with("; deployed: an unnamed revision, uncertain"));
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        let mut answer = build("query", Reason::SourceUnreadable);
        answer.detail = "cannot read `a\nquery: skip\u{1b}[2J`".to_owned();
        answer.baseline.as_mut().unwrap().build = Some("x\ny".to_owned());
        let lines = lines(&[answer], false);
        assert_eq!(lines.len(), 2);
        assert!(!lines[0].contains(char::is_control), "{}", lines[0]);
    }
}
