//! What manifests pull in, and is no input.

use super::codes;
use crate::support::World;

/// A Cargo workspace, a pnpm one, a Swift package, a Go module and a SAM application, each with one service.
const FILES: [(&str, &str); 22] = [
    ("Cargo.toml", "[workspace]\nmembers = ['rust/*']\n"),
    ("rust/api/Cargo.toml", "[package]\nname = 'api'\n[dependencies]\ndb = { path = '../db' }\n"),
    ("rust/api/src/main.rs", "fn main() {}"),
    ("rust/db/Cargo.toml", "[package]\nname = 'db'\n"),
    ("rust/db/src/lib.rs", ""),
    ("package.json", "{ \"workspaces\": [\"node/*\"] }"),
    ("node/web/package.json", "{ \"name\": \"web\", \"dependencies\": { \"@x/ui\": \"*\" } }"),
    ("node/web/index.html", ""),
    ("node/ui/package.json", "{ \"name\": \"@x/ui\" }"),
    ("node/ui/button.ts", ""),
    ("Package.swift", ".executableTarget(name: \"Run\", dependencies: [\"Core\"]), .target(name: \"Core\")"),
    ("Sources/Run/main.swift", ""),
    ("Sources/Core/core.swift", ""),
    ("go.mod", "module x\n"),
    ("cmd/serve/main.go", "package main\nimport \"x/store\"\n"),
    ("store/store.go", "package store\n"),
    (
        "sam/template.yaml",
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: ../functions/f\n",
    ),
    ("sam/samconfig.toml", ""),
    ("functions/f/app.py", ""),
    ("py/requirements.txt", "-e ../pylib\n"),
    ("py/main.py", ""),
    ("pylib/lib.py", ""),
];

const OWN: &str = "include = ['rust/api', 'node/web', 'Package.swift', 'Sources/Run', 'go.mod', 'cmd', 'sam', 'py']\n";

/// What another service leaves out says nothing about this one.
#[test]
fn an_exclude_of_another_service_hides_nothing() {
    let other = "[services.other]\ninclude = ['rust']\nexclude = ['rust/db/**']\n";
    let world = World::new(&format!("[services.api]\n{OWN}{other}"), &FILES);
    let said = world.run(["check", "--allow", "unowned"]);
    assert!(said.stdout.contains("`rust/api/Cargo.toml` of `api` pulls in `rust/db`"), "{}", said.stdout);
    let own = OWN.replace("\n", "\nexclude = ['rust/db/**']\n");
    world.write("shipmark.toml", &format!("[services.api]\n{own}"));
    let said = world.run(["check", "--allow", "unowned"]);
    assert!(!said.stdout.contains("pulls in `rust/db`"), "{}", said.stdout);
}

#[test]
fn what_manifests_pull_in_and_is_no_input_is_told_with_the_pattern_to_add() {
    let world = World::new(&format!("[services.all]\n{OWN}"), &FILES);
    let said = world.run(["check", "--allow", "unowned"]);
    assert_eq!(said.code, 0, "{said:?}");
    for (manifest, path) in [
        ("rust/api/Cargo.toml", "rust/db"),
        ("node/web/package.json", "node/ui"),
        ("Package.swift", "Sources/Core"),
        ("go.mod", "store"),
        ("py/requirements.txt", "pylib"),
    ] {
        let line = format!("warning[pulled-in]: `{manifest}` of `all` pulls in `{path}`");
        assert!(
            said.stdout.contains(&line) && said.stdout.contains(&format!("\"{path}/**\"")),
            "{line}\n{}",
            said.stdout
        );
    }
    let line = "the code of the function F of `sam/template.yaml`, `functions/f`, is an input of no service";
    assert!(said.stdout.contains(line), "{}", said.stdout);
}

#[test]
fn what_is_an_input_or_left_out_on_purpose_is_not_told() {
    let shared = "[groups]\nshared = ['rust/db', 'node/ui', 'Sources/Core', 'store', 'functions', 'pylib']\n";
    let world = World::new(&format!("{shared}[services.all]\n{OWN}groups = ['shared']\n"), &FILES);
    assert_eq!(codes(&world), ["unowned"]);
    let other = "[services.other]\ninclude = ['functions', 'rust/db', 'node/ui', 'Sources/Core', 'store', 'pylib']\n";
    let on_purpose = "not_inputs = ['rust/db', 'node/ui', 'Sources/Core', 'store', 'pylib']\n";
    let world = World::new(&format!("{other}[services.all]\n{OWN}{on_purpose}"), &FILES);
    assert_eq!(codes(&world), ["unowned"]);
}

#[test]
fn a_manifest_that_is_an_input_alone_is_of_no_project_there() {
    let world =
        World::new("[services.all]\ninclude = ['rust/api/Cargo.toml', 'node/ui/package.json', 'py/main.py']\n", &FILES);
    assert_eq!(codes(&world), ["unowned"]);
}

