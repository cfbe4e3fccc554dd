//! `record`: a deploy succeeded, or, in a failing build, did not.

use crate::app::cli::RecordArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, now};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::map::rules::Rules;
use crate::protocol::answer::Reason;
use crate::protocol::mark::{AttemptId, Build, Release};
use crate::protocol::ticket::{Closed, Entry};
use crate::source::extras::Extras;
use crate::source::inputs;
use crate::source::snapshot::Snapshot;
use crate::source::tree::Tree;

use super::context::{Context, Transition, UpdateError, update};
use super::decide::revision;
use super::recording::{
    Recording, Ticketed, but_not_recorded, close, finish, finish_entry, keep_snapshot, no_inputs, not_recorded,
    required, staged,
};

/// Records deploys.
pub(super) fn record(settings: &Settings, reporter: Reporter, args: &RecordArgs) -> Result<Status, Failure> {
    let context = Context::new(settings, reporter)?;
    if let Some(commit) = &args.from_git {
        given("--from-git", Some(commit))?;
        if settings.environment.in_build() {
            let failure = Failure::request("--from-git adopts what is deployed already, which no build can know");
            return Err(
                failure.hint("run it outside of CodeBuild; in a build, `decide` first and `record` after the deploy")
            );
        }
    }
    let recording = Recording::new(&context, &args.built)?;
    if settings.environment.build_failing {
        return fail(&context, &recording);
    }
    // Doubt first: whatever else is wrong with the request, these may have been deployed.
    let mut missing = Vec::new();
    for ticketed in recording.services.iter().filter(|_| settings.environment.in_build()) {
        if let Ticketed::Missing { key, .. } = ticketed {
            doubt(&context, key)?;
            missing.push(&key.service);
        }
    }
    check(&context, &recording)?;
    let recorded = context.each(&recording.services, |ticketed| match ticketed {
        Ticketed::Entry(entry) => record_entry(&context, &recording, entry, args),
        Ticketed::Missing { .. } if settings.environment.in_build() => Ok(()),
        Ticketed::Missing { service, key } => adopt(&context, &recording, *service, key, args),
    });
    // Each that could be recorded is; the first that could not is the failure.
    recorded.into_iter().collect::<Result<(), Failure>>()?;
    unticketed(&missing, "recorded")
}

/// In a build, what was not decided is not recorded: nobody knows what it was when the build began.
pub(super) fn unticketed(missing: &[&ServiceName], verb: &str) -> Result<Status, Failure> {
    let Some(first) = missing.first() else { return Ok(Status::Done) };
    let failure = Failure::request(format!("`{first}` was not decided in this build, so it was not {verb}"));
    Err(failure
        .hint(format!("run `shipmark decide {first}` before the build, with the same --project and --environment")))
}

/// All that can be wrong with the request, before anything is written.
fn check(context: &Context<'_>, recording: &Recording) -> Result<(), Failure> {
    for ticketed in &recording.services {
        let service = match ticketed {
            Ticketed::Entry(entry) if entry.skip() || !matches!(entry.closed, None | Some(Closed::Failed)) => continue,
            Ticketed::Entry(entry) => context.map.index(&entry.key.service),
            Ticketed::Missing { .. } if context.settings.environment.in_build() => continue,
            Ticketed::Missing { service, .. } => Some(*service),
        };
        if let Some(service) = service {
            required(&context.map.services[service], &recording.outputs)?;
        }
    }
    Ok(())
}

/// Finishes the attempt of a ticket, and those of the services that its deploy has deployed again.
pub(super) fn record_entry(
    context: &Context<'_>,
    recording: &Recording,
    entry: &Entry,
    args: &RecordArgs,
) -> Result<(), Failure> {
    let service = &entry.key.service;
    if entry.skip() {
        context.reporter.say(&format!("{service}: was skipped in this build; nothing to record"));
        return Ok(());
    }
    if entry.closed == Some(Closed::Recorded) {
        context.reporter.say(&format!("{service}: was recorded before in this build; nothing moved"));
        return Ok(());
    }
    if entry.closed == Some(Closed::Staged) {
        if args.built.all {
            context
                .reporter
                .say(&format!("{service}: was staged in this build; `shipmark promote` records its deploy"));
            return Ok(());
        }
        return Err(staged(service));
    }
    if entry.reason == Reason::NoInputs.word() {
        return Err(no_inputs(service));
    }
    keep_snapshot(&context.store, &entry.key, recording.file.as_ref(), &entry.release)
        .map_err(|failure| but_not_recorded(&entry.key, failure))?;
    let release = Release {
        outputs: recording.outputs.clone(),
        revision: given("--revision", args.built.revision.as_deref())?
            .map(str::to_owned)
            .or(entry.release.revision.clone()),
        build: executed(context, &entry.build, args.built.execution.as_deref())?,
        ..entry.release.clone()
    };
    finish_entry(context, entry, &release)?;
    close(recording.file.as_ref(), entry, Closed::Recorded);
    Ok(())
}

