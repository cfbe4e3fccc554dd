//! Shared by `record`, `stage` and `run`: which services are meant, how the build ended, and what is reported of the
//! writes.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::apply::apply;
use crate::app::cli::{BuildOutcome, Built};
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, given};
use crate::app::ticket_file::{TicketError, TicketFile, locate};
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};
use crate::base::text::{count, short_revision};
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::marks::{Marks, Moment};
use crate::protocol::engine::noted::Noted;
use crate::protocol::engine::record::{BuildReport, Outcome};
use crate::protocol::engine::step::{Step, Unread};
use crate::protocol::engine::ticket::{Ticket, TicketEntry};
use crate::source::extras::Extras;

use super::context::Context;
use super::noted::{failure, say_one};

/// Outputs by service.
pub(super) type Outputs = BTreeMap<ServiceName, BTreeMap<OutputName, String>>;

/// A request to record or stage, checked before anything is written.
pub(super) struct Recording {
    pub(super) file: Option<TicketFile>,
    pub(super) ticket: Ticket,
    pub(super) report: BuildReport,
    pub(super) engine: Engine,
}

impl Recording {
    /// Finds the services on the ticket.
    pub(super) fn new(context: &Context<'_>, built: &Built) -> Result<Self, Failure> {
        let settings = context.settings;
        let outcome = outcome(settings, built.outcome)?;
        let file = locate(&settings.environment, context.reporter, built.ticket.as_deref())?;
        let build = settings.environment.build(built.execution.as_deref())?;
        let execution = build.execution.clone();
        let ticket = match ticket(settings, file.as_ref(), built.ticket.is_some()) {
            // It is unknown which attempts to end: open ones are doubt, and the build has already failed.
            Err(failure) if outcome == Outcome::Failed => {
                context.reporter.warn(&format!("what was decided stays open until it times out: {failure}"));
                Ticket::new(None)
            }
            ticket => ticket?,
        };
        let extras = Extras::parse(built.extra.iter().map(String::as_str)).map_err(Failure::request)?;
        let engine = context.engine(build, None, (!built.extra.is_empty()).then_some(extras));
        let store = engine.caller.store.clone();
        let named = match (built.all, outcome) {
            (true, _) => vec![Vec::new(); context.environments.len()],
            (false, Outcome::Succeeded) => context.asked(&built.services)?,
            // The attempts of a failed build end wherever they are.
            (false, Outcome::Failed) => {
                vec![settings::services(&context.map, &built.services)?; context.environments.len()]
            }
        };
        let mut keys = Vec::new();
        for (environment, named) in context.environments.iter().zip(named) {
            if built.all {
                let mine = |entry: &&TicketEntry| {
                    entry.store == store
                        && entry.key.project == context.project
                        && entry.key.environment == *environment
                };
                keys.extend(ticket.entries.iter().filter(mine).map(|entry| entry.key.clone()));
            }
            keys.extend(named.iter().map(|service| context.key(environment, *service)));
        }
        if keys.is_empty() && outcome == Outcome::Succeeded {
            let failure = Failure::request("the ticket of this build has no decision to record");
            return Err(
                failure.hint("run `shipmark decide` before the build, with the same --project and --environment")
            );
        }
        let revision = given("--revision", built.revision.as_deref())?.map(str::to_owned);
        let services: BTreeSet<&ServiceName> = keys.iter().map(|key| &key.service).collect();
        // Outputs of a failed build are not recorded: its variables may be empty, and its attempts end anyway.
        let outputs = match outcome {
            Outcome::Failed => Outputs::new(),
            Outcome::Succeeded => outputs_of(&built.output, &services)?,
        };
        let report = BuildReport { keys, outcome, outputs, revision, execution };
        Ok(Self { file, ticket, report, engine })
    }

    /// The ticket entries of the requested services.
    pub(super) fn entries(&self) -> impl Iterator<Item = &TicketEntry> {
        self.report.keys.iter().filter_map(|key| self.ticket.entry(&self.engine.caller.store, key))
    }

