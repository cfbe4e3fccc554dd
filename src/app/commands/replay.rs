//! `replay`: what the rules would have decided over real history.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::AtomicUsize;

use crate::app::cli::ReplayArgs;
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, given, now};
use crate::base::failure::{Failure, Status};
use crate::base::names::EnvironmentName;
use crate::base::text::printable;
use crate::map::ServiceMap;
use crate::map::rules::Rules;
use crate::output::{Options, replay as output};
use crate::source::tree::commit::{CommitStep, Range, Repository};
use crate::upkeep::replay::Replay;
use crate::upkeep::replay::against::against;
use crate::upkeep::replay::left_out::left_out;
use crate::upkeep::replay::loss::loss;
use crate::upkeep::replay::tally::tally;

use super::context::Context;
use super::observations;
use super::print::{emit_with, show};

/// What the map is called to which observed inputs were added.
const OBSERVED: &str = "what observed builds read";

/// Replays and prints.
pub(super) fn replay(settings: &Settings, reporter: Reporter, args: &ReplayArgs) -> Result<Status, Failure> {
    let context = Context::without_store(settings, reporter, &[], false)?;
    let environment = context.environment()?;
    let asked = settings::services(&context.map, &args.services)?;
    let minutes = settings::minutes(&context.map, &args.minutes)?;
    let rate = args.fail_rate.map(settings::rate).transpose()?;
    let other = match &args.against {
        Some(path) => Some(settings.map_at(path)?),
        None if args.observed => Some(observations::with_inputs(&context, environment, &asked)?),
        None => None,
    };
    let repository = settings.source.repository().map_err(Failure::request)?;
    given("--html", args.html.as_deref().and_then(Path::to_str))?;
    let range = Range {
        revision: given("--revision", args.revision.as_deref())?,
        since: given("--since", args.since.as_deref())?,
        last: args.last.map(|last| usize::try_from(last).unwrap_or(usize::MAX)),
    };
    let mut history = repository.history(range).map_err(Failure::request)?;
    let steps = std::mem::take(&mut history.steps);

    let walk = Walk { repository: &repository, environment, reporter, maps: 1 + usize::from(other.is_some()) };
    let theirs = other.as_ref().map(|other| {
        let names: Vec<_> = asked.iter().map(|service| context.name(*service)).collect();
        // What observed builds read is added as services of their own, which nobody asked for.
        let all = args.services.is_empty() && !args.observed;
        let asked = (0..other.services.len()).filter(|it| all || names.contains(&&other.services[*it].name)).collect();
        walk.replay(other, asked, steps.clone())
    });
    let replay = walk.replay(&context.map, asked, steps);

    let flips = theirs.map(|theirs| against(&replay, &theirs));
    let loss = rate.map(|rate| loss(&replay, rate, args.seed));
    let report = output::ReplayReport {
        project: &context.project,
        environment,
        map: &context.map.file,
        revision: &history.revision,
        left_out: &left_out(&history, &replay),
        tallies: &tally(&replay, &minutes),
        replay: &replay,
        loss: loss.as_ref(),
        against: other
            .as_ref()
            .zip(flips.as_ref())
            .map(|(other, flips)| (if args.observed { OBSERVED } else { other.file.as_str() }, flips)),
    };
    if let Some(file) = &args.html {
        write_page(file, &output::page(&report))?;
        reporter.say(&format!("the page is in `{}`", file.display()));
    }
    if args.shape.is_json() {
        emit_with(None, crate::base::atomic_file::Flush::Later, |to| output::json(&report, to))?;
    } else {
        let color = reporter.colors(std::io::stdout().is_terminal());
        let options = Options { all_changes: args.all_changes, side_by_side: false, now: now(), color };
        show(output::table(&report, &options).as_bytes())?;
    }
    Ok(Status::Done)
}

/// Written with default permissions, so that others can read it too.
fn write_page(file: &Path, page: &str) -> Result<(), Failure> {
    let written = File::create(file).and_then(|mut file| file.write_all(page.as_bytes()));
    written.map_err(|cause| Failure::other(format!("the page `{}` cannot be written: {cause}", file.display())))
}

/// A walk through a history, used once for each map.
struct Walk<'a> {
    repository: &'a Repository,
    environment: &'a EnvironmentName,
    reporter: Reporter,
    maps: usize,
}

impl Walk<'_> {
    fn replay(&self, map: &ServiceMap, asked: Vec<usize>, steps: Vec<CommitStep>) -> Replay {
        let rules = Rules::compile(map, self.environment, &asked, false);
        let done = AtomicUsize::new(0);
        let what = if self.maps > 1 {
            format!("replaying {}", printable(map.file.as_bytes()))
        } else {
            "replaying".to_owned()
        };
        let differences =
            self.reporter.progress(&what, steps.len(), &done, || self.repository.differences(&steps, &rules, &done));
        let names = map.services.iter().map(|service| service.name.clone()).collect();
        Replay::of(names, asked, steps, differences)
    }
}
