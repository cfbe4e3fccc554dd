//! Blocks for GitHub's files `$GITHUB_ENV` and `$GITHUB_OUTPUT`.
//!
//! See "Multiline strings" on GitHub's page about workflow commands: a value ends at the line that equals its
//! delimiter.

use super::variables::Variable;

/// One block per variable, all with a delimiter that no value contains.
pub(super) fn render(variables: &[Variable]) -> String {
    let delimiter = delimiter(variables, || fastrand::u64(..));
    variables.iter().map(|v| format!("{}<<{delimiter}\n{}\n{delimiter}\n", v.name, v.value)).collect()
}

/// Not skipped.
pub(super) fn refusal() -> String {
    "BUILD_SKIPPED=false\n".to_owned()
}

/// A delimiter that no value contains: random, so that nobody can predict it, and checked, so that nothing depends on
/// luck.
fn delimiter(variables: &[Variable], mut random: impl FnMut() -> u64) -> String {
    loop {
        let delimiter = format!("shipmark_{:016x}", random());
        if !variables.iter().any(|variable| variable.value.contains(&delimiter)) {
            return delimiter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{answer, skip};
    use super::super::variables::{Case, variables};
    use super::*;

    fn sample(value: &str) -> Vec<Variable> {
        variables(&[answer("prod", vec![skip("a", &[("X", value)])])], Case::Ignored).unwrap()
    }

    /// How GitHub's runner reads such a file.
    fn read(text: &str) -> Vec<(String, String)> {
        let mut lines = text.split('\n');
        let mut read = Vec::new();
        while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            read.push((name.to_owned(), value.join("\n")));
        }
        read
    }

    #[test]
    fn values_read_back_whatever_they_hold() {
        for value in ["", "\n", "a\n\nb\n", "BUILD_SKIPPED=true", "X<<EOF\ntrue\nEOF", "$(touch x) `y` 'é'"] {
            let variables = sample(value);
            let expected: Vec<_> = variables.iter().map(|v| (v.name.clone(), v.value.clone())).collect();
            assert_eq!(read(&render(&variables)), expected);
        }
    }

    #[test]
    fn a_delimiter_that_is_in_a_value_is_not_taken() {
        let variables = sample("first line\nshipmark_0000000000000007\nBUILD_SKIPPED=true");
        let mut dice = [7, 7, 8].into_iter();
        assert_eq!(delimiter(&variables, || dice.next().unwrap()), "shipmark_0000000000000008");
    }
}
