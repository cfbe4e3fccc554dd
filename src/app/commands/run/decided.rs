//! `run` of services that this call decides: their deploys are recorded on the attempts that the decision has opened.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::apply::apply;
use crate::app::cli::RunArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, moment};
use crate::app::ticket_file::{TicketFile, locate_to_decide};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};
use crate::output::{Handed, command_variables};
use crate::protocol::answer::Answer;
use crate::protocol::engine::marks::Marks;
use crate::protocol::engine::noted::{Noted, What};
use crate::protocol::engine::record::{BuildReport, Outcome};
use crate::protocol::engine::refusal::Refusal;
use crate::protocol::engine::ticket::{Closed, TicketEntry};

use super::super::context::{Context, refuse_pull_request};
use super::super::decide::{Decisions, Keep, Request, look_and_decide, say};
use super::super::recording::{self, Outputs, close};
use super::super::{prune, refusals};
use super::crew::{Crew, Work};
use super::ledger::{Ledger, Turn};
use super::queue::{Job, jobs};

/// Decides, runs, records. Returns the exit status of the process.
pub(super) fn run(settings: &Settings, reporter: Reporter, args: &RunArgs) -> Result<u8, Failure> {
    let file = locate_to_decide(&settings.environment, reporter, args.deciding.ticket.as_deref())?;
    let context = Context::new(settings, reporter, &args.services)?;
    refuse_pull_request(settings, "run")?;
    let asked = context.asked(&args.services)?;
    if asked.iter().all(Vec::is_empty) {
        let names: Vec<&str> = context.environments.iter().map(|name| name.as_str()).collect();
        reporter.warn(&format!("no service of the map exists in {}: there is nothing to run", names.join(", ")));
    }
    let request = Request { asked: &asked, find_unowned: false, keep: Keep::Always, stage: None };
    let decided = look_and_decide(&context, &args.deciding, file.as_ref(), &request)?;
    say(&context, &decided.answers);
    let services = decided.answers.iter().flat_map(|answer| &answer.services);
    let builds: BTreeSet<ServiceName> =
        services.filter(|service| !service.skip()).map(|service| service.service.clone()).collect();
    if builds.is_empty() {
        return Ok(Status::Done as u8);
    }
    let jobs = jobs(&context.map, &builds);
    let mut ledger = Attempts { context: &context, file: file.as_ref(), decided };
    if let Err(failure) = ledger.check(&jobs, args.no_record) {
        if let Err(failure) = ledger.fail(&builds.into_iter().collect::<Vec<_>>()) {
            reporter.warn(&format!("the attempts stay open until they time out: {failure}"));
        }
        return Err(failure);
    }
    if !args.no_record {
        ledger.presume_failed(&jobs);
    }
    Ok(Crew::new(Work { settings, reporter, args, jobs }, ledger)?.work())
}

/// The decisions of this call, and the attempts that they have opened.
struct Attempts<'a> {
    context: &'a Context<'a>,
    file: Option<&'a TicketFile>,
    decided: Decisions,
}

