//! What a buildspec says: its commands, and the variables that it sets and hands on.

use super::calls::{self, Call};
use super::node::TemplateNode;
use super::yaml;

/// A buildspec.
#[derive(Debug, Default)]
pub(super) struct Buildspec {
    /// The calls of shipmark, in the order of the phases.
    pub(super) calls: Vec<Call>,
    /// A script that it starts: shipmark may be called there.
    pub(super) script: Option<String>,
    /// `env.exported-variables`.
    pub(super) exported: Vec<String>,
    /// `env.variables`.
    pub(super) variables: Vec<(String, String)>,
}

const PHASES: [&str; 4] = ["install", "pre_build", "build", "post_build"];

/// Reads one.
///
/// # Errors
/// It is not valid YAML; why, and its line.
pub(super) fn read(text: &str) -> Result<Buildspec, String> {
    let root = yaml::parse(text).map_err(|flaw| format!("line {}: {}", flaw.at.line, flaw.what))?;
    let phases = PHASES.iter().map(|phase| root.path(&["phases", phase]));
    let lists = phases.flat_map(|phase| [phase.get("commands"), phase.get("finally")]);
    let commands: Vec<&str> = lists.flat_map(TemplateNode::items).filter_map(TemplateNode::symbol).collect();
    let variables = root.path(&["env", "variables"]).entries().iter();
    let exported = root.path(&["env", "exported-variables"]).items().iter();
    Ok(Buildspec {
        calls: commands.iter().flat_map(|command| calls::calls(command)).collect(),
        script: commands.iter().find_map(|command| calls::script(command)),
        exported: exported.filter_map(TemplateNode::symbol).map(str::to_owned).collect(),
        variables: variables.filter_map(|entry| Some((entry.name.clone(), entry.value.symbol()?.to_owned()))).collect(),
    })
}

/// Whether the text of `BuildSpec` is a buildspec itself, and not the path of one.
pub(super) fn is_inline(text: &str) -> bool {
    text.contains('\n') || text.trim_start().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upkeep::template::calls::CallStep;

    #[test]
    fn phases_are_read_in_their_order() {
        let text = "version: 0.2\nenv:\n  variables: { A: b }\n  exported-variables: [X, Y]\nphases:\n  post_build:\n    \
                    commands:\n      - shipmark record api\n  pre_build:\n    commands:\n      - shipmark decide api\n      - ./x.sh\n";
        let read = read(text).unwrap();
        let steps: Vec<CallStep> = read.calls.iter().map(|call| call.step).collect();
        assert_eq!(steps, [CallStep::Decide, CallStep::Record]);
        assert_eq!((read.exported, read.script.as_deref()), (vec!["X".to_owned(), "Y".to_owned()], Some("./x.sh")));
        assert_eq!(read.variables, [("A".to_owned(), "b".to_owned())]);
    }

    #[test]
    fn json_is_a_buildspec_too() {
        let text = r#"{"phases": {"build": {"commands": ["shipmark begin --candidate x"]}}}"#;
        assert!(is_inline(text) && !is_inline("ci/build.yml"));
        assert_eq!(read(text).unwrap().calls.len(), 1);
        assert!(read("a: [").unwrap_err().starts_with("line "));
    }
}
