//! Which files belong to which service of the four systems: written by hand as git pathspecs.
//!
//! This says the same as the maps in `config/`, a second time and in another language, on purpose: were it made from the
//! maps, it would repeat their mistakes. Prefixes are git's own (`frontend` is all below it), the rest are git's globs.

/// One system as the oracle knows it.
pub(crate) struct System {
    /// The name of its history and of its map.
    pub(crate) name: &'static str,
    /// The environment that is deployed to.
    pub(crate) environment: &'static str,
    /// Its services with their pathspecs.
    services: Vec<(&'static str, Vec<&'static str>)>,
    /// Which services a deploy of the first deploys again.
    redeploys: Vec<(&'static str, Vec<&'static str>)>,
    /// The files of the last commit that no service covers and no rule excludes.
    pub(crate) unowned: Vec<&'static str>,
}

impl System {
    pub(crate) fn services(&self) -> impl Iterator<Item = &'static str> {
        self.services.iter().map(|(name, _)| *name)
    }

    pub(crate) fn pathspecs(&self, service: &str) -> &[&'static str] {
        let found = self.services.iter().find(|(name, _)| *name == service);
        &found.unwrap_or_else(|| panic!("no service {service}")).1
    }

    pub(crate) fn redeploys(&self, service: &str) -> &[&'static str] {
        self.redeploys.iter().find(|(name, _)| *name == service).map_or(&[], |(_, others)| others)
    }
}

/// Two Swift servers in one package and one stack.
pub(crate) fn swift() -> System {
    const READ_BY_PEOPLE: [&str; 4] = [
        ":(exclude,glob)**/*.md",
        ":(exclude,glob)**/.gitignore",
        ":(exclude)Server/Tests",
        ":(exclude,glob)**/compose.yaml",
    ];
    const PACKAGE: [&str; 6] = [
        ":(glob)Server/**/Package.swift",
        ":(glob)Server/**/Package.resolved",
        ":(glob)Server/**/Sources/**",
        "Server/Public",
        "Server/.dockerignore",
        "Server/AWS/docker_build_and_push_buildspec.yaml",
    ];
    const STACK: [&str; 4] = ["Server/template.yaml", "Server/samconfig.toml", "Server/AWS", "Server/terraform"];
    let image = |other: &'static str| [&PACKAGE[..], &READ_BY_PEOPLE, &[other]].concat();
    let deploy = |other: &'static str| [&PACKAGE[..], &STACK, &READ_BY_PEOPLE, &[other]].concat();
    System {
        name: "cqrs-es-example-swift",
        environment: "live",
        services: vec![
            ("command-image", image(":(exclude)Server/Sources/Query")),
            ("query-image", image(":(exclude)Server/Sources/Command")),
            ("command", deploy(":(exclude)Server/Sources/Query")),
            ("query", deploy(":(exclude)Server/Sources/Command")),
        ],
        redeploys: vec![("command", vec!["query"]), ("query", vec!["command"])],
        unowned: vec![],
    }
}

/// A frontend, a backend and its questions; most files are installed packages that no build reads.
pub(crate) fn game() -> System {
    const NOT_DEPLOYED: [&str; 10] = [
        ":(exclude,glob)**/*.md",
        ":(exclude,glob)**/.gitignore",
        ":(exclude,glob)**/*.test.ts",
        ":(exclude,glob)**/*.test.tsx",
        ":(exclude,glob)**/.prettierrc*",
        ":(exclude)frontend/.eslintrc.json",
        ":(exclude)frontend/.env.example",
        ":(exclude)frontend/eslint.config.js",
        ":(exclude,glob)**/node_modules/**",
        ":(exclude,glob)**/*.sh",
    ];
    const WORKFLOWS: &str = ":(glob).github/workflows/deploy-*.yml";
    let backend = [
        "backend/src",
        "backend/package.json",
        "backend/package-lock.json",
        "backend/tsconfig.json",
        "backend/Dockerfile",
        "backend/.dockerignore",
        "shared",
        WORKFLOWS,
    ];
    System {
        name: "hima-five-bomber",
        environment: "live",
        services: vec![
            ("backend", [&backend[..], &NOT_DEPLOYED].concat()),
            ("frontend", [&["frontend", "shared", WORKFLOWS][..], &NOT_DEPLOYED].concat()),
            ("questions", vec!["data/questions.json", WORKFLOWS]),
        ],
        redeploys: vec![],
        unowned: vec![],
    }
}

