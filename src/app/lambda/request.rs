//! What an action asks for: the JSON of its UserParameters. A key that is not known is refused: it may be a slip in one that matters.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::failure::Failure;
use crate::base::text::{did_you_mean, list, printable};

/// A request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ActionRequest {
    pub(super) verb: Verb,
    /// As the flags of the same names.
    pub(super) environment: Option<String>,
    pub(super) project: Option<String>,
    pub(super) state: Option<String>,
    pub(super) config: Option<String>,
    /// The pipeline whose deploys these are, where CodePipeline does not say.
    pub(super) pipeline: Option<String>,
    pub(super) execution: Option<String>,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Verb {
    /// DecideRequest and stage.
    Decide(DecideRequest),
    /// A deploy begins.
    Begin(String),
    /// A deploy is done, or has failed.
    Promote {
        /// The value of its service.
        candidate: String,
        /// `[SERVICE:]NAME=VALUE`.
        outputs: Vec<String>,
        failed: bool,
    },
    /// All that was decided has happened: the last action of a pipeline.
    #[default]
    Nothing,
    /// The same.
    Confirm(String),
    /// StartRequest the pipelines of what builds.
    Start(StartRequest),
    /// Something else is deployed.
    Taint { services: Vec<String>, reason: String },
}

/// The arguments of `decide`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct DecideRequest {
    /// All of the map if there are none.
    pub(super) services: Vec<String>,
    /// All, or some.
    pub(super) force: Option<Option<String>>,
    /// Environment variables that are inputs.
    pub(super) env: BTreeMap<String, String>,
    /// `NAME=VALUE`.
    pub(super) extra: Vec<String>,
    pub(super) revision: Option<String>,
    /// `s3://BUCKET/KEY`, for a request that is no job.
    pub(super) source: Option<String>,
}

/// The arguments of `start`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StartRequest {
    pub(super) candidate: String,
    /// The name of each service's pipeline; `{service}` stands for the service.
    pub(super) pipelines: String,
    /// The commits that their source actions take, by the actions' names.
    pub(super) revisions: BTreeMap<String, String>,
}

/// The keys of every request.
const COMMON: [&str; 8] = ["do", "id", "environment", "project", "state", "config", "pipeline", "execution"];

/// The verbs, and the keys of each.
const VERBS: [(&str, &[&str]); 5] = [
    ("decide", &["services", "force", "env", "extra", "revision", "source"]),
    ("begin", &["candidate"]),
    ("promote", &["candidate", "claims", "outputs", "failed"]),
    ("start", &["candidate", "pipelines", "revisions"]),
    ("taint", &["services", "reason"]),
];

impl ActionRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// A key is unknown or missing, or a value is of another kind.
    pub(super) fn read(value: &Value) -> Result<Self, Failure> {
        let Value::Object(keys) = value else {
            return Err(bad("the request is not a JSON object", "write {\"do\":\"decide\",\"environment\":\"NAME\"}"));
        };
        let keys = Keys(keys);
        let verbs: Vec<&str> = VERBS.iter().map(|(verb, _)| *verb).collect();
        let asked = keys.needed("do")?;
        let Some((verb, own)) = VERBS.iter().find(|(verb, _)| *verb == asked) else {
            let hint = format!("`do` is one of {}", list(&verbs));
            return Err(bad(&format!("`{}` is nothing to do", printable(asked.as_bytes())), &hint));
        };
        keys.only(verb, &[&COMMON[..], own].concat())?;
        let verb = match *verb {
            "decide" => Verb::Decide(DecideRequest {
                services: keys.texts("services")?,
                force: keys.force()?,
                env: keys.pairs("env")?,
                extra: keys.pairs("extra")?.into_iter().map(|(name, value)| format!("{name}={value}")).collect(),
                revision: keys.text("revision")?,
                source: keys.text("source")?,
            }),
            "begin" => Verb::Begin(keys.needed("candidate")?),
            "promote" => match keys.text("claims")? {
                Some(_) if keys.0.contains_key("candidate") => {
                    return Err(bad("`candidate` and `claims` exclude each other", "a stage has one of them"));
                }
                Some(claims) => Verb::Confirm(claims),
                None => Verb::Promote {
                    candidate: keys.needed("candidate")?,
                    outputs: keys.outputs()?,
                    failed: keys.flag("failed")?,
                },
            },
            "start" => Verb::Start(StartRequest {
                candidate: keys.needed("candidate")?,
                pipelines: keys.needed("pipelines")?,
                revisions: keys.pairs("revisions")?,
            }),
            _ => {
                let services = keys.texts("services")?;
                if services.is_empty() {
                    return Err(bad("no service is named", "add \"services\":[\"NAME\"]"));
                }
                Verb::Taint { services, reason: keys.needed("reason")? }
            }
        };
        Ok(Self {
            verb,
            environment: keys.text("environment")?,
            project: keys.text("project")?,
            state: keys.text("state")?,
            config: keys.text("config")?,
            pipeline: keys.text("pipeline")?,
            execution: keys.text("execution")?,
        })
    }
}

