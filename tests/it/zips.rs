//! A zip artifact in the place of the source, as CodePipeline hands one over: what is decided is what the unpacked files decide.

use serde_json::Value;

use super::engines::{self, block_on};
use super::support::{Build, World, git, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

/// A repository whose files have every kind and odd names.
fn repository() -> World {
    let world = World::new(MAP, &[("a/x", "1"), ("a/sub dir/ü'\n.txt", "2"), ("b/tool", "3")]);
    std::os::unix::fs::symlink("../a/x", world.source().join("b/link")).unwrap();
    git(&world.source(), &["init", "-q"]);
    commit(&world);
    world
}

fn commit(world: &World) {
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", "x"]);
}

/// Packs the commit that is checked out.
fn pack(world: &World, name: &str) -> String {
    let path = world.path(name).to_str().unwrap().to_owned();
    git(&world.source(), &["archive", "--format=zip", "-o", &path, "HEAD"]);
    path
}

fn decided(world: &World, id: &str, source: &str) -> Value {
    world.decide(&Build::new(id), &["--source", source])
}

#[test]
fn an_artifact_and_its_files_are_the_same() {
    let world = repository();
    let zip = pack(&world, "source.zip");
    let answer = decided(&world, "1", &zip);
    assert_eq!((reason(&answer, "a").as_str(), &answer["source"]["kind"]), ("never-deployed", &"zip".into()));
    assert_eq!(world.run_in(&Build::new("1"), ["record", "--all", "--source", &zip]).code, 0);
    for source in [zip.as_str(), world.source().to_str().unwrap()] {
        let answer = decided(&world, source, source);
        assert_eq!((reason(&answer, "a"), reason(&answer, "b")), ("unchanged".into(), "unchanged".into()), "{source}");
    }
    std::fs::remove_file(world.source().join("b/link")).unwrap();
    std::os::unix::fs::symlink("elsewhere", world.source().join("b/link")).unwrap();
    commit(&world);
    let newer = pack(&world, "newer.zip");
    let answer = world.run(["plan", "--format", "json", "--source", &newer]).json();
    assert_eq!((reason(&answer, "a").as_str(), reason(&answer, "b").as_str()), ("unchanged", "changed"));
    let changes = &answer["services"][1]["changes"];
    let change =
        |at: usize| (changes[at]["path"].as_str(), changes[at]["change"].as_str(), changes[at]["via"].as_str());
    assert_eq!(change(0), (Some("a/x"), Some("deleted"), Some("link:b/link")), "what the link led to");
    assert_eq!(change(1), (Some("b/link"), Some("modified"), None));
}

/// Of two links of one name nobody knows which one an unpacker leaves, nor what a pattern finds behind it.
#[test]
fn a_link_that_is_there_twice_is_doubt_for_whoever_passes_through_it() {
    let map = "[services.a]\ninclude = [\"cur/x/**\", \"main\"]\n[services.b]\ninclude = [\"b\"]\n";
    let world = World::new(map, &[("main", "1"), ("b/x", "1"), ("one/x/f", "1"), ("two/x/f", "1")]);
    std::os::unix::fs::symlink("one", world.source().join("cur")).unwrap();
    std::os::unix::fs::symlink("two", world.source().join("cus")).unwrap();
    git(&world.source(), &["init", "-q"]);
    commit(&world);
    let zip = pack(&world, "source.zip");
    let mut bytes = std::fs::read(&zip).unwrap();
    for at in 0..bytes.len() - 3 {
        if &bytes[at..at + 3] == b"cus" {
            bytes[at + 2] = b'r';
        }
    }
    std::fs::write(&zip, bytes).unwrap();
    let answer = decided(&world, "1", &zip);
    assert_eq!((reason(&answer, "a"), reason(&answer, "b")), ("source-unreadable".into(), "never-deployed".into()));
    let detail = answer["services"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("`cur` is there more than once"), "{detail}");
}

/// Also where the archive lies in a repository, or in a folder with another map.
#[test]
fn nothing_around_an_artifact_is_asked() {
    let world = repository();
    let zip = pack(&world, "source/inside.zip");
    world.write("shipmark.toml", "[services.other]\ninclude = [\"x\"]\n");
    let answer = world.run(["plan", "--format", "json", "--source", &zip]).json();
    assert_eq!((answer["services"].as_array().unwrap().len(), &answer["revision"]), (2, &Value::Null));
    let refused = world.run(["plan", "--revision", "HEAD", "--source", &zip]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("zip artifact, which has no history"), "{}", refused.stderr);
    let relative = world.run(["plan", "--format", "json", "--source", "inside.zip"]);
    assert_eq!(relative.code, 0, "{}", relative.stderr);
}

#[test]
fn what_is_no_artifact_is_refused_and_never_a_skip() {
    let world = repository();
    let whole = std::fs::read(pack(&world, "source.zip")).unwrap();
    for (name, bytes) in [("empty.zip", &b""[..]), ("text.zip", b"no archive"), ("cut.zip", &whole[..whole.len() / 2])]
    {
        std::fs::write(world.path(name), bytes).unwrap();
        let done = world.run(["decide", "--source", world.path(name).to_str().unwrap()]);
        assert_eq!((done.code, done.stdout.as_str()), (2, "export BUILD_SKIPPED='false'\nfalse\n"), "{name}");
        assert!(done.stderr.contains("as a zip archive") && done.stderr.contains(name), "{}", done.stderr);
    }
}

/// An artifact where CodePipeline keeps it.
#[test]
fn an_artifact_in_a_bucket_is_fetched() {
    for engine in engines::s3() {
        let world = repository();
        let (zip, bucket) = (std::fs::read(pack(&world, "source.zip")).unwrap(), engine.new_bucket());
        let put = engine.s3_client().put_object().bucket(&bucket).key("p/Source/k.zip").body(zip.into());
        block_on(put.send()).unwrap();
        let mut build = Build::default();
        for (name, value) in engine.variables() {
            build = build.with(name, &value);
        }
        let at = |key: &str| format!("s3://{bucket}/{key}?endpoint={}", engine.endpoint);
        let plan = |key: &str| world.run_in(&build, ["plan", "--format", "json", "--source", &at(key)]);
        let answer = plan("p/Source/k.zip").json();
        assert_eq!((reason(&answer, "a").as_str(), &answer["source"]["kind"]), ("never-deployed", &"zip".into()));
        let missing = plan("p/Source/none.zip");
        assert_eq!(missing.code, 1);
        assert!(missing.stderr.contains("there is no object"), "{}", missing.stderr);
    }
}
