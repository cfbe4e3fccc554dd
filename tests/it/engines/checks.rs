//! What the other tests rely on when they run on an engine.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::config::BehaviorVersion;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::clients::plain_http;
use super::programs::seaweedfs_sockets;
use super::{Engine, Kind, READ_ONLY, block_on, dynamodb, s3};
use crate::support::another_test;

/// One try to be the first to write something.
enum Try {
    Won,
    Lost,
    Failed(String),
}

fn tried<T, E: ProvideErrorMetadata + std::fmt::Debug>(answer: Result<T, SdkError<E>>, lost: &str) -> Try {
    match answer {
        Ok(_) => Try::Won,
        Err(error) if error.code() == Some(lost) => Try::Lost,
        Err(error) => Try::Failed(format!("{error:?}")),
    }
}

/// A bucket or a table.
fn new_place(engine: &Engine) -> String {
    match engine.kind {
        Kind::S3 => engine.new_bucket(),
        Kind::DynamoDb => engine.new_table(),
    }
}

/// The answers to clients that all try at once.
async fn race(engine: &Engine, place: &str) -> Vec<Try> {
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..engine.clients {
        match engine.kind {
            Kind::S3 => {
                let put = engine.s3_client().put_object().bucket(place).key("a/b").body(vec![1; 100].into());
                let put = put.if_none_match("*").send();
                tries.spawn(async { tried(put.await, "PreconditionFailed") });
            }
            Kind::DynamoDb => {
                let key = AttributeValue::S("a".to_owned());
                let put = engine.dynamodb_client().put_item().table_name(place).item("pk", key.clone()).item("sk", key);
                let put = put.condition_expression("attribute_not_exists(pk)").send();
                tries.spawn(async { tried(put.await, "ConditionalCheckFailedException") });
            }
        }
    }
    tries.join_all().await
}

#[test]
fn of_all_clients_that_an_engine_bears_one_is_first() {
    for engine in s3().into_iter().chain(dynamodb()) {
        let place = new_place(engine);
        let start = Instant::now();
        let tries = block_on(race(engine, &place));
        let failures: Vec<_> =
            tries.iter().filter_map(|it| if let Try::Failed(why) = it { Some(why) } else { None }).collect();
        assert!(failures.is_empty(), "{}: {failures:?}", engine.name);
        assert_eq!(tries.iter().filter(|it| matches!(it, Try::Won)).count(), 1, "{} {:?}", engine.name, engine.kind);
        println!("{} {:?}: {} clients in {:?}", engine.name, engine.kind, engine.clients, start.elapsed());
    }
}

/// A store that signs wrongly passes on ministack; it must fail on SeaweedFS.
#[test]
fn seaweedfs_checks_signatures_and_rights() {
    for engine in s3().into_iter().filter(|engine| engine.name == "seaweedfs") {
        let bucket = engine.new_bucket();
        let put = |keys| {
            let put = engine.s3_client_of(keys).put_object().bucket(&bucket).key("k").send();
            block_on(put).map_err(|error| error.code().unwrap_or_default().to_owned()).map(|_| ())
        };
        let list = |keys| {
            let list = engine.s3_client_of(keys).list_objects_v2().bucket(&bucket).send();
            block_on(list).map_err(|error| error.code().unwrap_or_default().to_owned()).map(|_| ())
        };
        assert_eq!(put((engine.access_key, engine.secret_key)), Ok(()));
        assert_eq!(put((engine.access_key, "wrong")), Err("SignatureDoesNotMatch".to_owned()));
        assert_eq!(put(READ_ONLY), Err("AccessDenied".to_owned()));
        assert_eq!(list(READ_ONLY), Ok(()));
        assert_eq!(list((READ_ONLY.0, "wrong")), Err("SignatureDoesNotMatch".to_owned()));
    }
}

/// The variables are all that AWS's chain of credentials needs, and it looks nowhere else.
#[test]
fn the_variables_make_a_program_a_client() {
    for engine in s3().into_iter().chain(dynamodb()) {
        new_place(engine);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut client = another_test("engines::checks::a_client_by_its_environment");
        client.env_clear().env("PATH", path).envs(engine.variables());
        let output =
            client.env("ENDPOINT", &engine.endpoint).env("KIND", format!("{:?}", engine.kind)).output().unwrap();
        assert!(output.status.success(), "{}: {output:?}", engine.name);
        assert!(String::from_utf8_lossy(&output.stdout).contains("listed at least one"), "{output:?}");
    }
}

#[test]
#[ignore = "helper of `the_variables_make_a_program_a_client`"]
fn a_client_by_its_environment() {
    let endpoint = std::env::var("ENDPOINT").expect("the address of an engine");
    let names = block_on(async {
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(plain_http());
        let config = config.endpoint_url(endpoint).load().await;
        match std::env::var("KIND").as_deref() {
            Ok("S3") => aws_sdk_s3::Client::new(&config).list_buckets().send().await.unwrap().buckets().len(),
            _ => aws_sdk_dynamodb::Client::new(&config).list_tables().send().await.unwrap().table_names().len(),
        }
    });
    assert!(names > 0);
    println!("listed at least one");
}

/// The engines are to be gone also when nobody is left to stop them.
#[test]
fn engines_end_with_a_process_that_is_killed() {
    if s3().is_empty() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut child = another_test("engines::checks::hold_engines");
    let mut child = child.env("TMPDIR", directory.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let lines = lines.take_while(|line| line != "held");
    let ports: Vec<u16> = lines.filter_map(|line| line.strip_prefix("port ")?.parse().ok()).collect();
    let left = || {
        let listening = ports.iter().filter(|port| TcpStream::connect(("127.0.0.1", **port)).is_ok()).count();
        let directories = std::fs::read_dir(directory.path()).unwrap().count();
        let sockets = ports.iter().flat_map(|port| seaweedfs_sockets(*port)).filter(|path| Path::new(path).exists());
        (listening, directories, sockets.count())
    };
    let (listening, directories, sockets) = left();
    assert!(listening == 2 && directories == 2 && sockets > 5, "{:?} of {ports:?}", left());

    child.kill().unwrap();
    child.wait().unwrap();
    let killed = Instant::now();
    while left() != (0, 0, 0) {
        assert!(killed.elapsed() < Duration::from_secs(5), "left: {:?} of {ports:?}", left());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "helper of `engines_end_with_a_process_that_is_killed`"]
fn hold_engines() {
    println!();
    for engine in s3() {
        println!("port {}", engine.endpoint.rsplit_once(':').unwrap().1);
    }
    println!("held");
    let _ = std::io::stdin().read(&mut [0]);
}

/// Without Python and Node.js.
#[test]
fn a_missing_engine_is_said_and_fails_in_ci() {
    let empty = tempfile::tempdir().unwrap();
    for (ci, passes) in [("", true), ("true", false)] {
        let mut process = another_test("engines::all_engines_are_asked_for");
        let output = process.env("PATH", empty.path()).env("CI", ci).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), passes, "{text}");
        let needs = [("SeaweedFS", "Python 3.10"), ("ministack", "Python 3.10"), ("dynalite", "Node.js 20")];
        // In CI the first is one too many.
        for (name, needs) in &needs[..if passes { 3 } else { 1 }] {
            let start = format!("SKIPPED: nothing runs on {name}: ");
            let said: Vec<_> = text.lines().filter(|line| line.starts_with(&start)).collect();
            assert!(said.len() == 1 && said[0].contains(needs), "{text}");
        }
    }
}
