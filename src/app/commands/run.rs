//! `run`: decide, and if it must build, run a command and record the deploy that it made.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use crate::app::cli::RunArgs;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, now};
use crate::app::ticket_file::{TicketFile, locate_to_decide};
use crate::base::failure::{Failure, Status};
use crate::base::names::OutputName;
use crate::protocol::answer::Reason;
use crate::protocol::mark::{Mark, Release};
use crate::protocol::ticket::Closed;

use super::context::Context;
use super::decide::{Decided, Keep, look_and_decide, say};
use super::record::close_attempts;
use super::recording::{self, but_not_recorded, close, finish_entry, no_inputs, not_recorded, required, staged};

/// How the command ended: its status is the program's.
pub enum Ran {
    /// There was nothing to run.
    Skipped,
    /// It ran, or could not be started; this is what the process exits with.
    Exit(u8),
}

/// Decides, runs, records.
pub(super) fn run(settings: &Settings, reporter: Reporter, args: &RunArgs) -> Result<Ran, Failure> {
    let file = locate_to_decide(&settings.environment, reporter, args.deciding.ticket.as_deref())?;
    let file = file.as_ref();
    let context = Context::new(settings, reporter)?;
    let service = settings::service(&context.map, &args.service)?;
    let decided = look_and_decide(&context, &args.deciding, file, &[service], false, Keep::Always)?;
    for decided in &decided {
        say(&context, std::slice::from_ref(&decided.answer));
    }
    let skipped = decided.iter().flat_map(|decided| &decided.answer.services).all(|service| service.skip());
    if skipped {
        return Ok(Ran::Skipped);
    }
    let mut entries = decided.iter().flat_map(|decided| &decided.entries);
    if let Some(entry) = entries.find(|entry| args.record && entry.closed == Some(Closed::Staged)) {
        return Err(staged(&entry.key.service));
    }
    let outputs = tempfile::Builder::new().prefix("shipmark-outputs-").tempfile_in(&settings.environment.temporary);
    let outputs = outputs.map_err(|cause| Failure::other(format!("no file for SHIPMARK_OUTPUTS: {cause}")))?;
    let status = match spawn(args, outputs.path()) {
        Ok(status) => status,
        Err(cause) => {
            // It never ran, so it deployed nothing.
            close_all(&context, file, &decided, |mark, id| mark.withdraw(id, now()));
            let command = args.command.first().map(|command| crate::base::text::printable(command.as_encoded_bytes()));
            let text = format!("the command `{}` cannot be started: {cause}", command.unwrap_or_default());
            context.reporter.fail(&Failure::other(text).hint("nothing was deployed or recorded"));
            // What a shell exits with for a command that is not there, or is none.
            return Ok(Ran::Exit(if cause.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 }));
        }
    };
    if !status.success() {
        let code = exit_code(status);
        context.reporter.warn(&format!("{}: not recorded: the command failed with {code}", args.service));
        if args.record {
            close_all(&context, file, &decided, |mark, id| mark.fail(id, now()));
        }
        return Ok(Ran::Exit(code));
    }
    if args.record {
        let text = std::fs::read_to_string(outputs.path());
        let text =
            text.map_err(|cause| Failure::other(format!("not recorded: SHIPMARK_OUTPUTS cannot be read: {cause}")))?;
        let outputs = parse_outputs(&text);
        let outputs = outputs.and_then(|outputs| required(&context.map.services[service], &outputs).map(|()| outputs));
        let outputs = outputs.map_err(|failure| {
            // What the command has deployed is over, and cannot be recorded with these.
            close_all(&context, file, &decided, |mark, id| mark.fail(id, now()));
            unrecorded(failure)
        })?;
        for decided in &decided {
            record(&context, file, decided, &outputs).map_err(unrecorded)?;
        }
    }
    Ok(Ran::Exit(0))
}

/// The command succeeded and recording failed: 1, whatever was wrong.
fn unrecorded(failure: Failure) -> Failure {
    failure.with_status(Status::Other)
}

fn spawn(args: &RunArgs, outputs: &std::path::Path) -> std::io::Result<ExitStatus> {
    // The command line has at least one word behind `--`.
    let (program, rest) = args.command.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    Command::new(program).args(rest).env("SHIPMARK_OUTPUTS", outputs).status()
}

/// As a shell tells it: 128 and the signal's number for a command that was killed.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// `NAME=VALUE` lines; empty ones are passed over.
fn parse_outputs(text: &str) -> Result<BTreeMap<OutputName, String>, Failure> {
    let lines: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    recording::outputs(&lines).map_err(|failure| {
        let error = format!("not recorded: {failure}").into();
        Failure { error, ..failure }
    })
}

fn record(
    context: &Context<'_>,
    file: Option<&TicketFile>,
    decided: &Decided,
    outputs: &BTreeMap<OutputName, String>,
) -> Result<(), Failure> {
    for entry in &decided.entries {
        if entry.reason == Reason::NoInputs.word() {
            return Err(no_inputs(&entry.key.service));
        }
        let seen = decided.snapshots.iter().find(|seen| entry.release.snapshot.as_ref() == Some(&seen.hash));
        if let Some(seen) = seen {
            let stored = context.store.put_snapshot(&entry.key, &seen.hash, &seen.bytes, now());
            stored.map_err(|error| but_not_recorded(&entry.key, not_recorded(error)))?;
        }
        let release = Release { outputs: outputs.clone(), ..entry.release.clone() };
        finish_entry(context, entry, &release)?;
        close(file, entry, Closed::Recorded);
    }
    Ok(())
}

fn close_all(
    context: &Context<'_>,
    file: Option<&TicketFile>,
    decided: &[Decided],
    end: impl Fn(&mut Mark, &crate::protocol::mark::AttemptId) + Copy,
) {
    for entry in decided.iter().flat_map(|decided| &decided.entries) {
        close_attempts(context, entry, end);
        close(file, entry, Closed::Failed);
    }
}
