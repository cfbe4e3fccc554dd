//! The calls of shipmark in shell commands, as far as they are written there.

use std::collections::BTreeSet;

/// What a call does to the marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::upkeep) enum CallStep {
    /// `decide`.
    Decide,
    /// `stage`, or `decide --stage`.
    Stage,
    /// `begin`.
    Begin,
    /// `promote`, of what was deployed.
    Promote,
    /// `promote --claims`: only confirms what was skipped.
    Confirm,
    /// `record`.
    Record,
    /// `run`.
    Run,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::upkeep) struct Call {
    pub(in crate::upkeep) step: CallStep,
    /// The services that it names; none for all.
    pub(in crate::upkeep) services: Vec<String>,
    /// `--environment`.
    pub(in crate::upkeep) environment: Option<String>,
    /// What `--candidate` or `--claims` is given.
    pub(in crate::upkeep) candidates: Vec<String>,
}

/// The flags of shipmark that take a value as a word of its own.
const VALUED: [&str; 20] = [
    "--config",
    "--project",
    "--state",
    "--source",
    "--pipeline",
    "--timeout",
    "--log-format",
    "--color",
    "--format",
    "--revision",
    "--execution",
    "--extra",
    "--verify",
    "--out",
    "--ticket",
    "--output",
    "--outcome",
    "--jobs",
    "--reason",
    "--base",
];

/// The calls in a command, in their order.
pub(in crate::upkeep) fn calls(command: &str) -> Vec<Call> {
    simple(command).iter().flat_map(|words| call(words)).collect()
}

/// The outputs that a command reads with `shipmark output`: service and name.
pub(in crate::upkeep) fn outputs_read(command: &str) -> Vec<(String, String)> {
    let one = |words: Vec<String>| {
        let program = words.iter().position(|word| is_shipmark(word))?;
        let verb = words[program..].iter().position(|word| word == "output")?;
        let mut named = words[program + verb + 1..].iter().filter(|word| !word.starts_with('-'));
        Some((named.next()?.clone(), named.next()?.clone()))
    };
    simple(command).into_iter().filter_map(one).collect()
}

/// The variables that a command uses.
pub(in crate::upkeep) fn variables(command: &str) -> BTreeSet<String> {
    let name = |text: &str| {
        let text = text.trim_start_matches('{');
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let commands = simple(command);
    let uses = commands.iter().flatten().flat_map(|word| word.split('$').skip(1).map(name));
    uses.filter(|name| !name.is_empty()).collect()
}

fn is_shipmark(word: &str) -> bool {
    word == "shipmark" || word.ends_with("/shipmark")
}

/// A script or a program of the source that a command starts: what it does is not in the command.
pub(super) fn script(command: &str) -> Option<String> {
    let runs = |word: &&String| word.starts_with("./") || word.starts_with("../") || word.ends_with(".sh");
    simple(command).iter().flatten().find(runs).cloned()
}

/// The simple commands of a text: their words, without quotes and comments.
fn simple(command: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word = String::new();
    let mut letters = command.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => quoted = !quoted,
            '"' => {}
            '#' if word.is_empty() && !quoted && letters.peek() != Some(&'{') => {
                while letters.next_if(|letter| *letter != '\n').is_some() {}
            }
            '\\' if letters.next_if_eq(&'\n').is_some() => {}
            ';' | '|' | '&' | '(' | ')' | '`' | '\n' => {
                end_word(&mut word, &mut commands);
                commands.push(Vec::new());
            }
            blank if blank.is_whitespace() => end_word(&mut word, &mut commands),
            letter => word.push(letter),
        }
    }
    end_word(&mut word, &mut commands);
    commands
}

fn end_word(word: &mut String, commands: &mut [Vec<String>]) {
    if let Some(last) = commands.last_mut()
        && !word.is_empty()
    {
        last.push(std::mem::take(word));
    }
}

