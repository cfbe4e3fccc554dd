//! A replay as JSON, in the form that `schema/replay.schema.json` describes. Nothing is truncated.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{ReplayReport, time};
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::output::json::{ChangeDocument, PathDocument, via_word, whole_seconds};
use crate::source::difference::kind_of;
use crate::upkeep::replay::ReplayedCommit;
use crate::upkeep::replay::against::Against;
use crate::upkeep::replay::loss::{Builds, Loss};
use crate::upkeep::replay::tally::Run;

/// The version of the form. New keys may be added without changing it.
const SCHEMA: u32 = 1;

/// Writes the report as one line.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &ReplayReport<'_>, to: &mut dyn Write) -> io::Result<()> {
    let mut to = io::BufWriter::new(to);
    serde_json::to_writer(&mut to, &ReplayDocument::of(report))?;
    to.write_all(b"\n")?;
    to.flush()
}

#[derive(Serialize)]
struct ReplayDocument<'a> {
    schema: u32,
    project: &'a ProjectName,
    environment: &'a EnvironmentName,
    map: &'a str,
    revision: &'a str,
    left_out: Vec<LeftOutDocument<'a>>,
    services: Vec<ReplayServiceDocument<'a>>,
    totals: TotalsDocument,
    loss: Option<LossDocument<'a>>,
    against: Option<AgainstDocument<'a>>,
    commits: Vec<CommitDocument<'a>>,
}

#[derive(Serialize)]
struct LeftOutDocument<'a> {
    why: &'static str,
    commits: Option<usize>,
    commit: Option<&'a str>,
    detail: &'a str,
}

#[derive(Serialize)]
struct ReplayServiceDocument<'a> {
    service: &'a ServiceName,
    builds: usize,
    builds_without_inputs: usize,
    skips: usize,
    longest_skips: Option<RunDocument<'a>>,
    minutes: Option<f64>,
    minutes_saved: Option<f64>,
}

#[derive(Serialize)]
struct RunDocument<'a> {
    commits: usize,
    first: &'a str,
    last: &'a str,
}

#[derive(Serialize)]
struct TotalsDocument {
    commits: usize,
    builds: usize,
    skips: usize,
    minutes_saved: Option<f64>,
    minutes_of_building_all: Option<f64>,
}

#[derive(Serialize)]
struct LossDocument<'a> {
    fail_rate: f64,
    seed: u64,
    head: BuildsDocument,
    mark: BuildsDocument,
    extra_builds: usize,
    false_skips: usize,
    lost: Vec<LostDocument<'a>>,
}

#[derive(Serialize)]
struct BuildsDocument {
    builds: usize,
    failed: usize,
}

#[derive(Serialize)]
struct LostDocument<'a> {
    commit: &'a str,
    service: &'a ServiceName,
    behind: usize,
    deployed_at: Option<&'a str>,
    paths: Vec<PathDocument<'a>>,
}

#[derive(Serialize)]
struct AgainstDocument<'a> {
    map: &'a str,
    only_here: &'a [ServiceName],
    only_there: &'a [ServiceName],
    incomparable_commits: usize,
    flips: Vec<FlipDocument<'a>>,
}

#[derive(Serialize)]
struct FlipDocument<'a> {
    commit: &'a str,
    service: &'a ServiceName,
    kind: &'static str,
    reason: &'static str,
    changes: Vec<ChangeDocument<'a>>,
}

#[derive(Serialize)]
struct CommitDocument<'a> {
    commit: &'a str,
    parent: &'a str,
    merge: bool,
    time: String,
    subject: String,
    builds: Vec<BuildDocument<'a>>,
    changes: Vec<CommitChangeDocument<'a>>,
}

#[derive(Serialize)]
struct BuildDocument<'a> {
    service: &'a ServiceName,
    reason: &'static str,
}

#[derive(Serialize)]
struct CommitChangeDocument<'a> {
    #[serde(flatten)]
    path: PathDocument<'a>,
    change: Option<&'static str>,
    inputs_of: Vec<InputDocument<'a>>,
}

/// The services that a rule makes a path an input of.
#[derive(Serialize)]
struct InputDocument<'a> {
    rule: &'a str,
    via: Option<String>,
    services: Vec<&'a ServiceName>,
}

