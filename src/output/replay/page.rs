//! A replay as a single page: the data is embedded, and the page's own script draws it. The page makes no network
//! requests, and its policy forbids them.
//!
//! Data that would make the page too large to open is cut; the page says what was cut.

mod data;

use super::ReplayReport;
use crate::output::html::{fill, hash, in_script, text};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(include_str!("page/model.js"), include_str!("page/grid.js"), include_str!("page/page.js"));

/// The whole page.
pub fn render(report: &ReplayReport<'_>) -> String {
    let title = format!("{}, {}: replay", report.project, report.environment);
    let data = data::of(report).to_string();
    fill(TEMPLATE, |name| {
        Some(match name {
            "title" => text(&title),
            "style" => STYLE.to_owned(),
            "script" => SCRIPT.to_owned(),
            "style-hash" => hash(STYLE),
            "script-hash" => hash(SCRIPT),
            "data" => in_script(&data),
            _ => return None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_no_address_of_anything_outside() {
        for part in [TEMPLATE, STYLE, SCRIPT] {
            assert!(["http:", "https:", "url(", "innerHTML"].iter().all(|word| !part.contains(word)));
        }
    }
}
