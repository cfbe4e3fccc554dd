//! What the templates say of the state is what `shipmark doctor --print` says.

use std::path::Path;

use super::template::Template;
use super::{TEMPLATES, file};
use crate::support::shipmark;

/// What `doctor --print` prints for a project and a store.
pub(super) fn printed(what: &str, project: &str, state: &str) -> String {
    let args = ["doctor", "--print", what, "--project", project, "--state", state];
    let done = shipmark(Path::new(env!("CARGO_MANIFEST_DIR")), args);
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout
}

#[test]
fn the_table_and_the_policy_of_builds_are_those_that_doctor_prints() {
    let printed = Template::read(&printed("cloudformation", "X", "dynamodb://marks?region=eu-west-1"), &[]);
    for name in TEMPLATES {
        let ours = Template::read(&file(name), &[("Project", "X"), ("StateTable", "marks")]);
        assert_eq!(ours.resource("BuildPolicy"), printed.resource("BuildPolicy"), "{name}");
        let mut table = ours.resource("Table").clone();
        assert_eq!(table.as_object_mut().unwrap().remove("Condition"), Some("MakesTable".into()), "{name}");
        assert_eq!(&table, printed.resource("Table"), "{name}");
    }
}
