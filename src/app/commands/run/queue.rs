//! Which command may start next, and whose deploy may be reported: neither processes nor a store.

use std::collections::BTreeSet;

use crate::base::names::ServiceName;
use crate::map::ServiceMap;

/// One service whose command runs in this call.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) service: ServiceName,
    /// The other services of this call that it depends on, transitively.
    pub(super) after: BTreeSet<ServiceName>,
    /// The other services of this call that its deploy deploys again.
    pub(super) redeploys: BTreeSet<ServiceName>,
    /// The other services of this call whose ends are reported after this one's: those, and whatever shares something
    /// with it that both deploy again.
    pub(super) holds: BTreeSet<ServiceName>,
}

/// The jobs for some services of the map, in dependency order.
pub(super) fn jobs(map: &ServiceMap, services: &BTreeSet<ServiceName>) -> Vec<Job> {
    let named = |indices: &[usize]| -> BTreeSet<ServiceName> {
        indices.iter().map(|at| &map.services[*at].name).filter(|name| services.contains(name)).cloned().collect()
    };
    let job = |at: usize| {
        let service = map.services[at].name.clone();
        let mut after = named(&map.with_dependencies(&[at]));
        after.remove(&service);
        let redeploys = named(&map.services[at].redeploys);
        Job { after, holds: redeploys.clone(), redeploys, service }
    };
    (0..map.services.len()).filter(|at| services.contains(&map.services[*at].name)).map(job).collect()
}

/// What has become of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Waiting,
    Running,
    Succeeded,
    Failed,
    /// A service that it depends on has failed, or a signal has stopped the call.
    NeverStarted,
}

