//! Events: jobs of CodePipeline, and requests as they are.
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html>

use serde::Deserialize;
use serde_json::Value;

use crate::base::failure::Failure;
use crate::store::Artifact;

/// What was asked for, and in whose name.
pub(super) struct FunctionEvent {
    /// The id of the job, or the one under which Lambda gives a request: the same where it is delivered again.
    pub(super) id: String,
    /// The request.
    pub(super) request: Value,
    /// The job that it comes from.
    pub(super) job: Option<PipelineJob>,
}

/// A job of CodePipeline.
pub(super) struct PipelineJob {
    /// The account of the pipeline.
    pub(super) account: Option<String>,
    /// The source artifacts.
    pub(super) artifacts: Vec<Artifact>,
    /// When its credentials expire, in milliseconds since 1970: the same in each delivery.
    pub(super) expires: Option<i64>,
}

#[derive(Deserialize)]
struct Whole {
    #[serde(rename = "CodePipeline.job")]
    job: JobEvent,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobEvent {
    id: String,
    account_id: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    action_configuration: ActionConfiguration,
    #[serde(default)]
    input_artifacts: Vec<InputArtifact>,
    artifact_credentials: Option<SessionKeys>,
}

#[derive(Deserialize)]
struct ActionConfiguration {
    configuration: Configuration,
}

#[derive(Deserialize)]
struct Configuration {
    #[serde(rename = "UserParameters", default)]
    parameters: String,
}

#[derive(Deserialize)]
struct InputArtifact {
    location: Location,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    s3_location: Object,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    bucket_name: String,
    object_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionKeys {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration_time: Option<i64>,
}

/// The id of the job that an event is; `None` for another event.
///
/// # Errors
/// It is not an event: nobody can be answered.
pub(super) fn job_id(bytes: &[u8]) -> Result<Option<String>, String> {
    let whole: Value = serde_json::from_slice(bytes).map_err(|_| "the event is not JSON".to_owned())?;
    match whole.get("CodePipeline.job").map(|job| &job["id"]) {
        None => Ok(None),
        Some(Value::String(id)) if !id.is_empty() => Ok(Some(id.clone())),
        Some(_) => Err("the job of the event has no id".to_owned()),
    }
}

/// Reads an event. `request` is the id under which Lambda gives it. What is wrong is said without quoting from it.
///
/// # Errors
/// It is not what CodePipeline sends, or its request is not JSON.
pub(super) fn read(request: &str, bytes: &[u8]) -> Result<FunctionEvent, Failure> {
    if job_id(bytes).map_err(Failure::request)?.is_none() {
        let request_value: Value = serde_json::from_slice(bytes).map_err(|_| unlike())?;
        return Ok(FunctionEvent { id: request.to_owned(), request: request_value, job: None });
    }
    let Whole { job: JobEvent { id, account_id, data } } = serde_json::from_slice(bytes).map_err(|_| unlike())?;
    let parameters = data.action_configuration.configuration.parameters;
    let request = serde_json::from_str(&parameters).map_err(|cause| {
        Failure::request(format!("UserParameters is not JSON: {cause}"))
            .hint("write {\"do\":\"decide\",\"environment\":\"NAME\"}; a quote in a variable, as of a commit message, breaks it")
    })?;
    let keys = data.artifact_credentials;
    let artifact = |InputArtifact { location: Location { s3_location: object } }| {
        let artifact = Artifact::new(object.bucket_name, object.object_key);
        match &keys {
            Some(keys) => {
                artifact.with_credentials(&keys.access_key_id, &keys.secret_access_key, keys.session_token.as_deref())
            }
            None => artifact,
        }
    };
    let artifacts = data.input_artifacts.into_iter().map(artifact).collect();
    let expires = keys.as_ref().and_then(|keys| keys.expiration_time);
    Ok(FunctionEvent { id, request, job: Some(PipelineJob { account: account_id, artifacts, expires }) })
}

fn unlike() -> Failure {
    Failure::request("the event is not what CodePipeline sends to a Lambda action")
}
