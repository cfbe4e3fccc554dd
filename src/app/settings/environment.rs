//! The environment variables: CodeBuild's and our own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{empty, given};
use crate::base::failure::Failure;
use crate::protocol::engine::mark::Build;

/// The environment variables. CodeBuild's are documented under "Environment variables in build environments".
#[derive(Debug, Default, Clone)]
pub struct Environment {
    /// `CODEBUILD_BUILD_ID`: set inside a build.
    pub build_id: Option<String>,
    /// `CODEBUILD_SRC_DIR`.
    pub source_directory: Option<String>,
    /// `CODEBUILD_INITIATOR`.
    pub initiator: Option<String>,
    /// `CODEBUILD_RESOLVED_SOURCE_VERSION`: a commit, an S3 version id, or unset.
    pub source_version: Option<String>,
    /// Whether `CODEBUILD_BUILD_SUCCEEDING` is `0`: a phase of this build has failed.
    pub build_failing: bool,
    /// `CODEBUILD_BUILD_ARN`, which names account and region.
    pub(super) build_arn: Option<String>,
    /// `CODEBUILD_WEBHOOK_EVENT`: what started the build, where a webhook did.
    webhook_event: Option<String>,
    /// `CODEBUILD_BUILD_URL`: the build's page in the console.
    build_url: Option<String>,
    /// `CODEBUILD_BUILD_NUMBER`.
    build_number: Option<String>,
    /// What GitHub Actions says; nothing where it does not run this.
    pub(super) github: Option<GitHub>,
    /// `CI`: some CI runs this.
    pub(super) in_ci: bool,
    pub(super) pipeline: Option<String>,
    pub(super) config: Option<String>,
    pub(super) state: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) force: Option<String>,
    execution: Option<String>,
    /// `SHIPMARK_CANDIDATE`, empty or not: only `run` reads it.
    candidate: Option<String>,
    /// `AWS_LAMBDA_RUNTIME_API`: where a Lambda function asks for its events.
    pub runtime_api: Option<String>,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`: the region of a Lambda function, and of the pipelines that call it.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL_CODEPIPELINE`, else `AWS_ENDPOINT_URL`: where CodePipeline is, if not where it usually is.
    pub pipeline_endpoint: Option<String>,
    /// The job that a Lambda function does.
    action: Option<ActionJob>,
    /// The logged-in user, as far as the environment says.
    pub user: Option<String>,
    /// The temporary directory.
    pub temporary: PathBuf,
    /// Whether colours are unwanted (<https://no-color.org>).
    pub no_color: bool,
}

/// The job of a pipeline's action, or another event, that a Lambda function does.
#[derive(Debug, Default, Clone)]
pub struct ActionJob {
    /// Its id: a second delivery has the same one.
    pub id: String,
    /// The page of the pipeline's execution in the console, if the execution is known.
    pub url: Option<String>,
    /// Variables that the request gives, as if they were set.
    pub variables: BTreeMap<String, String>,
}

/// What GitHub Actions says: "Default environment variables" in its documentation.
#[derive(Debug, Default, Clone)]
pub(super) struct GitHub {
    pub(super) repository: Option<String>,
    pub(super) workflow: Option<String>,
    actor: Option<String>,
    event: Option<String>,
    server: Option<String>,
    run: Option<String>,
    number: Option<String>,
    attempt: Option<String>,
}

