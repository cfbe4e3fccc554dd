//! Two commands that disagree about the same bytes are a fault: `plan`, `decide`, `status`, `explain`, `check`, `replay` and
//! `adopt` see the same inputs, whatever the kind of source. Over made-up histories with groups, dependencies, excludes and
//! links.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use fastrand::Rng;
use serde_json::Value;

use super::support::{Build, World, git};

const MAP: &str = "environments = ['e*']\n\
                   [groups]\nshared = ['shared', 'far/*/x']\n\
                   [defaults]\nexclude = ['**/*.md']\n\
                   [services.a]\ninclude = ['a']\ngroups = ['shared']\n\
                   [services.b]\ninclude = ['b/**', 'on/deep']\ndepends_on = ['a']\nexclude = ['b/skip']\n\
                   [services.c]\ninclude = ['c', 'b/to/x']\n";
const SERVICES: [&str; 3] = ["a", "b", "c"];
const DIRECTORIES: [&str; 8] = ["a", "b", "b/skip", "c", "shared", "far/one", "lib", "lib/deep"];
const NAMES: [&str; 5] = ["x", "y", "to", "deep", "n.md"];
const TARGETS: [&str; 7] = ["../lib", "../lib/deep", "../shared", "x", "../a", "../far", "../lib/x"];

/// A new history.
fn repository(random: &mut Rng) -> World {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1"), ("c/x", "1"), ("shared/x", "1"), ("lib/x", "1")]);
    git(&world.source(), &["init", "-q", "-b", "main"]);
    symlink("lib", world.source().join("on")).unwrap();
    commit(&world, random);
    world
}

/// Changes some paths and commits that.
fn commit(world: &World, random: &mut Rng) {
    for _ in 0..random.usize(1..4) {
        let path = format!("{}/{}", random.choice(DIRECTORIES).unwrap(), random.choice(NAMES).unwrap());
        let full = world.source().join(&path);
        let parent = full.parent().unwrap();
        let through_link =
            parent.ancestors().take_while(|above| *above != world.source()).any(|above| above.is_symlink());
        if through_link || (full.is_dir() && !full.is_symlink()) || parent.is_file() {
            continue;
        }
        let _ = fs::remove_file(&full);
        fs::create_dir_all(parent).unwrap();
        match random.u8(..4) {
            0 => symlink(random.choice(TARGETS).unwrap(), full).unwrap(),
            _ => world.write(&path, &random.u8(..).to_string()),
        }
    }
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "--allow-empty", "-m", "x"]);
}

/// The fingerprint of each service, which is empty where its inputs are not known.
fn fingerprints(answer: &Value) -> Vec<String> {
    let services = answer["services"].as_array().unwrap().iter();
    services.map(|service| format!("{} {}", service["service"], service["fingerprint"])).collect()
}

/// The services that build because of what they select.
fn building(answer: &Value) -> BTreeSet<String> {
    let services = answer["services"].as_array().unwrap().iter();
    let builds = services.filter(|service| ["changed", "no-inputs"].contains(&service["reason"].as_str().unwrap()));
    builds.map(|service| service["service"].as_str().unwrap().to_owned()).collect()
}

/// All sources with the bytes of HEAD have the same inputs.
fn sources_agree(world: &World, step: usize, about: &str) {
    let source = world.source();
    let zip = world.path("head.zip");
    git(&source, &["archive", "--format=zip", "-o", zip.to_str().unwrap(), "HEAD"]);
    let unpacked = world.path("unpacked");
    let _ = fs::remove_dir_all(&unpacked);
    fs::create_dir_all(&unpacked).unwrap();
    let tar = format!("git archive HEAD | tar -x -C '{}'", unpacked.display());
    assert_eq!(world.shell(&Build::default(), "sh", &tar).code, 0);
    let expected = fingerprints(&world.plan(&["--environment", "e", "--revision", "HEAD"]));
    assert_eq!(fingerprints(&world.plan(&["--environment", "e"])), expected, "plan: {about}");
    let decided = world.decide(&Build::new(&format!("1{step}")), &["--environment", "e-decided"]);
    assert_eq!(fingerprints(&decided), expected, "decide: {about}");
    // These do not keep modes, which are a part of a fingerprint.
    let planned = |source: &Path| world.plan(&["--environment", "e", "--source", source.to_str().unwrap()]);
    let expected = fingerprints(&planned(&zip));
    assert_eq!(fingerprints(&planned(&unpacked)), expected, "plan of a directory: {about}");
    for (id, other) in [("2", &zip), ("3", &unpacked)] {
        let decided = world.decide(
            &Build::new(&format!("{id}{step}")),
            &["--environment", "e-other", "--source", other.to_str().unwrap()],
        );
        assert_eq!(fingerprints(&decided), expected, "decide {}: {about}", other.display());
    }
}

