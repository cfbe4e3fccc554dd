//! `export NAME='value'` lines for any POSIX shell.

use super::variables::Variable;
use crate::base::text::shell_quote;

/// One line per variable (more if the value has several). Safe in `eval "$(…)"` and in `D="$(…)" && eval "$D"`: the
/// last line ends in a quote, so whatever `$(…)` strips is not part of a value.
pub(super) fn render(variables: &[Variable]) -> String {
    variables.iter().map(|v| format!("export {}={}\n", v.name, shell_quote(&v.value))).collect()
}

/// Not skipped, and the evaluation fails.
pub(super) fn refusal() -> String {
    "export BUILD_SKIPPED='false'\nfalse\n".to_owned()
}
