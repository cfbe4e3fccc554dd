//! What the templates say of the state is what `shipmark doctor --print` says.

use std::process::Command;

use super::template::Template;
use super::{TEMPLATES, file};
use crate::support::SHIPMARK;

/// What `doctor --print` prints for a project and a store.
pub(super) fn printed(what: &str, project: &str, state: &str) -> String {
    let mut doctor = Command::new(SHIPMARK);
    doctor.env_clear().args(["doctor", "--print", what, "--project", project, "--state", state]);
    let done = doctor.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
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
