//! How each server is started, and what it gets wrong against AWS's documentation: a test that meets such a thing must allow
//! for it, or run elsewhere.
//!
//! - SeaweedFS (Apache-2.0): a condition on an absent key answers 412 instead of 404. A conditional write that loses waits in
//!   steps of a second, so few clients may contend. Listings are sorted by path component.
//! - ministack (MIT): checks no signature, has no cap on the size of a batch, ignores conditions on CopyObject.
//! - dynalite (Apache-2.0): no transactions, no expiry; a condition that fails returns no item.
//! - DynamoDB Local (AWS's own, for holders of an account; never fetched from here): no credentials, no throttling, no tags;
//!   expiry deletes after a second; its messages are not those of the service, its codes are.
//!
//! None throttles, conflicts as S3 does with 409, or loses an answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::process::{Recipe, start};
use super::{Absence, Engine, Kind, READ_ONLY, REGION, install};

const KEYS: (&str, &str) = ("testkey", "testsecret1234");

/// What SeaweedFS consists of, each with a port of its own.
const SEAWEEDFS_SERVERS: [&str; 5] = ["s3", "master", "volume", "filer", "admin"];

/// The sockets by which they talk to each other. It puts them there whatever `TMPDIR` says.
pub(super) fn seaweedfs_sockets(port: u16) -> Vec<String> {
    let servers = || SEAWEEDFS_SERVERS.iter().zip(port..);
    let plain = servers().map(|(server, port)| format!("/tmp/seaweedfs-{server}-{port}.sock"));
    let grpc = servers().map(|(server, port)| format!("/tmp/seaweedfs-{server}-grpc-{}.sock", port + 10_000));
    plain.chain(grpc).collect()
}

/// S3 with signatures and identities.
pub(super) fn seaweedfs() -> Result<Vec<Engine>, Absence> {
    let program = installed(install::python())?.join("venv/bin/weed");
    let command = |port: u16, data: &Path| {
        let identity = |(key, secret): (&str, &str), actions: &[&str]| {
            let credentials = json!({"accessKey": key, "secretKey": secret});
            json!({"name": key, "credentials": [credentials], "actions": actions})
        };
        let identities =
            [identity(KEYS, &["Admin", "Read", "Write", "List", "Tagging"]), identity(READ_ONLY, &["Read", "List"])];
        let identities = json!({ "identities": identities });
        fs::write(data.join("s3.json"), identities.to_string()).unwrap();
        let mut command = Command::new(&program);
        command.args(["mini", "-dir=.", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.config=s3.json"]);
        for (server, port) in SEAWEEDFS_SERVERS.iter().zip(port..) {
            command.arg(format!("-{server}.port={port}"));
        }
        command.args(["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false"]);
        command.args(["-s3.allowDeleteBucketNotEmpty=false", "-admin.ui=false", "-webdav=false"]);
        // Each bucket takes a volume of its own. Left alone it allows as many as the disk has room for, if all were full.
        command.args(["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=5000"]);
        command
    };
    // It refuses whoever gives no signature, and before it is ready answers otherwise or not at all.
    let port =
        started(&Recipe { name: "SeaweedFS", command: &command, outside: &seaweedfs_sockets, ready: ("/", 403) })?;
    Ok(vec![engine("seaweedfs", Kind::S3, port, 3)])
}

/// S3 and DynamoDB on one port.
pub(super) fn ministack() -> Result<Vec<Engine>, Absence> {
    let program = installed(install::python())?.join("venv/bin/python");
    let command = |port: u16, _: &Path| {
        let mut command = Command::new(&program);
        command.args(["-m", "ministack"]).env("BIND_HOST", "127.0.0.1").env("MINISTACK_REGION", REGION);
        command.env("GATEWAY_PORT", port.to_string());
        command
    };
    let port = started(&Recipe {
        name: "ministack",
        command: &command,
        outside: &nothing,
        ready: ("/_ministack/health", 200),
    })?;
    Ok([Kind::S3, Kind::DynamoDb].map(|kind| engine("ministack", kind, port, 64)).into())
}

/// DynamoDB, in memory.
pub(super) fn dynalite() -> Result<Vec<Engine>, Absence> {
    let program = installed(install::node())?.join("node_modules/dynalite/cli.js");
    let command = |port: u16, _: &Path| {
        let mut command = Command::new("node");
        command.arg(&program).args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0"]);
        command
    };
    let port = started(&Recipe { name: "dynalite", command: &command, outside: &nothing, ready: ("/", 200) })?;
    Ok(vec![engine("dynalite", Kind::DynamoDb, port, 64)])
}

/// AWS's own engine, which whoever has agreed to its licence may put anywhere.
pub(super) fn dynamodb_local() -> Result<Vec<Engine>, Absence> {
    let folder = std::env::var_os("SHIPMARK_DYNAMODB_LOCAL").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let folder = folder.ok_or_else(|| Absence::NotInstalled("SHIPMARK_DYNAMODB_LOCAL names no folder".to_owned()))?;
    let command = |port: u16, _: &Path| {
        let mut command = Command::new("java");
        command.current_dir(&folder).args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        command.args(["-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]);
        command.args(["-inMemory", "-sharedDb", "-disableTelemetry", "-port", &port.to_string()]);
        command
    };
    let port = started(&Recipe { name: "DynamoDB Local", command: &command, outside: &nothing, ready: ("/", 400) })?;
    Ok(vec![engine("dynamodb-local", Kind::DynamoDb, port, 16)])
}

fn nothing(_: u16) -> Vec<String> {
    Vec::new()
}

fn installed(folder: &'static Result<PathBuf, String>) -> Result<&'static Path, Absence> {
    folder.as_deref().map_err(|why| Absence::NotInstalled(why.clone()))
}

fn started(recipe: &Recipe<'_>) -> Result<u16, Absence> {
    start(recipe).map_err(Absence::DidNotStart)
}

fn engine(name: &'static str, kind: Kind, port: u16, clients: usize) -> Engine {
    let endpoint = format!("http://127.0.0.1:{port}");
    Engine { name, kind, endpoint, access_key: KEYS.0, secret_key: KEYS.1, clients }
}
