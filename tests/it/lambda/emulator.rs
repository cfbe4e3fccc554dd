//! The program in AWS's Runtime Interface Emulator, which has Lambda's runtime interface, its time-out and the form of its answers. It takes
//! one request at a time, keeps none, tries nothing again and lends no credentials; CodePipeline and the bucket are the rig's.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{MAP, Site, candidate, within};
use crate::engines::install::{PYTHON, Packages, pip};
use crate::support::{SHIPMARK, skip};

const REQUIREMENTS: &str = include_str!("../../emulator/requirements.txt");

/// How long a request may take, in seconds.
const TIMEOUT: &str = "5";

/// The emulator's program, or why there is none.
fn emulator() -> Result<PathBuf, String> {
    let name = match std::env::consts::ARCH {
        "x86_64" => "aws-lambda-rie-x86_64",
        "aarch64" => "aws-lambda-rie-arm64",
        other => return Err(format!("AWS has none for {other}")),
    };
    let packages = Packages {
        name: "aws-lambda-rie".to_owned(),
        lists: &[("requirements.txt", REQUIREMENTS)],
        tool: "python3",
        needs: PYTHON,
        steps: |folder| {
            let mut steps = pip(folder);
            steps[1].arg("--no-deps");
            steps
        },
    };
    let libraries = packages.installed()?.join("venv/lib");
    let pythons = std::fs::read_dir(libraries).unwrap().map(|python| python.unwrap().path());
    let mut programs = pythons.map(|python| python.join("site-packages/samcli/local/rapid").join(name));
    Ok(programs.find(|program| program.exists()).expect("the emulator in its package"))
}

struct Emulated {
    site: Site,
    /// Where requests are sent to.
    address: String,
}

impl Emulated {
    /// The function in the emulator, if this machine has that.
    fn new() -> Option<Self> {
        let emulator = match emulator() {
            Ok(emulator) => emulator,
            Err(why) => {
                skip("lambda-emulator", &format!("AWS's emulator of Lambda: {why}"));
                return None;
            }
        };
        let [address, runtime] = free_addresses();
        let site = Site::run_by(MAP, |world, rig| {
            let bootstrap = world.path("bootstrap");
            std::os::unix::fs::symlink(SHIPMARK, &bootstrap).unwrap();
            let mut command = within(emulator.to_str().unwrap(), world, rig);
            command.args(["--runtime-interface-emulator-address", &address, "--runtime-api-address", &runtime]);
            // It says itself where the runtime interface is.
            command.arg(bootstrap).env_remove("AWS_LAMBDA_RUNTIME_API").env("AWS_LAMBDA_FUNCTION_TIMEOUT", TIMEOUT);
            command
        });
        let begun = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the emulator does not listen: {}", site.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { site, address })
    }

    /// Sends a request, and gives what comes back.
    fn invoke(&self, event: &Value) -> Value {
        let event = event.to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let path = "/2015-03-31/functions/function/invocations";
        let head = format!("POST {path} HTTP/1.0\r\nHost: x\r\nContent-Length: {}\r\n\r\n", event.len());
        stream.write_all(format!("{head}{event}").as_bytes()).unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.0 200") || head.starts_with("HTTP/1.1 200"), "{told}: {}", self.site.log());
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    /// A job of CodePipeline's, from its event to its answer.
    fn act(&mut self, parameters: &Value, keys: &[&str]) -> super::rig::State {
        let (id, event) = self.site.job(&parameters.to_string(), keys);
        self.invoke(&event);
        self.site.state(&id)
    }
}

/// Two addresses on which nobody listens.
fn free_addresses() -> [String; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().to_string())
}

#[test]
fn a_pipeline_deploys_and_skips_in_the_emulator_of_aws() {
    let Some(mut emulated) = Emulated::new() else { return };
    let key = emulated.site.pack();
    let first = emulated.act(&json!({ "do": "decide" }), &[&key]).variables();
    assert_eq!((&first["BUILD_SKIPPED_WEB"], &first["BUILD_SKIPPED_API"]), (&json!("false"), &json!("false")));
    let web = candidate(&first, "web");
    emulated.act(&json!({ "do": "begin", "candidate": web }), &[]).variables();
    // A plain request returns its answer.
    let promote = json!({ "do": "promote", "candidate": web, "outputs": { "IMAGE_URI": "r@sha256:1" } });
    assert_eq!(emulated.invoke(&promote), json!({}));
    let second = emulated.act(&json!({ "do": "decide" }), &[&key]).variables();
    assert_eq!((&second["BUILD_SKIPPED_WEB"], &second["BUILD_SKIPPED_API"]), (&json!("true"), &json!("false")));
    assert_eq!(second["IMAGE_URI_WEB"], "r@sha256:1");
}

#[test]
fn what_fails_in_the_emulator_of_aws_is_told_in_lambdas_form_and_the_function_goes_on() {
    let Some(mut emulated) = Emulated::new() else { return };
    let error = emulated.invoke(&json!({ "do": "begin" }));
    assert_eq!(error["errorType"], "ConfigurationError");
    assert!(error["errorMessage"].as_str().unwrap().contains("`candidate` is missing"), "{error}");
    let (kind, message) = emulated.act(&json!({ "do": "decide" }), &["shop/Source/none"]).failure();
    assert!(!kind.is_empty() && message.contains("shop/Source/none"), "{kind}: {message}");
    // The artifact does not come: the job has failed before the emulator, as Lambda, would end the function.
    let key = emulated.site.pack();
    emulated.site.rig.inside().stalled = true;
    let (_, message) = emulated.act(&json!({ "do": "decide" }), &[&key]).failure();
    assert!(message.contains("raise the function's Timeout"), "{message}");
    emulated.site.rig.inside().stalled = false;
    assert_eq!(emulated.act(&json!({ "do": "decide" }), &[&key]).variables()["BUILD_SKIPPED"], "false");
}
