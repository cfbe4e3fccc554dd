//! Histories described in a few words.

use std::sync::Arc;

use super::Replay;
use crate::base::fingerprint::BlobId;
use crate::base::names::ServiceName;
use crate::map::rules::{Verdict, Via};
use crate::source::tree::FileKind;
use crate::source::tree::commit::{CommitChange, CommitDifference};
use crate::source::tree::fixtures::{claim, step};

/// A history of `services` services, where each commit is given as the digits of the services whose only file,
/// `DIGIT/file`, changes.
pub(crate) fn replay(services: usize, commits: &[&str]) -> Replay {
    let names: Vec<String> = (0..services).map(|number| format!("s{number}")).collect();
    named(&names.iter().map(String::as_str).collect::<Vec<_>>(), commits)
}

/// The same with named services.
pub(crate) fn named(names: &[&str], commits: &[&str]) -> Replay {
    let mut contents = vec![1; names.len()];
    let mut differences = Vec::new();
    for (number, digits) in commits.iter().enumerate() {
        let services = digits.bytes().map(|digit| usize::from(digit - b'0'));
        let changes = services.map(|service| {
            contents[service] += 1;
            change(service, contents[service] - 1, contents[service])
        });
        differences.push(Ok(CommitDifference {
            base: format!("c{number}"),
            revision: format!("c{}", number + 1),
            changes: changes.collect(),
            unowned: None,
            without_inputs: Vec::new(),
            unreadable: Vec::new(),
        }));
    }
    let steps = (0..commits.len()).map(|at| step(&format!("c{}", at + 1), &format!("c{at}"), 60 * at as i64));
    let names: Vec<ServiceName> = names.iter().map(|name| ServiceName::new(*name).unwrap()).collect();
    let services = (0..names.len()).collect();
    Replay::of(names, services, steps.collect(), differences)
}

/// Changes the bytes of a service's only file.
pub(crate) fn change(service: usize, old: u8, new: u8) -> CommitChange {
    let claims = vec![claim(service, &format!("{service}/**"), Via::Own)];
    CommitChange {
        path: format!("{service}/file").into(),
        old: Some((BlobId([old; 20]), FileKind::File)),
        new: Some((BlobId([new; 20]), FileKind::File)),
        verdict: Arc::new(Verdict { owned: true, claims }),
    }
}