    /// Applies a step, and records on the ticket what became of its entries.
    pub(super) fn apply<T, E>(
        &mut self,
        context: &Context<'_>,
        moment: &Moment,
        needed: impl Fn(&Engine, &Ticket, &[Key], &Marks) -> Unread,
        mut step: impl FnMut(&Engine, &Ticket, &BuildReport, &Marks, &Moment) -> Result<Step<T>, E>,
    ) -> Result<Step<T>, E> {
        let file = self.file.clone();
        let kept = |hash: &str| file.as_ref().and_then(|file| file.snapshot(hash));
        let applying = context.applying(moment, &kept);
        let (engine, ticket, report) = (&self.engine, &self.ticket, &self.report);
        let needed = |marks: &Marks| needed(engine, ticket, &report.keys, marks);
        let mut marks = Marks::default();
        let step = apply(&applying, &mut marks, needed, |marks, now| step(engine, ticket, report, marks, now))?;
        if let Some(after) = step.ticket.clone() {
            let entries = report.keys.iter().filter_map(|key| after.entry(&engine.caller.store, key));
            close(self.file.as_ref(), context.settings, entries.cloned());
            self.ticket = after;
        }
        Ok(step)
    }
}

/// The services that a request names; for `--all`, those on the ticket, as far as it can be read.
pub(super) fn named(settings: &Settings, built: &Built) -> Vec<String> {
    if !built.all {
        return built.services.clone();
    }
    let environment = &settings.environment;
    let of_build = || Some(TicketFile::of_build(environment.build_id.as_deref()?, &environment.temporary));
    let file = built.ticket.as_deref().map(TicketFile::at).or_else(of_build);
    let ticket = file.and_then(|file| file.read().ok().flatten());
    let entries = ticket.into_iter().flat_map(|ticket| ticket.entries);
    entries.map(|entry| entry.key.service.to_string()).collect()
}

/// How the build ended: as given on the command line, or according to CodeBuild.
fn outcome(settings: &Settings, said: Option<BuildOutcome>) -> Result<Outcome, Failure> {
    let environment = &settings.environment;
    match said {
        None if environment.in_workflow() => {
            let failure =
                Failure::request("nothing says how the job went: it runs in GitHub Actions, without --outcome");
            Err(failure.hint(
                "add --outcome \"${{ steps.ID.outcome }}\", or \"${{ job.status }}\", in a step that always runs",
            ))
        }
        None if environment.build_failing => Ok(Outcome::Failed),
        Some(BuildOutcome::Success) if environment.build_failing && !environment.in_workflow() => Ok(Outcome::Failed),
        None | Some(BuildOutcome::Success) => Ok(Outcome::Succeeded),
        Some(BuildOutcome::Failure | BuildOutcome::Cancelled | BuildOutcome::Skipped) => Ok(Outcome::Failed),
    }
}

/// The reason why the build counts as failed.
pub(super) fn why_failed(settings: &Settings) -> &'static str {
    match settings.environment.build_failing && !settings.environment.in_workflow() {
        true => "the build failed (CODEBUILD_BUILD_SUCCEEDING=0)",
        false => "the build did not succeed (--outcome)",
    }
}

/// A ticket counts only if it was named or belongs to this build.
fn ticket(settings: &Settings, file: Option<&TicketFile>, named: bool) -> Result<Ticket, Failure> {
    let environment = &settings.environment;
    let build = environment.build_id.as_deref();
    let Some(file) = file else { return Ok(Ticket::new(build)) };
    let ticket = file.read().map_err(TicketError::failure)?;
    let ticket = if environment.in_build() { ticket.filter(|ticket| ticket.build.as_deref() == build) } else { ticket };
    match ticket {
        None if named && !environment.in_build() => Err(Failure::request("--ticket names a file that does not exist")),
        ticket => Ok(ticket.unwrap_or_else(|| Ticket::new(build))),
    }
}