/// The call that a simple command is; `decide --stage` is two.
fn call(words: &[String]) -> Vec<Call> {
    let Some(program) = words.iter().position(|word| is_shipmark(word)) else {
        return Vec::new();
    };
    let mut step = None;
    let (mut services, mut candidates, mut environment) = (Vec::new(), Vec::new(), None);
    let (mut staged, mut failed, mut recorded, mut claims) = (false, false, true, false);
    let mut rest = words[program + 1..].iter();
    while let Some(word) = rest.next() {
        let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        match flag {
            "--" => break,
            "--environment" => environment = value.or_else(|| rest.next().map(String::as_str)).map(str::to_owned),
            // It takes several; those that follow are taken for services, which `begin` and `promote` have none of.
            "--candidate" | "--claims" => {
                claims |= flag == "--claims";
                candidates.extend(value.or_else(|| rest.next().map(String::as_str)).map(str::to_owned))
            }
            "--stage" => {
                staged = true;
                if step == Some(CallStep::Stage) && value.is_none() {
                    rest.next();
                }
            }
            "--failed" => failed = true,
            "--no-record" => recorded = false,
            flag if VALUED.contains(&flag) => {
                if value.is_none() {
                    rest.next();
                }
            }
            flag if flag.starts_with('-') => {}
            verb if step.is_none() => {
                let Some(found) = step_of(verb) else { return Vec::new() };
                step = Some(found);
            }
            _ => services.push(word.clone()),
        }
    }
    let Some(step) = step.filter(|step| *step != CallStep::Promote || !failed) else { return Vec::new() };
    if matches!(step, CallStep::Begin | CallStep::Promote) {
        candidates.append(&mut services);
    }
    let step = match step {
        CallStep::Run if !recorded => CallStep::Decide,
        CallStep::Promote if claims => CallStep::Confirm,
        step => step,
    };
    let first = Call { step, services, environment, candidates };
    let second = (step == CallStep::Decide && staged).then(|| Call { step: CallStep::Stage, ..first.clone() });
    [first].into_iter().chain(second).collect()
}

fn step_of(verb: &str) -> Option<CallStep> {
    match verb {
        "decide" => Some(CallStep::Decide),
        "stage" => Some(CallStep::Stage),
        "begin" => Some(CallStep::Begin),
        "promote" => Some(CallStep::Promote),
        "record" => Some(CallStep::Record),
        "run" => Some(CallStep::Run),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &str) -> String {
        let one = |call: &Call| {
            let words: Vec<&str> = call.services.iter().chain(&call.candidates).map(String::as_str).collect();
            let environment = call.environment.as_deref().map(|name| format!("@{name}")).unwrap_or_default();
            format!("{:?}{environment}({})", call.step, words.join(","))
        };
        calls(command).iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn calls_are_found_where_people_write_them() {
        for (command, expected) in [
            (r#"D="$(shipmark decide command-image command)" && eval "$D""#, "Decide(command-image,command)"),
            (
                r#"if [ "$X" != true ]; then S="$(./bin/shipmark stage api --output A="$B")" && eval "$S"; fi"#,
                "Stage(api)",
            ),
            ("shipmark --environment prod --state 's3://a/b' decide --stage", "Decide@prod() Stage@prod()"),
            (
                "shipmark begin --candidate \"$C\" && ./deploy.sh && shipmark promote --candidate=\"$C\"",
                "Begin($C) Promote($C)",
            ),
            ("shipmark promote --candidate #{D.A} #{D.B}", "Promote(#{D.A},#{D.B})"),
            ("shipmark promote --claims #{D.A} #{D.B}", "Confirm(#{D.A},#{D.B})"),
            ("shipmark promote --failed --candidate \"$C\"", ""),
            ("shipmark run --all --jobs 2 -- ./deploy.sh shipmark begin", "Run()"),
            ("shipmark run api --no-record -- make", "Decide(api)"),
            ("shipmark stage --stage web api", "Stage(api)"),
            ("# shipmark decide\necho shipmark; shipmark status; shipmark output api X", ""),
            ("shipmark \\\n  record api", "Record(api)"),
        ] {
            assert_eq!(said(command), expected, "{command}");
        }
    }

    #[test]
    fn what_a_command_reads_of_other_builds_is_seen() {
        let command =
            "A=\"$(shipmark --environment prod output query IMAGE_URI)\" && x \"a=${A:-b}\" c=$IMAGE_URI_QUERY # $NO";
        assert_eq!(outputs_read(command), [("query".to_owned(), "IMAGE_URI".to_owned())]);
        assert_eq!(variables(command).into_iter().collect::<Vec<_>>(), ["A", "IMAGE_URI_QUERY"]);
        assert!(outputs_read("shipmark record api --output query=1; echo output query IMAGE_URI").is_empty());
    }

    #[test]
    fn scripts_are_seen() {
        assert_eq!(script("cd x && ./deploy.sh api").as_deref(), Some("./deploy.sh"));
        assert_eq!(script("bash ci/build.sh").as_deref(), Some("ci/build.sh"));
        assert_eq!(script("aws s3 sync . s3://x"), None);
    }
}
