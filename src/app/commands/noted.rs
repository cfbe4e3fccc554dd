//! Reports what a step has done to each mark, and which of it is a failure.

use crate::app::report::Reporter;
use crate::app::settings::now;
use crate::base::failure::{Failure, chain};
use crate::base::key::Key;
use crate::base::text::{count, list};
use crate::output::{Hint, Suggestion};
use crate::protocol::engine::attempt_text::AttemptText;
use crate::protocol::engine::mark::{Finish, Full};
use crate::protocol::engine::noted::{Noted, What};

use super::refusals;

/// Reports what was done to one mark. `what` describes what was deployed.
pub(super) fn say_one(reporter: Reporter, noted: &Noted, what: &str, hint: &dyn Fn(&Key) -> Hint) {
    let Key { service, environment, .. } = &noted.key;
    match &noted.what {
        What::Recorded(Finish::Certain) => {
            reporter.say(&format!("{service}: recorded as deployed to {environment}: {what}"));
        }
        What::Recorded(Finish::Uncertain(doubt)) => {
            let doubt = doubt.as_ref().map(|attempt| AttemptText::ended(attempt, Some(now())).to_string());
            let doubt = doubt.unwrap_or_else(|| "its inputs are unknown".to_owned());
            let text = format!("{service}: recorded as deployed to {environment}: {what}, but uncertain: {doubt}");
            reporter.warn(&format!("{text}; the next decision builds"));
        }
        What::Recorded(Finish::Already) | What::RecordedBefore => {
            reporter.say(&format!("{service}: was recorded before; nothing moved"));
        }
        What::Recorded(Finish::Unknown) | What::Redeployed(_, Finish::Unknown) => {
            let text =
                format!("{service}: was deployed to {environment} too, as something of which nothing was recorded");
            reporter.warn(&format!("{text}; its next decision builds"));
        }
        What::Recorded(Finish::Newer) | What::Redeployed(_, Finish::Newer) => {
            reporter
                .warn(&format!("{service}: a newer shipmark wrote its mark in {environment}, which is in doubt now"));
        }
        What::Redeployed(by, Finish::Uncertain(_)) => {
            reporter.warn(&format!(
                "{service}: deployed again to {environment} by {by}, but uncertain; its next decision builds"
            ));
        }
        What::Redeployed(by, _) => {
            reporter.say(&format!("{service}: recorded as deployed again to {environment}, by {by}"));
        }
        What::Skipped => reporter.say(&format!("{service}: was skipped in this build; nothing to record")),
        What::StagedBefore => {
            reporter.say(&format!("{service}: was staged in this build; `shipmark promote` records its deploy"));
        }
        What::Ended => reporter
            .say(&format!("{service}: its attempt in {environment} has ended, and is in doubt until the next deploy")),
        What::Begun(_) => reporter.say(&format!("{service}: its deploy to {environment} has begun")),
        What::SeveralRuns => {
            reporter.warn(&format!("{service}: several of its deploys to {environment} are under way, and nothing says which failed: each ends by its deadline"));
        }
        What::NoRun => reporter.say(&format!("{service}: no deploy of this candidate to {environment} is under way")),
        What::Doubted(why) => {
            reporter.warn(&format!("{service}: in doubt in {environment}: {why}; its next decision builds"))
        }
        What::Tainted(open) => {
            reporter.say(&format!("{service}: tainted in {environment}: its next decision builds"));
            say_open(reporter, &noted.key, *open, hint);
        }
        What::Forgotten(open) => {
            reporter.say(&format!("{service} in {environment}: forgotten: its next decision builds"));
            say_open(reporter, &noted.key, *open, hint);
        }
        What::ShadowCleared => {
            reporter.say(&format!("{service} in {environment}: its shadow counts start again"));
        }
        What::Removed => reporter.say(&format!("{service} in {environment}: removed")),
        What::Nothing => reporter.say(&format!("{service} in {environment}: there was nothing to forget")),
        What::Imported => reporter.say(&format!("{service} in {environment}: imported")),
        What::MustNotBegin
        | What::LostCandidate
        | What::Unwritten(_)
        | What::Full
        | What::Unrecorded(_)
        | What::StaysOpen(_)
        | What::Damaged(_)
        | What::Refused(_) => {}
    }
}

