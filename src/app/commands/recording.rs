//! What `record` and `stage` share: which services were meant, what the ticket says of them, and the writes.

use std::collections::BTreeMap;

use crate::app::cli::Built;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, given, now};
use crate::app::ticket_file::{TicketError, TicketFile, locate};
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};
use crate::map::Service;
use crate::protocol::mark::transitions::Finish;
use crate::protocol::mark::{Mark, Release};
use crate::protocol::ticket::{Closed, Entry, Ticket};
use crate::source::extras::Extras;
use crate::store::Store;

use super::context::{Context, Transition, UpdateError, update};
use super::prune::{self, prune};

/// What the ticket says of a service in an environment.
pub(super) enum Ticketed {
    /// It was decided.
    Entry(Box<Entry>),
    /// It was not; inside a build that is an error.
    Missing { service: usize, key: Key },
}

/// A request to record or stage, checked before anything is written.
pub(super) struct Recording {
    pub(super) file: Option<TicketFile>,
    pub(super) services: Vec<Ticketed>,
    pub(super) outputs: BTreeMap<OutputName, String>,
    pub(super) extras: Extras,
}

impl Recording {
    /// Finds the services on the ticket.
    pub(super) fn new(context: &Context<'_>, built: &Built) -> Result<Self, Failure> {
        let file = locate(&context.settings.environment, context.reporter, built.ticket.as_deref())?;
        let failing = context.settings.environment.build_failing;
        let ticket = match ticket(context.settings, file.as_ref(), built.ticket.is_some()) {
            // Nobody knows which attempts to close: open ones are doubt, and the build has failed already.
            Err(failure) if failing => {
                context.reporter.warn(&format!("what was decided stays open until it times out: {failure}"));
                None
            }
            ticket => ticket?,
        };
        let extras = Extras::parse(built.extra.iter().map(String::as_str)).map_err(Failure::request)?;
        let named = if built.all { Vec::new() } else { settings::services(&context.map, &built.services)? };
        let mut services = Vec::new();
        for environment in &context.environments {
            if built.all {
                let mine =
                    |entry: &&Entry| entry.key.project == context.project && entry.key.environment == *environment;
                let entries = ticket.iter().flat_map(|ticket| &ticket.entries).filter(mine).cloned();
                services.extend(entries.map(|entry| Ticketed::Entry(Box::new(entry))));
            }
            for service in &named {
                let key = context.key(environment, *service);
                let entry = ticket.as_ref().and_then(|ticket| ticket.entry(&key)).cloned();
                let missing = Ticketed::Missing { service: *service, key };
                services.push(entry.map_or(missing, |entry| Ticketed::Entry(Box::new(entry))));
            }
        }
        if services.is_empty() && !failing {
            let failure = Failure::request("the ticket of this build has no decision to record");
            return Err(
                failure.hint("run `shipmark decide` before the build, with the same --project and --environment")
            );
        }
        let recording = Self { file, services, outputs: outputs(&built.output)?, extras };
        recording.same_extras(built)?;
        Ok(recording)
    }

    /// The entries that the ticket has.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.services.iter().filter_map(|ticketed| match ticketed {
            Ticketed::Entry(entry) => Some(entry.as_ref()),
            Ticketed::Missing { .. } => None,
        })
    }

    fn same_extras(&self, built: &Built) -> Result<(), Failure> {
        let other = self.entries().find(|entry| !built.extra.is_empty() && entry.extras != self.extras);
        other.map_or(Ok(()), |entry| {
            let failure = Failure::request(format!("`{}` was decided with other --extra values", entry.key.service));
            Err(failure.hint("give those of `decide`, or none"))
        })
    }
}

/// A ticket counts only if it is named or belongs to this very build.
fn ticket(settings: &Settings, file: Option<&TicketFile>, named: bool) -> Result<Option<Ticket>, Failure> {
    let Some(file) = file else { return Ok(None) };
    let ticket = file.read().map_err(TicketError::failure)?;
    let environment = &settings.environment;
    if environment.in_build() {
        return Ok(ticket.filter(|ticket| ticket.build == environment.build_id));
    }
    match ticket {
        None if named => Err(Failure::request("there is no ticket at the place that --ticket names")),
        ticket => Ok(ticket),
    }
}

/// Remembers on the ticket, where there is one, what became of an entry.
pub(super) fn close(file: Option<&TicketFile>, entry: &Entry, closed: Closed) {
    let Some(file) = file else { return };
    let closed = Entry { closed: Some(closed), ..entry.clone() };
    if let Err(error) = file.update(entry.build.id.as_deref(), |ticket| ticket.put(closed)) {
        // The store knows; the ticket only saves a second look.
        tracing::debug!(%error, "the ticket could not be updated");
    }
}

/// A candidate that its own build has staged still waits: a record now would hide that from everybody else.
pub(super) fn staged(service: &ServiceName) -> Failure {
    Failure::request(format!("not recorded: `{service}` was staged in this build"))
        .hint("its deploy stage records it: `shipmark begin` before the deploy, `shipmark promote` after it")
}

/// What nobody knows the inputs of cannot be the last deploy.
pub(super) fn no_inputs(service: &ServiceName) -> Failure {
    Failure::request(format!("not recorded: the rules of `{service}` select no file"))
        .hint("a renamed folder, or a wrong --source? `shipmark check` shows what the rules select")
}

/// `--output NAME=VALUE`, checked.
pub(super) fn outputs(texts: &[String]) -> Result<BTreeMap<OutputName, String>, Failure> {
    let mut outputs = BTreeMap::new();
    for text in texts {
        given("--output", Some(text))?;
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Failure::request(format!("the output `{text}` has no value")).hint("write --output NAME=VALUE")
        })?;
        let name = OutputName::new(name).map_err(Failure::request)?;
        if value.contains('\0') {
            return Err(Failure::request(format!("the output `{name}` has a NUL byte, which no variable can hold")));
        }
        if outputs.insert(name.clone(), value.to_owned()).is_some() {
            return Err(Failure::request(format!("the output `{name}` is given twice")));
        }
    }
    Ok(outputs)
}

