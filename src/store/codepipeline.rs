//! CodePipeline, as far as an action of a pipeline needs it: its calls are AWS JSON 1.1 over HTTP, signed here, since the SDK's client
//! for the same would be a third of a megabyte.
//! <https://docs.aws.amazon.com/codepipeline/latest/APIReference/Welcome.html>

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::error::{ErrorMetadata, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::SdkBody;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::http::Response;
use serde_json::{Value, json};

use super::StoreError;
use super::budget::Budget;
use super::cloud::{Cloud, CloudProblem, from_credentials, problem};
use super::url::StoreAccess;

/// The name that requests are signed for, and the beginning of the host's.
const SERVICE: &str = "codepipeline";

/// The version of the interface, before the name of an operation.
const TARGET: &str = "CodePipeline_20150709";

/// CodePipeline in one region.
#[derive(Debug)]
pub struct CodePipeline {
    cloud: Cloud<Signer>,
}

/// Where a job belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobDetails {
    /// The ARN of its pipeline.
    pub pipeline: Option<String>,
    /// The id of its execution.
    pub execution: Option<String>,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It was taken.
    Taken,
    /// The job has been answered before, or has ended: this delivery of it was not the first.
    Late,
    /// It was refused, for this reason: the job still has no answer.
    Refused(String),
}

/// An execution to start.
#[derive(Debug, Clone, PartialEq)]
pub struct NewExecution {
    /// The pipeline's name.
    pub pipeline: String,
    /// The same execution is meant where this is the same.
    pub token: String,
    /// The pipeline's variables.
    pub variables: Vec<(String, String)>,
    /// The revisions that its source actions take: action, type and value.
    pub revisions: Vec<(String, String, String)>,
}

impl CodePipeline {
    /// Does not ask anything yet. The region and the endpoint are those of the standard chain unless they are given.
    pub fn new(region: Option<String>, endpoint: Option<String>, budget: Budget) -> Self {
        let reach = StoreAccess { region, endpoint };
        Self { cloud: Cloud::new("CodePipeline".to_owned(), reach, budget, Signer::new) }
    }

    /// Where a job belongs. Its credentials are not kept.
    ///
    /// # Errors
    /// CodePipeline does not answer, or does not say.
    pub fn job_details(&self, job: &str) -> Result<JobDetails, StoreError> {
        let body = json!({ "jobId": job });
        let answer =
            self.cloud.run("ask for a job's details", async |signer| signer.call("GetJobDetails", &body).await)?;
        let context = &answer["jobDetails"]["data"]["pipelineContext"];
        let text = |name: &str| context[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(JobDetails { pipeline: text("pipelineArn"), execution: text("pipelineExecutionId") })
    }

    /// The job is done, with these variables.
    ///
    /// # Errors
    /// CodePipeline does not answer.
    pub fn succeed(&self, job: &str, variables: &Value, summary: &str) -> Result<Answered, StoreError> {
        let details = json!({ "summary": summary });
        let body = json!({ "jobId": job, "outputVariables": variables, "executionDetails": details });
        self.answer("report a success", "PutJobSuccessResult", &body)
    }

    /// The job has failed. `kind` is one of CodePipeline's types of failure.
    ///
    /// # Errors
    /// CodePipeline does not answer.
    pub fn fail(&self, job: &str, kind: &str, message: &str) -> Result<Answered, StoreError> {
        let body = json!({ "jobId": job, "failureDetails": { "type": kind, "message": message } });
        self.answer("report a failure", "PutJobFailureResult", &body)
    }

    /// Starts an execution, and gives its id.
    ///
    /// # Errors
    /// CodePipeline refuses, or does not answer.
    pub fn start(&self, start: &NewExecution) -> Result<String, StoreError> {
        let variables: Vec<Value> =
            start.variables.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let revision = |(action, kind, value): &(String, String, String)| json!({ "actionName": action, "revisionType": kind, "revisionValue": value });
        let revisions: Vec<Value> = start.revisions.iter().map(revision).collect();
        let body = json!({
            "name": start.pipeline,
            "clientRequestToken": start.token,
            "variables": variables,
            "sourceRevisions": revisions,
        });
        let verb = "start an execution";
        let answer = self.cloud.run(verb, async |signer| signer.call("StartPipelineExecution", &body).await)?;
        let id = answer["pipelineExecutionId"].as_str();
        id.map(str::to_owned).ok_or_else(|| {
            let text = "it names no execution".to_owned();
            self.cloud.failed(verb, CloudProblem::NoAnswer(text))
        })
    }

    fn answer(&self, verb: &'static str, operation: &'static str, body: &Value) -> Result<Answered, StoreError> {
        self.cloud.run(verb, async |signer| match signer.send(operation, body).await? {
            Ok(_) => Ok(Answered::Taken),
            Err(error) => match error.as_service_error().and_then(Refusal::code).unwrap_or_default() {
                // The documentation names no other error for a second answer.
                "InvalidJobStateException" | "JobNotFoundException" => Ok(Answered::Late),
                code @ ("OutputVariablesSizeExceededException" | "ValidationException") => {
                    let message = error.as_service_error().and_then(Refusal::message).unwrap_or_default();
                    Ok(Answered::Refused(format!("{code}: {message}")))
                }
                _ => Err(problem(&error)),
            },
        })
    }
}

/// Sends signed requests.
#[derive(Debug)]
struct Signer {
    config: SdkConfig,
    endpoint: Option<String>,
}

/// What CodePipeline says where it refuses a request.
#[derive(Debug)]
struct Refusal(ErrorMetadata);

impl Refusal {
    fn code(&self) -> Option<&str> {
        self.0.code()
    }