impl<'a> ReplayDocument<'a> {
    fn of(report: &'a ReplayReport<'a>) -> Self {
        let totals = report.totals();
        let left_out = report.left_out.iter().map(|it| LeftOutDocument {
            why: it.why,
            commits: it.commits,
            commit: it.commit.as_deref(),
            detail: &it.detail,
        });
        let services = report.tallies.iter().map(|tally| ReplayServiceDocument {
            service: report.replay.name(tally.service),
            builds: tally.builds,
            builds_without_inputs: tally.empty,
            skips: tally.skips,
            longest_skips: tally.longest.map(|run| RunDocument::of(report, run)),
            minutes: tally.minutes,
            minutes_saved: tally.saved(),
        });
        Self {
            schema: SCHEMA,
            project: report.project,
            environment: report.environment,
            map: report.map,
            revision: report.revision,
            left_out: left_out.collect(),
            services: services.collect(),
            totals: TotalsDocument {
                commits: report.replay.commits.len(),
                builds: totals.builds,
                skips: totals.skips,
                minutes_saved: totals.minutes.map(|(saved, _)| saved),
                minutes_of_building_all: totals.minutes.map(|(_, all)| all),
            },
            loss: report.loss.map(|loss| LossDocument::of(report, loss)),
            against: report.against.map(|(map, against)| AgainstDocument::of(report, map, against)),
            commits: report.replay.commits.iter().map(|commit| CommitDocument::of(report, commit)).collect(),
        }
    }
}

impl<'a> RunDocument<'a> {
    fn of(report: &'a ReplayReport<'a>, run: Run) -> Self {
        Self { commits: run.commits(), first: report.commit_id(run.first), last: report.commit_id(run.last) }
    }
}

impl<'a> LossDocument<'a> {
    fn of(report: &'a ReplayReport<'a>, loss: &'a Loss) -> Self {
        let builds = |it: Builds| BuildsDocument { builds: it.builds, failed: it.failed };
        let lost = loss.lost.iter().map(|lost| LostDocument {
            commit: report.commit_id(lost.commit),
            service: report.replay.name(lost.service),
            behind: lost.behind,
            deployed_at: lost.until.map(|number| report.commit_id(number)),
            paths: lost.paths.iter().map(|path| PathDocument::of(path.as_ref())).collect(),
        });
        Self {
            fail_rate: loss.rate,
            seed: loss.seed,
            head: builds(loss.head),
            mark: builds(loss.mark),
            extra_builds: loss.extra,
            false_skips: loss.false_skips(),
            lost: lost.collect(),
        }
    }
}

impl<'a> AgainstDocument<'a> {
    fn of(report: &'a ReplayReport<'a>, map: &'a str, against: &'a Against) -> Self {
        let flips = against.flips.iter().map(|flip| FlipDocument {
            commit: report.commit_id(flip.commit),
            service: report.replay.name(flip.service),
            kind: flip.kind.word(),
            reason: flip.reason.word(),
            changes: flip.changes.iter().map(|change| ChangeDocument::of(change, None)).collect(),
        });
        Self {
            map,
            only_here: &against.only_here,
            only_there: &against.only_there,
            incomparable_commits: against.incomparable,
            flips: flips.collect(),
        }
    }
}

impl<'a> CommitDocument<'a> {
    fn of(report: &'a ReplayReport<'a>, commit: &'a ReplayedCommit) -> Self {
        let name = |service: usize| report.replay.name(service);
        let builds = commit.builds.iter();
        let builds =
            builds.map(|service| BuildDocument { service: name(*service), reason: commit.reason(*service).word() });
        let changes = commit.difference.changes.iter().map(|change| {
            let mut inputs = BTreeMap::<_, Vec<&ServiceName>>::new();
            for claim in &change.verdict.claims {
                inputs.entry((&*claim.rule, &claim.via)).or_default().push(name(claim.service));
            }
            let inputs = inputs.into_iter();
            CommitChangeDocument {
                path: PathDocument::of(change.path.as_ref()),
                change: kind_of(change).map(|kind| kind.word()),
                inputs_of: inputs
                    .map(|((rule, via), services)| InputDocument { rule, via: via_word(via), services })
                    .collect(),
            }
        });
        Self {
            commit: &commit.step.commit,
            parent: &commit.step.parent,
            merge: commit.step.parents > 1,
            time: whole_seconds(time(commit)),
            subject: String::from_utf8_lossy(&commit.step.subject).into_owned(),
            builds: builds.collect(),
            changes: changes.collect(),
        }
    }
}