impl Environment {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// A `SHIPMARK_` variable is set but empty, or is not UTF-8: more likely a mistake than intended.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn read() -> Result<Self, Failure> {
        Ok(Self { temporary: std::env::temp_dir(), ..Self::of(|name| std::env::var_os(name))? })
    }

    /// What these variables say.
    pub(super) fn of(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let own = |name: &'static str| match variable(name).map(OsString::into_string) {
            Some(Ok(value)) if value.is_empty() => Err(empty(name)),
            Some(Ok(value)) => Ok(Some(value)),
            None => Ok(None),
            Some(Err(_)) => Err(Failure::request(format!("the variable {name} is not UTF-8"))),
        };
        let other = |name: &str| {
            let value = variable(name).map(|value| value.to_string_lossy().into_owned());
            value.filter(|value| !value.is_empty())
        };
        let on = |name: &str| other(name).is_some_and(|value| !["0", "false"].contains(&value.as_str()));
        let github = || GitHub {
            repository: other("GITHUB_REPOSITORY"),
            workflow: other("GITHUB_WORKFLOW"),
            actor: other("GITHUB_ACTOR"),
            event: other("GITHUB_EVENT_NAME"),
            server: other("GITHUB_SERVER_URL"),
            run: other("GITHUB_RUN_ID"),
            number: other("GITHUB_RUN_NUMBER"),
            attempt: other("GITHUB_RUN_ATTEMPT"),
        };
        Ok(Self {
            build_arn: other("CODEBUILD_BUILD_ARN"),
            webhook_event: other("CODEBUILD_WEBHOOK_EVENT"),
            build_url: other("CODEBUILD_BUILD_URL"),
            build_number: other("CODEBUILD_BUILD_NUMBER"),
            github: on("GITHUB_ACTIONS").then(github),
            in_ci: on("CI"),
            pipeline: own("SHIPMARK_PIPELINE")?,
            build_id: other("CODEBUILD_BUILD_ID"),
            source_directory: other("CODEBUILD_SRC_DIR"),
            initiator: other("CODEBUILD_INITIATOR"),
            source_version: other("CODEBUILD_RESOLVED_SOURCE_VERSION"),
            build_failing: other("CODEBUILD_BUILD_SUCCEEDING").as_deref() == Some("0"),
            state: own("SHIPMARK_STATE")?,
            environment: own("SHIPMARK_ENVIRONMENT")?,
            force: own("SHIPMARK_FORCE")?,
            config: own("SHIPMARK_CONFIG")?,
            execution: own("SHIPMARK_EXECUTION")?,
            candidate: variable("SHIPMARK_CANDIDATE").map(|value| value.to_string_lossy().into_owned()),
            runtime_api: other("AWS_LAMBDA_RUNTIME_API"),
            region: other("AWS_REGION").or_else(|| other("AWS_DEFAULT_REGION")),
            pipeline_endpoint: other("AWS_ENDPOINT_URL_CODEPIPELINE").or_else(|| other("AWS_ENDPOINT_URL")),
            action: None,
            user: other("USER").or_else(|| other("LOGNAME")).or_else(|| other("USERNAME")),
            temporary: PathBuf::new(),
            no_color: other("NO_COLOR").is_some(),
        })
    }

    /// The value of a variable that the map names as an input; `None` if it is not set. One that is set and empty has a
    /// value.
    ///
    /// # Errors
    /// It is not UTF-8.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn input(&self, name: &str) -> Result<Option<String>, Failure> {
        if let Some(value) = self.action.as_ref().and_then(|action| action.variables.get(name)) {
            return Ok(Some(value.clone()));
        }
        let value = std::env::var_os(name).map(OsString::into_string).transpose();
        value.map_err(|_| Failure::request(format!("the variable {name}, which is an input, is not UTF-8")))
    }

    /// The environment of a job that a Lambda function does. Whose deploys they are is only what the job says.
    #[must_use]
    pub fn doing(self, action: ActionJob) -> Self {
        Self { action: Some(action), in_ci: true, ..self }
    }

    /// Whether there is a program that may be executed: at this path, or of this name in `PATH`.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn finds(program: &OsStr) -> bool {
        let runs = |path: &Path| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
        if program.as_encoded_bytes().contains(&b'/') {
            return runs(Path::new(program));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        !program.is_empty() && std::env::split_paths(&path).any(|directory| runs(&directory.join(program)))
    }

    /// Whether this is a CodeBuild build.
    pub fn in_build(&self) -> bool {
        self.build_id.is_some()
    }

    /// Whether GitHub Actions runs this: then CodeBuild does not say whether the job goes well.
    pub fn in_workflow(&self) -> bool {
        self.github.is_some()
    }

    /// The build or the job that deploys, which is the same where an action is delivered twice.
    pub fn job(&self) -> Option<String> {
        self.build_facts().id
    }

    /// What says that this is a build of an open pull request, if it is one.
    pub fn pull_request(&self) -> Option<&str> {
        let webhook = ["PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED"];
        let webhook = self.webhook_event.as_deref().filter(|event| webhook.contains(event));
        webhook.or_else(|| self.github.as_ref()?.event.as_deref().filter(|event| event.starts_with("pull_request")))
    }

    /// The build that this is, as people find it.
    fn build_facts(&self) -> Build {
        let github = self.github.as_ref();
        if let Some(ActionJob { id, url, .. }) = &self.action {
            return Build { id: Some(id.clone()), url: url.clone(), ..Build::default() };
        }
        if self.in_build() {
            let person = self.initiator.clone().filter(|initiator| !initiator.starts_with("codepipeline/"));
            return Build {
                id: self.build_id.clone(),
                url: self.build_url.clone(),
                number: self.build_number.clone(),
                // The runner of a workflow is started by GitHub, and the workflow by a person.
                actor: github.and_then(|github| github.actor.clone()).or(person),
                ..Build::default()
            };
        }
        github.map_or_else(|| Build { actor: self.user.clone(), ..Build::default() }, GitHub::facts)
    }

    /// `SHIPMARK_CANDIDATE`: what an earlier stage of the pipeline decided or built, and this one deploys.
    ///
    /// # Errors
    /// It is set but empty: whatever should have handed it on has failed, and to decide anew here would deploy past the
    /// gate of the deploy stage.
    pub fn candidate(&self) -> Result<Option<&str>, Failure> {
        match self.candidate.as_deref() {
            Some(value) if value.trim().is_empty() => Err(empty("SHIPMARK_CANDIDATE")),
            value => Ok(value),
        }
    }

    /// The current build, with the execution from the flag or `SHIPMARK_EXECUTION`.
    ///
    /// # Errors
    /// The flag is empty.
    pub fn build(&self, execution: Option<&str>) -> Result<Build, Failure> {
        let execution = given("--execution", execution)?.map(str::to_owned).or_else(|| self.execution.clone());
        Ok(Build { execution, ..self.build_facts() })
    }
}

