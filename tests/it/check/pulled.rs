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
