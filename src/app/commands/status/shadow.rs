//! `status --shadow`: what shadow builds showed, and the warning of `decide` about it.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

use crate::app::apply::{Applying, apply};
use crate::app::cli::StatusArgs;
use crate::app::report::ByCause;
use crate::app::settings::{moment, now};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::base::text::{count, list, printable};
use crate::output::Suggestion;
use crate::output::status::StatusView;
use crate::output::status::shadow::{self as output, Shadowed};
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::mark::Shadow;
use crate::protocol::engine::marks::{Known, Marks};
use crate::protocol::engine::people;

use super::super::context::Context;
use super::super::noted::{failure, say_one};
use super::super::print::show;
use super::{marks, of_environment};

/// How many services a suggested command names.
const NAMES: usize = 5;

/// Shows the counts; with `--clear`, they then start again.
pub(super) fn shadow(context: &Context<'_>, args: &StatusArgs, asked: &[usize]) -> Result<Status, Failure> {
    let read = marks(context, asked, false);
    let mut shadowed = Vec::new();
    for environment in &context.environments {
        for status in of_environment(context, environment, asked, &read) {
            let service = context.map.index(&status.key.service);
            let active = service.is_some_and(|at| context.map.shadow(&context.map.services[at], environment));
            if active || status.shadow.is_some() {
                shadowed.push(Shadowed { status, active });
            }
        }
    }
    let color = context.reporter.colors(std::io::stdout().is_terminal());
    let view = StatusView { project: &context.project, now: now(), color };
    let print = if args.shape.is_json() { output::json } else { output::text };
    show(print(&shadowed, &view).as_bytes())?;
    let unknown = ByCause::default();
    for Shadowed { status, .. } in &shadowed {
        // Counts that were not read are not zero.
        if let Some(cause) = status.detail.as_ref().filter(|_| status.certainty.is_unknown()) {
            unknown.add(&status.key.service, cause.clone());
        }
    }
    unknown.warn(context.reporter, |services| format!("the counts of {services} are unknown"));
    if args.clear {
        return clear(context, asked);
    }
    hint(context, &shadowed);
    Ok(Status::Done)
}

/// How the contradictions are forgotten, if there are any.
fn hint(context: &Context<'_>, shadowed: &[Shadowed]) {
    for environment in &context.environments {
        let wrong = |one: &&Shadowed| {
            let contradicted = one.status.shadow.as_ref().is_some_and(|counts| counts.contradicted > 0);
            contradicted && one.status.key.environment == *environment
        };
        let wrong: Vec<ServiceName> = shadowed.iter().filter(wrong).map(|one| one.status.key.service.clone()).collect();
        if !wrong.is_empty() {
            let command = context.hint(environment).command(&Suggestion::ClearShadow(few(wrong)));
            context.reporter.say(&format!("once they are explained, start the counts again: {command}"));
        }
    }
}

fn clear(context: &Context<'_>, asked: &[usize]) -> Result<Status, Failure> {
    let environments = context.environments.iter();
    let keys: Vec<Key> =
        environments.flat_map(|name| asked.iter().map(|service| context.key(name, *service))).collect();
    let moment = moment();
    let applying = Applying::without_snapshots(&context.store, &context.project, &moment);
    let needed = |marks: &Marks| unread(&keys, marks);
    let step = apply(&applying, &mut Marks::default(), needed, |marks, now| {
        Ok::<_, std::convert::Infallible>(people::clear_shadow(&keys, marks, now))
    });
    let Ok(step) = step;
    let place = |key: &Key| context.hint(&key.environment);
    if step.told.is_empty() {
        context.reporter.say("there were no shadow counts to clear");
    }
    step.told.iter().for_each(|noted| say_one(context.reporter, noted, "", &place));
    failure(context.reporter, &step.told, &place).map_or(Ok(Status::Done), Err)
}

/// All names, or none for all services if there are too many to read.
fn few(names: Vec<ServiceName>) -> Vec<ServiceName> {
    if names.len() > NAMES { Vec::new() } else { names }
}

/// `decide` warns that a skip was contradicted, until a person clears that: one warning for each environment.
pub(in crate::app::commands) fn warn_of_contradictions(context: &Context<'_>, keys: &[Key], marks: &Marks) {
    let mut wrong: BTreeMap<_, Vec<(&Key, &Shadow)>> = BTreeMap::new();
    for key in keys {
        if let Some(Known::Mark(mark)) = marks.get(key).map(|read| &read.known)
            && let Some(shadow) = mark.shadow.as_ref().filter(|shadow| shadow.contradicted > 0)
        {
            wrong.entry(&key.environment).or_default().push((key, shadow));
        }
    }
    for (environment, wrong) in wrong {
        let number: u64 = wrong.iter().map(|(_, shadow)| shadow.contradicted).fold(0, u64::saturating_add);
        let skips = count(usize::try_from(number).unwrap_or(usize::MAX), "skip");
        let names: Vec<&str> = wrong.iter().map(|(key, _)| key.service.as_str()).collect();
        let services = if names.len() > NAMES { count(names.len(), "service") } else { list(&names) };
        let last = wrong.iter().filter_map(|(_, shadow)| shadow.contradictions.first()).max_by_key(|found| found.at);
        let last = last.map(|found| format!(" (last: {})", found.sentence(now()))).unwrap_or_default();
        let suggested = Suggestion::Shadow(few(wrong.iter().map(|(key, _)| key.service.clone()).collect()));
        let command = context.hint(environment).command(&suggested);
        let text = format!("shadow builds contradict {skips} of {services} in {environment}{last}: {command}");
        context.reporter.warn(&printable(text.as_bytes()));
    }
}
