//! `$SHIPMARK_OUTPUTS`, and commands that cannot be started.

use std::os::unix::fs::PermissionsExt as _;

use super::{build, run_all, shop, states};

/// A command writes something wrong: nothing is recorded of its service, and the others go on.
#[test]
fn what_is_not_an_output_is_refused_with_its_line() {
    for (text, said) in [
        ("A=1\\nIMAGE=regis", "the line `IMAGE=regis` of SHIPMARK_OUTPUTS has no end"),
        ("A=1\\nhello there\\n", "the line `hello there` of SHIPMARK_OUTPUTS is not NAME=VALUE"),
        ("IMAGE=\\n", "`IMAGE` of `docs` is empty"),
        ("IMAGE=\\377\\n", "is not UTF-8"),
        ("PATH=/x\\n", "PATH"),
        ("web:IMAGE=1\\n", "which is not named here"),
    ] {
        let world = shop();
        let script = format!("[ $SHIPMARK_SERVICE != docs ] || printf '{text}' > $SHIPMARK_OUTPUTS");
        let done = world.run_in(&build("1"), ["run", "docs", "web", "--", "sh", "-c", &script]);
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stderr.contains("`docs`: not recorded: ") && done.stderr.contains(said), "{}", done.stderr);
        assert!(world.stored("docs")["deployed"].is_null());
        assert_eq!(states(&world, "docs"), ["failed"]);
        assert_eq!(world.planned("web"), "unchanged");
    }
}

#[test]
fn each_command_has_a_file_of_its_own() {
    let world = shop();
    let script = "[ ! -s $SHIPMARK_OUTPUTS ] && echo IMAGE=$SHIPMARK_SERVICE-1 >> $SHIPMARK_OUTPUTS";
    assert_eq!(run_all(&world, &build("1"), &["--jobs", "3"], script).code, 0);
    for service in ["image", "docs", "web"] {
        assert_eq!(world.run(["output", service, "IMAGE"]).stdout, format!("{service}-1\n"));
    }
    let left = std::fs::read_dir(world.path("tmp")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("shipmark-outputs-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_file_that_is_gone_records_nothing() {
    let world = shop();
    let done = world.run_in(&build("1"), ["run", "web", "--", "sh", "-c", "rm $SHIPMARK_OUTPUTS"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("SHIPMARK_OUTPUTS cannot be read"), "{}", done.stderr);
    assert_eq!(states(&world, "web"), ["failed"]);
}

#[test]
fn a_command_that_cannot_be_started_fails_its_services() {
    let world = shop();
    world.write("deploy.sh", "#!/bin/sh\n");
    let script = world.source().join("deploy.sh");
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o644)).unwrap();
    for (command, code) in [("./deploy.sh", 126), ("./not-there.sh", 127)] {
        let done = world.run_in(&build(command), ["run", "docs", "web", "--", command]);
        assert_eq!(done.code, code, "{done:?}");
        assert!(done.stderr.contains(&format!("the command `{command}` cannot be started")), "{}", done.stderr);
        assert!(done.stderr.contains("failed: docs and web"), "{}", done.stderr);
    }
    assert_eq!(world.planned("web"), "never-deployed");
}
