//! Who deploys: a skip counts only the deploys of its own home.

use super::{Environment, Settings};
use crate::base::failure::Failure;
use crate::protocol::engine::mark::Home;

/// What CodePipeline writes before its pipeline's name in `CODEBUILD_INITIATOR`.
const PIPELINE: &str = "codepipeline/";

impl Settings {
    /// Who deploys. `None` where that is not known: a build that does not say, or a CI that is not known.
    pub fn home(&self) -> Option<Home> {
        self.home.clone()
    }
}

/// By the environment, else as it was named; `named` is where, and a name or an ARN.
///
/// # Errors
/// What was named is neither, or a CodeBuild build says otherwise.
pub(super) fn home_of(environment: &Environment, named: Option<(&str, &str)>) -> Result<Option<Home>, Failure> {
    let named = named.map(|(origin, text)| Ok((origin, named_home(origin, text)?))).transpose()?;
    let codepipeline = environment.initiator.as_ref().is_some_and(|initiator| initiator.starts_with(PIPELINE));
    if !environment.in_build() && !codepipeline {
        let named = named.map(|(_, home)| home);
        return Ok(named.or_else(|| home_elsewhere(environment)));
    }
    let home = home_of_build(environment);
    match (named, &home) {
        (Some((origin, named)), Some(home)) if !may_be(&named, home) => {
            let failure = Failure::request(format!("{origin} names {named}, and this is a build of {home}"));
            Err(failure.hint(format!("leave {origin} out: a CodeBuild build says itself whose it is")))
        }
        (Some((origin, named)), None) => {
            let failure = Failure::request(format!("{origin} names {named}, and this build does not say whose it is"));
            Err(failure.hint(format!("leave {origin} out: in a CodeBuild build it decides nothing")))
        }
        _ => Ok(home),
    }
}

/// CodeBuild names the pipeline that started a build, else the project is known by the build's id.
fn home_of_build(environment: &Environment) -> Option<Home> {
    let initiator = environment.initiator.as_deref().and_then(|initiator| initiator.strip_prefix(PIPELINE));
    let project = || environment.build_id.as_deref()?.split_once(':').map(|(project, _)| project);
    let (pipeline, project) = match initiator {
        Some(pipeline) => (Some(pipeline), None),
        None => (None, project()),
    };
    let name = pipeline.or(project).filter(|name| !name.is_empty())?;
    // arn:aws:codebuild:REGION:ACCOUNT:build/PROJECT:ID
    let mut arn = environment.build_arn.iter().flat_map(|arn| arn.split(':')).skip(3).map(str::to_owned);
    let filled = |part: Option<String>| part.filter(|part| !part.is_empty());
    let (region, account) = (filled(arn.next()), filled(arn.next()));
    Some(Home {
        account,
        region,
        pipeline: pipeline.map(|_| name.to_owned()),
        project: project.map(|_| name.to_owned()),
        ..Home::default()
    })
}

/// Outside of CodeBuild, where nothing was named.
fn home_elsewhere(environment: &Environment) -> Option<Home> {
    let Some(github) = &environment.github else { return (!environment.in_ci).then(Home::default) };
    let (repository, workflow) = github.repository.as_ref().zip(github.workflow.as_ref())?;
    Some(Home { workflow: Some(format!("{repository}/{workflow}")), ..Home::default() })
}

/// `NAME`, `arn:aws:codepipeline:REGION:ACCOUNT:NAME` or `arn:aws:codebuild:REGION:ACCOUNT:project/NAME`.
fn named_home(origin: &str, text: &str) -> Result<Home, Failure> {
    let bad = |text: String| {
        Failure::request(text)
            .hint("write the name of a pipeline, or its ARN: arn:aws:codepipeline:REGION:ACCOUNT:NAME")
    };
    if text.chars().any(char::is_control) {
        return Err(bad(format!("{origin} has a control character")));
    }
    let parts: Vec<&str> = text.split(':').collect();
    let (service, region, account, name) = match parts[..] {
        ["arn", _, service, region, account, name] => (service, region, account, name),
        ["arn", ..] => return Err(bad(format!("{origin}: `{text}` is not the ARN of a pipeline"))),
        _ => return Ok(Home { pipeline: Some(text.to_owned()), ..Home::default() }),
    };
    let (pipeline, project) = match service {
        "codepipeline" => (Some(name), None),
        "codebuild" => (None, name.strip_prefix("project/")),
        _ => (None, None),
    };
    let name = pipeline.or(project).unwrap_or_default();
    if [region, account, name].contains(&"") {
        return Err(bad(format!("{origin}: `{text}` is not the ARN of a pipeline")));
    }
    let owned = |text: &str| Some(text.to_owned());
    Ok(Home {
        region: owned(region),
        account: owned(account),
        pipeline: pipeline.and_then(owned),
        project: project.and_then(owned),
        ..Home::default()
    })
}

/// Whether what was named is this one, as far as the name goes.
fn may_be(home: &Home, other: &Home) -> bool {
    let may = |named: &Option<String>, other: &Option<String>| named.is_none() || named == other;
    (&home.pipeline, &home.project) == (&other.pipeline, &other.project)
        && may(&home.account, &other.account)
        && may(&home.region, &other.region)
}

#[cfg(test)]
mod tests;
