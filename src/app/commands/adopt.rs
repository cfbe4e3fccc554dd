//! `adopt`: a person says which commit is deployed already.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;

use crate::app::cli::AdoptArgs;
use crate::app::reading;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, now};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::base::text::{count, few};
use crate::output::adopted::{Adopted, render};
use crate::protocol::answer::Baseline;
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::mark::{Build, Home, Mark};
use crate::protocol::engine::marks::{Known, Marks};
use crate::protocol::engine::people;
use crate::source::extras::Extras;

use super::adoption::{Adoption, Deployed, NotAdopted, adoptions};
use super::context::{Context, refuse_pull_request};
use super::print::show;
use super::recording::{Outputs, outputs_of};

/// What names a pipeline whose builds run in CodeBuild.
const ARN: &str = "arn:aws:codepipeline:REGION:ACCOUNT:NAME";

/// Shows what would be recorded, and records it with `--yes`.
pub(super) fn adopt(settings: &Settings, reporter: Reporter, args: &AdoptArgs) -> Result<Status, Failure> {
    if settings.environment.in_build() {
        let failure = Failure::request("`adopt` records what is deployed already, which no build can know");
        return Err(
            failure.hint("run it outside of CodeBuild; in a build, `decide` first and `record` after the deploy")
        );
    }
    refuse_pull_request(settings, "adopt")?;
    let context = Context::new(settings, reporter, &args.services)?;
    given("--from-git", Some(&args.from_git))?;
    let asked = context.asked(&args.services)?;
    let extras = Extras::parse(args.extra.iter().map(String::as_str)).map_err(Failure::request)?;
    let engine = context.engine(Build::default(), None, Some(extras));
    let repository = settings.source.repository().map_err(Failure::request)?;
    let commit = repository.resolve(&args.from_git).map_err(Failure::request)?;
    let outputs = outputs(&context, &asked, args)?;
    let mut adopted = Vec::new();
    let mut failed = Vec::new();
    let mut later = Vec::new();
    for (environment, services) in context.environments.iter().zip(&asked) {
        let revision = Some(commit.clone());
        let deployed = Deployed { commit: Some((&repository, &commit)), revision, outputs: &outputs };
        for (service, adoption) in services.iter().zip(adoptions(&context, &engine, environment, services, &deployed)?)
        {
            match adoption {
                Ok(adoption) => adopted.push(adoption),
                // It came later: the first build deploys it.
                Err(NotAdopted::NoInputs) if args.all => {
                    if !later.contains(&context.name(*service).as_str()) {
                        later.push(context.name(*service).as_str());
                    }
                }
                Err(not) => failed.push(not.failure(context.name(*service))),
            }
        }
    }
    if !later.is_empty() {
        reporter.warn(&format!(
            "{} left out ({}): the rules select no file in this commit, so the first decision builds",
            count(later.len(), "service"),
            few(&later)
        ));
    }
    if let Some(last) = failed.pop() {
        failed.iter().for_each(|failure| reporter.fail(failure));
        return Err(last);
    }
    let rows = rows(&context, &adopted, args.all);
    show(render(&rows, now(), reporter.colors(std::io::stdout().is_terminal())).as_bytes())?;
    if let Some(text) = foreign(settings.home().as_ref()) {
        reporter
            .warn(&format!("{text}, so the pipeline's first decision builds (`other-pipeline`): add --pipeline {ARN}"));
    }
    if !args.yes {
        reporter.say("nothing is written yet: to record it, add --yes to the same command");
        return Ok(Status::Done);
    }
    adopted.iter().try_for_each(|adoption| adoption.write(&context, &engine))?;
    Ok(Status::Done)
}

/// Why a pipeline will not take a deploy of this home as its own, if that is to be expected.
fn foreign(home: Option<&Home>) -> Option<String> {
    match home {
        Some(Home { account: None, pipeline: Some(name), .. }) => {
            Some(format!("a build of CodeBuild knows its account and region, and `{name}` has none"))
        }
        Some(home) if !home.is_local() => None,
        _ => Some("nothing says which pipeline deployed this".to_owned()),
    }
}

/// `--output`, and the lines of `--outputs FILE`.
fn outputs(context: &Context<'_>, asked: &[Vec<usize>], args: &AdoptArgs) -> Result<Outputs, Failure> {
    let mut texts = args.output.clone();
    if let Some(path) = &args.outputs {
        given("--outputs", path.to_str())?;
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Failure::request(format!("`{}` cannot be read: {cause}", path.display())))?;
        texts.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    let services: BTreeSet<&ServiceName> = asked.iter().flatten().map(|service| context.name(*service)).collect();
    outputs_of(&texts, &services)
}

/// What is to be recorded beside what is recorded now.
fn rows(context: &Context<'_>, adopted: &[Adoption], all: bool) -> Vec<Adopted> {
    let keys: Vec<&Key> = adopted.iter().map(|adoption| &adoption.key).collect();
    let mut marks = Marks::default();
    reading::read(&context.store, &context.project, &mut marks, &|marks: &Marks| unread(keys.iter().copied(), marks));
    if all {
        let orphans = context.environments.iter().flat_map(|environment| {
            people::orphans(&context.project, environment, &context.map.services_of(environment), &marks)
        });
        context.warn_of_orphans(&orphans.collect::<Vec<Key>>());
    }
    let recorded = |key: &Key| match marks.get(key).map(|read| &read.known) {
        Some(Known::Absent) => Ok(None),
        Some(Known::Mark(mark)) => Ok(baseline(mark)),
        Some(Known::Unavailable(cause) | Known::Damaged { cause, .. }) => Err(cause.clone()),
        None => Err("it was not read".to_owned()),
    };
    let row = |adoption: &Adoption| Adopted {
        environment: adoption.key.environment.clone(),
        service: adoption.key.service.clone(),
        release: adoption.text(),
        outputs: adoption.release.outputs.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        now: recorded(&adoption.key),
    };
    adopted.iter().map(row).collect()
}

fn baseline(mark: &Mark) -> Option<Baseline> {
    let deploy = mark.deployed.as_ref()?;
    Some(Baseline {
        revision: deploy.release.revision.clone(),
        recorded_at: Some(deploy.recorded_at),
        certain: mark.certain(),
        build: deploy.release.build.id.clone(),
    })
}