/// A kind, what is there, and what it pulls in.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static str);

#[test]
fn every_kind_of_manifest_and_file_tells_what_it_pulls_in() {
    let rows: [Row; 14] = [
        (
            "cargo",
            &[
                ("app/Cargo.toml", "[package]\nname='a'\n[[bin]]\nname='x'\npath='../x/main.rs'"),
                ("app/src/lib.rs", ""),
                ("x/main.rs", ""),
            ],
            "x/main.rs",
        ),
        (
            "patch",
            &[
                ("app/Cargo.toml", "[package]\nname='a'\n[patch.crates-io]\ny={path='../y'}"),
                ("app/src/lib.rs", ""),
                ("y/Cargo.toml", "[package]\nname='y'"),
            ],
            "y",
        ),
        (
            "embedded",
            &[("app/x.rs", "include_bytes!(\"../assets/logo.png\")"), ("assets/logo.png", "")],
            "assets/logo.png",
        ),
        ("import", &[("app/x.ts", "import { y } from '../shared/y'"), ("shared/y.ts", "")], "shared/y.ts"),
        (
            "tsconfig",
            &[("app/tsconfig.json", "{ \"extends\": \"../tsconfig.base.json\" }"), ("tsconfig.base.json", "{}")],
            "tsconfig.base.json",
        ),
        (
            "pip",
            &[("app/requirements-prod.txt", "-r ../common.txt\n"), ("app/requirements.txt", ""), ("common.txt", "")],
            "common.txt",
        ),
        (
            "poetry",
            &[
                ("app/pyproject.toml", "[tool.poetry.group.main.dependencies]\nx={path='../x'}"),
                ("app/a.py", ""),
                ("x/x.py", ""),
            ],
            "x",
        ),
        (
            "gradle",
            &[
                ("settings.gradle", ""),
                ("app/build.gradle", "plugins {}\ndependencies { implementation project(':lib') }"),
                ("app/src/main/A.java", ""),
                ("lib/build.gradle", "plugins {}"),
            ],
            "lib",
        ),
        (
            "maven",
            &[
                (
                    "app/pom.xml",
                    "<project><artifactId>a</artifactId><parent><relativePath>../parent/pom.xml</relativePath></parent></project>",
                ),
                ("app/src/main/A.java", ""),
                ("parent/pom.xml", "<project><artifactId>p</artifactId></project>"),
            ],
            "parent/pom.xml",
        ),
        (
            "dotnet",
            &[
                ("app/a.csproj", "<Project><Import Project=\"..\\build\\x.props\" /></Project>"),
                ("app/a.cs", ""),
                ("build/x.props", ""),
            ],
            "build/x.props",
        ),
        (
            "go",
            &[
                ("go.mod", "module m\n"),
                ("app/main.go", "package main\nimport \"m/docs\"\n"),
                ("docs/docs.go", "package docs"),
            ],
            "docs",
        ),
        (
            "terraform",
            &[
                ("app/main.tf", "provider \"x\" {}\nlocals { a = templatefile(\"${path.module}/../t/x.tpl\", {}) }"),
                ("app/b.tf", ""),
                ("t/x.tpl", ""),
            ],
            "t/x.tpl",
        ),
        (
            "swift",
            &[
                (
                    "app/Package.swift",
                    "let p = Package(dependencies: [.package(path: \"../Core\")], targets: [.executableTarget(name: \"A\", path: \"S\")])",
                ),
                ("app/S/main.swift", ""),
                ("Core/Package.swift", "Package()"),
            ],
            "Core",
        ),
        (
            "serverless",
            &[
                ("app/serverless.yml", "service: a\ncustom: ${file(../common.yml):x}"),
                ("app/h.js", ""),
                ("common.yml", "x: 1"),
            ],
            "common.yml",
        ),
    ];
    for (kind, files, pulled) in rows {
        let include = if kind == "go" { "['app/**', 'go.mod']" } else { "['app/**']" };
        let world = World::new(&format!("[services.app]\ninclude = {include}\n"), files);
        let said = world.run(["check", "--allow", "unowned"]).stdout;
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("warning[pulled-in]")).collect();
        assert!(lines.iter().any(|line| line.contains(&format!("pulls in `{pulled}`"))), "{kind}: {said}");
        world.assert(["check", "--fix", "--allow", "unowned", "--deny", "pulled-in"]).success();
    }
}

#[test]
fn a_manifest_that_is_not_understood_is_named() {
    let world =
        World::new("[services.app]\ninclude = ['app/**']\n", &[("app/package.json", "{ \"name\""), ("app/x.js", "")]);
    assert_eq!(codes(&world), ["unreadable"]);
    let said = world.run(["check"]).stdout;
    assert!(said.contains("`app/package.json` was not understood, so what it pulls in was not checked"), "{said}");
}
