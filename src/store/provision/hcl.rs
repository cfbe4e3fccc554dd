//! Values in Terraform's language.
//! <https://developer.hashicorp.com/terraform/language/expressions/strings>

use std::fmt::Write as _;

use serde_json::{Value, json};

/// The name by which a value says that it is an expression of Terraform, not a text.
const EXPRESSION: &str = "\u{0}";

/// An expression, which is printed as it is.
pub(super) fn expression(text: String) -> Value {
    json!({ EXPRESSION: text })
}

/// A text in quotes, in which nothing is an escape or a template.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", inside(text))
}

/// A text as it stands within quotes.
pub(super) fn inside(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // `${` and `%{` begin templates; doubled they are text.
            '$' | '%' if characters.peek() == Some(&'{') => out.extend([c, c]),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// A value on several lines, `indent` blanks in.
pub(super) fn value(value: &Value, indent: usize) -> String {
    let margin = " ".repeat(indent);
    match value {
        Value::String(text) => quote(text),
        Value::Array(items) => {
            let items = items.iter().map(|item| format!("{margin}  {},\n", self::value(item, indent + 2)));
            format!("[\n{}{margin}]", items.collect::<String>())
        }
        Value::Object(fields) => {
            if let Some(Value::String(expression)) = fields.get(EXPRESSION) {
                return expression.clone();
            }
            let fields = fields.iter();
            let fields =
                fields.map(|(name, field)| format!("{margin}  {} = {}\n", quote(name), self::value(field, indent + 2)));
            format!("{{\n{}{margin}}}", fields.collect::<String>())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_an_escape_or_a_template() {
        for (text, quoted) in [
            ("plain", r#""plain""#),
            (r#"a"b\c"#, r#""a\"b\\c""#),
            ("${*}", r#""$${*}""#),
            ("%{if}", r#""%%{if}""#),
            ("50% $5 $", r#""50% $5 $""#),
            ("a\nb", r#""a\u000ab""#),
        ] {
            assert_eq!(quote(text), quoted);
        }
    }

    #[test]
    fn values_are_nested() {
        let whole = json!({ "a": ["x", true], "b": expression("data.x.arn".to_owned()) });
        assert_eq!(value(&whole, 2), "{\n    \"a\" = [\n      \"x\",\n      true,\n    ]\n    \"b\" = data.x.arn\n  }");
    }
}
