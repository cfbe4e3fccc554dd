//! Runs the commands of a call, as many at once as it may, and reports each deploy as it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal as _};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tempfile::NamedTempFile;

use crate::app::cli::RunArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::Failure;
use crate::base::names::ServiceName;
use crate::base::text::printable;

use super::super::recording::Outputs;
use super::super::signals::{Group, Watch, exit_code};
use super::console::{Console, Layout};
use super::ledger::{Ledger, Turn};
use super::outputs_file;
use super::process::{Ended, Errand, How};
use super::queue::{Job, Progress, Queue};
use super::summary::{Troubles, say};

/// What is to be done.
pub(super) struct Work<'a> {
    pub(super) settings: &'a Settings,
    pub(super) reporter: Reporter,
    pub(super) args: &'a RunArgs,
    /// In dependency order.
    pub(super) jobs: Vec<Job>,
}

/// A call at work.
pub(super) struct Crew<'a, L> {
    settings: &'a Settings,
    reporter: Reporter,
    args: &'a RunArgs,
    ledger: L,
    queue: Queue,
    console: Arc<Console>,
    watch: Watch,
    done: (Sender<Ended>, Receiver<Ended>),
    /// `$SHIPMARK_OUTPUTS` of the commands that run.
    files: BTreeMap<usize, NamedTempFile>,
    /// The outputs of the commands that have succeeded.
    made: Outputs,
    /// The jobs about whose end nothing is written: skips that were confirmed, and commands of which something goes on.
    silent: BTreeSet<usize>,
    troubles: Troubles,
}

impl<'a, L: Ledger> Crew<'a, L> {
    /// Before anything starts. From now on signals are passed on to the commands.
    ///
    /// # Errors
    /// The system lets nobody wait for signals.
    pub(super) fn new(work: Work<'a>, ledger: L) -> Result<Self, Failure> {
        let Work { settings, reporter, args, jobs } = work;
        let environment = &settings.environment;
        let layout = match (jobs.len(), environment.in_workflow(), args.jobs) {
            (1, ..) => Layout::Inherited,
            (_, false, _) => Layout::Prefixed,
            (_, true, 1) => Layout::Groups,
            (_, true, _) => Layout::HeldGroups,
        };
        let shared = layout == Layout::Inherited && io::stdin().is_terminal();
        let watch = Watch::begin(if shared { Group::Shared } else { Group::OfItsOwn });
        Ok(Self {
            settings,
            reporter,
            args,
            ledger,
            queue: Queue::new(jobs),
            console: Console::new(layout, reporter, &environment.temporary),
            watch: watch.map_err(|cause| Failure::other(format!("signals cannot be waited for: {cause}")))?,
            done: channel(),
            files: BTreeMap::new(),
            made: Outputs::new(),
            silent: BTreeSet::new(),
            troubles: Troubles::default(),
        })
    }

    /// Runs and reports everything. Returns the exit status of the process.
    pub(super) fn work(mut self) -> u8 {
        loop {
            self.report();
            self.start_ready();
            if self.queue.running() == 0 {
                break;
            }
            match self.done.1.recv() {
                Ok(ended) => self.end(ended),
                // This side has a sender, too.
                Err(_) => break,
            }
        }
        self.queue.stop();
        self.report();
        self.console.settle();
        if self.queue.len() > 1 {
            say(self.reporter, &self.queue);
        }
        self.troubles.status(self.watch.caught())
    }

    fn start_ready(&mut self) {
        while self.queue.running() < usize::from(self.args.jobs) {
            if self.watch.caught().is_some() {
                self.queue.stop();
            }
            let Some(at) = self.queue.next() else { break };
            let job = self.queue.job(at).clone();
            match self.errand(at, &job) {
                Ok(Some(errand)) => {
                    self.queue.start(at);
                    if let Err(cause) = errand.go(self.done.0.clone()) {
                        self.end(Ended { at, how: How::Unstarted(cause) });
                    }
                }
                Ok(None) => {
                    self.silent.insert(at);
                    self.queue.succeed(at);
                }
                Err(failure) => self.trouble(at, &failure),
            }
            self.report();
        }
    }

