//! Stand-ins for what is around the function: Lambda's runtime interface with its retries, CodePipeline's calls with their documented
//! limits, and the bucket of the artifacts, which only the event's credentials open.
//!
//! What AWS does not document is invented: that a second answer for a job is refused with InvalidJobStateException.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{Asked, Told, serve};
use super::sigv4::signer;

/// The function's own access key, and that of the events, which opens the bucket and nothing else; with their secrets.
pub(super) const FUNCTION: (&str, &str) = ("AKIAFUNCTION", "function-secret");
pub(super) const EVENT: (&str, &str) = ("ASIAEVENT", "event-secret");
pub(super) const PIPELINE: &str = "arn:aws:codepipeline:eu-west-1:123456789012:shop";

/// The most that the variables of an action may take: "Quotas in AWS CodePipeline".
const MOST_BYTES: usize = 122_880;

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(120);

/// What CodePipeline knows of a job.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    Open,
    Succeeded(Value),
    Failed { kind: String, message: String },
}

/// What Lambda was told of an event.
pub(super) type Outcome = Result<String, String>;

#[derive(Default)]
pub(super) struct Inside {
    events: VecDeque<(String, String, i64)>,
    results: BTreeMap<String, Outcome>,
    pub(super) jobs: BTreeMap<String, State>,
    pub(super) artifacts: BTreeMap<String, Vec<u8>>,
    /// The operations of CodePipeline in their order.
    pub(super) calls: Vec<String>,
    pub(super) started: Vec<Value>,
    /// What was against AWS's rules.
    pub(super) breaches: Vec<String>,
    /// Faults: operations that are denied, whose connection is cut so many times, and what else.
    pub(super) denied: BTreeSet<&'static str>,
    pub(super) cut: BTreeMap<&'static str, usize>,
    pub(super) refuse_variables: bool,
    pub(super) expired: bool,
    /// The bucket does not answer.
    pub(super) stalled: bool,
    /// How many requests the bucket has seen.
    pub(super) fetches: usize,
}

#[derive(Clone)]
pub(super) struct Rig {
    shared: Arc<(Mutex<Inside>, Condvar)>,
    pub(super) address: String,
}

impl Rig {
    pub(super) fn new() -> Self {
        let shared = Arc::new((Mutex::new(Inside::default()), Condvar::new()));
        let own = Self { shared, address: String::new() };
        let serving = own.clone();
        Self { address: serve(move |asked| serving.answer(&asked)), ..own }
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.shared.0.lock().unwrap()
    }

    /// Waits until something holds.
    pub(super) fn until(&self, what: &str, holds: impl Fn(&Inside) -> bool) {
        let waited = self.shared.1.wait_timeout_while(self.inside(), PATIENCE, |inside| !holds(inside)).unwrap();
        let timed_out = waited.1.timed_out();
        drop(waited);
        assert!(!timed_out, "{what} does not come");
    }

    /// Lambda has an event for the function, which may take so long.
    pub(super) fn send(&self, request: &str, event: &Value, limit: Duration) {
        let deadline = jiff::Timestamp::now().as_millisecond() + i64::try_from(limit.as_millis()).unwrap();
        let mut inside = self.inside();
        inside.results.remove(request);
        inside.events.push_back((request.to_owned(), event.to_string(), deadline));
        drop(inside);
        self.shared.1.notify_all();
    }

    /// What Lambda was told of it.
    pub(super) fn result(&self, request: &str) -> Outcome {
        self.until("a result", |inside| inside.results.contains_key(request));
        self.inside().results[request].clone()
    }

    /// Sends it as an asynchronous invocation: twice more if it fails.
    pub(super) fn deliver(&self, request: &str, event: &Value) -> Vec<Outcome> {
        let mut told = Vec::new();
        while told.len() < 3 && !told.last().is_some_and(Result::is_ok) {
            self.send(request, event, Duration::from_secs(60));
            told.push(self.result(request));
        }
        told
    }

    fn answer(&self, asked: &Asked) -> Option<Told> {
        let told = if let Some(path) = asked.target.strip_prefix("/2018-06-01/runtime/") {
            Some(self.runtime(asked, path))
        } else if asked.headers.contains_key("x-amz-target") {
            self.codepipeline(asked)
        } else {
            self.bucket(asked)
        };
        self.shared.1.notify_all();
        told
    }

    fn runtime(&self, asked: &Asked, path: &str) -> Told {
        if path == "invocation/next" {
            let waiting = self.shared.1.wait_while(self.inside(), |inside| inside.events.is_empty());
            let (request, event, deadline) = waiting.unwrap().events.pop_front().unwrap();
            let headers =
                vec![("Lambda-Runtime-Aws-Request-Id", request), ("Lambda-Runtime-Deadline-Ms", deadline.to_string())];
            return Told { headers, ..Told::new(200, event) };
        }
        let [_, request, what] = path.split('/').collect::<Vec<_>>()[..] else { return Told::new(404, "") };
        let body = String::from_utf8(asked.body.clone()).unwrap();
        self.inside().results.insert(request.to_owned(), if what == "response" { Ok(body) } else { Err(body) });
        Told::new(202, "")
    }

