//! The program as a Lambda function, started as Lambda would, between stand-ins for Lambda, CodePipeline and the bucket of the artifacts;
//! and between parts that others made: AWS's emulator of Lambda, and an engine for the bucket and the marks.

mod answers;
mod beside_engines;
mod emulator;
mod failures;
mod fleet;
mod http;
mod pipelines;
mod plain;
mod rig;
mod sigv4;
mod template;
mod twice;
mod walk;

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Build, SHIPMARK, World, git, hermetic};
use rig::{EVENT, FUNCTION, Rig, State};

/// Two services, one of which declares an output.
const MAP: &str = "project = \"default\"\n[services.api]\ninclude = [\"api/**\"]\n[services.web]\ninclude = [\"web/**\"]\noutputs = { IMAGE_URI = \"*\" }\n";

/// A pipeline's source and state, and the function with what is around it.
struct Site {
    world: World,
    rig: Rig,
    function: Child,
    jobs: usize,
    /// The bucket of the artifacts.
    bucket: String,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.function.kill();
        let _ = self.function.wait();
        if !std::thread::panicking() {
            assert_eq!(self.rig.inside().breaches, Vec::<String>::new());
            let log = self.log();
            assert!(!log.contains(EVENT.1) && !log.contains(FUNCTION.1), "a secret is in the log: {log}");
        }
    }
}

impl Site {
    fn new() -> Self {
        Self::with(MAP)
    }

    fn with(map: &str) -> Self {
        Self::run_by(map, function)
    }

    /// With a function that is started in this way.
    fn run_by(map: &str, function: impl FnOnce(&World, &Rig) -> Command) -> Self {
        let world = World::new(map, &[("api/x", "1"), ("web/x", "1")]);
        git(&world.source(), &["init", "-q"]);
        let rig = Rig::new();
        let function = function(&world, &rig).spawn().unwrap();
        Self { world, rig, function, jobs: 0, bucket: "artifacts".to_owned() }
    }

    /// The source as CodePipeline would store it.
    fn zip(&self) -> Vec<u8> {
        git(&self.world.source(), &["add", "-A"]);
        git(&self.world.source(), &["commit", "-q", "--allow-empty", "-m", "c"]);
        let zip = self.world.path("source.zip");
        git(&self.world.source(), &["archive", "--format=zip", "-o", zip.to_str().unwrap(), "HEAD"]);
        std::fs::read(zip).unwrap()
    }

    /// The same in the bucket; gives the key.
    fn pack(&self) -> String {
        self.put(self.zip())
    }

    /// An artifact of these bytes. A key may hold what an address could not.
    fn put(&self, bytes: Vec<u8>) -> String {
        let mut inside = self.rig.inside();
        let key = format!("shop/Source/{}", inside.artifacts.len());
        inside.artifacts.insert(format!("/artifacts/{key}"), bytes);
        key
    }

    /// A job, which CodePipeline now waits for.
    fn job(&mut self, parameters: &str, keys: &[&str]) -> (String, Value) {
        self.jobs += 1;
        let id = format!("11111111-0000-4000-8000-{:012}", self.jobs);
        self.rig.inside().jobs.insert(id.clone(), State::Open);
        let event = event(&id, parameters, &self.bucket, keys);
        (id, event)
    }

    /// An action, from its job to its answer.
    fn act(&mut self, parameters: &Value, keys: &[&str]) -> State {
        let (id, event) = self.job(&parameters.to_string(), keys);
        let told = self.rig.deliver(&id, &event);
        assert!(matches!(told[..], [Ok(_)]), "{told:?}: {}", self.log());
        self.state(&id)
    }

    fn state(&self, id: &str) -> State {
        self.rig.inside().jobs[id].clone()
    }

    /// Decides on the source as it is, which must work.
    fn decide(&mut self) -> Value {
        let key = self.pack();
        self.act(&json!({ "do": "decide" }), &[&key]).variables()
    }

    fn begin(&mut self, variables: &Value, service: &str) -> State {
        self.act(&json!({ "do": "begin", "candidate": candidate(variables, service) }), &[])
    }

    /// A deploy stage that succeeds.
    fn ship(&mut self, variables: &Value, service: &str) {
        self.begin(variables, service).variables();
        let outputs = if service == "web" { json!({ "IMAGE_URI": "r@sha256:1" }) } else { json!({}) };
        let candidate = candidate(variables, service);
        self.act(&json!({ "do": "promote", "candidate": candidate, "outputs": outputs }), &[]).variables();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.world.path("log")).unwrap()
    }
}

impl State {
    /// The variables of a success.
    #[track_caller]
    fn variables(self) -> Value {
        match self {
            Self::Succeeded(variables) => variables,
            other => panic!("{other:?}"),
        }
    }

    /// The kind and the message of a failure.
    #[track_caller]
    fn failure(self) -> (String, String) {
        match self {
            Self::Failed { kind, message } => (kind, message),
            other => panic!("{other:?}"),
        }
    }
}

fn candidate(variables: &Value, service: &str) -> String {
    variables[format!("SHIPMARK_CANDIDATE_{}", service.to_uppercase())].as_str().unwrap().to_owned()
}

/// What CodePipeline sends: "AWS Lambda invoke action reference".
fn event(id: &str, parameters: &str, bucket: &str, keys: &[&str]) -> Value {
    let artifact = |key: &&str| {
        let location = json!({ "type": "S3", "s3Location": { "bucketName": bucket, "objectKey": key } });
        json!({ "name": "Source", "revision": null, "location": location })
    };
    let artifacts: Vec<Value> = keys.iter().map(artifact).collect();
    let credentials = json!({ "accessKeyId": EVENT.0, "secretAccessKey": EVENT.1, "sessionToken": "t", "expirationTime": 1_800_000_000_000_i64 });
    json!({ "CodePipeline.job": { "id": id, "accountId": "123456789012", "data": {
        "actionConfiguration": { "configuration": { "FunctionName": "shipmark", "UserParameters": parameters } },
        "inputArtifacts": artifacts, "outputArtifacts": [], "artifactCredentials": credentials,
        "encryptionKey": { "id": "k", "type": "KMS" }
    } } })
}

/// The function, with what Lambda gives it.
fn function(world: &World, rig: &Rig) -> Command {
    let mut command = within(SHIPMARK, world, rig);
    command.arg0("/var/runtime/bootstrap");
    command
}

/// A program with the environment of the function.
fn within(program: &str, world: &World, rig: &Rig) -> Command {
    let empty = world.path("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let mut command = hermetic(program, &empty, &world.path("tmp"));
    let log = std::fs::File::options().create(true).append(true).open(world.path("log")).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command.env("SHIPMARK_STATE", world.state()).envs(world.variables());
    let endpoint = format!("http://{}", rig.address);
    command.env("AWS_LAMBDA_RUNTIME_API", &rig.address).env("AWS_REGION", "eu-west-1");
    command.env("AWS_ENDPOINT_URL_CODEPIPELINE", &endpoint).env("AWS_ENDPOINT_URL_S3", &endpoint);
    command.env("AWS_ACCESS_KEY_ID", FUNCTION.0).env("AWS_SECRET_ACCESS_KEY", FUNCTION.1);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

const PLENTY: Duration = Duration::from_secs(60);

/// A build machine's decision, outside of the function.
fn in_a_build(site: &Site, service: &str) -> String {
    let build = Build::new("p:9").with("CODEBUILD_BUILD_ARN", "arn:aws:codebuild:eu-west-1:123456789012:build/p:9");
    site.world.reason(&build.pipeline("shop"), service)
}
