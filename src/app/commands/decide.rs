//! `decide`: the pre_build step of a build that will deploy.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use crate::app::apply::apply;
use crate::app::cli::{DecideArgs, Deciding};
use crate::app::report::Reporter;
use crate::app::settings::{Forced, Settings, given, now};
use crate::app::ticket_file::{TicketError, TicketFile, locate_to_decide};
use crate::base::failure::{Failure, Status, chain};
use crate::base::key::Key;
use crate::base::names::OutputName;
use crate::map::Unowned;
use crate::map::rules::Rules;
use crate::output::{self, DecisionEvent, Format, Options};
use crate::protocol::answer::Answer;
use crate::protocol::engine::core::{Engine, Verified};
use crate::protocol::engine::marks::{Marks, Moment};
use crate::protocol::engine::policy::Asked;
use crate::protocol::engine::refusal::Refusal;
use crate::protocol::engine::stage::StagedDecisions;
use crate::protocol::engine::step::Step;
use crate::protocol::engine::ticket::Ticket;
use crate::source::extras::Extras;
use crate::source::snapshot::{Encoded, Snapshot};

use super::answers::answers;
use super::context::{Context, refuse_pull_request, revision};
use super::forgotten::warn_of_forgotten;
use super::gather::{Seen, Wanted, gather};
use super::print::{emit, remove_old};
use super::redelivery::Redelivery;
use super::renames::warn_of_renames;
use super::stage::tokens;
use super::status;
use super::verify::verify;

/// The result of one call: the engine and its decisions, and the updated ticket.
pub(super) struct Decisions {
    pub(super) answers: Vec<Answer>,
    /// The ticket, including the entries of this call.
    pub(super) ticket: Ticket,
    /// The encoded snapshots that the entries refer to.
    pub(super) snapshots: BTreeMap<String, Vec<u8>>,
    /// The engine that decided.
    pub(super) engine: Engine,
    /// The outputs of the last deploys, of services that build too.
    pub(super) recorded: BTreeMap<Key, BTreeMap<OutputName, String>>,
}

/// Decides, writes the ticket, prints.
pub(super) fn decide(settings: &Settings, reporter: Reporter, args: &DecideArgs) -> Result<Status, Failure> {
    if let Some(out) = &args.out {
        given("--out", out.to_str())?;
        remove_old(out)?;
    }
    let file = locate_to_decide(&settings.environment, reporter, args.deciding.ticket.as_deref())?;
    let context = Context::new(settings, reporter, &args.services)?;
    refuse_pull_request(settings, "decide")?;
    let asked = context.asked(&args.services)?;
    let stage = stage_name(args)?;
    let request = Request { asked: &asked, find_unowned: args.services.is_empty(), keep: Keep::OnTicket, stage };
    let decided = look_and_decide(&context, &args.deciding, file.as_ref(), &request)?;
    let options = Options { all_changes: args.all_changes, side_by_side: false, now: now(), color: false };
    let printed = output::render(args.format, &decided.answers, &options).map_err(Failure::request)?;
    say(&context, &decided.answers);
    if args.strict {
        strict(&decided.answers)?;
    }
    emit(args.out.as_deref(), &printed)?;
    Ok(Status::Done)
}

/// `--stage`, or `--stage=NAME`.
fn stage_name(args: &DecideArgs) -> Result<Option<Option<&str>>, Failure> {
    match &args.stage {
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some(name)) => Ok(Some(given("--stage", Some(name))?)),
    }
}

/// The output for a refused request: it makes the shell that evaluates it build, and fail.
pub(super) fn refuse(format: Format, out: Option<&Path>, failure: &Failure) {
    let text = output::refusal(format, &failure.to_string());
    if emit(out, &text).is_err() {
        // If the file cannot be written, the shell that evaluates standard output must still see the failure.
        let _ = emit(None, &text);
    }
}

/// Which snapshots to keep: without a ticket, nobody will ask for them later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    OnTicket,
    Always,
}

/// What is to be decided.
pub(super) struct Request<'a> {
    /// The services of each environment, as indices into the map.
    pub(super) asked: &'a [Vec<usize>],
    pub(super) find_unowned: bool,
    pub(super) keep: Keep,
    /// `--stage`, with the name of the deploy stage if given.
    pub(super) stage: Option<Option<&'a str>>,
}

