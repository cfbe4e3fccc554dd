//! A service whose state is in an engine behind a proxy, and what every run of the program there must keep to.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::{assert_clear, told};
use crate::engines::{Engine, Kind, block_on};
use crate::proxy::{Fault, Proxy, Request};
use crate::support::{Build, Done, World, exported, reason};

/// A secret that is in nobody's text. Engines that check no signature take any.
pub(super) const SECRET: &str = "hushed-secret-key";

/// A session token, likewise.
pub(super) const TOKEN: &str = "hushed-session-token";

/// The password of a proxy.
pub(super) const PROXY_PASSWORD: &str = "hushed-password";

/// What a refused decision prints.
pub(super) const REFUSAL: &str = "export BUILD_SKIPPED='false'\nfalse\n";

/// The ways to say more.
const LOUD: [&[&str]; 4] = [&["-vv"], &["-v", "--log-format", "json"], &["-v"], &["-vv", "--log-format", "json"]];

/// A monorepo with the services `a`, `b` and `c`, and the proxy between the program and its state.
pub(super) struct Site {
    pub(super) proxy: Proxy,
    engine: &'static Engine,
    world: World,
    /// The table, or the bucket and what its keys begin with.
    container: String,
    /// What else a build has in its environment.
    variables: Build,
    builds: Mutex<usize>,
    /// `--timeout` of what is run, where waiting would not help.
    timeout: Mutex<Option<&'static str>>,
}

impl Site {
    /// Nothing is deployed yet.
    pub(super) fn on(engine: &'static Engine) -> Self {
        let container = match engine.kind {
            Kind::DynamoDb => engine.new_table(),
            Kind::S3 => format!("{}/state", engine.new_bucket()),
        };
        let map = ["a", "b", "c"].map(|name| format!("[services.{name}]\ninclude = [\"{name}\"]\n")).concat();
        let world = World::new(&format!("project = \"default\"\n{map}"), &[("a/x", "1"), ("b/x", "1"), ("c/x", "1")]);
        let mut variables =
            engine.variables().into_iter().fold(Build::default(), |all, (name, value)| all.with(name, &value));
        if engine.name != "seaweedfs" {
            variables = variables.with("AWS_SECRET_ACCESS_KEY", SECRET).with("AWS_SESSION_TOKEN", TOKEN);
        }
        let proxy = Proxy::to(&engine.endpoint);
        Self { proxy, engine, world, container, variables, builds: Mutex::new(0), timeout: Mutex::new(None) }
    }

    pub(super) fn kind(&self) -> Kind {
        self.engine.kind
    }

    /// The address of the state at an endpoint.
    pub(super) fn state_at(&self, endpoint: &str) -> String {
        self.state_in(&self.container, endpoint)
    }

    /// Where the engine listens itself.
    pub(super) fn engine_endpoint(&self) -> &str {
        &self.engine.endpoint
    }

    /// The address of a state in another table or bucket.
    pub(super) fn state_in(&self, container: &str, endpoint: &str) -> String {
        match self.kind() {
            Kind::DynamoDb => format!("dynamodb://{container}?endpoint={endpoint}"),
            Kind::S3 => format!("s3://{container}?endpoint={endpoint}"),
        }
    }

    /// How an error names the place.
    pub(super) fn place(&self) -> String {
        match self.kind() {
            Kind::DynamoDb => format!("the DynamoDB table `{}`", self.container),
            Kind::S3 => format!("the S3 bucket `{}`", self.container.trim_end_matches("/state")),
        }
    }

