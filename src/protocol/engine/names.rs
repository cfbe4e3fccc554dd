//! The stored form of the names of an environment's services (`#services`): JSON that a person can read.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::mark::Rest;
use super::mark::stored::{Damaged, SCHEMA, foreign, parse, text};
use crate::base::names::ServiceName;

/// The field with the names, in every version.
const SERVICES: &str = "services";

/// Encodes the names. `replaced` is the previous form, if any: its unknown fields are preserved, and so is a newer
/// schema version.
pub fn encode_names(names: &BTreeSet<ServiceName>, replaced: Option<&[u8]>) -> Vec<u8> {
    let mut whole = replaced.and_then(|bytes| parse(bytes).ok()).unwrap_or_default();
    let newer = whole.get("schema").and_then(Value::as_u64).filter(|schema| *schema > u64::from(SCHEMA));
    whole.insert("schema".to_owned(), newer.unwrap_or(u64::from(SCHEMA)).into());
    whole.insert(SERVICES.to_owned(), names.iter().map(ServiceName::as_str).collect());
    text(whole)
}

/// Decodes the names.
///
/// # Errors
/// The bytes are not a list of names, or one is not a valid service name: then the set of services is unknown.
pub fn decode_names(bytes: &[u8]) -> Result<BTreeSet<ServiceName>, Damaged> {
    #[derive(Deserialize)]
    struct Names {
        #[serde(rename = "schema")]
        _schema: u32,
        services: BTreeSet<ServiceName>,
    }
    let whole: Rest = parse(bytes)?;
    let Names { services, .. } = serde_json::from_value(Value::Object(whole)).map_err(foreign)?;
    Ok(services)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<ServiceName> {
        names.iter().map(|name| ServiceName::new(*name).unwrap()).collect()
    }

    #[test]
    fn names_are_written_sorted_and_read_back() {
        for names in [names(&[]), names(&["query", "api", "a-b"])] {
            assert_eq!(decode_names(&encode_names(&names, None)), Ok(names));
        }
        let text = String::from_utf8(encode_names(&names(&["query", "api"]), None)).unwrap();
        let squeezed: String = text.split_whitespace().collect();
        assert_eq!(squeezed, r#"{"schema":2,"services":["api","query"]}"#);
    }

    #[test]
    fn what_is_unknown_is_kept() {
        let newer = br#"{"schema":7,"services":["a"],"retired":["b"]}"#;
        assert_eq!(decode_names(newer), Ok(names(&["a"])));
        let whole: Value = serde_json::from_slice(&encode_names(&names(&["a", "c"]), Some(newer))).unwrap();
        assert_eq!(whole, serde_json::json!({ "schema": 7, "services": ["a", "c"], "retired": ["b"] }));
    }

    #[test]
    fn damage_is_never_an_empty_list() {
        let bad = ["", "{}", "[]", r#"{"schema":2}"#, r#"{"services":[]}"#, r#"{"schema":2,"services":["a","../b"]}"#];
        for text in bad {
            assert!(decode_names(text.as_bytes()).is_err(), "{text}");
        }
    }
}