/// Whether the outputs are those that a skip would need.
pub(super) fn required(service: &Service, outputs: &BTreeMap<OutputName, String>) -> Result<(), Failure> {
    for (name, shape) in &service.outputs {
        let text = match outputs.get(name) {
            None => format!("`{}` needs the output {name}", service.name),
            Some(value) if !shape.fits(value) => {
                format!("the output {name} of `{}` is `{value}`, which is not like `{}`", service.name, shape.text())
            }
            Some(_) => continue,
        };
        let failure = Failure::request(format!("not recorded: {text}"));
        return Err(failure.hint(format!("add --output {name}=VALUE; until it is recorded, the service builds")));
    }
    for name in outputs.keys() {
        name.variable(&service.name).map_err(Failure::request)?;
    }
    Ok(())
}

/// Puts the inputs that the ticket keeps into the store: before the mark that names them. A skip's are there already; and
/// where the ticket has lost them, a deploy is recorded all the same, and only cannot be explained file by file.
pub(super) fn keep_snapshot(
    store: &Store,
    key: &Key,
    file: Option<&TicketFile>,
    release: &Release,
) -> Result<(), Failure> {
    let Some((hash, file)) = release.snapshot.as_ref().zip(file) else { return Ok(()) };
    let Some(bytes) = file.snapshot(hash) else { return Ok(()) };
    store.put_snapshot(key, hash, &bytes, now()).map_err(not_recorded)
}

/// Finishes the attempt of an entry, and first those of the services that its deploy has deployed again.
pub(super) fn finish_entry(context: &Context<'_>, entry: &Entry, release: &Release) -> Result<(), Failure> {
    let pins = entry.pins.iter().map(|pin| {
        let key = Key { service: pin.service.clone(), ..entry.key.clone() };
        (key, &pin.attempt, pin.release.as_ref())
    });
    for (key, id, release) in pins.chain([(entry.key.clone(), &entry.attempt, Some(release))]) {
        let record = |mark: &mut Mark| match release {
            Some(release) => mark.record(id.clone(), release.clone(), now()),
            None => mark.redeploy_unknown(id, now()),
        };
        let told = release.cloned().unwrap_or_default();
        finish(&context.store, &key, context.settings, context.reporter, &told, record)?;
    }
    Ok(())
}

/// Writes a finished deploy, says so, and drops what it made old. A mark of a newer version only learns that something was
/// deployed.
pub(super) fn finish(
    store: &Store,
    key: &Key,
    settings: &Settings,
    reporter: Reporter,
    release: &Release,
    mut finish: impl FnMut(&mut Mark) -> Finish,
) -> Result<(), Failure> {
    let mut due = None;
    let finished = update(store, key, settings.timeout(), |mark| {
        due = prune::due(mark.deployed.as_ref(), now());
        if mark.newer.is_some() {
            mark.doubt("an older shipmark recorded a deploy that it could not write down", now());
            return Transition::Write(None);
        }
        match finish(mark) {
            Finish::Already => Transition::Keep(Some((Finish::Already, mark.clone()))),
            finish => Transition::Write(Some((finish, mark.clone()))),
        }
    });
    let finished = finished.map_err(|error| but_not_recorded(key, error.failure()))?;
    let (finish, mark) = finished.ok_or_else(|| {
        Failure::other(format!("the mark of `{}` was written by a newer shipmark, and is now in doubt", key.service))
            .hint("upgrade this shipmark, or remove the mark: shipmark state rm")
    })?;
    say(reporter, key, &finish, release);
    if let Some(since) = due {
        prune(store, key, &mark, since);
    }
    Ok(())
}

/// The consequence of a failure after the deploy: it was made, and the state does not say so.
pub(super) fn but_not_recorded(key: &Key, failure: Failure) -> Failure {
    let hint = failure.hint.clone().unwrap_or_default();
    Failure::other(format!("`{}` is deployed, but not recorded: {failure}", key.service))
        .hint(format!("{hint}; until then its decisions build"))
}

/// The consequence of a failure before the deploy: there is nothing to begin.
pub(super) fn not_staged(key: &Key, failure: Failure) -> Failure {
    let error = format!("not staged: `{}`: {failure}", key.service).into();
    Failure { error, ..failure }
}

/// An error of the store while something is recorded.
pub(super) fn not_recorded(error: crate::store::StoreError) -> Failure {
    UpdateError::from(error).failure()
}

/// Says what was recorded, and whether it is certain.
fn say(reporter: Reporter, key: &Key, finish: &Finish, release: &Release) {
    let revision = release.revision.as_deref().map(crate::base::text::short_revision);
    let revision = revision.unwrap_or_else(|| "an unnamed revision".to_owned());
    let Key { service, environment, .. } = key;
    let inputs = crate::base::text::count(release.inputs, "input");
    match finish {
        Finish::Certain => {
            reporter.say(&format!("{service}: recorded as deployed to {environment}: {revision}, {inputs}"))
        }
        Finish::Already => reporter.say(&format!("{service}: was recorded before; nothing moved")),
        Finish::Unrecorded => {
            let text =
                format!("{service}: was deployed to {environment} too, as something of which nothing was recorded");
            reporter.warn(&format!("{text}; its next decision builds"));
        }
        Finish::Uncertain(why) => {
            let text = format!("{service}: recorded as deployed to {environment}: {revision}, but uncertain: {why}");
            reporter.warn(&format!("{text}; the next decision builds"));
        }
    }
}
