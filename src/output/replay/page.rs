//! A replay as a single page: the data is embedded, and the page's own script draws it. The page makes no network
//! requests, and its policy forbids them.
//!
//! Data that would make the page too large to open is cut; the page says what was cut.

mod data;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::ReplayReport;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(include_str!("page/model.js"), include_str!("page/grid.js"), include_str!("page/page.js"));

/// The whole page.
pub fn render(report: &ReplayReport<'_>) -> String {
    let title = format!("{}, {}: replay", report.project, report.environment);
    let data = data::of(report).to_string();
    let mut page = String::with_capacity(TEMPLATE.len() + STYLE.len() + SCRIPT.len() + data.len());
    // A single pass from left to right: text that was filled in is never scanned again.
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once('{') {
        page.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        match name {
            "title" => page.push_str(&text(&title)),
            "style" => page.push_str(STYLE),
            "script" => page.push_str(SCRIPT),
            "style-hash" => page.push_str(&hash(STYLE)),
            "script-hash" => page.push_str(&hash(SCRIPT)),
            "data" => page.push_str(&in_script(&data)),
            _ => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// What the page's policy allows: exactly this text.
fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

/// JSON inside a `script` element, which ends at the first `</script`, whatever surrounds it, and where `<!--` has a
/// meaning too. In JSON these characters only occur within strings, where they can be written as numbers.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// Text between tags.
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
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
    fn the_page_has_no_address_of_anything_outside() {
        for part in [TEMPLATE, STYLE, SCRIPT] {
            assert!(["http:", "https:", "url(", "innerHTML"].iter().all(|word| !part.contains(word)));
        }
    }
}
