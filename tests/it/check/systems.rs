//! The maps of four real systems on their real paths: silent as they are, and each way of breaking them is found.

use std::collections::BTreeSet;
use std::path::Path;

use super::{codes, found};
use crate::histories::history;
use crate::support::{World, skip};

const SWIFT: &str = "cqrs-es-example-swift";
const GAME: &str = "hima-five-bomber";
const FUNCTIONS: &str = "lambda-microservice";
const VISION: &str = "poc-mc-vision";

/// A system at its last commit, contents aside; nothing where the histories are not at hand.
fn system(name: &str, map: &str) -> Option<World> {
    let Some(folder) = history::folder() else {
        skip("histories", &format!("the maps of {name} are not checked: its history is missing"));
        return None;
    };
    let mut paths = BTreeSet::new();
    for commit in history::read(&folder.join(format!("{name}.jsonl.gz"))) {
        for (path, there) in commit.paths() {
            if there {
                paths.insert(path.to_owned())
            } else {
                paths.remove(path)
            };
        }
    }
    // Installed packages make one directory out of thousands of files, and nothing more of them.
    let kept = paths.iter().filter(|path| !path.contains("node_modules/") || path.ends_with("/package.json"));
    let files: Vec<(&str, &str)> = kept.map(|path| (path.as_str(), "stand-in")).collect();
    Some(World::new(map, &files))
}

fn good(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    std::fs::read_to_string(folder.join(name).with_extension("toml")).unwrap()
}

#[test]
fn the_good_maps_are_silent() {
    for name in [SWIFT, GAME, FUNCTIONS, VISION] {
        let Some(world) = system(name, &good(name)) else { return };
        // The contents are stand-ins, and no manifest is understood.
        let mut found = found(&world);
        found.retain(|found| !found.starts_with("warning unreadable"));
        assert_eq!(found, Vec::<String>::new(), "{name}");
        assert_eq!(world.run(["check"]).code, 0);
    }
}

/// What is found, if something is lacking.
fn lacking(world: &World, expected: &[&str]) -> Option<Vec<String>> {
    let codes = codes(world);
    let all = expected.iter().all(|code| codes.iter().any(|found| found == code));
    (!all).then_some(codes)
}