/// What `explain` says of every file, `check` expects.
fn explanations_agree(world: &World, about: &str) -> usize {
    let listed = git(&world.source(), &["ls-files"]);
    let paths: Vec<&str> = listed.lines().filter(|path| *path != "shipmark.toml").collect();
    let explained = world.run(["explain", "--format", "json", "--environment", "e"].iter().chain(&paths)).json();
    let mut inputs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut through_links = 0;
    let mut map = MAP.to_owned();
    for path in explained["paths"].as_array().unwrap() {
        let name = path["path"].as_str().unwrap();
        let of = path["answers"][0]["inputs_of"].as_array().unwrap();
        through_links += of.iter().filter(|input| !input["link"].is_null()).count();
        let services: BTreeSet<&str> = of.iter().map(|input| input["service"].as_str().unwrap()).collect();
        map +=
            &format!("[[expect]]\nchanged = [{name:?}]\nbuilds = {services:?}\n").replace('{', "[").replace('}', "]");
        services.into_iter().for_each(|service| assert!(inputs.entry(service).or_default().insert(name)));
    }
    fs::write(world.path("expects.toml"), map).unwrap();
    let config = world.path("expects.toml");
    let checked =
        world.run(["check", "--format", "json", "--environment", "e", "--config", config.to_str().unwrap()]).json();
    let failed = checked["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "expect");
    assert_eq!(failed.collect::<Vec<_>>(), [&Value::Null; 0], "{about}");
    // What is compared with nothing is all that there is.
    let empty = git(&world.source(), &["hash-object", "-t", "tree", "-w", "/dev/null"]);
    let root = git(&world.source(), &["commit-tree", "-m", "nothing", &empty]);
    let whole = world.plan(&["--base", &root, "--revision", "HEAD", "--environment", "e", "--all-changes"]);
    for (service, answer) in SERVICES.iter().zip(whole["services"].as_array().unwrap()) {
        let added: BTreeSet<&str> =
            answer["changes"].as_array().unwrap().iter().map(|change| change["path"].as_str().unwrap()).collect();
        assert_eq!(&added, inputs.entry(service).or_default(), "{service}: {about}");
    }
    through_links
}

/// The last commit builds the same services, whoever is asked. The commit before it is deployed in `before`.
fn last_commits_agree(world: &World, before: &str, about: &str) {
    let between = world.plan(&["--base", "HEAD~1", "--revision", "HEAD", "--environment", "e"]);
    let expected = building(&between);
    assert_eq!(building(&world.plan(&["--base", "HEAD~1", "--environment", "e"])), expected, "plan --base: {about}");
    let replayed = world.run(["replay", "--last", "1", "--environment", "e", "--format", "json"]).json();
    let builds = replayed["commits"].as_array().unwrap().iter().flat_map(|commit| commit["builds"].as_array().unwrap());
    let builds: BTreeSet<String> = builds.map(|build| build["service"].as_str().unwrap().to_owned()).collect();
    assert_eq!(builds, expected, "replay: {about}");
    assert_eq!(building(&world.plan(&["--environment", before])), expected, "plan: {about}");
    let status = world.run(["status", "--environment", before, "--format", "json"]).json();
    for service in status["services"].as_array().unwrap() {
        let name = service["service"].as_str().unwrap();
        let behind = service["commits_behind"].as_u64().unwrap_or_else(|| panic!("{service}"));
        assert_eq!(behind, u64::from(expected.contains(name)), "status {name}: {about}");
    }
}

fn walk(seed: u64) -> usize {
    let mut random = Rng::with_seed(seed);
    let world = repository(&mut random);
    let mut through_links = 0;
    for step in 0..4 {
        let about = format!("seed {seed}, commit {step}");
        let adopt = |environment: &str| {
            world.run([
                "adopt",
                "--all",
                "--from-git",
                "HEAD",
                "--yes",
                "--environment",
                environment,
                "--pipeline",
                "shop",
            ])
        };
        let before = format!("e{step}");
        let adopted = adopt(&before);
        assert_eq!(adopted.code, 0, "{adopted:?}");
        assert_eq!(building(&world.plan(&["--environment", &before])), BTreeSet::new(), "adopt: {about}");
        commit(&world, &mut random);
        sources_agree(&world, step, &about);
        through_links += explanations_agree(&world, &about);
        last_commits_agree(&world, &before, &about);
        world.run(["state", "rm", "--all", "--environment", "e-other", "--yes"]);
    }
    through_links
}

#[test]
fn all_commands_see_the_same_inputs() {
    let through_links: usize = (0..1).map(walk).sum();
    assert!(through_links > 0);
}

mod long {
    use super::walk;
    use crate::long::{Share, walks};

    #[test]
    #[ignore = "long: many histories"]
    fn all_commands_see_the_same_inputs_in_many_histories() {
        for seed in walks(Share::Rest, 0.08, 100) {
            walk(seed);
        }
    }
}
