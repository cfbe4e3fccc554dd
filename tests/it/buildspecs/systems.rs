//! The examples that go with the maps of `config/`: Terraform and an image, a frontend beside a Lambda, three runtimes.

use super::cases::Subject;
use super::{Outcome, Site, config, example};
use crate::codebuild::{Shell, default_shells};

const REPOSITORY: (&str, &str) = ("REPOSITORY_URL", "1.dkr.ecr.example.com/backend");

/// Runs a buildspec that must succeed; whether each of these commands was called.
fn did<const N: usize>(site: &Site, spec: &str, commands: [&str; N]) -> [bool; N] {
    let ended = site.build(spec);
    assert!(ended.succeeded, "{}", ended.log);
    commands.map(|command| site.did(command))
}

/// What is deployed of the image and of Terraform.
pub(super) const TERRAFORM: [(&str, &str); 3] = [
    ("backend-api/main.py", "src/backend/main.py"),
    ("backend-worker/main.py", "src/backend/main.py"),
    ("terraform/main.tf", "Terraform/aws/main.tf"),
];

/// An image and Terraform.
pub(super) fn terraform(shell: Shell) -> Site {
    let files = ["src/backend/main.py", "Terraform/aws/main.tf", "Terraform/azure/main.tf", ".terraform-version"];
    Site::new(shell, &config("poc-mc-vision.toml"), &files.map(|path| (path, "1")), &[REPOSITORY])
}

#[test]
fn terraform_is_applied_after_the_image_and_with_its_digest() {
    let spec = example("terraform-image.yml");
    let truth = TERRAFORM;
    for shell in default_shells() {
        let site = terraform(shell);
        let subject = Subject {
            spec: &spec,
            truth: &truth,
            own: "src/backend/main.py",
            other: "Terraform/azure/main.tf",
            builds: "docker build",
            deploys: "aws lambda update-function-code --function-name backend-worker",
            unreachable: Outcome::Fails,
        };
        subject.play(&site);
        let live = site.deployed("backend-api.image").unwrap();
        site.world.write("Terraform/aws/main.tf", "2");
        let commands = ["docker build", "terraform -chdir=Terraform/aws apply", "aws lambda"];
        assert_eq!(did(&site, &spec, commands), [false, true, false], "Terraform alone deploys the recorded image");
        assert_eq!(site.deployed("backend-api.image").unwrap(), live);
        site.agrees(&truth);
        site.world.write("src/backend/main.py", "6");
        assert_eq!(did(&site, &spec, commands), [true, false, true], "and the image needs no Terraform");
        site.agrees(&truth);
    }
}

#[test]
fn a_frontend_is_built_without_its_backend_and_the_other_way_round() {
    let spec = example("frontend-lambda.yml");
    let files = [
        "frontend/src/App.tsx",
        "frontend/package-lock.json",
        "backend/src/index.ts",
        "backend/Dockerfile",
        "shared/src/types.ts",
        "data/questions.json",
        "README.md",
    ];
    let truth = [
        ("site/App.tsx", "frontend/src/App.tsx"),
        ("game-backend/src/index.ts", "backend/src/index.ts"),
        ("../buckets/data/questions.json", "data/questions.json"),
    ];
    let variables = [REPOSITORY, ("SITE_BUCKET", "site"), ("DATA_BUCKET", "data"), ("DISTRIBUTION_ID", "E1")];
    for shell in default_shells() {
        let site = Site::new(shell, &config("hima-five-bomber.toml"), &files.map(|path| (path, "1")), &variables);
        let subject = Subject {
            spec: &spec,
            truth: &truth,
            own: "frontend/src/App.tsx",
            other: "README.md",
            builds: "npm run build",
            deploys: "aws cloudfront create-invalidation",
            unreachable: Outcome::Fails,
        };
        subject.play(&site);
        for (changed, called) in [
            ("frontend/package-lock.json", [true, false, false]),
            ("backend/src/index.ts", [false, true, false]),
            ("data/questions.json", [false, false, true]),
            ("shared/src/types.ts", [true, true, false]),
        ] {
            site.world.write(changed, "9");
            assert_eq!(did(&site, &spec, ["npm run build", "docker build", "aws s3 cp"]), called, "{changed}");
            site.agrees(&truth);
            assert_eq!(site.outcome(&spec), Outcome::Skips);
        }
    }
}

#[test]
fn three_runtimes_and_a_gateway_are_deployed_each_on_its_own() {
    let spec = example("three-runtimes.yml");
    let files = [
        "runtimes/nodejs/index.js",
        "runtimes/python/app.py",
        "runtimes/rust/main.rs",
        "kubernetes/runtimes/nodejs-deployment.yaml",
        "kubernetes/runtimes/python-deployment.yaml",
        "kubernetes/runtimes/rust-deployment.yaml",
        "envoy/envoy.yaml",
        "openfaas/functions.yml",
    ];
    let truth = [
        ("runtime-nodejs/index.js", "runtimes/nodejs/index.js"),
        ("runtime-python/app.py", "runtimes/python/app.py"),
        ("runtime-rust/main.rs", "runtimes/rust/main.rs"),
        ("gateway/envoy.yaml", "envoy/envoy.yaml"),
        ("rust-deployment.yaml", "kubernetes/runtimes/rust-deployment.yaml"),
    ];
    for shell in default_shells() {
        let variables = [("REGISTRY", "1.dkr.ecr.example.com")];
        let site = Site::new(shell, &config("lambda-microservice.toml"), &files.map(|path| (path, "1")), &variables);
        let subject = Subject {
            spec: &spec,
            truth: &truth,
            own: "runtimes/python/app.py",
            other: "openfaas/README.md",
            builds: "docker build",
            deploys: "kubectl rollout status deployment/runtime-python",
            unreachable: Outcome::Fails,
        };
        subject.play(&site);
        let all = ["gateway", "runtime-nodejs", "runtime-python", "runtime-rust"];
        let commands = all.map(|name| format!("kubectl set image deployment/{name} "));
        for (changed, called) in [
            ("envoy/envoy.yaml", [true, false, false, false]),
            ("kubernetes/runtimes/rust-deployment.yaml", [false, false, false, true]),
            ("openfaas/functions.yml", [false, true, true, true]),
        ] {
            site.world.write(changed, "9");
            assert_eq!(did(&site, &spec, commands.each_ref().map(String::as_str)), called, "{changed}");
            site.agrees(&truth);
        }
        // One image that fails keeps all of them from being deployed.
        site.world.write("envoy/envoy.yaml", "8");
        site.world.write("runtimes/python/app.py", "8");
        let fails = [("FAILS", "docker build --tag 1.dkr.ecr.example.com/gateway")];
        site.with(&fails, |site| assert_eq!(site.outcome(&spec), Outcome::Fails));
        assert!(!site.did("kubectl"), "{:?}", site.log());
        // One that fails stops those behind it, and does not make those before it build again.
        site.world.write("envoy/envoy.yaml", "10");
        site.world.write("runtimes/python/app.py", "10");
        let fails = [("FAILS", "kubectl set image deployment/runtime-python")];
        site.with(&fails, |site| assert_eq!(site.outcome(&spec), Outcome::Fails));
        let called = [false, false, true, false];
        assert_eq!(did(&site, &spec, commands.each_ref().map(String::as_str)), called, "the gateway was recorded");
        site.agrees(&truth);
    }
}
