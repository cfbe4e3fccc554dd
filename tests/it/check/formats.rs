//! Findings for programs.

use serde_json::{Value, json};

use crate::support::World;

/// A finding in the map, one in another file, and one about the map as a whole.
fn world() -> World {
    let map = "[services.a]\ninclude = ['a', 'a b,c%']\ndockerfile = 'a/Dockerfile'\n";
    World::new(map, &[("a/Dockerfile", "FROM node:22\nCOPY x /x\n"), ("a/x", "x"), ("lost:1,2", "x")])
}

fn run(format: &str) -> String {
    let done = world().run(["check", "--format", format, "--deny", "floating-base", "--color", "always"]);
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert!(!done.stdout.contains('\u{1b}'), "no colours for programs");
    done.stdout
}

#[test]
fn github_gets_one_annotation_for_each_finding() {
    let said = run("github");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].starts_with("::warning file=shipmark.toml,line=2,col=17,endColumn=25,title=shipmark dead-pattern::`a b,c%25` matches no file%0A"));
    assert!(lines[1].starts_with(
        "::warning file=shipmark.toml,title=shipmark unowned::1 file that no service covers%0Alost:1,2%0Ahelp: "
    ));
    assert!(lines[2].starts_with("::error file=a/Dockerfile,line=1,col=1,endColumn=13,title=shipmark floating-base::"));
}

#[test]
fn json_has_everything() {
    let whole: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!((&whole["schema"], &whole["errors"], &whole["warnings"]), (&json!(1), &json!(1), &json!(2)));
    let found = &whole["findings"][2];
    assert_eq!(found["source"], "FROM node:22");
    assert_eq!([&found["line"], &found["column"], &found["end_column"]], [&json!(1), &json!(1), &json!(13)]);
    assert_eq!(whole["findings"][1]["paths"], json!([{ "path": "lost:1,2" }]));
}

/// What the standard requires of what is used of it.
fn shape() -> Value {
    let text = json!({ "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "minLength": 1 } } });
    let level = json!({ "enum": ["none", "note", "warning", "error"] });
    let number = json!({ "type": "integer", "minimum": 1 });
    let region = json!({ "type": "object", "required": ["startLine"], "additionalProperties": false,
        "properties": { "startLine": number, "startColumn": number, "endColumn": number } });
    let artifact = json!({ "type": "object", "required": ["uri"], "properties": { "uri": { "type": "string", "pattern": "^[A-Za-z0-9/._~%:-]+$" } } });
    let place = json!({ "type": "object", "required": ["physicalLocation"], "properties": { "physicalLocation":
        { "type": "object", "required": ["artifactLocation"], "properties": { "artifactLocation": artifact, "region": region } } } });
    let rule = json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "string" }, "shortDescription": text,
        "help": text, "defaultConfiguration": { "properties": { "level": level, "enabled": { "type": "boolean" } } } } });
    let result = json!({ "type": "object", "required": ["message", "ruleId"], "properties": { "ruleId": { "type": "string" },
        "ruleIndex": { "type": "integer", "minimum": 0 }, "level": level, "message": text, "locations": { "type": "array", "items": place } } });
    let driver = json!({ "type": "object", "required": ["name"], "properties": { "rules": { "type": "array", "uniqueItems": true, "items": rule } } });
    let run = json!({ "type": "object", "required": ["tool", "results"], "properties": { "tool": { "type": "object", "required": ["driver"],
        "properties": { "driver": driver } }, "columnKind": { "enum": ["utf16CodeUnits", "unicodeCodePoints"] },
        "results": { "type": "array", "items": result } } });
    json!({ "type": "object", "required": ["version", "runs"], "properties": { "version": { "const": "2.1.0" },
        "runs": { "type": "array", "minItems": 1, "items": run } } })
}

#[test]
fn sarif_has_the_shape_of_the_standard() {
    let whole: Value = serde_json::from_str(&run("sarif")).unwrap();
    let validator = jsonschema::validator_for(&shape()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&whole).map(|error| error.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new());
    let results = whole["runs"][0]["results"].as_array().unwrap();
    let levels: Vec<(&str, &str)> =
        results.iter().map(|result| (result["ruleId"].as_str().unwrap(), result["level"].as_str().unwrap())).collect();
    assert_eq!(levels, [("dead-pattern", "warning"), ("unowned", "warning"), ("floating-base", "error")]);
}

#[test]
fn a_terminal_gets_colours_and_a_pipe_none() {
    let world = world();
    assert!(!world.run(["check"]).stdout.contains('\u{1b}'));
    assert!(world.run(["check", "--color", "always"]).stdout.contains("\u{1b}[33mwarning[unowned]\u{1b}[0m"));
}