/// In each row: what stands in the map, what is written instead, and what must be found, among more.
#[test]
fn every_broken_map_is_found_out() {
    let rows: [(&str, &str, &str, &[&str]); 20] = [
        // A misspelt directory, and one in another case.
        (SWIFT, "\"Server/terraform/**\"", "\"Server/terrafrom/**\"", &["dead-pattern", "unowned"]),
        (SWIFT, "\"Server/Public/**\"", "\"server/Public/**\"", &["wrong-case", "unowned"]),
        // Excluded too much.
        (
            SWIFT,
            "\"Server/Tests\",",
            "\"Server\",",
            &["no-inputs", "expect", "excluded-include", "dockerfile-not-input"],
        ),
        (
            SWIFT,
            "exclude = [\"Server/Sources/Command\"]",
            "exclude = [\"Server/Sources\"]",
            &["expect", "dockerfile-not-input"],
        ),
        // Forgotten.
        (SWIFT, "  \"Server/samconfig.toml\",\n  \"Server/AWS/**\"", "  \"Server/AWS/**\"", &["unowned"]),
        (SWIFT, "  \"Server/.dockerignore\",\n]\n# What", "]\n# What", &["dockerfile-not-input", "unowned"]),
        (
            SWIFT,
            "Server/Sources/Query/Dockerfile\"\n",
            "Server/Sources/Queries/Dockerfile\"\n",
            &["dockerfile-missing"],
        ),
        (GAME, "  \"backend/Dockerfile\",\n", "", &["dockerfile-not-input", "unowned"]),
        (GAME, "context = \"backend\"", "context = \"backnd\"", &["dockerfile-missing"]),
        (GAME, "  \"**/node_modules\",\n", "", &["unowned"]),
        // Said twice, and said by a wider pattern.
        (GAME, "  \"backend/src/**\",\n", "  \"backend/src/**\",\n  \"backend/src/**\",\n", &["duplicate-pattern"]),
        (GAME, "[\"frontend/**\"]", "[\"frontend/**\", \"frontend/src/**\"]", &["covered-pattern"]),
        (GAME, "\"data/questions.json\"", "\"data/question.json\"", &["dead-pattern", "unowned"]),
        // Environments that are called otherwise.
        (FUNCTIONS, "[\"dev\", \"prod\"]", "[\"development\", \"production\"]", &["dead-environment", "unowned"]),
        (FUNCTIONS, "depends_on = [\"controller-image\"]", "", &["expect"]),
        (FUNCTIONS, "groups = [\"functions\", \"rollout\"]", "groups = [\"rollout\"]", &["unused-group", "expect"]),
        (
            FUNCTIONS,
            "[\"envoy/**\"]",
            "[\"envoi/**\"]",
            &["no-inputs", "dead-pattern", "unowned", "dockerfile-not-input"],
        ),
        (VISION, "[\"Lambda/**\"]", "[\"lambda/**\"]", &["wrong-case", "no-inputs", "expect", "unowned"]),
        (VISION, "\"src/backend/**\"", "\"src/backend/*.py\"", &["dockerfile-not-input", "unowned"]),
        (VISION, "  \"docs\",\n", "", &["unowned"]),
    ];
    let mut wrong = Vec::new();
    for (name, from, to, expected) in rows {
        let map = good(name);
        let broken = map.replace(from, to);
        assert_ne!(map, broken, "{name}: {from}");
        let Some(world) = system(name, &broken) else { return };
        wrong.extend(lacking(&world, expected).map(|codes| format!("{name}: {to}: {codes:?}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The map stays as it is, and the files move.
#[test]
fn a_renamed_directory_is_found_out() {
    let mut wrong = Vec::new();
    for (name, from, to, expected) in [
        (SWIFT, "Server/Sources/Query", "Server/Sources/Queries", &["dockerfile-missing"][..]),
        (SWIFT, "Server/AWS", "Server/aws", &["wrong-case", "unowned"]),
        (GAME, "frontend", "web", &["dead-pattern", "unowned"]),
        (FUNCTIONS, "runtimes/rust", "runtimes/rs", &["dead-pattern", "dockerfile-missing", "unowned"]),
        (VISION, "sagemaker_model", "model", &["dead-pattern", "no-inputs", "unowned"]),
    ] {
        let Some(world) = system(name, &good(name)) else { return };
        std::fs::rename(world.source().join(from), world.source().join(to)).unwrap();
        wrong.extend(lacking(&world, expected).map(|codes| format!("{name}: {from}: {codes:?}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// With contents like those that the Swift servers have.
#[test]
fn a_dockerfile_of_the_swift_servers_copies_its_inputs_and_no_more() {
    let dockerfile = "FROM swift:latest AS build\nWORKDIR /build\nCOPY ./Package.* ./\nRUN swift package resolve\nCOPY . .\n\
        RUN swift build -c release --static-swift-stdlib\nFROM ubuntu:jammy\nCOPY --from=build --chown=app:app /staging /app\n";
    let Some(world) = system(SWIFT, &good(SWIFT)) else { return };
    world.write("Server/Sources/Command/Dockerfile", dockerfile);
    world.write("Server/.dockerignore", ".build\nTests\n*.md\n");
    let warned = [
        "warning floating-base Server/Sources/Command/Dockerfile:1",
        "warning floating-base Server/Sources/Command/Dockerfile:7",
    ];
    let told = |world: &World| -> Vec<String> {
        let quiet = |found: &String| !found.contains("copied-excluded") && !found.starts_with("warning unreadable");
        found(world).into_iter().filter(quiet).collect()
    };
    assert_eq!(told(&world), warned);
    world.write(
        "shipmark.toml",
        &good(SWIFT).replace("  \"Server/samconfig.toml\",\n  \"Server/template.yaml\",\n]", "]"),
    );
    assert_eq!(told(&world)[2], "error copied-not-input Server/Sources/Command/Dockerfile:5");
    assert!(world.run(["check"]).stdout.contains("  - Server/samconfig.toml\n  - Server/template.yaml\n"));
}
