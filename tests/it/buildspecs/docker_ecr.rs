//! `docker-ecr.yml`: an image and its deploy, two servers in one stack, two pipelines.

use super::cases::Subject;
use super::{Outcome, Site, config, example};
use crate::codebuild::{Shell, default_shells};

/// Where an image's files lie when it is deployed as the one or the other.
const COMMAND: &str = "CommandServerFunctionImageUri/Sources/Command/main.swift";
pub(super) const QUERY: &str = "QueryServerFunctionImageUri/Sources/Query/main.swift";

/// What is deployed, of which file.
pub(super) const TRUTH: [(&str, &str); 3] = [
    (COMMAND, "Server/Sources/Command/main.swift"),
    ("CommandServerFunctionImageUri/Package.swift", "Server/Package.swift"),
    ("stack/template.yaml", "Server/template.yaml"),
];

/// The repository of the Swift system, cut to what the rules tell apart.
pub(super) fn swift(shell: Shell) -> Site {
    let files = [
        "Server/Package.swift",
        "Server/Sources/Command/main.swift",
        "Server/Sources/Command/Dockerfile",
        "Server/Sources/Query/main.swift",
        "Server/Sources/Query/Dockerfile",
        "Server/template.yaml",
    ];
    let files = files.map(|path| (path, "1"));
    let variables = [("REPOSITORY_URL", "1.dkr.ecr.example.com/command"), ("STACK_NAME", "server")];
    Site::new(shell, &config("cqrs-es-example-swift.toml"), &files, &variables)
}

/// The file of the other project: the two names exchanged, as its first lines say.
pub(super) fn exchanged(spec: &str) -> String {
    // Words of CodeBuild and of the AWS CLI that look like the names.
    let mut text = spec.replace("commands:", "\x01").replace("--query ", "\x02");
    for (one, other) in [("command", "query"), ("Command", "Query"), ("COMMAND", "QUERY")] {
        text = text.replace(one, "\0").replace(other, one).replace('\0', other);
    }
    text.replace('\x01', "commands:").replace('\x02', "--query ")
}

#[test]
fn the_file_of_the_other_server_is_the_same_with_the_names_exchanged() {
    assert_eq!(example("docker-ecr-query.yml"), exchanged(&example("docker-ecr.yml")));
}

#[test]
fn docker_ecr_lives_through_all_cases() {
    let spec = example("docker-ecr.yml");
    for shell in default_shells() {
        let subject = Subject {
            spec: &spec,
            truth: &TRUTH,
            own: "Server/Sources/Command/main.swift",
            other: "Server/Sources/Query/main.swift",
            builds: "docker build",
            deploys: "aws cloudformation deploy",
            // Nobody knows which image the other server runs.
            unreachable: Outcome::Fails,
        };
        subject.play(&swift(shell));
    }
}

#[test]
fn a_template_alone_deploys_the_recorded_digest() {
    let spec = example("docker-ecr.yml");
    for shell in default_shells() {
        let site = swift(shell);
        let first = site.build(&spec).exported;
        assert!(first["IMAGE_URI"].contains("/command@sha256:"), "{first:?}");
        site.world.write("Server/template.yaml", "2");
        let second = site.build(&spec);
        assert!(second.succeeded && !site.did("docker build") && site.did("aws cloudformation deploy"));
        assert_eq!((&second.exported["IMAGE_URI"], &*second.exported["BUILD_SKIPPED"]), (&first["IMAGE_URI"], "false"));
        site.agrees(&TRUTH);
        // An image that somebody pushed since is not what a skip hands back.
        site.world.write("Server/Sources/Command/main.swift", "2");
        site.with(&[("FAILS", "aws cloudformation deploy")], |site| assert_eq!(site.outcome(&spec), Outcome::Fails));
        site.world.write("Server/Sources/Command/main.swift", "1");
        assert_eq!(site.outcome(&spec), Outcome::Deploys, "the image and the deploy that failed are doubt");
        let fourth = site.build(&spec);
        assert_eq!(&*fourth.exported["BUILD_SKIPPED"], "true");
        let live = site.deployed("CommandServerFunctionImageUri.image").unwrap();
        assert_eq!(fourth.exported["IMAGE_URI"], live.trim(), "a skip hands back what is live");
    }
}

/// Each pipeline passes the other's deployed image, and a placeholder only before the other's first deploy.
#[test]
fn two_pipelines_of_one_stack_keep_each_others_image() {
    let command = example("docker-ecr.yml");
    let query = exchanged(&command);
    for shell in default_shells() {
        let site = swift(shell);
        let both = [TRUTH.as_slice(), &[(QUERY, "Server/Sources/Query/main.swift")]].concat();
        assert_eq!(site.outcome(&command), Outcome::Deploys);
        assert!(site.deployed("QueryServerFunctionImageUri.image").unwrap().contains(":placeholder"));
        let of_query = [("REPOSITORY_URL", "1.dkr.ecr.example.com/query")];
        let query = || site.with(&of_query, |site| site.outcome(&query));
        assert_eq!(query(), Outcome::Deploys);
        site.agrees(&both);
        assert_eq!((site.outcome(&command), query()), (Outcome::Skips, Outcome::Skips));
        site.world.write("Server/Sources/Query/main.swift", "2");
        assert_eq!((site.outcome(&command), query()), (Outcome::Skips, Outcome::Deploys));
        site.agrees(&both);
        site.world.write("Server/Sources/Command/main.swift", "2");
        assert_eq!((site.outcome(&command), query()), (Outcome::Deploys, Outcome::Skips));
        site.agrees(&both);
        site.world.write("Server/Package.swift", "2");
        assert_eq!((site.outcome(&command), query()), (Outcome::Deploys, Outcome::Deploys));
        site.agrees(&both);
    }
}

/// Case 48: AWS's command line prints `None` where it finds no image.
#[test]
fn an_image_without_a_digest_is_not_recorded() {
    let spec = example("docker-ecr.yml");
    for shell in default_shells() {
        let site = swift(shell);
        site.with(&[("FAILS", "docker push")], |site| assert_eq!(site.outcome(&spec), Outcome::Fails));
        let lax = spec.replace("docker push", "true");
        assert_eq!(site.outcome(&lax), Outcome::Fails);
        assert!(site.did("aws cloudformation deploy") && site.deployed(COMMAND).is_none());
        assert_eq!(site.outcome(&spec), Outcome::Deploys);
        site.agrees(&TRUTH);
    }
}
