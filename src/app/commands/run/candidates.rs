//! `run` of what an earlier stage of the pipeline has decided or built: `$SHIPMARK_CANDIDATE` says what may be deployed.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::cli::RunArgs;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, moment};
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};
use crate::base::text::list;
use crate::map::ServiceMap;
use crate::output::{Handed, command_variables};
use crate::protocol::answer::{Answer, Reason, ServiceAnswer};
use crate::protocol::engine::deploy::{self, Promotion, Target};
use crate::protocol::engine::mark::Candidate;
use crate::source::tree::SourceKind;

use super::super::prune;
use super::super::recording::Outputs;
use super::super::targets::{Named, Targets};
use super::crew::{Crew, Work};
use super::ledger::{Ledger, Turn};
use super::queue::{Job, jobs};
use super::same_source;

/// Begins, runs, promotes. Returns the exit status of the process.
pub(super) fn run(settings: &Settings, reporter: Reporter, args: &RunArgs, handed: &str) -> Result<u8, Failure> {
    let targets = Targets::by_values(settings, std::iter::once(handed))?;
    let stored = targets.stored(&targets.candidates)?;
    let own = |target: &&Target| candidate(target).is_none_or(|candidate| candidate.pinned_by.is_none());
    let offered = stored.iter().filter(own).map(|target| &target.key).chain(targets.claims.iter().map(|(key, _)| key));
    let offered: BTreeSet<ServiceName> = offered.map(|key| key.service.clone()).collect();
    let services = chosen(&offered, &args.services)?;
    // Only an order of several needs a map.
    let names: Vec<String> = services.iter().map(ToString::to_string).collect();
    let map = if names.len() > 1 { Some(settings.map_for(&names)?) } else { settings.map_if_any(&names)? };
    let jobs = order(map.as_ref(), &services)?;
    let mut stage = Stage {
        settings,
        reporter,
        job: settings.environment.job().unwrap_or_else(|| moment().call.to_string()),
        execution: settings.environment.build(args.deciding.execution.as_deref())?.execution,
        groups: BTreeMap::new(),
        begun: BTreeSet::new(),
        confirmed: Outputs::new(),
        targets,
        stored,
        map,
    };
    stage.groups = services.iter().map(|service| (service.clone(), stage.group(service))).collect();
    let own = services.iter().flat_map(|service| stage.keyed(service));
    same_source::check(settings, reporter, &args.deciding.extra, own)?;
    let jobs = stage.holding(jobs);
    jobs.iter().try_for_each(|job| stage.variables(job, &Outputs::new()).map(drop))?;
    Ok(Crew::new(Work { settings, reporter, args, jobs }, stage)?.work())
}

/// The services that were named, or all.
fn chosen(offered: &BTreeSet<ServiceName>, named: &[String]) -> Result<BTreeSet<ServiceName>, Failure> {
    if named.is_empty() {
        return Ok(offered.clone());
    }
    let one = |name: &String| {
        let name = settings::service_name(name)?;
        if offered.contains(&name) {
            return Ok(name);
        }
        let offered: Vec<&str> = offered.iter().map(ServiceName::as_str).collect();
        let failure = Failure::request(format!("SHIPMARK_CANDIDATE has nothing of `{name}`"));
        Err(failure.hint(format!("it has {}", list(&offered))))
    };
    named.iter().map(one).collect()
}

fn order(map: Option<&ServiceMap>, services: &BTreeSet<ServiceName>) -> Result<Vec<Job>, Failure> {
    let Some(map) = map else {
        let alone = |service: &ServiceName| Job {
            service: service.clone(),
            after: BTreeSet::new(),
            redeploys: BTreeSet::new(),
            holds: BTreeSet::new(),
        };
        return Ok(services.iter().map(alone).collect());
    };
    services.iter().try_for_each(|service| settings::service(map, service.as_str()).map(drop))?;
    Ok(jobs(map, services))
}

fn candidate(target: &Target) -> Option<&Candidate> {
    target.candidate.as_ref().map(|stored| &stored.candidate)
}