    /// How an error says that marks could not be read: DynamoDB is asked for all of them, and for the names, at once.
    pub(super) fn cannot_read(&self) -> &'static str {
        match self.kind() {
            Kind::DynamoDb => "cannot read marks in ",
            Kind::S3 => "cannot read a mark in ",
        }
    }

    /// The next build of the pipeline, whose state is behind the proxy.
    pub(super) fn build(&self) -> Build {
        let mut builds = self.builds.lock().unwrap();
        *builds += 1;
        let state = self.state_at(&self.proxy.endpoint());
        self.variables.clone().with("CODEBUILD_BUILD_ID", &format!("b:{builds}")).with("SHIPMARK_STATE", &state)
    }

    /// Runs the program. Whatever it does, it ends in time, tells no secret, and leaves none behind.
    pub(super) fn run(&self, build: &Build, args: &[&str]) -> Done {
        let start = Instant::now();
        let timeout = *self.timeout.lock().unwrap();
        let timeout = timeout.filter(|_| !args.contains(&"--timeout"));
        let done = self.world.run_in(build, args.iter().copied().chain(timeout));
        // No measure of speed: a build must learn of a dead store in seconds, not in minutes.
        assert!(start.elapsed() < Duration::from_secs(15), "{args:?} took {:?}: {done:?}", start.elapsed());
        self.assert_hushed(&format!("{}{}", done.stdout, done.stderr));
        self.assert_hushed_below(&self.world.path("tmp"));
        done
    }

    /// Starts the program, and leaves it alone.
    pub(super) fn spawn(&self, build: &Build, args: &[&str]) -> Child {
        self.world.command(build).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs the program and asks it to say more than usual, each time in another way.
    pub(super) fn run_loud(&self, build: &Build, args: &[&str]) -> Done {
        let way = LOUD[*self.builds.lock().unwrap() % LOUD.len()];
        self.run(build, &[way, args].concat())
    }

    /// What is decided on services in a new build.
    pub(super) fn decide(&self, build: &Build, services: &[&str]) -> Value {
        self.run_loud(build, &[&["decide", "--format", "json"], services].concat()).json()
    }

    /// The reason and the detail of a decision on `a`.
    pub(super) fn decide_a(&self, build: &Build) -> (String, String) {
        told(&self.decide(build, &["a"]), "a")
    }

    /// What a decision would say if the input of `a` were this, without any fault and past the proxy.
    pub(super) fn would_say(&self, input: &str) -> String {
        self.world.write("a/x", input);
        let build = self.build().with("SHIPMARK_STATE", &self.state_at(&self.engine.endpoint));
        let answer = self.run(&build, &["plan", "--format", "json", "a"]).json();
        reason(&answer, "a")
    }

    pub(super) fn write(&self, path: &str, input: &str) {
        self.world.write(path, input);
    }

    /// A build of `a` with that input that succeeds.
    pub(super) fn deploy(&self, input: &str) {
        self.write("a/x", input);
        let build = self.build();
        let decided = self.run(&build, &["decide", "a"]);
        let recorded = self.run(&build, &["record", "a"]);
        assert_eq!((decided.code, recorded.code), (0, 0), "{decided:?} {recorded:?}");
    }

    /// Stages the decisions of a build.
    pub(super) fn stage(&self, build: &Build) -> (Done, Option<String>) {
        let done = self.run_loud(build, &["stage", "--all"]);
        let value = exported(&done.stdout).filter(|value| !value.is_empty());
        (done, value)
    }

    /// From now on every request that is like this fails so.
    pub(super) fn always(&self, fault: &Fault, like: impl Fn(&Request) -> bool + Send + Sync + 'static) {
        let fault = fault.clone();
        self.proxy.plan(move |request| if like(request) { fault.clone() } else { Fault::None });
    }

    /// From now on the first of the requests that are like this fails so.
    pub(super) fn once(&self, fault: &Fault, like: impl Fn(&Request) -> bool + Send + Sync + 'static) {
        let fault = Mutex::new(Some(fault.clone()));
        let next = move |request: &Request| like(request).then(|| fault.lock().unwrap().take()).flatten();
        self.proxy.plan(move |request| next(request).unwrap_or(Fault::None));
    }

    /// Waits for nothing else until the faults end, since nothing else can arrive.
    pub(super) fn give_up_soon(&self) {
        *self.timeout.lock().unwrap() = Some("--timeout=1s");
    }

    pub(super) fn without_faults(&self) {
        self.proxy.plan(|_| Fault::None);
        *self.timeout.lock().unwrap() = None;
    }

    /// The mark of a service as the engine holds it, read past the proxy: whole, or this fails.
    pub(super) fn mark_of(&self, service: &str) -> Option<Value> {
        let text = match self.kind() {
            Kind::DynamoDb => {
                let get = self.engine.dynamodb_client().get_item().table_name(&self.container).consistent_read(true);
                let get = get.key("pk", AttributeValue::S("default/default".to_owned()));
                let found = block_on(get.key("sk", AttributeValue::S(format!("{service}#mark"))).send()).unwrap();
                found.item.map(|item| item["mark"].as_s().unwrap().clone())
            }
            Kind::S3 => {
                let (bucket, prefix) = self.container.split_once('/').unwrap();
                let key = format!("{prefix}/default/default/{service}/mark.json");
                let found = block_on(async {
                    match self.engine.s3_client().get_object().bucket(bucket).key(key).send().await {
                        Ok(found) => Some(found.body.collect().await.unwrap().to_vec()),
                        Err(error) => {
                            assert!(error.into_service_error().is_no_such_key());
                            None
                        }
                    }
                });
                found.map(|bytes| String::from_utf8(bytes).unwrap())
            }
        }?;
        self.assert_hushed(&text);
        Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// The mark of `a`.
    pub(super) fn mark(&self) -> Option<Value> {
        self.mark_of("a")
    }

    /// The attempts in the mark of `a`.
    pub(super) fn attempts(&self) -> Vec<Value> {
        self.mark().unwrap()["attempts"].as_array().unwrap().clone()
    }

    /// Whether the deploy in the mark of `a` is certain, and its input this.
    pub(super) fn assert_recorded(&self, input: &str) {
        assert_eq!(self.mark().unwrap()["certain"], true, "{:?}", self.mark());
        assert_eq!(self.would_say(input), "unchanged");
    }

    /// A text holds no secret, and no signature that was sent.
    fn assert_hushed(&self, text: &str) {
        let mut secrets =
            vec![SECRET.to_owned(), TOKEN.to_owned(), PROXY_PASSWORD.to_owned(), self.engine.secret_key.to_owned()];
        // `test` is a secret of an engine that checks none, and a word like others.
        secrets.retain(|secret| secret != "test");
        for request in self.proxy.log() {
            let head = String::from_utf8_lossy(&request.request).into_owned();
            secrets.extend(head.lines().filter_map(|line| Some(line.split_once("Signature=")?.1.trim().to_owned())));
        }
        for secret in secrets {
            let told: Vec<_> = text.lines().filter(|line| line.contains(&secret)).collect();
            assert!(told.is_empty(), "`{secret}` is told: {told:#?}");
        }
    }

    fn assert_hushed_below(&self, directory: &Path) {
        for file in fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()) {
            if file.is_dir() {
                self.assert_hushed_below(&file);
            } else {
                self.assert_hushed(&String::from_utf8_lossy(&fs::read(&file).unwrap()));
            }
        }
    }

    /// A text is one sentence that names the place and says all this.
    pub(super) fn assert_clear(&self, text: &str, says: &[&str]) {
        assert_clear(text, &[&[self.place().as_str()], says].concat());
    }

    /// What a failed command says is one clear sentence and a hint.
    pub(super) fn assert_clear_failure(&self, done: &Done, says: &[&str]) {
        let errors: Vec<_> = done.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        let [error] = errors[..] else { panic!("{done:?}") };
        self.assert_clear(error, says);
        let hint = done.stderr.lines().skip_while(|line| *line != error).nth(1);
        assert!(hint.is_some_and(|hint| hint.starts_with("  hint: ")), "{done:?}");
    }
}
