//! `$env:NAME = 'value'` lines for PowerShell.

use std::fmt::Write as _;

use super::variables::Variable;

/// One line per variable, whatever its value.
pub(super) fn render(variables: &[Variable]) -> String {
    variables.iter().map(|v| format!("$env:{} = {}\n", v.name, literal(&v.value))).collect()
}

/// Not skipped, and the evaluation throws.
pub(super) fn refusal(message: &str) -> String {
    format!("$env:BUILD_SKIPPED = 'false'\nthrow {}\n", literal(&format!("shipmark: {message}")))
}

/// A string expression in printable ASCII on one line: single quotes are doubled, everything else is written as
/// `[char]0x…`, one per UTF-16 unit.
///
/// One line, because `shipmark … | Invoke-Expression` evaluates line by line, and the second line of a value would run
/// as a command. ASCII, because PowerShell also treats `‘`, `’`, `‚` and `‛` as single quotes
/// ([`CharTraits.IsSingleQuote`]), and because Windows PowerShell decodes a program's output with the console's code
/// page, where the bytes of any letter may turn into one of these.
///
/// [`CharTraits.IsSingleQuote`]: https://github.com/PowerShell/PowerShell/blob/master/src/System.Management.Automation/engine/parser/CharTraits.cs
fn literal(value: &str) -> String {
    let mut text = String::from("'");
    let mut quoted = true;
    let mut plain = true;
    for unit in value.encode_utf16() {
        match u8::try_from(unit).ok().filter(|byte| (b' '..=b'~').contains(byte)) {
            Some(byte) => {
                if !quoted {
                    text.push_str(" + '");
                    quoted = true;
                }
                text.push_str(if byte == b'\'' { "'" } else { "" });
                text.push(char::from(byte));
            }
            None => {
                if quoted {
                    text.push('\'');
                    quoted = false;
                }
                plain = false;
                // Writing to a String cannot fail.
                let _ = write!(text, " + [char]0x{unit:04x}");
            }
        }
    }
    if quoted {
        text.push('\'');
    }
    if plain { text } else { format!("({text})") }
}

// The machines that run these tests have no PowerShell, so the tests do not evaluate anything: they compare text and
// check the properties that make it safe.
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads back what `literal` writes, following PowerShell's language specification, section 2.3.5.2.
    fn read(literal: &str) -> Option<String> {
        let body = literal.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(literal);
        let mut units: Vec<u16> = Vec::new();
        let mut rest = body;
        loop {
            if let Some(hex) = rest.strip_prefix("[char]0x") {
                units.push(u16::from_str_radix(hex.get(..4)?, 16).ok()?);
                rest = &hex[4..];
            } else {
                rest = rest.strip_prefix('\'')?;
                loop {
                    let end = rest.find('\'')?;
                    units.extend(rest[..end].encode_utf16());
                    rest = &rest[end + 1..];
                    match rest.strip_prefix('\'') {
                        Some(more) => {
                            units.push(u16::from(b'\''));
                            rest = more;
                        }
                        None => break,
                    }
                }
            }
            if rest.is_empty() {
                return String::from_utf16(&units).ok();
            }
            rest = rest.strip_prefix(" + ")?;
        }
    }

    proptest! {
        #[test]
        fn every_value_is_one_line_of_ascii_and_reads_back(value in "(['‘’‚‛\n\r$`\"()+;]|[^\\x00]){0,40}") {
            let text = literal(&value);
            prop_assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", text);
            prop_assert!(text.starts_with('\'') || text.starts_with("('"), "the first operand makes it text: {}", text);
            prop_assert_eq!(read(&text), Some(value));
        }
    }

    #[test]
    fn quotes_are_doubled_and_the_rest_is_spelt_out() {
        assert_eq!(literal(""), "''");
        assert_eq!(literal("it's $(x)"), "'it''s $(x)'");
        assert_eq!(literal("a\n’b"), "('a' + [char]0x000a + [char]0x2019 + 'b')");
        assert_eq!(literal("😀"), "('' + [char]0xd83d + [char]0xde00)");
    }

    #[test]
    fn a_refusal_throws_its_message() {
        assert_eq!(refusal("no `a'b`"), "$env:BUILD_SKIPPED = 'false'\nthrow 'shipmark: no `a''b`'\n");
    }
}