impl Attempts<'_> {
    /// What can be known to fail before anything starts: a staged service is recorded by its deploy stage, and some
    /// values have no variable.
    fn check(&self, jobs: &[Job], no_record: bool) -> Result<(), Failure> {
        let store = &self.decided.engine.caller.store;
        let staged = |key: &&Key| {
            self.decided.ticket.entry(store, key).is_some_and(|entry| entry.closed == Some(Closed::Staged))
        };
        let services = jobs.iter().map(|job| job.service.clone());
        let keys = self.keys(&services.collect::<Vec<_>>());
        if let Some(key) = keys.iter().find(staged).filter(|_| !no_record) {
            return Err(refusals::failure(&Refusal::Staged(key.clone()), &|key| self.context.hint(&key.environment)));
        }
        jobs.iter().try_for_each(|job| self.variables(job, &Outputs::new()).map(drop))
    }

    /// Notes on the ticket that none of them has succeeded. If this process is killed, whatever is recorded without it is
    /// doubt.
    fn presume_failed(&self, jobs: &[Job]) {
        let services: Vec<ServiceName> = jobs.iter().map(|job| job.service.clone()).collect();
        let store = &self.decided.engine.caller.store;
        let entries =
            self.keys(&services).into_iter().filter_map(|key| self.decided.ticket.entry(store, &key).cloned());
        close(self.file, self.context.settings, entries.map(|entry| TicketEntry { failed: true, ..entry }));
    }

    /// The marks of these services, in each environment in which they were decided.
    fn keys(&self, services: &[ServiceName]) -> Vec<Key> {
        let answers = self.decided.answers.iter();
        let keys = answers.flat_map(|answer| {
            let decided = answer.services.iter().map(|decided| &decided.service);
            decided.filter(|service| services.contains(service)).map(|service| Key {
                project: answer.project.clone(),
                environment: answer.environment.clone(),
                service: service.clone(),
            })
        });
        keys.collect()
    }

    /// What the command of a service may need of others in one environment: what it depends on, skipped or deployed by
    /// this call; and what its deploy deploys again, as this call has deployed it, else as it is recorded.
    fn others(&self, job: &Job, answer: &Answer, made: &Outputs) -> Outputs {
        let map = &self.context.map;
        let at = map.index(&job.service);
        let needed = at.map(|at| map.with_dependencies(&[at])).unwrap_or_default();
        let needed = needed.into_iter().map(|at| &map.services[at].name).filter(|name| **name != job.service);
        let mut others = Outputs::new();
        for service in needed.chain(&job.redeploys) {
            let skipped = || {
                let found = answer.services.iter().find(|other| other.service == *service && other.skip())?;
                Some(found.outputs.clone())
            };
            let recorded = || {
                let (project, environment) = (answer.project.clone(), answer.environment.clone());
                let key = Key { project, environment, service: service.clone() };
                self.decided.recorded.get(&key).filter(|_| job.redeploys.contains(service)).cloned()
            };
            if let Some(outputs) = made.get(service).cloned().or_else(skipped).or_else(recorded) {
                others.insert(service.clone(), outputs);
            }
        }
        others
    }

    fn report(&mut self, services: &[ServiceName], outcome: Outcome, outputs: Outputs) -> Result<(), Failure> {
        self.context.settings.start_recording();
        let report = BuildReport { keys: self.keys(services), outcome, outputs, revision: None, execution: None };
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
            close(self.file, self.context.settings, entries.cloned());
            self.decided.ticket = after;
        }
        let said = recording::say(self.context, self.context.reporter, &self.decided.ticket, &store, &step.told);
        let missing = |noted: &Noted| matches!(noted.what, What::Refused(Refusal::Outputs(..)));
        said.map_err(|failure| match step.told.iter().any(missing) {
            true => failure.hint("let the command write NAME=VALUE to the file $SHIPMARK_OUTPUTS"),
            false => failure,
        })?;
        if outcome == Outcome::Succeeded {
            prune::after(&self.context.store, &step.writes);
        }
        Ok(())
    }
}

impl Ledger for Attempts<'_> {
    fn variables(&self, job: &Job, made: &Outputs) -> Result<Vec<(String, String)>, Failure> {
        let of = |answer: &Answer| {
            let mut own = answer.services.iter().find(|own| own.service == job.service)?.clone();
            own.redeploys.extend(self.others(job, answer, made));
            Some(Answer {
                project: answer.project.clone(),
                environment: answer.environment.clone(),
                state: None,
                revision: answer.revision.clone(),
                base: None,
                source: answer.source,
                files: answer.files,
                services: vec![own],
                unowned: None,
            })
        };
        let answers: Vec<Answer> = self.decided.answers.iter().filter_map(of).collect();
        command_variables(&job.service, &answers, &Handed::default()).map_err(Failure::request)
    }

    fn begin(&mut self, _: &ServiceName) -> Result<Turn, Failure> {
        // The decision has opened its attempt.
        Ok(Turn::Runs)
    }

    fn record(&mut self, service: &ServiceName, outputs: BTreeMap<OutputName, String>) -> Result<(), Failure> {
        let outputs = Outputs::from([(service.clone(), outputs)]);
        self.report(std::slice::from_ref(service), Outcome::Succeeded, outputs)
    }

    fn fail(&mut self, services: &[ServiceName]) -> Result<(), Failure> {
        self.report(services, Outcome::Failed, Outputs::new())
    }
}
