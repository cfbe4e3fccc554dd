//! `--explain`: keys that an answer has only on request.

use serde::Serialize;

use super::PathDocument;
use crate::base::names::ServiceName;
use crate::output::hint::Hint;
use crate::output::table::advice;
use crate::protocol::answer::{Elsewhere, ServiceAnswer, Since, Why};

#[derive(Serialize)]
pub(super) struct WhyDocument<'a> {
    advice: Option<String>,
    since: Option<SinceDocument<'a>>,
}

#[derive(Serialize)]
struct SinceDocument<'a> {
    unknown: Option<&'a str>,
    changes: Vec<ElsewhereDocument<'a>>,
    changes_total: Option<usize>,
}

#[derive(Serialize)]
struct ElsewhereDocument<'a> {
    #[serde(flatten)]
    path: PathDocument<'a>,
    change: &'static str,
    services: &'a [ServiceName],
}

impl<'a> WhyDocument<'a> {
    pub(super) fn of(answer: &'a ServiceAnswer, why: &'a Why, hint: Option<&Hint>, listed: usize) -> Self {
        let since = match &why.since {
            Since::NotAsked => None,
            Since::Unknown(cause) => {
                Some(SinceDocument { unknown: Some(cause), changes: Vec::new(), changes_total: None })
            }
            Since::Known(changes) => Some(SinceDocument {
                unknown: None,
                changes: changes.iter().take(listed).map(ElsewhereDocument::of).collect(),
                changes_total: Some(changes.len()),
            }),
        };
        Self { advice: advice(answer, hint), since }
    }
}

impl<'a> ElsewhereDocument<'a> {
    fn of(elsewhere: &'a Elsewhere) -> Self {
        Self {
            path: PathDocument::of(elsewhere.path.as_ref()),
            change: elsewhere.kind.word(),
            services: &elsewhere.services,
        }
    }
}
