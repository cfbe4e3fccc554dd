//! `NAME="value"` lines for dotenv readers.

use super::variables::Variable;

/// One line per variable, whatever its value.
pub(super) fn render(variables: &[Variable]) -> String {
    variables.iter().map(|v| format!("{}=\"{}\"\n", v.name, escape(&v.value))).collect()
}

/// Not skipped.
pub(super) fn refusal() -> String {
    "BUILD_SKIPPED=\"false\"\n".to_owned()
}

/// Escapes whatever would end or interpolate a double-quoted value. The backtick is for people who source such a file
/// in a shell, where it would run a command.
fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '"' | '\\' | '$' | '`' => text.extend(['\\', c]),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How a dotenv reader decodes a double-quoted value.
    fn read(quoted: &str) -> Option<String> {
        let mut chars = quoted.strip_prefix('"')?.strip_suffix('"')?.chars();
        let mut value = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next()? {
                    'n' => value.push('\n'),
                    'r' => value.push('\r'),
                    c => value.push(c),
                },
                '"' | '$' | '`' | '\n' => return None,
                c => value.push(c),
            }
        }
        Some(value)
    }

    proptest! {
        #[test]
        fn every_value_is_one_line_and_reads_back(value in r#"([\n\r"\\$`'#= a-zé]|[^\x00]){0,40}"#) {
            let quoted = format!("\"{}\"", escape(&value));
            prop_assert!(!quoted.contains(['\n', '\r']));
            prop_assert_eq!(read(&quoted), Some(value));
        }
    }

    #[test]
    fn escapes_are_the_documented_ones() {
        assert_eq!(escape("a\nb\rc\"d\\e$f`g'h"), r#"a\nb\rc\"d\\e\$f\`g'h"#);
    }
}
