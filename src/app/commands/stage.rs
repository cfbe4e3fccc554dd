//! `stage`: the build is done, and its deploy is a later stage of the pipeline.

use crate::app::cli::StageArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, now};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::base::text::shell_quote;
use crate::protocol::answer::Reason;
use crate::protocol::candidate_token::CandidateToken;
use crate::protocol::mark::stored::{SCHEMA, encode_candidate};
use crate::protocol::mark::transitions::Opening;
use crate::protocol::mark::{AttemptId, Candidate, Release};
use crate::protocol::ticket::{Closed, Entry};

use super::context::{Context, Transition, UpdateError, keep_candidate, update};
use super::print::emit;
use super::record::{close_attempts, executed, unticketed};
use super::recording::{Recording, Ticketed, close, keep_snapshot, not_staged, required};

/// Stages candidates and prints the value that hands them over; on failure text that makes `eval` fail.
pub(super) fn stage(settings: &Settings, reporter: Reporter, args: &StageArgs) -> Result<Status, Failure> {
    let context = Context::new(settings, reporter)?;
    let recording = Recording::new(&context, &args.built)?;
    let mut handoff = CandidateToken::new(context.url.to_string(), context.project.clone());
    if settings.environment.build_failing {
        context.reporter.warn("not staged: the build failed (CODEBUILD_BUILD_SUCCEEDING=0); no deploy was recorded");
        for entry in recording.entries().filter(|entry| !entry.skip() && entry.closed.is_none()) {
            close_attempts(&context, entry, |mark, id| mark.withdraw(id, now()));
            close(recording.file.as_ref(), entry, Closed::Failed);
        }
        emit(None, b"export SHIPMARK_CANDIDATE=''\n")?;
        return Ok(Status::Done);
    }
    let missing: Vec<&ServiceName> = recording.services.iter().filter_map(missing).collect();
    unticketed(&missing, "staged")?;
    for entry in recording.entries() {
        check(&context, &recording, entry)?;
    }
    for entry in recording.entries() {
        stage_entry(&context, &recording, entry, args, &mut handoff)?;
    }
    let value = handoff.encode().map_err(Failure::other)?;
    emit(None, format!("export SHIPMARK_CANDIDATE={}\n", shell_quote(&value)).as_bytes())?;
    Ok(Status::Done)
}

/// What a failed `stage` prints: the shell that evaluates it fails.
pub(super) fn refuse() {
    // Where not even that can be written, nothing is evaluated, and nothing is exported.
    let _ = emit(None, b"false\n");
}

fn missing(ticketed: &Ticketed) -> Option<&ServiceName> {
    match ticketed {
        Ticketed::Entry(_) => None,
        Ticketed::Missing { key, .. } => Some(&key.service),
    }
}

fn check(context: &Context<'_>, recording: &Recording, entry: &Entry) -> Result<(), Failure> {
    if entry.skip() {
        return Ok(());
    }
    if entry.reason == Reason::NoInputs.word() {
        let service = &entry.key.service;
        return Err(Failure::request(format!("not staged: the rules of `{service}` select no file")));
    }
    let service = context.map.index(&entry.key.service).map(|service| &context.map.services[service]);
    service.map_or(Ok(()), |service| required(service, &recording.outputs))
}

fn stage_entry(
    context: &Context<'_>,
    recording: &Recording,
    entry: &Entry,
    args: &StageArgs,
    handoff: &mut CandidateToken,
) -> Result<(), Failure> {
    let build = executed(context, &entry.build, args.built.execution.as_deref())?;
    keep_snapshot(&context.store, &entry.key, recording.file.as_ref(), &entry.release)
        .map_err(|failure| not_staged(&entry.key, failure))?;
    let release = entry.release.clone();
    // A skip hands on the deploy that it stands on, as it was, for its stage will make that one again.
    let built = !entry.skip();
    let release = Release {
        outputs: if built { recording.outputs.clone() } else { release.outputs },
        revision: given("--revision", args.built.revision.as_deref())?
            .map(str::to_owned)
            .filter(|_| built)
            .or(release.revision),
        build: build.clone(),
        ..release
    };
    let targets = handoff.candidates.entry(entry.key.environment.clone()).or_default();
    for pin in &entry.pins {
        let key = Key { service: pin.service.clone(), ..entry.key.clone() };
        let release = Release { build: build.clone(), ..pin.release.clone().unwrap_or_default() };
        keep(context, &key, entry, Some(&entry.key.service), pin.repeats.clone(), release)?;
        targets.push((pin.service.clone(), pin.attempt.clone()));
    }
    keep(context, &entry.key, entry, None, entry.repeats.clone(), release)?;
    targets.push((entry.key.service.clone(), entry.attempt.clone()));
    close(recording.file.as_ref(), entry, Closed::Staged);
    let what = if built { "staged" } else { "staged, the deploy that the skip stands on" };
    context.reporter.say(&format!("{}: {what}: it waits for `shipmark begin`", entry.key.service));
    Ok(())
}

/// Makes the attempt pending and keeps its candidate: of the service itself, or of one that its deploy deploys again.
fn keep(
    context: &Context<'_>,
    key: &Key,
    entry: &Entry,
    pinned_by: Option<&ServiceName>,
    repeats: Option<AttemptId>,
    release: Release,
) -> Result<(), Failure> {
    let own = pinned_by.is_none();
    let opening = Opening {
        id: entry.attempt.clone(),
        content: release.content,
        build: release.build.clone(),
        revision: release.revision.clone(),
        timeout_seconds: entry.timeout_seconds,
        pinned_by: pinned_by.cloned(),
    };
    // Of another service's nothing was recorded when the skip was decided.
    let unknown = entry.skip() && repeats.is_none();
    let staged = update(&context.store, key, context.settings.timeout(), |mark| {
        if unknown && mark.deployed.is_some() && mark.attempt(&entry.attempt).is_none() {
            return Transition::Keep(None);
        }
        match mark.stage(opening.clone(), repeats.clone(), now()) {
            Some(place) => Transition::Write(Some(place)),
            None => Transition::Keep(None),
        }
    });
    let failed = |failure| not_staged(key, failure);
    let Some(staged) = staged.map_err(UpdateError::failure).map_err(failed)? else {
        let failure = Failure::other(format!(
            "not staged: something else was deployed of `{}` since the skip was decided",
            key.service
        ));
        return Err(failure.hint("fail this build and start it again: it must decide anew"));
    };
    let candidate = Candidate {
        schema: SCHEMA,
        id: entry.attempt.clone(),
        staged,
        staged_at: now(),
        timeout_seconds: entry.timeout_seconds,
        pinned_by: pinned_by.cloned(),
        redeploys: entry.pins.iter().map(|pin| pin.service.clone()).filter(|_| own).collect(),
        release,
    };
    let bytes = encode_candidate(&candidate).map_err(Failure::other)?;
    keep_candidate(&context.store, key, &candidate.id, &bytes).map_err(UpdateError::failure).map_err(failed)
}
