//! The error of the pattern parser.

/// What is wrong with a pattern, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) message: String,
    pub(crate) hint: String,
}

pub(super) fn flaw<T>(message: impl Into<String>, hint: String) -> Result<T, Flaw> {
    Err(Flaw { message: message.into(), hint })
}

/// What whoever writes `svc/**.go` means: `svc/**/*.go`.
pub(super) fn with_deep_components(text: &str) -> String {
    text.split('/').map(deep).collect::<Vec<_>>().join("/")
}

fn deep(component: &str) -> String {
    let Some((before, after)) = component.split_once("**") else { return component.to_owned() };
    let mut parts = Vec::new();
    if !before.is_empty() {
        parts.push(format!("{before}*"));
    }
    parts.push("**".to_owned());
    let after = after.trim_start_matches('*');
    if !after.is_empty() {
        parts.push(deep(&format!("*{after}")));
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stars_become_a_component() {
        for (typed, meant) in [
            ("svc/**.go", "svc/**/*.go"),
            ("svc**", "svc*/**"),
            ("a**b/c", "a*/**/*b/c"),
            ("**x**", "**/*x*/**"),
            ("***", "**"),
            ("a/**/b", "a/**/b"),
        ] {
            assert_eq!(with_deep_components(typed), meant, "{typed}");
        }
    }
}
