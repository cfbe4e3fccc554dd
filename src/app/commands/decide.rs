//! `decide`: the pre_build step of a build that will deploy.

use std::path::Path;

use rayon::prelude::*;

use crate::app::cli::{DecideArgs, Deciding};
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, given, now};
use crate::app::ticket_file::{TicketError, TicketFile, locate_to_decide};
use crate::base::failure::{Failure, Status};
use crate::base::names::EnvironmentName;
use crate::map::Unowned;
use crate::map::rules::Rules;
use crate::output::{self, Format, Options};
use crate::protocol::answer::{Answer, Reason};
use crate::protocol::mark::Release;
use crate::protocol::ticket::{Entry, Ticket};
use crate::source::extras::Extras;
use crate::source::snapshot::{Encoded, Snapshot};
use crate::source::tree::Tree;

use super::answers::answer;
use super::context::Context;
use super::gather::gather;
use super::print::{emit, remove_old};
use super::subject::{Request, Subject};
use super::unmatched_includes::warn_of_dead_includes;

/// What was decided in one environment.
pub(super) struct Decided {
    pub(super) answer: Answer,
    pub(super) entries: Vec<Entry>,
    /// The snapshots that the entries name, encoded.
    pub(super) snapshots: Vec<Encoded>,
}

/// Decides, writes the ticket, prints.
pub(super) fn decide(settings: &Settings, reporter: Reporter, args: &DecideArgs) -> Result<Status, Failure> {
    if let Some(out) = &args.out {
        given("--out", out.to_str())?;
        remove_old(out)?;
    }
    let file = locate_to_decide(&settings.environment, reporter, args.deciding.ticket.as_deref())?;
    let context = Context::new(settings, reporter)?;
    let asked = settings::services(&context.map, &args.services)?;
    let find_unowned = args.services.is_empty();
    let decided = look_and_decide(&context, &args.deciding, file.as_ref(), &asked, find_unowned, Keep::OnTicket)?;
    let answers: Vec<Answer> = decided.iter().map(|decided| decided.answer.clone()).collect();
    let options = Options { all_changes: args.all_changes, side_by_side: false, now: now(), color: false };
    let printed = output::render(args.format, &answers, &options).map_err(Failure::request)?;
    say(&context, &answers);
    if args.strict {
        strict(&answers)?;
    }
    emit(args.out.as_deref(), &printed)?;
    Ok(Status::Done)
}

/// What a refused request prints, so that the shell that evaluates it builds, and fails.
pub(super) fn refuse(format: Format, out: Option<&Path>, failure: &Failure) {
    let text = output::refusal(format, &failure.to_string());
    if emit(out, &text).is_err() {
        // The file cannot be written; whoever evaluates standard output still learns of it.
        let _ = emit(None, &text);
    }
}

/// Who needs the inputs that were seen: without a ticket nobody will ask for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    OnTicket,
    Always,
}

/// From the request to opened attempts and a written ticket.
pub(super) fn look_and_decide(
    context: &Context<'_>,
    args: &Deciding,
    file: Option<&TicketFile>,
    asked: &[usize],
    find_unowned: bool,
    keep: Keep,
) -> Result<Vec<Decided>, Failure> {
    let environment = &context.settings.environment;
    let extras = Extras::parse(args.extra.iter().map(String::as_str)).map_err(Failure::request)?;
    let request = Request {
        forced: environment.force(args.force)?,
        build: environment.build(args.execution.as_deref())?,
        revision: revision(context.settings, args.revision.as_deref())?,
        at: now(),
    };
    context.warn_if_forgetful();
    context.warn_of_submodules();
    let ticket = earlier(context.settings, file)?;
    let mut looked = Vec::new();
    for environment in &context.environments {
        let (tree, subjects) = look(context, environment, &request, &extras, asked, find_unowned, ticket.as_ref())?;
        looked.push((environment, tree, subjects));
    }
    agree(looked.iter_mut().map(|(_, _, subjects)| subjects.as_mut_slice()).collect());
    let several = looked.len() > 1;
    let mut decided = Vec::new();
    for (environment, tree, mut subjects) in looked {
        let (building, redeployed) = (building(&subjects), redeployed(context, &subjects));
        context.each(&mut subjects, |subject| {
            // What another of this build deploys again was not pinned if it was to be built, so it must be.
            let may_skip = !several && !redeployed.contains(&subject.service);
            subject.open(context, &request, &building, may_skip);
        });
        let answer = answer(context, environment, &request, &tree, &subjects);
        let keep = keep == Keep::Always || file.is_some();
        let seen = subjects.par_iter().map(|subject| entry(context, &request, &extras, keep.then_some(&tree), subject));
        let (entries, snapshots): (Vec<_>, Vec<_>) = seen.unzip();
        decided.push(Decided { answer, entries, snapshots: snapshots.into_iter().flatten().collect() });
    }
    if let Some(file) = file {
        write_ticket(file, request.build.id.as_deref(), &decided)?;
    }
    Ok(decided)
}

