//! Case 79: what unpacks, goes on or claims to be larger than anything real. Each try ends by itself, with one clear sentence and
//! in bounded memory; the time limit only guards against waiting for ever.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use rawzip::CompressionMethod;

use crate::support::{Build, Done, World, reason};

/// How much memory no hostile input may make the program take, in KiB.
const MOST_MEMORY: u64 = 300 << 10;

/// When a program that has not ended is taken for one that never will.
const MOST_TIME: Duration = Duration::from_mins(2);

/// What unpacks to this many zeros is small.
const ZEROS: u64 = 600 << 20;

/// Runs a command to its end, and looks at the peak of its memory, as the kernel counts it.
pub(super) fn bounded(world: &World, build: &Build, args: &[&str]) -> Done {
    let mut command = world.command(build);
    command.args(args);
    let (output, peak) = watched(command);
    // What ends before anybody looks has taken next to nothing.
    assert!(peak < MOST_MEMORY, "{args:?} took {peak} KiB");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or_else(|| panic!("{args:?}: {output:?}"));
    let done = Done { code, stdout: text(&output.stdout), stderr: text(&output.stderr) };
    assert!(!done.stderr.contains("bug"), "{args:?}: {done:?}");
    done
}

fn watched(mut command: Command) -> (Output, u64) {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (status, pid) = (PathBuf::from(format!("/proc/{}/status", child.id())), child.id());
    let ended = std::thread::spawn(move || child.wait_with_output().unwrap());
    let (start, mut peak) = (Instant::now(), 0);
    while !ended.is_finished() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let high = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(high.unwrap_or(0));
        if start.elapsed() > MOST_TIME || peak > MOST_MEMORY {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
            panic!("{command:?}: {peak} KiB after {:?}", start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    (ended.join().unwrap(), peak)
}

fn world() -> World {
    World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")])
}

fn zlib(front: &[u8], zeros: u64) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(front).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(zeros), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// A map in which each service depends on the one before it.
fn chain(services: usize) -> World {
    let mut map = "[services.s0]\ninclude = [\"a\"]\n".to_owned();
    for at in 1..services {
        map += &format!("[services.s{at}]\ndepends_on = [\"s{}\"]\n", at - 1);
    }
    World::new(&map, &[("a/x", "1")])
}

#[test]
fn a_chain_of_50_000_services_is_decided_like_a_short_one() {
    let world = chain(50_000);
    let build = Build::new("b:1");
    let decided = bounded(&world, &build, &["decide", "s49999"]);
    assert!(decided.stdout.contains("BUILD_REASON_S49999='never-deployed'"), "{decided:?}");
    assert_eq!(bounded(&world, &build, &["record", "s49999"]).code, 0);
    let skipped = bounded(&world, &Build::new("b:2"), &["decide", "s49999"]);
    assert!(skipped.stdout.contains("BUILD_SKIPPED_S49999='true'"), "{skipped:?}");
    assert_eq!(bounded(&world, &Build::default(), &["check"]).code, 0);
    let cycle = fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
    world.write("shipmark.toml", &cycle.replacen("include = [\"a\"]", "depends_on = [\"s49999\"]", 1));
    let refused = bounded(&world, &build, &["decide", "s5"]);
    assert!(refused.code == 2 && refused.stderr.contains("cycle of dependencies"), "{}", refused.code);
}

/// What it says of each service does not grow with the chain, neither for a file nor for a variable.
#[test]
fn a_chain_of_50_000_services_is_explained_like_a_short_one() {
    let world = chain(50_000);
    let map = fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
    world.write("shipmark.toml", &map.replacen("include = [\"a\"]", "include = [\"a\"]\nenv = [\"NAME\"]", 1));
    for (what, last) in [
        ("a/x", "through s49999 -> s49998 -> "),
        ("a", "through s49999 -> s49998 -> "),
        ("NAME", "input of s49999, as an environment variable: `env` (shipmark.toml:3), through s0"),
    ] {
        let explained = bounded(&world, &Build::default(), &["explain", what]);
        assert_eq!(explained.code, 0, "{what}: {}", explained.stderr);
        let said = explained.stdout.lines().find(|line| line.contains(last));
        assert!(said.is_some_and(|said| said.ends_with("s0")), "{what}: {said:?}");
    }
}

/// Each service has one input more than the one before it: what they have together is quadratic.
#[test]
fn what_very_many_services_inherit_together_is_refused() {
    let mut map = "[services.s0]\ninclude = [\"a\"]\n".to_owned();
    for at in 1..10_000 {
        map += &format!("[services.s{at}]\ninclude = [\"{at}\"]\ndepends_on = [\"s{}\"]\n", at - 1);
    }
    let world = World::new(&map, &[("a/x", "1")]);
    let refused = bounded(&world, &Build::new("b:1"), &["decide"]);
    assert!(refused.code == 2 && refused.stderr.contains("the services together have more than"), "{refused:?}");
    assert_eq!(bounded(&world, &Build::new("b:1"), &["decide", "s9999"]).code, 0);
}

#[test]
fn braces_that_multiply_are_refused() {
    let many = "{a,b,c,d}".repeat(5_000);
    let nested = format!("{}a{}", "{b,".repeat(20_000), "}".repeat(20_000));
    for pattern in [&many, &nested] {
        let list = vec![format!("\"{pattern}\""); 10].join(", ");
        let world = World::new(&format!("[services.a]\ninclude = [{list}]\n"), &[("a/x", "1")]);
        let refused = bounded(&world, &Build::new("b:1"), &["decide"]);
        assert!(refused.code == 2 && refused.stderr.contains("the pattern"), "{}", refused.stderr.len());
    }
}

/// An artifact with a map and one entry that unpacks to very many zeros, whatever it says of itself.
fn artifact(world: &World, name: &str, zeros: u64) -> String {
    let path = world.path("source.zip");
    let mut writer = rawzip::ZipArchiveWriter::new(fs::File::create(&path).unwrap());
    let map = fs::read(world.source().join("shipmark.toml")).unwrap();
    let files: [(&str, &[u8], u64); 2] = [("shipmark.toml", &map, 0), (name, b"", zeros)];
    for (name, bytes, zeros) in files.into_iter().filter(|(other, _, zeros)| *zeros > 0 || *other != name) {
        let path = rawzip::path::EntryPath::verbatim(name.as_bytes());
        let (mut entry, config) = writer.new_file(path).compression_method(CompressionMethod::DEFLATE).start().unwrap();
        let mut data = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        data.write_all(bytes).unwrap();
        std::io::copy(&mut std::io::repeat(b'\n').take(zeros), &mut data).unwrap();
        let (encoder, descriptor) = data.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    writer.finish().unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_entry_of_an_artifact_that_unpacks_without_end_is_no_danger() {
    let world = world();
    // An input may be as large as it likes: only its hash is kept.
    let zip = artifact(&world, "a/x", ZEROS);
    let decided = bounded(&world, &Build::new("b:1"), &["decide", "--source", &zip]);
    assert!(decided.stdout.contains("BUILD_REASON_A='never-deployed'"), "{decided:?}");
    // One that says less of itself than it is.
    let mut lies = fs::read(&zip).unwrap();
    let size = u32::try_from(ZEROS).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..lies.len() - 4).filter(|at| lies[*at..*at + 4] == size).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| lies[at..at + 4].copy_from_slice(&7u32.to_le_bytes()));
    fs::write(&zip, lies).unwrap();
    let decided = bounded(&world, &Build::new("b:2"), &["decide", "--source", &zip]);
    assert!(decided.stdout.contains("BUILD_REASON_A='source-unreadable'"), "{decided:?}");
    // What is read whole has a bound.
    for name in ["shipmark.toml", ".gitmodules"] {
        let zip = artifact(&world, name, ZEROS);
        let refused = bounded(&world, &Build::new("b:3"), &["decide", "a", "--source", &zip]);
        assert_eq!(refused.code, 2, "{name}: {refused:?}");
        assert!(refused.stderr.contains(&format!("its `{name}`")), "{refused:?}");
    }
}

#[test]
fn a_snapshot_that_unpacks_without_end_decides_nothing() {
    let world = world();
    world.deploy(&Build::new("b:1"), "a");
    let snapshots = world.path("state/default/default/a/snapshots");
    let found: Vec<PathBuf> = fs::read_dir(&snapshots).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [snapshot] = &found[..] else { panic!("{found:?}") };
    world.write("a/x", "2");
    for (bytes, why) in [
        (zlib(b"shipmark snapshot 2\n", ZEROS), "it unpacks to more than a snapshot may have"),
        (vec![0; 60 << 20], "it has more than"),
    ] {
        fs::write(snapshot, bytes).unwrap();
        let plan = bounded(&world, &Build::default(), &["plan", "--format", "json", "a"]);
        let answer = plan.json();
        assert_eq!((reason(&answer, "a").as_str(), &answer["services"][0]["changes_total"]), ("changed", &().into()));
        assert_eq!(plan.stderr.matches("warning: ").count(), 1, "{}", plan.stderr);
        assert!(plan.stderr.contains(why), "{}", plan.stderr);
    }
}

#[test]
fn an_export_whose_lines_do_not_end_is_refused() {
    let world = world();
    world.deploy(&Build::new("b:1"), "a");
    let export = world.run(["state", "export"]).stdout;
    let header = export.lines().next().unwrap();
    let file = world.path("export");
    let mark =
        |what: &str| format!("{{\"kind\":\"mark\",\"environment\":\"default\",\"service\":\"a\",\"mark\":{what}");
    let nested = mark(&format!("{{\"x\":[{}0]}}}}", "0,".repeat(25 << 20)));
    let deep = mark(&"[".repeat(1 << 20));
    for (line, why) in [
        (" ".repeat(70 << 20), "it is longer than any that shipmark writes"),
        (nested, "line 2 of the export"),
        (deep, "line 2 of the export"),
    ] {
        fs::write(&file, format!("{header}\n{line}\n")).unwrap();
        let refused = bounded(&world, &Build::default(), &["state", "import", file.to_str().unwrap()]);
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.stderr.contains(why), "{why}: {}", refused.stderr.len());
    }
    let refused = bounded(&world, &Build::default(), &["state", "import", "/dev/zero"]);
    assert!(refused.code == 2 && refused.stderr.contains("longer than any"), "{refused:?}");
}

/// A server whose answers have no end.
fn endless() -> String {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in server.incoming() {
            std::thread::spawn(move || {
                let mut connection = connection.unwrap();
                let mut asked = [0; 64 << 10];
                let _ = connection.read(&mut asked);
                let head = "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-type: application/x-amz-json-1.0\r\n\
                            transfer-encoding: chunked\r\n\r\n";
                let _ = connection.write_all(head.as_bytes());
                let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
                while connection.write_all(&chunk).is_ok() {}
            });
        }
    });
    endpoint
}

#[test]
fn an_answer_of_a_store_that_does_not_end_is_doubt() {
    let world = world();
    world.write("shipmark.toml", "project = \"shop\"\n[services.a]\ninclude = [\"a\"]\n");
    let endpoint = endless();
    let build = Build::new("b:1")
        .with("AWS_ACCESS_KEY_ID", "key")
        .with("AWS_SECRET_ACCESS_KEY", "secret")
        .with("AWS_REGION", "eu-west-1");
    for state in ["s3://bucket/state", "dynamodb://table"] {
        let state = format!("{state}?endpoint={endpoint}");
        let decided = bounded(&world, &build, &["decide", "--state", &state, "--timeout", "20s"]);
        assert!(decided.stdout.contains("BUILD_REASON_A='state-unavailable'"), "{state}: {decided:?}");
        assert!(decided.stderr.contains("more than"), "{state}: {}", decided.stderr);
        let failed = bounded(&world, &build, &["state", "export", "--state", &state, "--timeout", "20s"]);
        assert_eq!(failed.code, 1, "{state}: {failed:?}");
    }
    assert!(Path::new(&world.source()).exists());
}