/// From the request to opened attempts and a written ticket.
pub(super) fn look_and_decide(
    context: &Context<'_>,
    args: &Deciding,
    file: Option<&TicketFile>,
    request: &Request<'_>,
) -> Result<Decisions, Failure> {
    let environment = &context.settings.environment;
    let extras = Extras::parse(args.extra.iter().map(String::as_str)).map_err(Failure::request)?;
    let build = environment.build(args.execution.as_deref())?;
    let revision = revision(context.settings, args.revision.as_deref())?;
    let engine = context.engine(build, revision, Some(extras.clone()));
    context.warn_if_forgetful();
    context.warn_if_nameless();
    let ticket = earlier(context.settings, file)?;
    let forced = Forced::new(args.force.as_ref().map(Option::as_deref), environment, &context.map)?;
    let wanted =
        Wanted { services: request.asked, find_unowned: request.find_unowned, extras: &extras, forced: &forced };
    let read = |rules: &Rules| context.settings.source.read(rules).map_err(Failure::request);
    let (mut seen, mut marks) = gather(context, &engine, &wanted, read)?;
    let mut snapshots = BTreeMap::new();
    if request.stage.is_some() {
        keep_all(&mut seen, &ticket, &engine, &mut snapshots);
    }
    let moment = context.settings.moment();
    let mut redelivery = Redelivery::new(context);
    let asked: Vec<Asked> = seen.iter().flat_map(|seen| &seen.services).map(|(_, asked)| asked.clone()).collect();
    let verify_with = given("--verify", args.verify.as_deref())?;
    let keys: Vec<Key> = asked.iter().map(|asked| asked.key.clone()).collect();
    let mut verified = verify_with.map(|_| Verified::new());
    let (decided, staged) = loop {
        let kept = |hash: &str| snapshots.get(hash).cloned();
        let applying = context.applying(&moment, &kept);
        let needed = |marks: &Marks| engine.keys(&keys, marks);
        let _span = tracing::debug_span!("decide", services = asked.len()).entered();
        let step = |marks: &Marks, now: &Moment| {
            let step = decided_step(&engine, &asked, &ticket, request.stage, verified.as_ref(), marks, now);
            let step = step.map_err(refused(context))?;
            redelivery.check(&step, marks)?;
            Ok::<_, Failure>(step)
        };
        let step = apply(&applying, &mut marks, needed, step)?;
        match (verify_with, &mut verified) {
            (Some(command), Some(verified)) if !step.told.decided.verify.is_empty() => {
                verify(command, &step.told.decided.verify, verified)?;
                // The commands took their time: nothing that was read before counts.
                marks = Marks::default();
            }
            _ => break (step.ticket, step.told),
        }
    };
    let mut decided_ticket = decided.unwrap_or_else(|| ticket.clone());
    if request.stage.is_none() && (request.keep == Keep::Always || file.is_some()) {
        keep_new(&seen, &ticket, &mut decided_ticket, &engine, &mut snapshots);
    }
    if let Some(file) = file {
        write_ticket(file, context, &asked, &decided_ticket, &engine, &snapshots)?;
    }
    context.warn_of_orphans(&staged.decided.orphans);
    warn_of_renames(context, &seen, &staged.decided, &marks);
    status::warn_of_contradictions(context, &keys, &marks);
    warn_of_forgotten(context, &staged.decided.services, &marks);
    let candidates = tokens(context, &engine, &staged)?;
    let answers = answers(context, &engine, &seen, &staged.decided, &ticket, &candidates);
    let recorded = staged.decided.services.into_iter();
    let recorded = recorded.filter_map(|decision| Some((decision.key, decision.baseline?.release.outputs))).collect();
    Ok(Decisions { answers, ticket: decided_ticket, snapshots, engine, recorded })
}

fn decided_step(
    engine: &Engine,
    asked: &[Asked],
    ticket: &Ticket,
    stage: Option<Option<&str>>,
    verified: Option<&Verified>,
    marks: &Marks,
    now: &Moment,
) -> Result<Step<StagedDecisions>, Refusal> {
    match stage {
        Some(stage) => engine.decide_staged(asked, stage, marks, ticket, verified, now),
        None => engine
            .decide(asked, marks, ticket, verified, now)
            .map(|step| step.map(|decided| StagedDecisions { decided, ..StagedDecisions::default() })),
    }
}

/// The failure for a request that the engine refuses.
pub(super) fn refused(context: &Context<'_>) -> impl Fn(Refusal) -> Failure {
    |refusal| super::refusals::failure(&refusal, &|key| context.hint(&key.environment))
}