/// The evidence of one environment, decided service by service.
fn look(
    context: &Context<'_>,
    environment: &EnvironmentName,
    request: &Request,
    extras: &Extras,
    asked: &[usize],
    find_unowned: bool,
    ticket: Option<&Ticket>,
) -> Result<(Tree, Vec<Subject>), Failure> {
    let rules = Rules::compile(&context.map, environment, asked, find_unowned);
    let read = |rules: &Rules| context.settings.source.read(rules).map_err(Failure::request);
    let evidence = gather(context, environment, &rules, extras, read)?;
    warn_of_dead_includes(context, &rules, &evidence.tree);
    let _span = tracing::debug_span!("decide", environment = environment.as_str(), services = asked.len()).entered();
    let mut subjects = Vec::new();
    for (inputs, found) in evidence.inputs.iter().zip(evidence.marks) {
        let key = context.key(environment, inputs.service);
        let earlier = ticket.and_then(|ticket| ticket.entry(&key)).filter(|entry| entry.stands()).cloned();
        if let Some(other) = earlier.as_ref().filter(|entry| entry.extras != *extras) {
            let service = &other.key.service;
            let failure =
                Failure::request(format!("`{service}` was decided before in this build, with other --extra values"));
            return Err(failure.hint("give every decision of a build the same --extra"));
        }
        let digest = rules.digest(inputs.service);
        let mut subject = Subject::new(key, inputs, digest, found, earlier, request.at);
        subject.decide(&context.map, request);
        subjects.push(subject);
    }
    let building = building(&subjects);
    subjects.iter_mut().filter(|subject| subject.skip()).for_each(|subject| subject.note_pins(context, &building));
    Ok((evidence.tree, subjects))
}

/// The services that this build builds.
pub(super) fn building(subjects: &[Subject]) -> Vec<usize> {
    subjects.iter().filter(|subject| !subject.skip()).map(|subject| subject.service).collect()
}

/// The services that the deploys of this build deploy again.
fn redeployed(context: &Context<'_>, subjects: &[Subject]) -> Vec<usize> {
    let builds = subjects.iter().filter(|subject| !subject.skip());
    builds.flat_map(|subject| context.map.services[subject.service].redeploys.iter().copied()).collect()
}

/// One build serves all environments: it is skipped only if every one would skip it, and all hand back the same outputs.
fn agree(mut environments: Vec<&mut [Subject]>) {
    let services = environments.first().map_or(0, |subjects| subjects.len());
    for service in 0..services {
        let building = environments.iter().map(|subjects| &subjects[service]).find(|subject| !subject.skip());
        let verdict = match building {
            Some(subject) => {
                let detail = format!("environment `{}`: {}", subject.key.environment, subject.detail);
                Some((subject.reason, detail))
            }
            None => differing_outputs(environments.iter().map(|subjects| &subjects[service])),
        };
        let Some((reason, detail)) = verdict else { continue };
        for subjects in &mut environments {
            let subject = &mut subjects[service];
            if subject.skip() {
                (subject.reason, subject.detail) = (reason, detail.clone());
            }
        }
    }
}