impl Progress {
    fn over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// All jobs of a call.
pub(super) struct Queue {
    jobs: Vec<Entry>,
}

struct Entry {
    job: Job,
    progress: Progress,
    reported: bool,
}

impl Queue {
    /// Nothing has started yet. The jobs are in the order in which they start if nothing else decides it.
    pub(super) fn new(jobs: Vec<Job>) -> Self {
        let entry = |job| Entry { job, progress: Progress::Waiting, reported: false };
        Self { jobs: jobs.into_iter().map(entry).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn job(&self, at: usize) -> &Job {
        &self.jobs[at].job
    }

    /// How many commands run now.
    pub(super) fn running(&self) -> usize {
        self.jobs.iter().filter(|entry| entry.progress == Progress::Running).count()
    }

    /// The job that may start now, if any.
    pub(super) fn next(&self) -> Option<usize> {
        let may = |entry: &Entry| entry.progress == Progress::Waiting && self.ready(&entry.job);
        self.jobs.iter().position(may)
    }

    /// While one service is deployed again by another's deploy, its own deploy must not run: it would be unknown which
    /// of the two came last.
    fn ready(&self, job: &Job) -> bool {
        let hinders = |other: &Entry| match other.progress {
            Progress::Succeeded => false,
            Progress::Running => {
                let (one, two) = (&other.job, job);
                one.redeploys.contains(&two.service)
                    || two.redeploys.contains(&one.service)
                    || job.after.contains(&one.service)
            }
            _ => job.after.contains(&other.job.service),
        };
        !self.jobs.iter().any(hinders)
    }

    pub(super) fn start(&mut self, at: usize) {
        self.jobs[at].progress = Progress::Running;
    }

    pub(super) fn succeed(&mut self, at: usize) {
        self.jobs[at].progress = Progress::Succeeded;
    }

    /// What depends on it never starts.
    pub(super) fn fail(&mut self, at: usize) {
        self.jobs[at].progress = Progress::Failed;
        let service = self.jobs[at].job.service.clone();
        let depends = |entry: &&mut Entry| entry.progress == Progress::Waiting && entry.job.after.contains(&service);
        self.jobs.iter_mut().filter(depends).for_each(|entry| entry.progress = Progress::NeverStarted);
    }

    /// It was to start, and did not.
    pub(super) fn give_up(&mut self, at: usize) {
        self.jobs[at].progress = Progress::NeverStarted;
    }

    /// Nothing new is started.
    pub(super) fn stop(&mut self) {
        let waiting = self.jobs.iter_mut().filter(|entry| entry.progress == Progress::Waiting);
        waiting.for_each(|entry| entry.progress = Progress::NeverStarted);
    }

    /// A job whose end can be reported now, once. While a deploy that deploys a service again may still come or run, the
    /// attempt of that service stays open, so that no other build takes what it finds for the last deploy.
    pub(super) fn take_ended(&mut self) -> Option<(usize, Progress)> {
        let held = |entry: &Entry| {
            let holds = |other: &&Entry| other.job.holds.contains(&entry.job.service);
            self.jobs.iter().filter(holds).any(|other| !other.progress.over())
        };
        let found = self.jobs.iter().position(|entry| entry.progress.over() && !entry.reported && !held(entry));
        found.map(|at| {
            self.jobs[at].reported = true;
            (at, self.jobs[at].progress)
        })
    }

    /// The services of which that has become.
    pub(super) fn all(&self, progress: Progress) -> Vec<&ServiceName> {
        let found = self.jobs.iter().filter(|entry| entry.progress == progress);
        found.map(|entry| &entry.job.service).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ServiceName {
        ServiceName::new(text).unwrap()
    }

    /// The jobs of a map, of all its services but those.
    fn queue(map: &str, without: &[&str]) -> Queue {
        let map = ServiceMap::parse("shipmark.toml", map.as_bytes()).unwrap();
        let names = map.services.iter().map(|service| service.name.clone());
        let names = names.filter(|name| !without.contains(&name.as_str())).collect();
        Queue::new(jobs(&map, &names))
    }

    impl Queue {
        fn at(&self, service: &str) -> usize {
            self.jobs.iter().position(|entry| entry.job.service == name(service)).unwrap()
        }

        /// Starts all that may start now.
        fn started(&mut self) -> Vec<String> {
            let mut started = Vec::new();
            while let Some(at) = self.next() {
                self.start(at);
                started.push(self.job(at).service.to_string());
            }
            started
        }

        fn reported(&mut self) -> Vec<String> {
            let mut reported = Vec::new();
            while let Some((at, progress)) = self.take_ended() {
                reported.push(format!("{} {progress:?}", self.job(at).service));
            }
            reported
        }
    }

    const CHAIN: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\ndepends_on = [\"a\"]\n\
                         [services.c]\ninclude = [\"c\"]\ndepends_on = [\"b\"]\n[services.d]\ninclude = [\"d\"]\n";

    #[test]
    fn a_job_waits_for_all_that_it_depends_on() {
        let mut queue = queue(CHAIN, &[]);
        assert_eq!(queue.started(), ["a", "d"]);
        queue.succeed(queue.at("d"));
        assert_eq!(queue.started(), [""; 0]);
        queue.succeed(queue.at("a"));
        assert_eq!(queue.started(), ["b"]);
        assert_eq!(queue.reported(), ["a Succeeded", "d Succeeded"]);
    }

    #[test]
    fn a_dependency_counts_through_a_service_that_does_not_run() {
        let mut queue = queue(CHAIN, &["b"]);
        assert_eq!(queue.started(), ["a", "d"]);
        queue.fail(queue.at("a"));
        assert_eq!(queue.started(), [""; 0]);
        assert_eq!(queue.reported(), ["a Failed", "c NeverStarted"]);
    }

    #[test]
    fn a_failure_stops_what_depends_on_it_and_nothing_else() {
        let mut queue = queue(CHAIN, &[]);
        queue.start(queue.at("a"));
        queue.fail(queue.at("a"));
        assert_eq!(queue.started(), ["d"]);
        assert_eq!(queue.all(Progress::NeverStarted), [&name("b"), &name("c")]);
    }

    const PAIR: &str = "[services.command]\ninclude = [\"c\"]\nredeploys = [\"query\"]\n\
                        [services.other]\ninclude = [\"o\"]\n[services.query]\ninclude = [\"q\"]\n";

    #[test]
    fn a_service_is_never_deployed_while_another_deploys_it_again() {
        let mut queue = queue(PAIR, &[]);
        assert_eq!(queue.started(), ["command", "other"]);
        queue.succeed(queue.at("command"));
        assert_eq!(queue.started(), ["query"]);
    }

    #[test]
    fn a_service_is_reported_after_all_that_deploy_it_again() {
        let mut queue = queue(PAIR, &[]);
        for service in ["query", "other"] {
            queue.start(queue.at(service));
            queue.succeed(queue.at(service));
        }
        assert_eq!(queue.reported(), ["other Succeeded"]);
        queue.start(queue.at("command"));
        assert_eq!(queue.reported(), [""; 0]);
        queue.fail(queue.at("command"));
        assert_eq!(queue.reported(), ["command Failed", "query Succeeded"]);
    }

    #[test]
    fn a_call_that_is_stopped_starts_nothing_new() {
        let mut queue = queue(CHAIN, &[]);
        queue.start(queue.at("a"));
        queue.stop();
        queue.succeed(queue.at("a"));
        assert_eq!(queue.next(), None);
        assert_eq!(queue.reported(), ["a Succeeded", "b NeverStarted", "c NeverStarted", "d NeverStarted"]);
    }
}
