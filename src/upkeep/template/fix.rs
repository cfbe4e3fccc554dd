//! Corrected lines, as the template itself would be written.

use super::reader::Notation;

/// What Terraform calls some keys of CloudFormation.
const TERRAFORM: [(&str, &str); 5] = [
    ("TimeoutInMinutes", "build_timeout"),
    ("QueuedTimeoutInMinutes", "queued_timeout"),
    ("PipelineType", "pipeline_type"),
    ("ExecutionMode", "execution_mode"),
    ("RunOrder", "run_order"),
];

impl Notation {
    /// One key with its value.
    pub(super) fn pair(self, key: &str, value: &str) -> String {
        match self {
            Self::Yaml => format!("{key}: {}", yaml(value)),
            Self::Json => format!("\"{key}\": {}", json(value)),
            Self::Terraform => format!("{} = {}", terraform(key), json(value)),
        }
    }

    /// A key with a table in one line. The keys in it are AWS's own.
    pub(super) fn table(self, key: &str, entries: &[(&str, &str)]) -> String {
        let list = |one: &dyn Fn(&str, &str) -> String| {
            entries.iter().map(|(key, value)| one(key, value)).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Yaml => format!("{key}: {{ {} }}", list(&|key, value| format!("{key}: {}", yaml(value)))),
            Self::Json => format!("\"{key}\": {{ {} }}", list(&|key, value| format!("\"{key}\": {}", json(value)))),
            Self::Terraform => {
                format!("{} = {{ {} }}", terraform(key), list(&|key, value| format!("{key} = {}", quoted(value))))
            }
        }
    }

    /// A key with a list of texts.
    pub(super) fn list(self, key: &str, values: &[String]) -> String {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        let values = values.join(", ");
        match self {
            Self::Yaml => format!("{key}: [{values}]"),
            Self::Json => format!("\"{key}\": [{values}]"),
            Self::Terraform => format!("{} = [{values}]", terraform(key)),
        }
    }

    /// How it calls a key of CloudFormation.
    pub(super) fn key(self, key: &str) -> String {
        if self == Self::Terraform { terraform(key) } else { key.to_owned() }
    }
}

fn terraform(key: &str) -> String {
    match TERRAFORM.iter().find(|(name, _)| *name == key) {
        Some((_, own)) => (*own).to_owned(),
        None => key.to_ascii_lowercase(),
    }
}

/// A plain word or number stays as it is, `true` is quoted since it is meant as a text.
fn yaml(value: &str) -> String {
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && !matches!(value, "true" | "false" | "yes" | "no" | "null" | "") {
        value.to_owned()
    } else {
        quoted(value)
    }
}

fn json(value: &str) -> String {
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if number { value.to_owned() } else { quoted(value) }
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_written_as_the_template_is() {
        let entries = [("Variable", "#{D.X}"), ("Value", "true"), ("Operator", "NE")];
        let said = |notation: Notation| {
            [
                notation.pair("ExecutionMode", "QUEUED"),
                notation.pair("TimeoutInMinutes", "60"),
                notation.table("Configuration", &entries),
                notation.list("Includes", &["a/**".to_owned()]),
            ]
            .join("\n")
        };
        assert_eq!(
            said(Notation::Yaml),
            "ExecutionMode: QUEUED\nTimeoutInMinutes: 60\n\
             Configuration: { Variable: \"#{D.X}\", Value: \"true\", Operator: NE }\nIncludes: [\"a/**\"]"
        );
        assert_eq!(
            said(Notation::Json),
            "\"ExecutionMode\": \"QUEUED\"\n\"TimeoutInMinutes\": 60\n\
             \"Configuration\": { \"Variable\": \"#{D.X}\", \"Value\": \"true\", \"Operator\": \"NE\" }\n\"Includes\": [\"a/**\"]"
        );
        assert_eq!(
            said(Notation::Terraform),
            "execution_mode = \"QUEUED\"\nbuild_timeout = 60\n\
             configuration = { Variable = \"#{D.X}\", Value = \"true\", Operator = \"NE\" }\nincludes = [\"a/**\"]"
        );
    }
}
