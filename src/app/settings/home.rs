//! Who deploys: a skip counts only the deploys of its own home.

use std::fmt;

use super::{Environment, Settings};
use crate::base::failure::Failure;
use crate::base::names::EnvironmentName;
use crate::map::ServiceMap;

/// What CodePipeline writes before its pipeline's name in `CODEBUILD_INITIATOR`.
const PIPELINE: &str = "codepipeline/";

/// The home of a deploy: account, region, and pipeline, project or workflow. Without any of the three it is `local`: outside
/// of any CI. A home that is not known is `None` wherever it is optional, and equals nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Home {
    /// The AWS account, where it is known.
    pub account: Option<String>,
    /// The AWS region, where it is known.
    pub region: Option<String>,
    /// The pipeline.
    pub pipeline: Option<String>,
    /// The CodeBuild project, where no pipeline started the build.
    pub project: Option<String>,
    /// Repository and workflow of GitHub Actions: `OWNER/REPOSITORY/WORKFLOW`.
    pub workflow: Option<String>,
    /// The homes that the map lists together, as it names them: names, or ARNs in other accounts.
    pub joined: Vec<String>,
}

impl Settings {
    /// Who deploys to an environment, with those that the map lists as one there. `None` where that is not known: a build that
    /// does not say, or a CI that is not known.
    pub fn home(&self, map: Option<&ServiceMap>, environment: &EnvironmentName) -> Option<Home> {
        let joined = map.map_or(&[][..], |map| map.pipelines(environment)).to_vec();
        self.home.clone().map(|home| Home { joined, ..home })
    }
}

impl Home {
    /// By the environment, else as it was named; `named` is where, and a name or an ARN.
    ///
    /// # Errors
    /// What was named is neither, or a CodeBuild build says otherwise.
    pub(super) fn of(environment: &Environment, named: Option<(&str, &str)>) -> Result<Option<Self>, Failure> {
        let named = named.map(|(origin, text)| Ok((origin, Self::named(origin, text)?))).transpose()?;
        let codepipeline = environment.initiator.as_ref().is_some_and(|initiator| initiator.starts_with(PIPELINE));
        if !environment.in_build() && !codepipeline {
            let named = named.map(|(_, home)| home);
            return Ok(named.or_else(|| Self::elsewhere(environment)));
        }
        let home = Self::of_build(environment);
        match (named, &home) {
            (Some((origin, named)), Some(home)) if !named.may_be(home) => {
                let failure = Failure::request(format!("{origin} names {named}, and this is a build of {home}"));
                Err(failure.hint(format!("leave {origin} out: a CodeBuild build says itself whose it is")))
            }
            (Some((origin, named)), None) => {
                let failure =
                    Failure::request(format!("{origin} names {named}, and this build does not say whose it is"));
                Err(failure.hint(format!("leave {origin} out: in a CodeBuild build it decides nothing")))
            }
            _ => Ok(home),
        }
    }

    /// CodeBuild names the pipeline that started a build, else the project is known by the build's id.
    fn of_build(environment: &Environment) -> Option<Self> {
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
        Some(Self {
            account,
            region,
            pipeline: pipeline.map(|_| name.to_owned()),
            project: project.map(|_| name.to_owned()),
            ..Self::default()
        })
    }

    /// Outside of CodeBuild, where nothing was named.
    fn elsewhere(environment: &Environment) -> Option<Self> {
        let Some(github) = &environment.github else { return (!environment.in_ci).then(Self::default) };
        let (repository, workflow) = github.repository.as_ref().zip(github.workflow.as_ref())?;
        Some(Self { workflow: Some(format!("{repository}/{workflow}")), ..Self::default() })
    }

    /// `NAME`, `arn:aws:codepipeline:REGION:ACCOUNT:NAME` or `arn:aws:codebuild:REGION:ACCOUNT:project/NAME`.
    fn named(origin: &str, text: &str) -> Result<Self, Failure> {
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
            _ => return Ok(Self { pipeline: Some(text.to_owned()), ..Self::default() }),
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
        Ok(Self {
            region: owned(region),
            account: owned(account),
            pipeline: pipeline.and_then(owned),
            project: project.and_then(owned),
            ..Self::default()
        })
    }

    /// Whether what was named is this one, as far as the name goes.
    fn may_be(&self, other: &Self) -> bool {
        let may = |named: &Option<String>, other: &Option<String>| named.is_none() || named == other;
        (&self.pipeline, &self.project) == (&other.pipeline, &other.project)
            && may(&self.account, &other.account)
            && may(&self.region, &other.region)
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.pipeline, &self.project, &self.workflow) {
            (Some(name), ..) => write!(f, "the pipeline `{name}`"),
            (_, Some(name), _) => write!(f, "the project `{name}`"),
            (_, _, Some(name)) => write!(f, "the workflow `{name}`"),
            _ => f.write_str("a shell outside of any CI"),
        }
    }
}

#[cfg(test)]
mod tests;