impl GitHub {
    fn facts(&self) -> Build {
        let parts = self.server.as_ref().zip(self.repository.as_ref()).zip(self.run.as_ref());
        let attempt = self.attempt.as_deref().unwrap_or("1");
        Build {
            id: self.run.as_ref().map(|run| format!("{run}-{attempt}")),
            url: parts.map(|((server, repository), run)| format!("{server}/{repository}/actions/runs/{run}")),
            actor: self.actor.clone(),
            number: self.number.clone(),
            ..Build::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(variables: &[(&str, &str)]) -> Build {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        Environment::of(variable).unwrap().build_facts()
    }

    #[test]
    fn a_build_is_found_by_its_page_and_who_started_it() {
        let build =
            [("CODEBUILD_BUILD_ID", "web:1"), ("CODEBUILD_BUILD_URL", "https://x/y"), ("CODEBUILD_INITIATOR", "ann")];
        let by = |actor: Option<&str>| Build {
            id: Some("web:1".to_owned()),
            url: Some("https://x/y".to_owned()),
            actor: actor.map(str::to_owned),
            ..Build::default()
        };
        assert_eq!(facts(&build), by(Some("ann")));
        let with = |name, value| facts(&[&build[..2], &[(name, value)]].concat());
        assert_eq!(with("CODEBUILD_INITIATOR", "codepipeline/shop"), by(None));
        let run = [("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", "bob"), ("GITHUB_RUN_ID", "9"), ("USER", "runner")];
        assert_eq!(facts(&[&build[..], &run].concat()), by(Some("bob")));
        let place = [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "o/r")];
        let told = facts(&[&run[..], &place].concat());
        assert_eq!(told.url.as_deref(), Some("https://github.com/o/r/actions/runs/9"));
        assert_eq!((told.id.as_deref(), told.actor.as_deref()), (Some("9-1"), Some("bob")));
        assert_eq!(facts(&[("USER", "ann")]).actor.as_deref(), Some("ann"));
    }
}