/// One image for two Lambdas, a zipped one, a frontend, a model, and Terraform for two clouds.
pub(crate) fn vision() -> System {
    const NOT_DEPLOYED: [&str; 3] =
        [":(exclude,glob)**/*.md", ":(exclude,glob)**/.gitignore", ":(exclude,glob)**/*.example"];
    let of = |included: &[&'static str]| [included, &NOT_DEPLOYED].concat();
    System {
        name: "poc-mc-vision",
        environment: "live",
        services: vec![
            ("backend", of(&["src/backend", ".github/workflows/docker-build-push.yml"])),
            ("frontend", of(&["src/frontend", ":(exclude)src/frontend/eslint.config.js"])),
            ("ingest", of(&["Lambda"])),
            ("model", of(&["sagemaker_model"])),
            ("terraform-aws", of(&["Terraform/aws", ".github/workflows/terraform-apply.yml", ".terraform-version"])),
            ("terraform-azure", of(&["Terraform/azure", ".terraform-version"])),
        ],
        redeploys: vec![("terraform-aws", vec!["backend", "ingest", "model"])],
        unowned: vec![],
    }
}

/// A controller, three runtimes, a gateway, OpenFaaS and migrations on Kubernetes, as deployed to production.
pub(crate) fn platform() -> System {
    const NOT_DEPLOYED: [&str; 3] =
        [":(exclude,glob)**/*.md", ":(exclude)controller/tests", ":(exclude,glob)**/*_backup*"];
    let of = |included: &[&'static str]| [included, &NOT_DEPLOYED].concat();
    const FUNCTIONS: [&str; 3] =
        ["openfaas/functions.yml", "scripts/deploy-runtime-functions.sh", "scripts/deploy_k8s.sh"];
    let runtime = |own: &[&'static str]| of(&[own, &FUNCTIONS].concat());
    System {
        name: "lambda-microservice",
        environment: "prod",
        services: vec![
            ("controller-image", of(&["controller"])),
            (
                "controller",
                of(&[
                    "controller",
                    "kubernetes/controller",
                    "kubernetes/environments/prod",
                    "config/runtime_mappings.json",
                    "scripts/deploy_k8s.sh",
                ]),
            ),
            ("gateway", of(&["envoy"])),
            ("migrations", of(&["database/migrations", "scripts/migrate_database.sh", "scripts/init_meta_schema.sh"])),
            ("openfaas", of(&["kubernetes/openfaas", "scripts/deploy-openfaas.sh"])),
            (
                "runtime-nodejs",
                runtime(&[
                    "runtimes/nodejs",
                    "kubernetes/runtimes/nodejs-deployment.yaml",
                    "kubernetes/functions/nodejs-runtime.yaml",
                    "openfaas/templates/nodejs",
                ]),
            ),
            (
                "runtime-python",
                runtime(&[
                    "runtimes/python",
                    "kubernetes/runtimes/python-deployment.yaml",
                    "kubernetes/functions/python-runtime.yaml",
                    "openfaas/templates/python",
                ]),
            ),
            (
                "runtime-rust",
                runtime(&[
                    "runtimes/rust",
                    "kubernetes/runtimes/rust-deployment.yaml",
                    "kubernetes/functions/rust-runtime.yaml",
                    "openfaas/templates/rust",
                ]),
            ),
        ],
        redeploys: vec![],
        // The settings of the other environment; whoever deploys there owns them.
        unowned: vec!["kubernetes/environments/dev/controller-configmap.yaml"],
    }
}