/// Encodes the inputs of every service that is seen for the first time.
fn keep_all(seen: &mut [Seen<'_>], ticket: &Ticket, engine: &Engine, snapshots: &mut BTreeMap<String, Vec<u8>>) {
    for seen in seen {
        for at in 0..seen.services.len() {
            let (service, asked) = &seen.services[at];
            if asked.inputs.content.is_some() && ticket.entry(&engine.caller.store, &asked.key).is_none() {
                let Encoded { hash, bytes } = Snapshot::of(&seen.tree, *service, seen.extras(*service)).encode();
                seen.services[at].1.inputs.snapshot = Some(hash.clone());
                snapshots.insert(hash, bytes);
            }
        }
    }
}

/// Encodes the inputs of services that build and are seen for the first time, and adds them to the ticket.
fn keep_new(
    seen: &[Seen<'_>],
    before: &Ticket,
    ticket: &mut Ticket,
    engine: &Engine,
    snapshots: &mut BTreeMap<String, Vec<u8>>,
) {
    let store = &engine.caller.store;
    let new = |(_, asked): &&(usize, Asked)| {
        let entry = ticket.entry(store, &asked.key);
        let builds = entry.is_some_and(|entry| !entry.skips() && entry.inputs.content.is_some());
        builds && before.entry(store, &asked.key).is_none()
    };
    let mut encoded: Vec<(Key, Encoded)> = Vec::new();
    for seen in seen {
        let services: Vec<&(usize, Asked)> = seen.services.iter().filter(new).collect();
        encoded.par_extend(services.into_par_iter().map(|(service, asked)| {
            (asked.key.clone(), Snapshot::of(&seen.tree, *service, seen.extras(*service)).encode())
        }));
    }
    for (key, Encoded { hash, bytes }) in encoded {
        if let Some(entry) = ticket.entry_mut(store, &key) {
            entry.inputs.snapshot = Some(hash.clone());
        }
        snapshots.insert(hash, bytes);
    }
}

/// Adds the entries of this call to the ticket, keeping what others have written there meanwhile.
fn write_ticket(
    file: &TicketFile,
    context: &Context<'_>,
    asked: &[Asked],
    decided: &Ticket,
    engine: &Engine,
    snapshots: &BTreeMap<String, Vec<u8>>,
) -> Result<(), Failure> {
    let lost = snapshots.iter().find_map(|(hash, bytes)| file.put_snapshot(hash, bytes).err());
    if let Some(error) = lost {
        // They only explain.
        let cause = chain(&error);
        context
            .reporter
            .warn(&format!("the list of the inputs is not kept, so the next changes cannot be listed: {cause}"));
    }
    let entries = asked.iter().filter_map(|asked| decided.entry(&engine.caller.store, &asked.key));
    let build = context.settings.environment.build_id.as_deref();
    file.update(build, |ticket| ticket.put(entries.cloned())).map_err(TicketError::failure)
}

/// What this build decided before. Outside a build, every decision is the first.
fn earlier(settings: &Settings, file: Option<&TicketFile>) -> Result<Ticket, Failure> {
    let build = settings.environment.build_id.as_deref();
    let Some(file) = file.filter(|_| settings.environment.in_build()) else { return Ok(Ticket::new(build)) };
    let ticket = file.read().map_err(TicketError::failure)?;
    Ok(ticket.filter(|ticket| ticket.build.as_deref() == build).unwrap_or_else(|| Ticket::new(build)))
}

/// Prints one line for each service that builds, and one for all skipped services; and an event for each of them.
pub(super) fn say(context: &Context<'_>, answers: &[Answer]) {
    let build = context.settings.environment.job();
    for answer in answers {
        for service in &answer.services {
            context.reporter.event(&DecisionEvent::new(answer, service, build.as_deref()));
        }
        let hint = context.hint(&answer.environment);
        let several = answers.len() > 1;
        output::sentences(&answer.services, &hint, several, context.reporter.is_verbose(), now())
            .iter()
            .for_each(|line| context.reporter.say(line));
        let unowned = answer.unowned.as_deref().unwrap_or_default();
        if let Some(first) = unowned.first().filter(|_| context.map.defaults.unowned == Unowned::Warn) {
            let files = crate::base::text::count(unowned.len(), "file");
            let first = crate::base::text::printable(first);
            context.reporter.warn(&format!("{files} that no service covers, e.g. {first}: see `shipmark check`"));
        }
    }
}

fn strict(answers: &[Answer]) -> Result<(), Failure> {
    let doubtful = answers.iter().flat_map(|answer| &answer.services).find(|service| service.reason.is_doubt());
    doubtful.map_or(Ok(()), |service| {
        let text = format!("`{}`: {}: {}", service.service, service.reason.word(), service.detail);
        Err(Failure::request(text).with_status(Status::Doubt).hint("without --strict this doubt builds"))
    })
}
