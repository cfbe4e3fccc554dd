//! The work of one event, in a process of its own: reads the event, does it, and hands the answer on.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::answer::JobAnswer;
use super::event::{self, FunctionEvent, PipelineJob};
use super::request::{ActionRequest, DecideRequest, StartRequest, Verb};
use crate::app::cli::{Color, Deciding, Global, LogFormat};
use crate::app::commands::action;
use crate::app::report::Reporter;
use crate::app::settings::{ActionJob, Environment, Settings};
use crate::base::failure::Failure;
use crate::base::fingerprint::hex;
use crate::protocol::engine::mark::AttemptId;
use crate::store::{Budget, CodePipeline, JobDetails};

/// How long CodePipeline may take to say where a job belongs, and to start an execution.
const ASKING: std::time::Duration = std::time::Duration::from_secs(10);

/// The longest value of a pipeline's variable:
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineVariable.html>
const LONGEST_VARIABLE: usize = 1000;

/// Does the work of the event on standard input, and writes the answer to standard output.
///
/// # Errors
/// The event cannot be read, or the answer cannot be written.
pub(super) fn work(environment: Environment, reporter: Reporter) -> Result<(), Failure> {
    be_the_first_to_end();
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(Failure::other)?;
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let request = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let done = event::read(&request, bytes.get(at + 1..).unwrap_or_default());
    drop(bytes);
    let done = done.and_then(|event| {
        let request = ActionRequest::read(&event.request)?;
        Action { environment, reporter, event, request }.act()
    });
    let answer = match &done {
        Ok((variables, summary)) => JobAnswer::done(variables.clone(), summary),
        Err(failure) => JobAnswer::from(failure),
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(answer.encode().as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::other)
}

/// If the memory is used up, this process is to end, and not the one that reports it. Where Linux does not take the advice, the
/// size of the process decides, which is as good.
fn be_the_first_to_end() {
    let advice = File::options().write(true).open("/proc/self/oom_score_adj");
    let _ = advice.and_then(|mut file| file.write_all(b"1000"));
}

/// Variables, and what was done, for people.
type Done = (Vec<(String, String)>, String);

struct Action {
    environment: Environment,
    reporter: Reporter,
    event: FunctionEvent,
    request: ActionRequest,
}

impl Action {
    fn act(self) -> Result<Done, Failure> {
        match &self.request.verb {
            Verb::Decide(decide) => self.decide(decide),
            Verb::Begin(candidate) => {
                action::begin(&self.settings()?, self.reporter, candidate)?;
                Ok(nothing("the deploy begins"))
            }
            Verb::Promote { candidate, outputs, failed } => {
                let execution = self.request.execution.as_deref();
                action::promote(&self.settings()?, self.reporter, candidate, execution, outputs.clone(), *failed)?;
                Ok(nothing(if *failed { "the deploy has failed" } else { "the deploy is recorded" }))
            }
            Verb::Confirm(candidate) => {
                action::confirm(&self.settings()?, self.reporter, candidate)?;
                Ok(nothing("each skip still holds, and what was to be built has begun"))
            }
            Verb::Start(start) => self.start(start),
            Verb::Taint { services, reason } => {
                // The same event of EventBridge, which may come twice, is one taint.
                let id = self.event.request["id"].as_str().filter(|_| self.event.job.is_none());
                let settings = self.settings()?.of_call(self.call(id.unwrap_or(&self.event.id)));
                action::taint(&settings, self.reporter, services, reason)?;
                Ok(nothing("tainted"))
            }
            Verb::Nothing => Err(Failure::request("nothing was asked for")),
        }
    }

    fn decide(&self, decide: &DecideRequest) -> Result<Done, Failure> {
        let details = self.details();
        let execution = self.request.execution.clone().or(details.execution);
        let home = self.pipeline().or(details.pipeline);
        let job = ActionJob {
            url: home.as_deref().zip(execution.as_deref()).and_then(|(home, execution)| page(home, execution)),
            variables: decide.env.clone(),
            id: self.event.id.clone(),
        };
        let environment = self.environment.clone().doing(job);
        let mut global = self.global(home);
        let settings = match (&self.event.job, &decide.source) {
            (Some(_), Some(_)) => {
                let text = "`source` is for requests that are no job: a job's source is its input artifact";
                return Err(Failure::request(text).hint("leave it out"));
            }
            (Some(job), None) => self.settings_of(job, &global, environment)?,
            (None, Some(source)) => {
                global.source = Some(PathBuf::from(source));
                Settings::new(&global, false, environment)?
            }
            (None, None) => {
                return Err(
                    Failure::request("the request names no `source`").hint("add \"source\":\"s3://BUCKET/KEY\"")
                );
            }
        };
        let deciding = Deciding {
            revision: decide.revision.clone(),
            force: decide.force.clone(),
            execution,
            extra: decide.extra.clone(),
            verify: None,
            ticket: None,
        };
        // Where a request that is no job is repeated, its source may have been replaced meanwhile.
        let settings = if self.event.job.is_some() { settings.of_call(self.call(&self.event.id)) } else { settings };
        let variables = action::decide(&settings, self.reporter, &decide.services, &deciding)?;
        let builds = variables.iter().find(|(name, _)| name == "BUILD_SERVICES").map(|(_, value)| value.as_str());
        let summary = format!("to build: {}", builds.unwrap_or("none"));
        Ok((variables, summary))
    }

    fn settings_of(&self, job: &PipelineJob, global: &Global, environment: Environment) -> Result<Settings, Failure> {
        let [artifact] = job.artifacts.as_slice() else {
            let text = format!("the action has {} input artifacts, and its source is one", job.artifacts.len());
            return Err(Failure::request(text).hint("give the action the artifact of the source action, and no other"));
        };
        let settings = Settings::of_artifact(global, environment, artifact)?;
        if settings.source.is_reference() {
            let failure = Failure::request("the input artifact is a reference to a repository, not the source");
            return Err(failure.hint("set OutputArtifactFormat of the source action to CODE_ZIP"));
        }
        Ok(settings)
    }

    fn start(&self, start: &StartRequest) -> Result<Done, Failure> {
        if !start.pipelines.contains("{service}") {
            let text = "`pipelines` has no {service} in it: all services would be one pipeline's";
            return Err(Failure::request(text).hint("write it as \"shop-{service}\""));
        }
        let wanted = action::to_start(&self.settings()?, self.reporter, &start.candidate)?;
        if let Some(long) = wanted.iter().find(|one| one.value.len() > LONGEST_VARIABLE) {
            let text = format!("the candidate of `{}` is longer than a pipeline's variable may be", long.service);
            return Err(Failure::request(text).hint("it redeploys too many services for a pipeline of its own"));
        }
        let pipeline = self.codepipeline();
        let mut variables = Vec::new();
        let mut names = Vec::new();
        for one in &wanted {
            let service = one.service.to_string();
            let revision =
                |(action, commit): (&String, &String)| (action.clone(), "COMMIT_ID".to_owned(), commit.clone());
            let start = crate::store::NewExecution {
                pipeline: start.pipelines.replace("{service}", &service),
                // A retry of this action starts nothing twice, nor does a second delivery.
                token: hex(&Sha256::digest(format!("{} {}", one.service, one.id))[..16]),
                variables: vec![
                    ("SERVICE".to_owned(), service.clone()),
                    ("SHIPMARK_CANDIDATE".to_owned(), one.value.clone()),
                ],
                revisions: start.revisions.iter().map(revision).collect(),
            };
            let execution = pipeline.start(&start).map_err(|error| {
                Failure::other(error)
                    .hint(format!("`{}` and what comes after it was not started: retry the stage", start.pipeline))
            })?;
            self.reporter.say(&format!("{service}: {} was started: {execution}", start.pipeline));
            variables.push((format!("EXECUTION_{}", one.service.variable()), execution));
            names.push(service);
        }
        let names = if names.is_empty() { "none".to_owned() } else { names.join(" ") };
        let summary = format!("started: {names}");
        variables.push(("STARTED_SERVICES".to_owned(), names));
        Ok((variables, summary))
    }

    /// For what needs neither source nor map.
    fn settings(&self) -> Result<Settings, Failure> {
        let job = ActionJob { id: self.event.id.clone(), ..ActionJob::default() };
        Settings::new(&self.global(None), true, self.environment.clone().doing(job))
    }

    fn global(&self, pipeline: Option<String>) -> Global {
        let ActionRequest { environment, project, state, config, .. } = &self.request;
        Global {
            config: config.as_ref().map(PathBuf::from),
            project: project.clone(),
            state: state.clone(),
            environment: environment.iter().cloned().collect(),
            pipeline,
            source: None,
            timeout: None,
            log_format: LogFormat::Text,
            verbose: 0,
            quiet: false,
            color: Color::Never,
        }
    }

    /// The pipeline that the request names, as an ARN where account and region are known: so it is the home of its builds too.
    fn pipeline(&self) -> Option<String> {
        let name = self.request.pipeline.as_deref()?;
        let account = self.event.job.as_ref().and_then(|job| job.account.as_deref());
        Some(match account.zip(self.environment.region.as_deref()) {
            Some((account, region)) if !name.contains(':') => format!("arn:aws:codepipeline:{region}:{account}:{name}"),
            _ => name.to_owned(),
        })
    }

    /// Where the job belongs, unless the request says. If it cannot be known, only more is built.
    fn details(&self) -> JobDetails {
        if self.event.job.is_none() || (self.request.pipeline.is_some() && self.request.execution.is_some()) {
            return JobDetails::default();
        }
        self.codepipeline().job_details(&self.event.id).unwrap_or_else(|error| {
            let error = crate::base::failure::chain(&error);
            self.reporter.warn(&format!("{error} (or add \"pipeline\" and \"execution\" to UserParameters)"));
            JobDetails::default()
        })
    }

    fn codepipeline(&self) -> CodePipeline {
        let Environment { region, pipeline_endpoint, .. } = &self.environment;
        CodePipeline::new(region.clone(), pipeline_endpoint.clone(), Budget::new(ASKING))
    }

    /// The id of the call: the same in each delivery of the event.
    fn call(&self, id: &str) -> AttemptId {
        let expires = self.event.job.as_ref().and_then(|job| job.expires).unwrap_or_default();
        let time = jiff::Timestamp::from_millisecond(expires).unwrap_or_default();
        AttemptId::new(time, 0).derive(&["job", id])
    }
}

fn nothing(summary: &str) -> Done {
    (Vec::new(), summary.to_owned())
}

/// The page of an execution in the console.
fn page(pipeline: &str, execution: &str) -> Option<String> {
    let mut parts = pipeline.split(':').skip(3);
    let (region, _, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!(
        "https://{region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/{name}/executions/{execution}/timeline"
    ))
}
