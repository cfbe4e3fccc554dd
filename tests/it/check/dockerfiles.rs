//! Dockerfiles: shaped like those of the Swift servers, the Node backend and the Python functions.

use super::{codes, found};
use crate::support::World;

const DIGEST: &str = "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A Swift package of two servers; `command` is built from the package without the other server's sources.
fn swift(dockerfile: &str, map: &str) -> World {
    let map = format!(
        "[groups]\npackage = ['Server/Package.*', 'Server/Sources', 'Server/.dockerignore']\n[services.command]\n\
         groups = ['package']\nexclude = ['Server/Sources/Query']\ndockerfile = 'Server/Sources/Command/Dockerfile'\n{map}"
    );
    let files = [
        ("Server/Package.swift", "let package = Package()"),
        ("Server/Sources/Command/main.swift", "x"),
        ("Server/Sources/Command/Dockerfile", dockerfile),
        ("Server/Sources/Domain/cart.swift", "x"),
        ("Server/Sources/Query/main.swift", "x"),
        ("Server/Tests/test.swift", "x"),
        ("Server/.dockerignore", ".build\nTests\n"),
    ];
    World::new(&map, &files)
}

fn said(world: &World) -> String {
    world.run(["check", "--allow", "unowned"]).stdout
}

#[test]
fn what_is_copied_and_is_no_input_is_denied_with_its_line() {
    let dockerfile =
        format!("FROM swift:6.2.1{DIGEST} AS build\nCOPY ./Package.* ./\nCOPY ./Sources \\\n  ./Sources\n");
    let world = swift(&dockerfile, "context = 'Server'\n");
    let said = said(&world);
    for line in [
        "error[copied-not-input]: the Dockerfile of `command` copies 1 file that is no input of it",
        " --> Server/Sources/Command/Dockerfile:3:1",
        "3 | COPY ./Sources \\",
        "  - Server/Sources/Query/main.swift",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert_eq!(world.run(["check"]).code, 4);
    let on_purpose = swift(&dockerfile, "context = 'Server'\nnot_inputs = ['Server/Sources/Query']\n");
    assert_eq!(codes(&on_purpose), ["unowned"]);
    let reason = "context = 'Server'\nnot_inputs = { 'Server/Sources/Query' = 'only the other image runs it' }\n";
    let with_reason = swift(&dockerfile, reason);
    assert_eq!(codes(&with_reason), ["unowned"]);
    let said = with_reason.run(["check", "-v"]).stderr;
    assert!(said.contains("not an input of command on purpose: `Server/Sources/Query` (shipmark.toml:"), "{said}");
    assert!(said.contains("): only the other image runs it\n"), "{said}");
}

#[test]
fn what_the_dockerignore_leaves_out_is_not_copied() {
    let dockerfile = format!("FROM swift:6.2.1{DIGEST}\nCOPY . .\n");
    let world = swift(&dockerfile, "context = 'Server'\nnot_inputs = ['Server/Sources/Query']\n");
    assert_eq!(codes(&world), ["unowned"], "Tests are left out");
    world.write("Server/.dockerignore", "");
    assert!(said(&world).contains("  - Server/Tests/test.swift\n"));
    // The one beside the Dockerfile goes before it, and is not at its old place then.
    world.write("Server/Sources/Command/Dockerfile.dockerignore", "*\n!Sources/Command\n!Package.*\n");
    assert_eq!(codes(&world), ["unowned"]);
}

#[test]
fn a_dockerfile_and_its_dockerignore_are_inputs_too() {
    let dockerfile = format!("FROM swift:6.2.1{DIGEST}\nCOPY Sources/Command /x\n");
    let world = swift(&dockerfile, "context = 'Server'\n");
    let map = std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
    world.write("shipmark.toml", &map.replace(", 'Server/.dockerignore'", ""));
    assert!(
        said(&world)
            .contains("`Server/.dockerignore` decides what the image of `command` holds, and is no input of it")
    );
    world.write("shipmark.toml", &map.replace("['Server/Sources/Query']", "['**/Dockerfile']"));
    assert_eq!(found(&world)[1], "error dockerfile-not-input shipmark.toml:3");
}

#[test]
fn a_missing_dockerfile_or_context_is_denied() {
    let world = swift("FROM scratch\n", "context = 'Serve'\n");
    assert!(said(&world).contains("error[dockerfile-missing]: the context `Serve` of `command` has no file"));
    world.remove("Server/Sources/Command/Dockerfile");
    assert!(said(&world).contains("the Dockerfile `Server/Sources/Command/Dockerfile` of `command` is not there"));
    world.write("Server/Sources/Command/Dockerfile.x86", "FROM scratch\n");
    assert!(said(&world).contains("help: did you mean `Server/Sources/Command/Dockerfile.x86`?"), "{}", said(&world));
    let outside = World::new("[services.a]\ninclude = ['a']\ndockerfile = '../Dockerfile'\n", &[("a", "x")]);
    assert_eq!(codes(&outside), ["dockerfile-missing"]);
}

#[test]
fn the_context_is_the_dockerfiles_directory_unless_the_map_says_otherwise() {
    let world = swift("FROM scratch\nCOPY main.swift /x\nCOPY Package.swift /y\n", "");
    let said = said(&world);
    let expected = "`Package.swift` is no file of the context of `command`, which is `Server/Sources/Command/`";
    assert!(said.contains(expected) && said.matches("copies-nothing]").count() == 1, "{said}");
}

#[test]
fn an_image_on_a_tag_that_moves_is_told_and_a_digest_is_not() {
    for (image, code) in [
        ("swift:latest", "floating-base"),
        ("swift", "floating-base"),
        ("node:22", "floating-base"),
        ("python:3.12-slim", "floating-base"),
        ("swift:6.2.1-jammy", "unpinned-base"),
    ] {
        for form in [
            format!("FROM {image}\n"),
            format!("ARG B={image}\nFROM --platform=$X $B AS b\nFROM b\n"),
            format!("FROM scratch\nCOPY --from={image} /a /b\n"),
        ] {
            let world = swift(&form, "context = 'Server'\n");
            let mut expected = ["unowned", code];
            expected.sort_unstable();
            assert_eq!(codes(&world), expected, "{form}");
        }
    }
    for dockerfile in [format!("FROM swift:latest{DIGEST}\n"), "FROM scratch\n".to_owned()] {
        assert_eq!(codes(&swift(&dockerfile, "context = 'Server'\n")), ["unowned"], "{dockerfile}");
    }
}

#[test]
fn what_a_variable_hides_is_said() {
    let world =
        swift("ARG BASE\nFROM ${BASE}\nARG DIR\nCOPY $DIR /x\nADD https://example.com/x /x\n", "context = 'Server'\n");
    assert_eq!(codes(&world), ["dockerfile-unclear", "remote-add", "unowned"]);
    assert!(said(&world).contains("`$DIR` was not checked: the value of `DIR` is not written here"));
}

#[test]
fn two_services_of_one_dockerfile_are_told_of_its_image_once() {
    let map = "[services.a]\ninclude = ['Dockerfile', 'src']\ndockerfile = 'Dockerfile'\n[services.b]\ninclude = ['Dockerfile', 'src']\ndockerfile = './Dockerfile'\n";
    let world = World::new(map, &[("Dockerfile", "FROM node:22\nCOPY . .\n"), ("src/x", "x"), ("tests/x", "x")]);
    let expected = [
        "warning unowned shipmark.toml",
        "warning floating-base Dockerfile:1",
        "error copied-not-input Dockerfile:2",
        "error copied-not-input Dockerfile:2",
    ];
    assert_eq!(found(&world), expected, "{}", said(&world));
}

#[test]
fn what_the_defaults_exclude_and_an_image_copies_is_denied() {
    let map = "[defaults]\nexclude = ['**/*.md']\n[services.a]\ninclude = ['a']\ndockerfile = 'a/Dockerfile'\n";
    let world = World::new(map, &[("a/Dockerfile", "FROM scratch\nCOPY . .\n"), ("a/x", "x"), ("a/README.md", "x")]);
    assert_eq!(found(&world), ["warning copied-excluded a/Dockerfile:2"]);
    assert_eq!(world.run(["check"]).code, 4);
    world.write("a/.dockerignore", "README.md\n");
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn a_file_that_is_no_dockerfile_is_passed_over() {
    for text in ["26c8227b77a8e123a7f0ca6e66e2212ce038ce6f\n", "", "FROM", "COPY", "\u{0}FROM \u{1b}[31m"] {
        let done = swift(text, "context = 'Server'\n").run(["check", "--allow", "floating-base"]);
        assert!(done.code == 0 && !done.stdout.contains('\u{1b}'), "{text:?}: {}{}", done.stdout, done.stderr);
    }
}

#[test]
fn a_dockerfile_that_is_a_link_is_said_to_be_unchecked() {
    let world = swift("FROM scratch\n", "context = 'Server'\n");
    world.remove("Server/Sources/Command/Dockerfile");
    std::os::unix::fs::symlink("../Dockerfile", world.source().join("Server/Sources/Command/Dockerfile")).unwrap();
    assert_eq!(codes(&world), ["unowned", "unreadable"]);
    assert!(said(&world).contains("`Server/Sources/Command/Dockerfile` was not looked into: it is no plain file"));
}
