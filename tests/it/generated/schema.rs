//! The JSON schema of the map, with which editors complete and check it.

use std::collections::BTreeSet;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use shipmark::map::keys::{Form, MAP, MapKey, Syntax};

use super::super::pages::Page;
use super::are_current;

fn schema() -> Value {
    let mut schema = table(MAP);
    let head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The service map of shipmark (shipmark.toml)",
        "description": "Which paths are inputs of which service. Made from the program; see docs/editors.md."
    });
    let Value::Object(mut whole) = head else { unreachable!() };
    whole.append(schema.as_object_mut().unwrap());
    Value::Object(whole)
}

fn table(keys: &[MapKey]) -> Value {
    let property = |key: &MapKey| {
        let mut property = Map::from_iter([("description".to_owned(), key.doc.into())]);
        property.append(form(&key.form).as_object_mut().unwrap());
        (key.name.to_owned(), Value::Object(property))
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn form(form: &Form) -> Value {
    match form {
        Form::Text(syntax) => text(*syntax),
        Form::Texts(syntax @ (Syntax::Name | Syntax::Variable)) => {
            json!({ "type": "array", "uniqueItems": true, "items": text(*syntax) })
        }
        Form::Texts(syntax) => json!({ "type": "array", "items": text(*syntax) }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Table(keys) => table(keys),
        Form::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
        Form::Names(names, each) => {
            json!({ "type": "object", "propertyNames": text(*names), "additionalProperties": self::form(each) })
        }
        Form::Either(forms) => json!({ "anyOf": forms.iter().map(self::form).collect::<Vec<_>>() }),
    }
}

fn text(syntax: Syntax) -> Value {
    let pattern = match syntax {
        Syntax::Words(words) => return json!({ "type": "string", "enum": words }),
        Syntax::Name | Syntax::Filled => r"\S",
        Syntax::Service => "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        Syntax::Output | Syntax::Variable => "^[A-Za-z_][A-Za-z0-9_]*$",
        Syntax::Pattern => r"^[^!/\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$",
        Syntax::Time => "^([0-9]+[dhms])+$",
    };
    json!({ "type": "string", "pattern": pattern })
}

/// Where a map is not what the schema says.
fn faults(map: &str) -> BTreeSet<String> {
    let validator: Validator = jsonschema::draft7::new(&schema()).unwrap();
    let map: Value = toml::from_str(map).unwrap();
    validator.iter_errors(&map).map(|error| error.instance_path().to_string()).collect()
}

#[test]
fn it_is_current() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    let files = [("map.schema.json".to_owned(), text.into_bytes())];
    are_current("schema", &files.into(), |name| name.starts_with("map."));
}

#[test]
fn good_maps_are_good_to_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut maps: Vec<String> = Vec::new();
    for directory in ["config", "buildspec-examples", "."] {
        let files = std::fs::read_dir(root.join(directory)).unwrap().map(|entry| entry.unwrap().path());
        let named = |name: &str| name.ends_with(".toml") && (directory == "config" || name == "shipmark.toml");
        let files = files.filter(|path| named(path.file_name().unwrap().to_str().unwrap()));
        maps.extend(files.map(|path| std::fs::read_to_string(path).unwrap()));
    }
    for document in ["README.md", "docs/maps.md"] {
        maps.extend(Page::read(document).all("toml").map(str::to_owned));
    }
    assert!(maps.len() >= 9, "only {} maps were found", maps.len());
    for map in maps {
        assert_eq!(faults(&map), BTreeSet::new(), "{map}");
    }
}

#[test]
fn the_mistakes_that_a_schema_can_see_are_seen() {
    let faults = faults(include_str!("../../maps/every-mistake.toml"));
    let expected = [
        // An unknown key, or one that is no name, is a fault of its table.
        "",
        "/defaults/deploy_timeout",
        "/defaults/exclude/0",
        "/defaults/exclude/1",
        "/defaults/max_skip_age",
        "/defaults/unowned",
        "/expect/0",
        "/expect/2/builds",
        "/expect/2/changed",
        "/groups",
        "/groups/flat",
        "/groups/infra/0",
        "/groups/infra/3",
        "/project",
        "/services",
        "/services/-bad/include/0",
        "/services/api",
        "/services/api/context",
        "/services/api/dockerfile",
        "/services/api/groups",
        "/services/api/outputs",
        "/services/api/outputs/LD",
        "/services/worker/groups",
        "/state",
        "/state/url",
    ];
    assert_eq!(faults.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
