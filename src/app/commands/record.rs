//! `record`: a deploy succeeded, or in a failing build did not.

use crate::app::apply::apply;
use crate::app::cli::RecordArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, moment};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::map::rules::Rules;
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::inputs::CurrentInputs;
use crate::protocol::engine::mark::Release;
use crate::protocol::engine::marks::Marks;
use crate::protocol::engine::record::Outcome;
use crate::protocol::engine::refusal::Refusal;
use crate::source::inputs;
use crate::source::snapshot::{Encoded, Snapshot};
use crate::source::tree::Tree;

use super::context::{Context, refuse_pull_request, revision};
use super::gather::{current, patterns};
use super::noted::say_one;
use super::prune;
use super::recording::{Recording, say, why_failed};
use super::refusals;
use super::unmatched_includes::unhit;

/// Records deploys.
pub(super) fn record(settings: &Settings, reporter: Reporter, args: &RecordArgs) -> Result<Status, Failure> {
    let context = Context::new(settings, reporter)?;
    refuse_pull_request(settings, "record")?;
    if let Some(commit) = &args.from_git {
        given("--from-git", Some(commit))?;
        if settings.environment.in_build() {
            let failure = Failure::request("--from-git adopts what is deployed already, which no build can know");
            return Err(
                failure.hint("run it outside of CodeBuild; in a build, `decide` first and `record` after the deploy")
            );
        }
    }
    let mut recording = Recording::new(&context, &args.built)?;
    if recording.report.outcome == Outcome::Failed {
        context.reporter.warn(&format!("not recorded: {}; no deploy was recorded", why_failed(settings)));
    }
    // Outside a build, a service without a ticket entry is recorded as deployed from the current source.
    let adopted = if settings.environment.in_build() || recording.report.outcome == Outcome::Failed {
        Vec::new()
    } else {
        let store = recording.engine.caller.store.clone();
        let ticket = recording.ticket.clone();
        let (adopted, ticketed) =
            std::mem::take(&mut recording.report.keys).into_iter().partition(|key| ticket.entry(&store, key).is_none());
        recording.report.keys = ticketed;
        adopted
    };
    let releases = adopted.iter().map(|key| release(&context, &recording, key, args)).collect::<Result<Vec<_>, _>>()?;
    if !recording.report.keys.is_empty() {
        let moment = moment();
        let told = recording.apply(&context, &moment, Engine::record_keys, |engine, ticket, report, marks, now| {
            Ok::<_, std::convert::Infallible>(engine.record(ticket, report, marks, now))
        });
        let Ok(step) = told;
        let failed = recording.report.outcome == Outcome::Failed;
        match say(&context, reporter, &recording.ticket, &recording.engine.caller.store, &step.told) {
            // The build has already failed, and attempts that could not be ended end by their age.
            Err(failure) if failed => context.reporter.warn(&failure.to_string()),
            said => said?,
        }
        if !failed {
            prune::after(&context.store, &step.writes);
        }
    }
    for (key, adopted) in adopted.iter().zip(releases) {
        adopt(&context, &recording, key, adopted)?;
    }
    Ok(Status::Done)
}

/// A deploy without a ticket entry: the current source, or a commit, is recorded as deployed.
fn adopt(
    context: &Context<'_>,
    recording: &Recording,
    key: &Key,
    (release, snapshot): (Release, Encoded),
) -> Result<(), Failure> {
    let moment = moment();
    let kept = |hash: &str| (hash == snapshot.hash).then(|| snapshot.bytes.clone());
    let applying = context.applying(&moment, &kept);
    let home = context.settings.home();
    let needed = |marks: &Marks| unread([key], marks);
    let step = apply(&applying, &mut Marks::default(), needed, |marks, now| {
        Ok::<_, std::convert::Infallible>(recording.engine.adopt(key, release.clone(), home.clone(), marks, now))
    });
    let Ok(step) = step;
    let revision = release.revision.as_deref().map(crate::base::text::short_revision);
    let revision = revision.unwrap_or_else(|| "an unnamed revision".to_owned());
    let what = format!("{revision}, {}", crate::base::text::count(release.inputs, "input"));
    let place = |key: &Key| context.hint(&key.environment);
    for noted in &step.told {
        say_one(context.reporter, noted, &what, &place);
    }
    prune::after(&context.store, &step.writes);
    super::noted::failure(context.reporter, &step.told, &place).map_or(Ok(()), Err)
}

/// The release of one service from the current source, or from a commit.
fn release(
    context: &Context<'_>,
    recording: &Recording,
    key: &Key,
    args: &RecordArgs,
) -> Result<(Release, Encoded), Failure> {
    let service = context.map.index(&key.service).ok_or_else(|| no_inputs(&key.service))?;
    let rules = Rules::compile(&context.map, &key.environment, &[service], false);
    let source = &context.settings.source;
    let (tree, named) = match &args.from_git {
        None => (source.read(&rules).map_err(Failure::request)?, None),
        Some(name) => {
            let repository = source.repository().map_err(Failure::request)?;
            let id = repository.resolve(name).map_err(Failure::request)?;
            (repository.read(&id, &rules).map_err(Failure::request)?, Some(id))
        }
    };
    let named = match (named, args.built.revision.as_deref()) {
        (Some(commit), None) => Some(commit),
        (_, revision_given) => revision(context.settings, revision_given)?,
    };
    let extras = recording.engine.caller.extras.clone().unwrap_or_default();
    let (inputs, snapshot) = inputs_of(context, &extras, &tree, &rules, key, service)?;
    let declared = &context.map.services[service].outputs;
    let outputs = recording.report.outputs.get(&key.service).cloned().unwrap_or_default();
    if let Some(missing) = crate::protocol::engine::decision::declared(declared, &outputs) {
        let refusal = Refusal::Outputs(key.clone(), Box::new(missing));
        return Err(refusals::failure(&refusal, &|key| context.hint(&key.environment)));
    }
    let release = inputs.release(named.as_deref(), &recording.engine.caller.build);
    Ok((Release { outputs, ..release }, snapshot))
}

fn inputs_of(
    context: &Context<'_>,
    extras: &crate::source::extras::Extras,
    tree: &Tree,
    rules: &Rules,
    key: &Key,
    service: usize,
) -> Result<(CurrentInputs, Encoded), Failure> {
    let inputs = inputs::collect(tree, rules, extras);
    let Some(inputs) = inputs.into_iter().find(|inputs| inputs.service == service && inputs.own > 0) else {
        return Err(no_inputs(&key.service));
    };
    if let Some(cause) = &inputs.doubt {
        return Err(Failure::other(format!("not recorded: an input of `{}` cannot be read: {cause}", key.service)));
    }
    let snapshot = Snapshot::of(tree, service, extras).encode();
    let (matched, unmatched) = patterns(context, rules, &unhit(rules, tree), service);
    let hash = Some(snapshot.hash.clone());
    let rules = Some(rules.digest(service));
    Ok((CurrentInputs { matched, unmatched, rules, snapshot: hash, ..current(&inputs) }, snapshot))
}

/// A service with unknown inputs cannot be the last deploy.
fn no_inputs(service: &ServiceName) -> Failure {
    Failure::request(format!("not recorded: the rules of `{service}` select no file"))
        .hint("a renamed folder, or a wrong --source? `shipmark check` shows what the rules select")
}