fn say_open(reporter: Reporter, key: &Key, open: usize, hint: &dyn Fn(&Key) -> Hint) {
    if open == 0 {
        return;
    }
    let command = hint(key).command(&Suggestion::NothingRunning(key.service.clone()));
    let attempts = count(open, "attempt");
    reporter.say(&format!("{}: {attempts} may still deploy; if you know that nothing runs: {command}", key.service));
}

/// What was not done, as the failure of the command: one sentence for all services to which the same has happened. Anything
/// else that was not done is reported before. `place` gives the options that suggested commands need.
pub(super) fn failure(reporter: Reporter, told: &[Noted], place: &dyn Fn(&Key) -> Hint) -> Option<Failure> {
    let mut failed: Vec<(&What, Vec<&Key>)> = Vec::new();
    for noted in told.iter().filter(|noted| failure_of(&noted.what, &[&noted.key], place).is_some()) {
        let same = |(what, keys): &&mut (&What, Vec<&Key>)| {
            **what == noted.what && keys[0].environment == noted.key.environment
        };
        match failed.iter_mut().find(same) {
            Some((_, keys)) => keys.push(&noted.key),
            None => failed.push((&noted.what, vec![&noted.key])),
        }
    }
    let mut failures = failed.into_iter().filter_map(|(what, keys)| failure_of(what, &keys, place));
    let first = failures.next();
    failures.for_each(|failure| reporter.fail(&failure));
    first
}

fn failure_of(what: &What, keys: &[&Key], place: &dyn Fn(&Key) -> Hint) -> Option<Failure> {
    const AGAIN: &str = "make the store reachable and writable, then run the same command again; until then the store does not know of it";
    let key = *keys.first()?;
    let environment = &key.environment;
    let services: Vec<String> = keys.iter().map(|key| format!("`{}`", key.service)).collect();
    let services = list(&services);
    let (is, attempts) = if keys.len() == 1 { ("is", "the attempt stays") } else { ("are", "the attempts stay") };
    Some(match what {
        What::Refused(refusal) => {
            let failure = refusals::failure(refusal, place);
            let error = format!("not recorded: {}", chain(&*failure.error)).into();
            Failure { error, ..failure }
        }
        What::Unwritten(cause) => {
            Failure::other(format!("{services}: not recorded in {environment}: {cause}")).hint(AGAIN)
        }
        What::Full => Failure::other(format!(
            "{services}: must not be deployed to {environment} now: the list of attempts is full: {Full}"
        ))
        .hint(place(key).full_list(&key.service)),
        What::Damaged(cause) => {
            Failure::other(format!("{services}: not recorded in {environment}: the mark is damaged: {cause}"))
                .hint(refusals::removal(&place(key), key))
        }
        What::Unrecorded(cause) => {
            Failure::other(format!("{services} {is} deployed, but not recorded: {cause}")).hint(AGAIN)
        }
        What::StaysOpen(cause) => {
            Failure::other(format!("{services}: {attempts} open until it times out: {cause}"))
                .hint("make the store reachable and writable, then run the same command again")
        }
        What::MustNotBegin => Failure::other(format!(
            "{services}: this candidate must not be deployed to {environment}: it was superseded, cancelled, has waited too long, or was never staged"
        ))
        .hint("start the pipeline again: its build decides anew"),
        What::LostCandidate => {
            Failure::other(format!("{services}: the candidate is not in the store: candidates are kept for 90 days"))
                .hint("its mark is uncertain now: the next decision builds")
        }
        What::Recorded(Finish::Newer) => {
            Failure::other(format!("the mark of {services} was written by a newer shipmark, and is now in doubt"))
                .hint("upgrade this shipmark")
        }
        _ => return None,
    })
}
