//! Turns a refusal of the engine into the failure of a command: what is wrong, and what to do.

use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::output::{Hint, Suggestion};
use crate::protocol::engine::refusal::Refusal;

/// The failure of a command for a refusal. `place` gives the options that suggested commands need.
pub(super) fn failure(refusal: &Refusal, place: &dyn Fn(&Key) -> Hint) -> Failure {
    let hint = match refusal {
        Refusal::ExtrasDiffer(_) => "give every command of a build the same --extra",
        Refusal::OtherSource(..) | Refusal::OtherMap(_) => {
            "one build decides a service once; name another --environment for another source or map"
        }
        Refusal::NotDecided(_) => {
            "run `shipmark decide` before the build, with the same --project, --state and --environment"
        }
        Refusal::NotInMap(_) => "is it another --environment, or another map?",
        Refusal::NoInputs(_) => "a renamed folder, or a wrong --source? `shipmark check` shows what the rules select",
        Refusal::Outputs(..) => "add --output NAME=VALUE; until it is recorded, the service builds",
        Refusal::ReusedOutputs(_) => "leave --output out",
        Refusal::Staged(_) => {
            "its deploy stage records it: `shipmark begin` before the deploy, `shipmark promote` after it"
        }
        Refusal::Recorded(_) => "stage it before it is recorded, or record it and do not stage it",
        Refusal::Failed(_) => "decide again in a new build",
        Refusal::StagedTwice(..) => "add --stage NAME to each call of `stage`",
        Refusal::Overtaken(..) => "start the pipeline again: its build decides anew",
        Refusal::Unwritten(..) => {
            // The request itself is not wrong.
            return Failure::other(refusal.clone())
                .hint("make the store reachable and writable, then run the same command again");
        }
        Refusal::Full(key) => return Failure::other(refusal.clone()).hint(place(key).full_list(&key.service)),
        Refusal::Damaged(key, _) => {
            return Failure::other(refusal.clone()).hint(removal(&place(key), key));
        }
        Refusal::NoMark(key) => {
            let status = place(key).command(&Suggestion::Status(None));
            let hint = format!("is it another --state, --project or --environment? `{status}` shows what is recorded");
            return Failure::other(refusal.clone()).hint(hint);
        }
    };
    match refusal {
        Refusal::Overtaken(..) => Failure::other(refusal.clone()).hint(hint),
        _ => Failure::request(refusal.clone()).hint(hint),
    }
}

/// What to do about a damaged mark, which is never overwritten.
pub(super) fn removal(hint: &Hint, key: &Key) -> String {
    format!("look at it, then remove it: {}", hint.command(&Suggestion::StateRm(key.service.clone())))
}