/// Records on the ticket, if there is one, what became of entries.
pub(super) fn close(file: Option<&TicketFile>, settings: &Settings, entries: impl Iterator<Item = TicketEntry>) {
    let Some(file) = file else { return };
    let entries: Vec<TicketEntry> = entries.collect();
    let build = settings.environment.build_id.as_deref();
    if let Err(error) = file.update(build, |ticket| ticket.put(entries)) {
        // What was reported is in the store, too. Only a `run` that is killed now would leave no trace of it.
        tracing::debug!(%error, "the ticket could not be updated");
    }
}

/// `--output [SERVICE:]NAME=VALUE`, checked.
pub(super) fn outputs_of(texts: &[String], services: &BTreeSet<&ServiceName>) -> Result<Outputs, Failure> {
    let mut outputs = Outputs::new();
    for text in texts {
        given("--output", Some(text))?;
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Failure::request(format!("the output `{text}` has no value")).hint("write --output NAME=VALUE")
        })?;
        let (service, name) = match name.split_once(':') {
            Some((service, name)) => (settings::service_name(service)?, name),
            None => match services.iter().collect::<Vec<_>>()[..] {
                [only] => ((*only).clone(), name),
                _ => {
                    let failure = Failure::request(format!("the output `{name}` could be of any of several services"));
                    return Err(failure.hint("write --output SERVICE:NAME=VALUE"));
                }
            },
        };
        if !services.contains(&service) {
            return Err(Failure::request(format!("the output `{name}` is of `{service}`, which is not named here")));
        }
        let name = OutputName::new(name).map_err(Failure::request)?;
        if value.is_empty() {
            let failure = Failure::request(format!("the output `{name}` of `{service}` is empty"));
            return Err(failure.hint("a variable that is not set?"));
        }
        if value.contains('\0') {
            return Err(Failure::request(format!("the output `{name}` has a NUL byte, which no variable can hold")));
        }
        name.variable(&service).map_err(Failure::request)?;
        if outputs.entry(service).or_default().insert(name.clone(), value.to_owned()).is_some() {
            return Err(Failure::request(format!("the output `{name}` is given twice")));
        }
    }
    outputs.iter().try_for_each(|(service, outputs)| no_clash(service, outputs))?;
    Ok(outputs)
}

/// Each output is printed as NAME_SERVICE, and also as NAME if a single service is requested.
fn no_clash(service: &ServiceName, outputs: &BTreeMap<OutputName, String>) -> Result<(), Failure> {
    let mut taken: BTreeMap<String, &OutputName> = BTreeMap::new();
    for name in outputs.keys() {
        let variable = name.variable(service).map_err(Failure::request)?;
        for variable in [name.as_str().to_ascii_uppercase(), variable.to_ascii_uppercase()] {
            if let Some(other) = taken.insert(variable.clone(), name).filter(|other| *other != name) {
                let text =
                    format!("the outputs `{other}` and `{name}` of `{service}` would share the variable {variable}");
                return Err(Failure::request(text).hint("rename one of them"));
            }
        }
    }
    Ok(())
}

/// Reports what was done to each mark; what was not done is the failure.
pub(super) fn say(
    context: &Context<'_>,
    reporter: Reporter,
    ticket: &Ticket,
    store: &str,
    told: &[Noted],
) -> Result<(), Failure> {
    let described = |key: &Key| {
        let entry = ticket.entry(store, key);
        let revision = entry.and_then(|entry| entry.revision.as_deref()).map(short_revision);
        let inputs = entry.map(|entry| format!(", {}", count(entry.inputs.count, "input"))).unwrap_or_default();
        format!("{}{inputs}", revision.unwrap_or_else(|| "an unnamed revision".to_owned()))
    };
    let place = |key: &Key| context.hint(&key.environment);
    for noted in told {
        say_one(reporter, noted, &described(&noted.key), &place);
    }
    failure(reporter, told, &place).map_or(Ok(()), Err)
}

/// The failure for an error of the store while recording.
pub(super) fn not_recorded(error: crate::store::StoreError) -> Failure {
    Failure::other(error).hint("make the store reachable and writable, then run the same command again")
}