/// The keys of a request.
struct Keys<'a>(&'a Map<String, Value>);

impl Keys<'_> {
    fn only(&self, verb: &str, known: &[&str]) -> Result<(), Failure> {
        let Some(unknown) = self.0.keys().find(|key| !known.contains(&key.as_str())) else { return Ok(()) };
        let hint = match did_you_mean(unknown, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`{verb}` has {}", list(known)),
        };
        Err(bad(&format!("`{verb}` has no key `{}`", printable(unknown.as_bytes())), &hint))
    }

    /// A text, which may be left out, but not be empty.
    fn text(&self, key: &str) -> Result<Option<String>, Failure> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(Value::String(_)) => {
                Err(bad(&format!("`{key}` is empty"), "leave it out, or look at the variable that it comes from"))
            }
            Some(_) => Err(unlike(key, "a text")),
        }
    }

    fn needed(&self, key: &str) -> Result<String, Failure> {
        self.text(key)?.ok_or_else(|| bad(&format!("`{key}` is missing"), &format!("add \"{key}\":\"…\"")))
    }

    /// A list of texts; a single one may be written as it is.
    fn texts(&self, key: &str) -> Result<Vec<String>, Failure> {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match self.0.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) if !values.is_empty() => {
                values.iter().map(text).collect::<Option<_>>().ok_or_else(|| unlike(key, "a list of texts"))
            }
            Some(value) => text(value).map(|text| vec![text]).ok_or_else(|| unlike(key, "a list of texts")),
        }
    }

    fn pairs(&self, key: &str) -> Result<BTreeMap<String, String>, Failure> {
        let Some(value) = self.0.get(key) else { return Ok(BTreeMap::new()) };
        let pairs = value.as_object().and_then(|pairs| {
            pairs.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect::<Option<_>>()
        });
        pairs.ok_or_else(|| unlike(key, "an object of texts"))
    }

    fn flag(&self, key: &str) -> Result<bool, Failure> {
        match self.0.get(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(unlike(key, "true or false")),
        }
    }

    fn force(&self) -> Result<Option<Option<String>>, Failure> {
        match self.0.get("force") {
            None | Some(Value::Bool(false)) => Ok(None),
            Some(Value::Bool(true)) => Ok(Some(None)),
            Some(_) => Ok(Some(Some(self.texts("force")?.join(",")))),
        }
    }

    /// `{"NAME": "VALUE"}`, or `{"SERVICE": {"NAME": "VALUE"}}`.
    fn outputs(&self) -> Result<Vec<String>, Failure> {
        let Some(value) = self.0.get("outputs") else { return Ok(Vec::new()) };
        let wrong = || unlike("outputs", "an object of texts, by output or by service and output");
        let mut outputs = Vec::new();
        for (name, value) in value.as_object().ok_or_else(wrong)? {
            match value {
                Value::String(value) => outputs.push(format!("{name}={value}")),
                Value::Object(values) => {
                    for (output, value) in values {
                        outputs.push(format!("{name}:{output}={}", value.as_str().ok_or_else(wrong)?));
                    }
                }
                _ => return Err(wrong()),
            }
        }
        Ok(outputs)
    }
}

fn unlike(key: &str, what: &str) -> Failure {
    bad(&format!("`{key}` is not {what}"), "docs/before-the-build.md shows each request")
}

fn bad(text: &str, hint: &str) -> Failure {
    Failure::request(format!("UserParameters: {text}")).hint(hint)
}

#[cfg(test)]
mod tests;
