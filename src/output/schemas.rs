//! The published schemas of documents whose types describe themselves. `UPDATE_GENERATED=1 cargo test generated` writes
//! them.

use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::event::DecisionEvent;
use super::json::CandidatesDocument;
use super::status::json::{LogDocument, StatusDocument};
use super::status::shadow::ShadowDocument;

fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "files of this repository, which no program reads meanwhile")]
fn generated_schemas_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let schemas = [
        ("candidates", schema::<CandidatesDocument<'_>>()),
        ("event", schema::<DecisionEvent<'_>>()),
        ("log", schema::<LogDocument>()),
        ("shadow", schema::<ShadowDocument>()),
        ("status", schema::<StatusDocument>()),
    ];
    for (name, schema) in schemas {
        let (path, mut text) =
            (root.join(format!("{name}.schema.json")), serde_json::to_string_pretty(&schema).unwrap());
        text.push('\n');
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(published, text, "{}: see CONTRIBUTING.md, generated files", path.display());
    }
}