    /// The command of a job; `None` if it need not run.
    fn errand(&mut self, at: usize, job: &Job) -> Result<Option<Errand>, Failure> {
        let variables = self.ledger.variables(job, &self.made)?;
        let file = outputs_file::create(&self.settings.environment.temporary)?;
        self.console.settle();
        if self.ledger.begin(&job.service)? == Turn::Confirmed {
            return Ok(None);
        }
        // clap requires at least one word after `--`.
        let mut words = self.args.command.iter();
        let mut command = Command::new(words.next().map_or_else(Default::default, Clone::clone));
        command.args(words).envs(variables);
        command.env("SHIPMARK_SERVICE", job.service.as_str()).env("SHIPMARK_OUTPUTS", file.path());
        self.files.insert(at, file);
        let (watch, console) = (self.watch.clone(), Arc::clone(&self.console));
        Ok(Some(Errand { at, service: job.service.clone(), command, watch, console }))
    }

    fn end(&mut self, ended: Ended) {
        let Ended { at, how } = ended;
        self.console.settle();
        let service = self.queue.job(at).service.clone();
        let file = self.files.remove(&at);
        match how {
            How::Forestalled => self.queue.give_up(at),
            How::Unstarted(cause) => {
                let command = self.args.command.first().map(|command| printable(command.as_encoded_bytes()));
                let text = format!("the command `{}` cannot be started: {cause}", command.unwrap_or_default());
                self.reporter.fail(&Failure::other(text).hint("nothing was recorded"));
                // The exit status that shells use for a command that is missing or cannot be executed.
                self.troubles.command(if cause.kind() == io::ErrorKind::NotFound { 127 } else { 126 });
                self.queue.fail(at);
            }
            How::Exited { status, caught: None, .. } if status.success() => {
                match file.map(|file| outputs_file::read(file.path(), &service)).transpose() {
                    Ok(outputs) => {
                        self.made.insert(service, outputs.unwrap_or_default());
                        self.queue.succeed(at);
                    }
                    Err(failure) => self.trouble(at, &failure),
                }
            }
            How::Exited { status, caught, lingers } => {
                let code = exit_code(status);
                match caught {
                    None => self.reporter.warn(&format!("{service}: not recorded: the command failed with {code}")),
                    Some(signal) => {
                        let text = format!("{service}: not recorded: signal {signal} came while the command ran");
                        self.reporter.warn(&text);
                    }
                }
                if lingers {
                    self.silent.insert(at);
                    let text = format!("{service}: what its command has started goes on");
                    self.reporter.warn(&format!("{text}: the attempt stays open until it times out"));
                }
                self.troubles.command(code);
                self.queue.fail(at);
            }
        }
    }

    /// Reports every deploy that has ended, and what was never started.
    fn report(&mut self) {
        let mut failed: Vec<ServiceName> = Vec::new();
        while let Some((at, progress)) = self.queue.take_ended() {
            let service = self.queue.job(at).service.clone();
            match progress {
                _ if self.silent.contains(&at) => {}
                Progress::Succeeded if self.args.no_record => {}
                Progress::Succeeded => {
                    let outputs = self.made.get(&service).cloned().unwrap_or_default();
                    self.console.settle();
                    if let Err(failure) = self.ledger.record(&service, outputs) {
                        // The command may have deployed something, and it cannot be recorded as it is.
                        self.trouble(at, &failure);
                        failed.push(service);
                    }
                }
                _ => failed.push(service),
            }
        }
        if failed.is_empty() {
            return;
        }
        self.console.settle();
        if let Err(failure) = self.ledger.fail(&failed) {
            self.reporter.warn(&format!("the attempt stays open until it times out: {failure}"));
        }
    }

    /// Something other than the command of a job has failed.
    fn trouble(&mut self, at: usize, failure: &Failure) {
        self.console.settle();
        self.reporter.fail(failure);
        self.troubles.other();
        self.queue.fail(at);
    }
}