/// A deploy stage of one or several services.
struct Stage<'a> {
    settings: &'a Settings,
    reporter: Reporter,
    /// What tells the runs of this call from those of a retry.
    job: String,
    execution: Option<String>,
    /// The candidates that the deploy of each service needs, with those of what it deploys again.
    groups: BTreeMap<ServiceName, Vec<Named>>,
    /// The services whose deploys have begun.
    begun: BTreeSet<ServiceName>,
    /// The outputs of the deploys that confirmed skips rely on.
    confirmed: Outputs,
    targets: Targets,
    stored: Vec<Target>,
    map: Option<ServiceMap>,
}

impl Stage<'_> {
    /// The candidates of a service itself.
    fn own<'s>(&'s self, service: &'s ServiceName) -> impl Iterator<Item = &'s Candidate> {
        self.keyed(service).map(|(_, candidate)| candidate)
    }

    /// The same, each with its key.
    fn keyed<'s>(&'s self, service: &'s ServiceName) -> impl Iterator<Item = (&'s Key, &'s Candidate)> {
        let of_service = self.stored.iter().filter(move |target| target.key.service == *service);
        let stored = of_service.filter_map(|target| Some((&target.key, candidate(target)?)));
        stored.filter(|(_, candidate)| candidate.pinned_by.is_none())
    }

    fn group(&self, service: &ServiceName) -> Vec<Named> {
        let mut group = Vec::new();
        for (target, named) in self.stored.iter().zip(&self.targets.candidates) {
            let candidate = candidate(target);
            if target.key.service != *service || candidate.is_some_and(|candidate| candidate.pinned_by.is_some()) {
                continue;
            }
            let touches = candidate.iter().flat_map(|candidate| &candidate.touches);
            let of = |other: &ServiceName| Key { service: other.clone(), ..target.key.clone() };
            group.extend(touches.map(|(other, id)| (of(other), Some(id.clone()))));
            group.push(named.clone());
        }
        group
    }

    /// What two deploys share ends with the later one.
    fn holding(&self, mut jobs: Vec<Job>) -> Vec<Job> {
        let shares = |one: &ServiceName, two: &ServiceName| {
            let group = |service| self.groups.get(service).into_iter().flatten();
            one != two && group(one).any(|named| group(two).any(|other| other == named))
        };
        for job in &mut jobs {
            job.holds.extend(self.groups.keys().filter(|other| shares(&job.service, other)).cloned());
        }
        jobs
    }

    /// What must begin with a service: its group, and what its deploy deploys again as this stage has it.
    fn beginning(&self, service: &ServiceName) -> BTreeSet<ServiceName> {
        let at = self.map.as_ref().and_then(|map| Some((map, map.index(service)?)));
        let redeploys =
            at.into_iter().flat_map(|(map, at)| map.services[at].redeploys.iter().map(|at| &map.services[*at]));
        let along = redeploys.map(|other| &other.name).filter(|other| {
            let pinned = self.own(service).any(|candidate| candidate.touches.contains_key(*other));
            !pinned && self.own(other).next().is_some() && self.groups.contains_key(*other)
        });
        along.chain([service]).cloned().collect()
    }

    fn candidates<'s>(&self, services: impl Iterator<Item = &'s ServiceName>) -> Vec<Named> {
        let mut all: Vec<Named> = Vec::new();
        for named in services.filter_map(|service| self.groups.get(service)).flatten() {
            if !all.contains(named) {
                all.push(named.clone());
            }
        }
        all
    }

    /// The outputs of another service of this stage, as far as they are known.
    fn outputs(&self, service: &ServiceName, made: &Outputs) -> BTreeMap<OutputName, String> {
        let mut outputs: BTreeMap<OutputName, String> = self.confirmed.get(service).cloned().unwrap_or_default();
        outputs.extend(self.own(service).flat_map(|candidate| candidate.release.outputs.clone()));
        outputs.extend(made.get(service).cloned().unwrap_or_default());
        outputs
    }

    fn others(&self, job: &Job, made: &Outputs) -> Outputs {
        let mut others: Outputs =
            job.after.iter().chain(&job.redeploys).map(|other| (other.clone(), self.outputs(other, made))).collect();
        let pins = self.own(&job.service).flat_map(|candidate| &candidate.touches);
        for (service, id) in pins {
            let pinned = self.stored.iter().filter_map(candidate).find(|candidate| candidate.id == *id);
            others.insert(service.clone(), pinned.map(|pinned| pinned.release.outputs.clone()).unwrap_or_default());
        }
        others
    }
}