    fn codepipeline(&self, asked: &Asked) -> Option<Told> {
        let refused = |status, code: &str, message: &str| {
            Some(Told::new(
                status,
                json!({ "__type": format!("com.amazonaws#{code}"), "message": message }).to_string(),
            ))
        };
        let operation = asked.headers["x-amz-target"].strip_prefix("CodePipeline_20150709.").unwrap().to_owned();
        let mut inside = self.inside();
        inside.calls.push(operation.clone());
        let secret = |key: &str| (key == FUNCTION.0).then_some(FUNCTION.1);
        match signer(&asked.headers, &asked.target, &asked.body, secret) {
            Ok((_, service)) if service == "codepipeline" => {}
            other => {
                inside.breaches.push(format!("{operation}: {other:?}"));
                return refused(403, "InvalidSignatureException", "wrong");
            }
        }
        if let Some(left) = inside.cut.get_mut(operation.as_str()).filter(|left| **left > 0) {
            *left -= 1;
            return None;
        }
        if inside.denied.contains(operation.as_str()) {
            return refused(400, "AccessDeniedException", "not authorized");
        }
        let body: Value = serde_json::from_slice(&asked.body).unwrap();
        let job = body["jobId"].as_str().unwrap_or_default().to_owned();
        match operation.as_str() {
            "GetJobDetails" => {
                let context = json!({ "pipelineName": "shop", "pipelineArn": PIPELINE, "pipelineExecutionId": format!("e-{job}") });
                let credentials = json!({ "secretAccessKey": EVENT.1 });
                let data = json!({ "pipelineContext": context, "artifactCredentials": credentials });
                Some(Told::new(200, json!({ "jobDetails": { "id": job, "data": data } }).to_string()))
            }
            "PutJobSuccessResult" | "PutJobFailureResult" => {
                match inside.jobs.get(&job) {
                    None => return refused(400, "JobNotFoundException", "no such job"),
                    Some(State::Open) => {}
                    Some(_) => return refused(400, "InvalidJobStateException", "it has ended"),
                }
                let (state, wrong) = if operation == "PutJobSuccessResult" {
                    if inside.refuse_variables {
                        return refused(400, "OutputVariablesSizeExceededException", "too large");
                    }
                    (State::Succeeded(body["outputVariables"].clone()), success_breach(&body))
                } else {
                    let text = |name: &str| body["failureDetails"][name].as_str().unwrap_or_default().to_owned();
                    (State::Failed { kind: text("type"), message: text("message") }, failure_breach(&body))
                };
                if let Some(wrong) = wrong {
                    inside.breaches.push(wrong.clone());
                    return refused(400, "ValidationException", &wrong);
                }
                inside.jobs.insert(job, state);
                Some(Told::new(200, "{}"))
            }
            "StartPipelineExecution" => {
                let token = &body["clientRequestToken"];
                let at = inside.started.iter().position(|started| started["clientRequestToken"] == *token);
                let at = at.unwrap_or_else(|| {
                    inside.started.push(body.clone());
                    inside.started.len() - 1
                });
                Some(Told::new(200, json!({ "pipelineExecutionId": format!("x-{at}") }).to_string()))
            }
            _ => refused(400, "UnknownOperationException", "unknown"),
        }
    }

    fn bucket(&self, asked: &Asked) -> Option<Told> {
        let mut inside = self.inside();
        inside.fetches += 1;
        drop(inside);
        self.shared.1.notify_all();
        let inside = self.shared.1.wait_while(self.inside(), |inside| inside.stalled).unwrap();
        let refused = |status, code: &str| {
            Some(Told::new(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>")))
        };
        let authorization = asked.headers.get("authorization").map(String::as_str).unwrap_or_default();
        if !authorization.contains(&format!("Credential={}/", EVENT.0)) || asked.method != "GET" {
            return refused(403, "AccessDenied");
        }
        if inside.expired {
            return refused(400, "ExpiredToken");
        }
        let path = asked.target.split('?').next().unwrap();
        match inside.artifacts.get(path) {
            Some(bytes) => Some(Told::new(200, bytes.clone())),
            None => refused(404, "NoSuchKey"),
        }
    }
}

fn success_breach(body: &Value) -> Option<String> {
    let mut bytes = 0;
    for (name, value) in body["outputVariables"].as_object().unwrap() {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@-_".contains(&byte);
        if name.is_empty() || !name.bytes().all(plain) {
            return Some(format!("the name {name}"));
        }
        match value.as_str() {
            // An empty value is allowed, and what a condition makes of it is not documented.
            Some(text) if !text.is_empty() => bytes += name.len() + text.len(),
            _ => return Some(format!("the value of {name}: {value}")),
        }
    }
    let summary = body["executionDetails"]["summary"].as_str().unwrap_or_default();
    (bytes > MOST_BYTES || summary.chars().count() > 2048).then(|| "too long".to_owned())
}

fn failure_breach(body: &Value) -> Option<String> {
    let details = &body["failureDetails"];
    let kinds = [
        "JobFailed",
        "ConfigurationError",
        "PermissionError",
        "RevisionOutOfSync",
        "RevisionUnavailable",
        "SystemUnavailable",
    ];
    let length = details["message"].as_str().unwrap_or_default().chars().count();
    let wrong = !kinds.contains(&details["type"].as_str().unwrap_or_default()) || !(1..=5000).contains(&length);
    wrong.then(|| format!("the failure {details}"))
}