    fn message(&self) -> Option<&str> {
        self.0.message()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

type Sent = Result<Value, SdkError<Refusal, Response>>;

impl Signer {
    fn new(config: &SdkConfig, endpoint: Option<&str>) -> Self {
        Self { config: config.clone(), endpoint: endpoint.map(str::to_owned) }
    }

    async fn call(&self, operation: &'static str, body: &Value) -> Result<Value, CloudProblem> {
        self.send(operation, body).await?.map_err(|error| problem(&error))
    }

    /// # Errors
    /// The request cannot be made, which is another thing than a refusal.
    async fn send(&self, operation: &'static str, body: &Value) -> Result<Sent, CloudProblem> {
        let request = self.signed(operation, body).await?;
        let machine = || CloudProblem::Machine("its client is incomplete".to_owned());
        let mut builder = Operation::builder()
            .service_name(SERVICE)
            .operation_name(operation)
            .http_client(self.config.http_client().ok_or_else(machine)?)
            .endpoint_url(&self.address()?)
            .no_auth()
            // `Cloud` tries again.
            .no_retry();
        if let Some(timeouts) = self.config.timeout_config() {
            builder = builder.timeout_config(timeouts.clone());
        }
        let operation = builder
            .serializer(move |(): ()| request.try_clone().ok_or_else(|| "a body that is gone".into()))
            .deserializer(read)
            .build();
        Ok(operation.invoke(()).await)
    }

    fn address(&self) -> Result<String, CloudProblem> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let region = self.config.region().ok_or(CloudProblem::NoRegion)?;
        let suffix = if region.as_ref().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        Ok(format!("https://{SERVICE}.{region}.{suffix}"))
    }

    async fn signed(&self, operation: &str, body: &Value) -> Result<HttpRequest, CloudProblem> {
        let none = || CloudProblem::NoCredentials("none of the usual places has any".to_owned());
        let provider = self.config.credentials_provider().ok_or_else(none)?;
        let credentials = provider.provide_credentials().await.map_err(|error| from_credentials(&error))?;
        let identity = Identity::from(credentials);
        let region = self.config.region().ok_or(CloudProblem::NoRegion)?;
        let unsigned = |cause: &dyn std::fmt::Display| CloudProblem::Machine(format!("it cannot sign: {cause}"));
        let clock = self.config.time_source().ok_or_else(|| unsigned(&"there is no clock"))?;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region.as_ref())
            .name(SERVICE)
            .time(clock.now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|cause| unsigned(&cause))?
            .into();
        let address = format!("{}/", self.address()?.trim_end_matches('/'));
        let bytes = body.to_string();
        let target = format!("{TARGET}.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let signable = SignableBody::Bytes(bytes.as_bytes());
        let signable = SignableRequest::new("POST", address.as_str(), headers.into_iter(), signable);
        let signable = signable.map_err(|cause| unsigned(&cause))?;
        let (signature, _) = sign(signable, &params).map_err(|cause| unsigned(&cause))?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(bytes.as_str()));
        request.set_method("POST").map_err(|cause| unsigned(&cause))?;
        request.set_uri("/").map_err(|cause| unsigned(&cause))?;
        for (name, value) in headers {
            request.headers_mut().insert(name, value.to_owned());
        }
        for (name, value) in signature.headers() {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        request.headers_mut().insert("content-length", bytes.len().to_string());
        Ok(request)
    }
}

/// The answer; an error's code is in `__type`, behind a namespace.
fn read(response: &HttpResponse) -> Result<Value, OrchestratorError<Refusal>> {
    let bytes = response.body().bytes().unwrap_or_default();
    let answer: Value = serde_json::from_slice(bytes).unwrap_or_default();
    if response.status().is_success() {
        return Ok(answer);
    }
    let mut said = ErrorMetadata::builder();
    if let Some(code) = answer["__type"].as_str() {
        said = said.code(code.rsplit('#').next().unwrap_or(code));
    }
    if let Some(message) = answer["message"].as_str().or_else(|| answer["Message"].as_str()) {
        said = said.message(message);
    }
    Err(OrchestratorError::operation(Refusal(said.build())))
}