/// The build as it decided, with the execution that is named now, where one is.
pub(super) fn executed(context: &Context<'_>, decided: &Build, named: Option<&str>) -> Result<Build, Failure> {
    let now = context.settings.environment.build(named)?;
    Ok(Build { execution: now.execution.or_else(|| decided.execution.clone()), ..decided.clone() })
}

/// A deploy that no ticket stands for, outside a build: what is here now, or in a commit, is taken for what is deployed.
fn adopt(
    context: &Context<'_>,
    recording: &Recording,
    service: usize,
    key: &Key,
    args: &RecordArgs,
) -> Result<(), Failure> {
    let rules = Rules::compile(&context.map, &key.environment, &[service], false);
    let source = &context.settings.source;
    let (tree, named) = match &args.from_git {
        None => (source.read(&rules).map_err(Failure::request)?, None),
        Some(name) => {
            let repository = source.repository().map_err(Failure::request)?;
            let id = repository.resolve(name).map_err(Failure::request)?;
            (repository.read(&id, &rules).map_err(Failure::request)?, Some(id))
        }
    };
    let named = match (named, args.built.revision.as_deref()) {
        (Some(commit), None) => Some(commit),
        (_, revision_given) => revision(context.settings, revision_given)?,
    };
    let release = adopted(context, &tree, &rules, &recording.extras, key, service)?;
    let release = Release {
        revision: named,
        outputs: recording.outputs.clone(),
        build: context.settings.environment.build(args.built.execution.as_deref())?,
        ..release
    };
    finish(&context.store, key, context.settings, context.reporter, &release, |mark| {
        mark.adopt(AttemptId::new(now(), fastrand::u64(..)), release.clone(), now())
    })
}

fn adopted(
    context: &Context<'_>,
    tree: &Tree,
    rules: &Rules,
    extras: &Extras,
    key: &Key,
    service: usize,
) -> Result<Release, Failure> {
    let inputs = inputs::collect(tree, rules, extras);
    let Some(inputs) = inputs.into_iter().find(|inputs| inputs.service == service && inputs.own > 0) else {
        return Err(no_inputs(&key.service));
    };
    if let Some(cause) = &inputs.doubt {
        return Err(Failure::other(format!("not recorded: an input of `{}` cannot be read: {cause}", key.service)));
    }
    let snapshot = Snapshot::of(tree, service, extras).encode();
    let stored = context.store.put_snapshot(key, &snapshot.hash, &snapshot.bytes, now());
    stored.map_err(|error| but_not_recorded(key, not_recorded(error)))?;
    Ok(Release {
        content: inputs.content,
        inputs: inputs.count,
        rules: Some(rules.digest(service)),
        snapshot: Some(snapshot.hash),
        revision: None,
        outputs: std::collections::BTreeMap::new(),
        build: Build::default(),
    })
}

/// A build that was not decided may have deployed something all the same.
fn doubt(context: &Context<'_>, key: &Key) -> Result<(), Failure> {
    let done = update(&context.store, key, context.settings.timeout(), |mark| {
        if mark.deployed.is_none() && mark.attempts.is_empty() && mark.newer.is_none() {
            // There is nothing that could be skipped, and so nothing to doubt.
            return Transition::Keep(());
        }
        mark.doubt("a build that had not decided it tried to record a deploy", now());
        Transition::Write(())
    });
    done.map_err(UpdateError::failure)
}

/// The build failed: something may have been deployed, so its attempts have ended but are not forgotten.
fn fail(context: &Context<'_>, recording: &Recording) -> Result<Status, Failure> {
    context.reporter.warn("not recorded: the build failed (CODEBUILD_BUILD_SUCCEEDING=0); no deploy was recorded");
    for entry in recording.entries().filter(|entry| !entry.skip() && entry.closed.is_none()) {
        close_attempts(context, entry, |mark, id| mark.fail(id, now()));
        close(recording.file.as_ref(), entry, Closed::Failed);
    }
    Ok(Status::Done)
}

/// Closes the attempt of an entry and those that it pinned. Where that cannot be written, they end by their timeout.
pub(super) fn close_attempts(
    context: &Context<'_>,
    entry: &Entry,
    close: impl Fn(&mut crate::protocol::mark::Mark, &AttemptId),
) {
    let pins = entry.pins.iter().map(|pin| (Key { service: pin.service.clone(), ..entry.key.clone() }, &pin.attempt));
    for (key, id) in std::iter::once((entry.key.clone(), &entry.attempt)).chain(pins) {
        let done = update(&context.store, &key, context.settings.timeout(), |mark| {
            close(mark, id);
            Transition::Write(())
        });
        if let Err(error) = done {
            let cause = crate::base::failure::chain(&error);
            context.reporter.warn(&format!("{}: the attempt stays open until it times out: {cause}", key.service));
        }
    }
}
