//! Keys, texts and lists as TOML, for maps that are written for people.

use std::fmt::Write as _;

use toml_writer::{ToTomlKey as _, ToTomlValue as _, TomlKeyBuilder, TomlStringBuilder};

/// The maximum width of a list on one line.
const WIDTH: usize = 100;

/// A key, quoted if TOML requires it.
pub fn key(name: &str) -> String {
    TomlKeyBuilder::new(name).as_unquoted().map_or_else(|| quote(name), |bare| bare.to_toml_key())
}

/// A text as a basic string.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    for character in TomlStringBuilder::new(text).as_basic().to_toml_value().chars() {
        match character {
            // TOML allows more of them unescaped, but they could control a terminal. Writing to a String cannot fail.
            control if control.is_control() => drop(write!(quoted, "\\u{:04X}", u32::from(control))),
            plain => quoted.push(plain),
        }
    }
    quoted
}

/// A key and its list of texts, on one line if that is short.
pub fn list(name: &str, items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let name = key(name);
    let items: Vec<String> = items.into_iter().map(|item| quote(item.as_ref())).collect();
    let short = format!("{name} = [{}]", items.join(", "));
    if short.chars().count() <= WIDTH {
        return short;
    }
    let lines: String = items.iter().map(|item| format!("  {item},\n")).collect();
    format!("{name} = [\n{lines}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_is_read_again() {
        let long = "x".repeat(120);
        let texts = ["", "a b", "it's", "a\"b\\c", "\n\t\u{1b}\u{7f}\u{9b}", "'''\"\"\"", "naïve 日本", &long];
        for text in texts {
            let written = list(text, [text, "second"]);
            assert!(!written.replace('\n', "").contains(char::is_control), "{written:?}");
            let read: toml::Table = written.parse().unwrap();
            assert_eq!(read.keys().collect::<Vec<_>>(), [text]);
            assert_eq!(read[text].as_array().unwrap().len(), 2);
            assert_eq!(read[text][0].as_str(), Some(text));
        }
    }

    #[test]
    fn lists_are_broken_where_they_are_long() {
        assert_eq!(list("a-b", ["x", "y"]), "a-b = [\"x\", \"y\"]");
        let long = "x".repeat(96);
        assert_eq!(list("a.b", [long.as_str()]), format!("\"a.b\" = [\n  \"{long}\",\n]"));
    }
}
