//! What the templates say of the state is what `shipmark doctor --print` says.

use std::path::Path;

use super::template::Template;
use super::{TEMPLATES, file};
use crate::support::{World, shipmark};

/// What `doctor --print` prints for an environment of a project in a store.
pub(super) fn printed(what: &str, project: &str, environment: &str, state: &str) -> String {
    printed_in(Path::new(env!("CARGO_MANIFEST_DIR")), what, project, environment, state)
}

fn printed_in(source: &Path, what: &str, project: &str, environment: &str, state: &str) -> String {
    let args = ["doctor", "--print", what, "--project", project, "--environment", environment, "--state", state];
    let done = shipmark(source, args);
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout
}

#[test]
fn the_table_and_the_policy_of_builds_are_those_that_doctor_prints() {
    let printed = Template::read(&printed("cloudformation", "X", "eu.1", "dynamodb://marks?region=eu-west-1"), &[]);
    for name in TEMPLATES {
        let parameters = [("Project", "X"), ("StateTable", "marks"), ("Environment", "eu.1")];
        let ours = Template::read(&file(name), &parameters);
        assert_eq!(ours.resource("BuildPolicy"), printed.resource("BuildPolicy"), "{name}");
        let mut table = ours.resource("Table").clone();
        assert_eq!(table.as_object_mut().unwrap().remove("Condition"), Some("MakesTable".into()), "{name}");
        assert_eq!(&table, printed.resource("Table"), "{name}");
    }
}

#[test]
fn what_is_reused_may_be_read_as_doctor_prints_it() {
    let map = "[environments.stage]\n[environments.prod]\nreuse_from = \"stage\"\n[services.a]\ninclude = [\"a\"]\n";
    let world = World::new(map, &[("a", "a")]);
    let state = "dynamodb://marks?region=eu-west-1";
    let printed = Template::read(&printed_in(&world.source(), "cloudformation", "X", "prod", state), &[]);
    for name in TEMPLATES {
        let parameters = [("Project", "X"), ("StateTable", "marks"), ("ReuseFrom", "stage")];
        let ours = Template::read(&file(name), &parameters);
        assert_eq!(ours.resource("BuildPolicy"), printed.resource("BuildPolicy"), "{name}");
    }
}
