//! `run`: decides, runs a command for what must build, and records the deploy.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use crate::app::apply::apply;
use crate::app::cli::RunArgs;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, moment};
use crate::app::ticket_file::{TicketFile, locate_to_decide};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::protocol::engine::marks::Marks;
use crate::protocol::engine::record::{BuildReport, Outcome};
use crate::protocol::engine::refusal::Refusal;
use crate::protocol::engine::ticket::Closed;

use super::context::{Context, refuse_pull_request};
use super::decide::{Decisions, Keep, Request, look_and_decide, say};
use super::recording::{self, Outputs, close, outputs_of};
use super::{prune, refusals};

/// The result of the command, which determines the program's exit status.
pub enum Ran {
    /// There was nothing to run.
    Skipped,
    /// It ran, or could not be started; this is the exit status of the process.
    Exit(u8),
}

/// Decides, runs, records.
pub(super) fn run(settings: &Settings, reporter: Reporter, args: &RunArgs) -> Result<Ran, Failure> {
    let file = locate_to_decide(&settings.environment, reporter, args.deciding.ticket.as_deref())?;
    let context = Context::new(settings, reporter, std::slice::from_ref(&args.service))?;
    refuse_pull_request(settings, "run")?;
    let service = settings::service(&context.map, &args.service)?;
    let asked = context.asked(std::slice::from_ref(&args.service))?;
    let request = Request { asked: &asked, find_unowned: false, keep: Keep::Always, stage: None };
    let decided = look_and_decide(&context, &args.deciding, file.as_ref(), &request)?;
    say(&context, &decided.answers);
    if decided.answers.iter().flat_map(|answer| &answer.services).all(|service| service.skip()) {
        return Ok(Ran::Skipped);
    }
    let mut running = Running { context: &context, file: file.as_ref(), decided };
    if !args.no_record {
        running.can_record()?;
    }
    let outputs = tempfile::Builder::new().prefix("shipmark-outputs-").tempfile_in(&settings.environment.temporary);
    let outputs = outputs.map_err(|cause| Failure::other(format!("no file for SHIPMARK_OUTPUTS: {cause}")))?;
    let status = match spawn(args, outputs.path()) {
        Ok(status) => status,
        Err(cause) => {
            // Another command of this build may have opened the attempt, and deployed something.
            running.fail();
            let command = args.command.first().map(|command| crate::base::text::printable(command.as_encoded_bytes()));
            let text = format!("the command `{}` cannot be started: {cause}", command.unwrap_or_default());
            context.reporter.fail(&Failure::other(text).hint("nothing was recorded"));
            // The exit status that shells use for a command that is missing or cannot be executed.
            return Ok(Ran::Exit(if cause.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 }));
        }
    };
    if !status.success() {
        let code = exit_code(status);
        context.reporter.warn(&format!("{}: not recorded: the command failed with {code}", args.service));
        running.fail();
        return Ok(Ran::Exit(code));
    }
    if !args.no_record {
        let text = std::fs::read_to_string(outputs.path());
        let text =
            text.map_err(|cause| Failure::other(format!("not recorded: SHIPMARK_OUTPUTS cannot be read: {cause}")))?;
        let recorded = parse_outputs(&text, &context.map.services[service].name);
        // The command succeeded but recording failed: exit status 1, whatever the cause.
        let unrecorded = |failure: Failure| failure.with_status(Status::Other);
        recorded.and_then(|outputs| running.record(outputs)).map_err(|failure| {
            // The command may have deployed something, and it cannot be recorded with these outputs.
            running.fail();
            unrecorded(failure)
        })?;
    }
    Ok(Ran::Exit(0))
}

fn spawn(args: &RunArgs, outputs: &std::path::Path) -> std::io::Result<ExitStatus> {
    // clap requires at least one word after `--`.
    let (program, rest) = args.command.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    Command::new(program).args(rest).env("SHIPMARK_OUTPUTS", outputs).status()
}

/// As in a shell: 128 plus the signal number for a command that was killed.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// `NAME=VALUE` lines; empty lines are ignored.
fn parse_outputs(text: &str, service: &ServiceName) -> Result<Outputs, Failure> {
    let lines: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    outputs_of(&lines, &BTreeSet::from([service])).map_err(|failure| {
        let error = format!("not recorded: {failure}").into();
        Failure { error, ..failure }
    })
}

/// The decision, and the command being run.
struct Running<'a> {
    context: &'a Context<'a>,
    file: Option<&'a TicketFile>,
    decided: Decisions,
}

impl Running<'_> {
    fn keys(&self) -> Vec<Key> {
        let answers = self.decided.answers.iter();
        let keys = answers.flat_map(|answer| {
            answer.services.iter().map(|service| Key {
                project: answer.project.clone(),
                environment: answer.environment.clone(),
                service: service.service.clone(),
            })
        });
        keys.collect()
    }

    /// A staged service is recorded by its deploy stage.
    fn can_record(&self) -> Result<(), Failure> {
        let store = &self.decided.engine.caller.store;
        let staged = |key: &&Key| {
            self.decided.ticket.entry(store, key).is_some_and(|entry| entry.closed == Some(Closed::Staged))
        };
        match self.keys().iter().find(staged) {
            Some(key) => {
                let place = |key: &Key| self.context.hint(&key.environment);
                Err(refusals::failure(&Refusal::Staged(key.clone()), &place))
            }
            None => Ok(()),
        }
    }

    fn record(&mut self, outputs: Outputs) -> Result<(), Failure> {
        self.report(Outcome::Succeeded, outputs)
    }

    /// Ends everything that was opened. What cannot be written ends by its age.
    fn fail(&mut self) {
        if let Err(failure) = self.report(Outcome::Failed, Outputs::new()) {
            self.context.reporter.warn(&format!("the attempt stays open until it times out: {failure}"));
        }
    }

    fn report(&mut self, outcome: Outcome, outputs: Outputs) -> Result<(), Failure> {
        self.context.settings.start_recording();
        let report = BuildReport { keys: self.keys(), outcome, outputs, revision: None, execution: None };
        let moment = moment();
        let Decisions { ticket, snapshots, engine, .. } = &self.decided;
        let kept = |hash: &str| snapshots.get(hash).cloned();
        let applying = self.context.applying(&moment, &kept);
        let needed = |marks: &Marks| engine.ticket_keys(ticket, &report.keys, marks);
        let step = apply(&applying, &mut Marks::default(), needed, |marks, now| {
            Ok::<_, std::convert::Infallible>(engine.record(ticket, &report, marks, now))
        });
        let Ok(step) = step;
        let store = engine.caller.store.clone();
        if let Some(after) = step.ticket {
            let entries = report.keys.iter().filter_map(|key| after.entry(&store, key));
            close(self.file, self.context.settings, entries);
            self.decided.ticket = after;
        }
        recording::say(self.context, self.context.reporter, &self.decided.ticket, &store, &step.told)?;
        if outcome == Outcome::Succeeded {
            prune::after(&self.context.store, &step.writes);
        }
        Ok(())
    }
}