impl Ledger for Stage<'_> {
    fn variables(&self, job: &Job, made: &Outputs) -> Result<Vec<(String, String)>, Failure> {
        let Some(own) = self.own(&job.service).last() else { return Ok(Vec::new()) };
        let key = self.stored.iter().map(|target| &target.key).find(|key| key.service == job.service);
        let answer = |key: &Key| Answer {
            project: key.project.clone(),
            environment: key.environment.clone(),
            state: None,
            revision: own.release.revision.clone(),
            base: None,
            source: SourceKind::Directory,
            files: 0,
            services: vec![ServiceAnswer {
                service: job.service.clone(),
                reason: own.reason.as_deref().and_then(Reason::parse).unwrap_or(Reason::Uncertain),
                detail: String::new(),
                baseline: None,
                changes: Vec::new(),
                changes_total: None,
                rules_changed: false,
                fingerprint: own.release.content.map(|content| content.of_service(&key.project, &job.service)),
                outputs: own.release.outputs.clone(),
                declared: own.declared.keys().cloned().collect(),
                reused: own.reused.as_ref().map(|reused| reused.environment.clone()),
                redeploys: self.others(job, made),
                inputs: Some(own.release.inputs),
                candidate: None,
                full: Default::default(),
                why: None,
            }],
            unowned: None,
        };
        let answers: Vec<Answer> = key.map(answer).into_iter().collect();
        let at = self.map.as_ref().and_then(|map| Some((map, map.index(&job.service)?)));
        let declared = at.into_iter().flat_map(|(map, at)| map.services[at].outputs.keys().cloned()).collect();
        let handed = Handed { outputs: own.release.outputs.clone(), declared };
        command_variables(&job.service, &answers, &handed).map_err(Failure::request)
    }

    fn begin(&mut self, service: &ServiceName) -> Result<Turn, Failure> {
        if self.groups.get(service).is_none_or(Vec::is_empty) {
            let claims = self.targets.claims.iter().filter(|(key, _)| key.service == *service);
            let claims: Vec<_> = claims.cloned().collect();
            let confirmed = self.targets.confirm(self.reporter, &claims)?;
            self.confirmed.extend(confirmed);
            return Ok(Turn::Confirmed);
        }
        self.settings.start_recording();
        let services = self.beginning(service);
        let candidates = self.candidates(services.iter());
        let step = |found: &[Target], marks: &_, now: &_| deploy::begin(found, Some(&self.job), marks, now);
        let (step, _) = self.targets.apply(&candidates, step)?;
        self.targets.say(self.reporter, &step.told, &[])?;
        self.begun.extend(services);
        Ok(Turn::Runs)
    }

    fn record(&mut self, service: &ServiceName, outputs: BTreeMap<OutputName, String>) -> Result<(), Failure> {
        self.settings.start_recording();
        let promotion = Promotion {
            job: Some(self.job.clone()),
            outputs: Outputs::from([(service.clone(), outputs)]),
            execution: self.execution.clone(),
        };
        let candidates = self.candidates(std::iter::once(service));
        let step = |found: &[Target], marks: &_, now: &_| deploy::promote(found, &promotion, marks, now);
        let (step, found) = self.targets.apply(&candidates, step)?;
        prune::after(&self.targets.store, &step.writes);
        self.targets.say(self.reporter, &step.told, &found)
    }

    /// A deploy that never began has nothing to end: its candidate waits on, for a retry of the stage.
    fn fail(&mut self, services: &[ServiceName]) -> Result<(), Failure> {
        self.settings.start_recording();
        let candidates = self.candidates(services.iter().filter(|service| self.begun.contains(*service)));
        if candidates.is_empty() {
            return Ok(());
        }
        let step = |found: &[Target], marks: &_, now: &_| deploy::promote_failed(found, Some(&self.job), marks, now);
        let (step, found) = self.targets.apply(&candidates, step)?;
        self.targets.say(self.reporter, &step.told, &found)
    }
}
