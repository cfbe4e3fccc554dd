//! `export NAME='value'` lines for any POSIX shell.

use super::variables::Variable;
use crate::base::text::shell_quote;

/// One line a variable (more where a value has several). Right under `eval "$(…)"` and under `D="$(…)" && eval "$D"`:
/// the last line ends in a quote, so what `$(…)` strips is no part of a value.
pub(super) fn render(variables: &[Variable]) -> String {
    variables.iter().map(|v| format!("export {}={}\n", v.name, shell_quote(&v.value))).collect()
}

/// Not skipped, and the evaluation fails.
pub(super) fn refusal() -> String {
    "export BUILD_SKIPPED='false'\nfalse\n".to_owned()
}
