//! Case 85: nothing that an image copies is left out of the draft because of what it is called.

use crate::support::World;

/// What the image copies, by names that often mean "not deployed".
const COPIED: [&str; 8] = [
    "scripts/setup.sh",
    "docs/guide.md",
    "docs/local/sample.json",
    "packages/util/index.js",
    "packages/util/test/verify.js",
    "api/main.js",
    "api/dev/seed.sql",
    "api/backup/lint.format",
];

#[test]
fn what_an_image_copies_is_an_input_whatever_it_is_called() {
    let dockerfile = "FROM scratch\nCOPY scripts/setup.sh /s/\nCOPY docs/ /docs/\nCOPY packages/util /u\nCOPY api /a\n";
    let mut files: Vec<(&str, &str)> = COPIED.map(|path| (path, "x\n")).into();
    files.extend([
        ("api/Dockerfile", dockerfile),
        ("package.json", "{\"workspaces\": [\"api\", \"packages/*\"]}"),
        ("api/package.json", "{\"name\": \"api\"}"),
        ("packages/util/package.json", "{\"name\": \"@x/util\"}"),
        ("web/Dockerfile", "FROM scratch\nCOPY . .\n"),
        ("web/main.js", "x\n"),
    ]);
    let world = World::new("", &files);
    world.remove("shipmark.toml");
    assert_eq!(world.run(["init"]).code, 0);
    for path in COPIED {
        let said = world.run(["explain", path]).stdout;
        assert!(said.contains("input of api"), "{said}\n{}", world.run(["init", "--print"]).stdout);
    }
    let checked = world.run(["check", "--deny", "copied-excluded", "--deny", "copied-not-input"]);
    assert_eq!(checked.code, 0, "{checked:?}");
}