fn differing_outputs<'s>(mut subjects: impl Iterator<Item = &'s Subject>) -> Option<(Reason, String)> {
    let outputs = |subject: &'s Subject| subject.deployed().map(|deploy| &deploy.release.outputs);
    let first = subjects.next()?;
    let other = subjects.find(|subject| outputs(subject) != outputs(first))?;
    let (one, two) = (&first.key.environment, &other.key.environment);
    Some((Reason::OutputMissing, format!("the environments `{one}` and `{two}` have other recorded outputs")))
}

/// What the ticket keeps of a decision, and the inputs that were seen where `tree` is given.
fn entry(
    context: &Context<'_>,
    request: &Request,
    extras: &Extras,
    tree: Option<&Tree>,
    subject: &Subject,
) -> (Entry, Option<Encoded>) {
    let stands_on = subject.deployed().filter(|_| subject.skip());
    let mut seen = None;
    let release = match (stands_on, &subject.earlier) {
        (Some(deploy), _) => deploy.release.clone(),
        // It skipped before and builds now: the inputs are those of the deploy that the skip stood on, and nothing else is.
        (None, Some(earlier)) if earlier.skip() => {
            Release { snapshot: earlier.release.snapshot.clone(), ..subject.release(request) }
        }
        (None, Some(earlier)) => earlier.release.clone(),
        (None, None) => {
            seen = tree.filter(|_| subject.now.content.is_some());
            subject.release(request)
        }
    };
    let standing = subject.earlier.as_ref().is_some_and(|earlier| !earlier.skip());
    let seen = seen.map(|tree| Snapshot::of(tree, subject.service, extras).encode());
    let snapshot = seen.as_ref().map(|seen| seen.hash.clone()).or(release.snapshot);
    let entry = Entry {
        key: subject.key.clone(),
        attempt: subject.attempt.clone(),
        reason: subject.reason.word().to_owned(),
        detail: subject
            .earlier
            .as_ref()
            .filter(|_| standing)
            .map_or(&subject.detail, |earlier| &earlier.detail)
            .clone(),
        release: Release { snapshot, ..release },
        repeats: stands_on.map(|deploy| deploy.id.clone()),
        extras: extras.clone(),
        build: request.build.clone(),
        timeout_seconds: context.build_timeout(subject.service),
        pins: subject.pins.clone(),
        closed: subject.earlier.as_ref().and_then(|earlier| earlier.closed),
    };
    (entry, seen)
}

fn write_ticket(file: &TicketFile, build: Option<&str>, decided: &[Decided]) -> Result<(), Failure> {
    for snapshot in decided.iter().flat_map(|decided| &decided.snapshots) {
        file.put_snapshot(&snapshot.hash, &snapshot.bytes).map_err(TicketError::failure)?;
    }
    let entries = decided.iter().flat_map(|decided| &decided.entries);
    file.update(build, |ticket| entries.for_each(|entry| ticket.put(entry.clone()))).map_err(TicketError::failure)
}

/// What this build decided before. Outside a build every decision is the first.
fn earlier(settings: &Settings, file: Option<&TicketFile>) -> Result<Option<Ticket>, Failure> {
    let Some(file) = file.filter(|_| settings.environment.in_build()) else { return Ok(None) };
    let ticket = file.read().map_err(TicketError::failure)?;
    Ok(ticket.filter(|ticket| ticket.build == settings.environment.build_id))
}

/// Whatever names the source: only shown.
pub(super) fn revision(settings: &Settings, named: Option<&str>) -> Result<Option<String>, Failure> {
    let named = given("--revision", named)?.map(str::to_owned);
    let named = named.or_else(|| settings.environment.source_version.clone());
    Ok(named.or_else(|| settings.source.head_revision()))
}

/// One or two lines for each service.
pub(super) fn say(context: &Context<'_>, answers: &[Answer]) {
    for answer in answers {
        for service in &answer.services {
            for line in output::sentences(service, &answer.environment, now()) {
                context.reporter.say(&line);
            }
        }
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
