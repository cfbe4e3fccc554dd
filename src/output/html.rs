//! Pages in one file: everything is embedded, and their policy forbids network requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// A template with `{name}` replaced by its part; a name without a part is left out. It is a single pass from left to right:
/// text that was filled in is never scanned again.
pub(super) fn fill(template: &str, part: impl Fn(&str) -> Option<String>) -> String {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        page.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        page.extend(part(name));
        rest = after;
    }
    page.push_str(rest);
    page
}

/// What the page's policy allows: exactly this text.
pub(super) fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

/// JSON inside a `script` element, which ends at the first `</script`, whatever surrounds it, and where `<!--` has a
/// meaning too. In JSON these characters only occur within strings, where they can be written as numbers.
pub(super) fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// Text between tags, or within a quoted attribute.
pub(super) fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_that_holds_it() {
        let json = serde_json::json!(["</script><script>alert(1)</script>", "<!--", "a & b"]).to_string();
        let held = in_script(&json);
        assert!(!held.contains(['<', '>', '&']), "{held}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&held).unwrap().to_string(), json);
    }

    #[test]
    fn what_was_filled_in_is_not_scanned_again() {
        let part = |name: &str| (name == "a").then(|| "{b}".to_owned());
        assert_eq!(fill("<{a}{b}>", part), "<{b}>");
    }
}
