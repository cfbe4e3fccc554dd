//! `doctor`: what it finds in stores that are as they should be, and in others.

mod engines;
mod offline;

use super::support::{Build, Done, World};

const MAP: &str = "project = \"shop\"\n[services.a]\ninclude = [\"a\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "a")])
}

/// An environment without AWS, unless it is named.
fn nowhere(url: &str) -> Build {
    let build = Build::default().with("SHIPMARK_STATE", url).with("AWS_EC2_METADATA_DISABLED", "true");
    build.with("AWS_CONFIG_FILE", "/dev/null").with("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
}

/// The line of a check, if it is told.
fn told<'a>(done: &'a Done, check: &str) -> Option<&'a str> {
    let of_check = |line: &&str| line.get(9..).is_some_and(|rest| rest.starts_with(&format!("{check}: ")));
    done.stdout.lines().find(of_check)
}

/// The line of a check.
fn line<'a>(done: &'a Done, check: &str) -> &'a str {
    told(done, check).unwrap_or_else(|| panic!("nothing is told of {check}: {done:?}"))
}

/// The word before a check, `-` where it is not told.
fn verdict<'a>(done: &'a Done, check: &str) -> &'a str {
    told(done, check).and_then(|line| line.split(' ').next()).unwrap_or("-")
}
