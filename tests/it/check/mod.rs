//! `check`: what each lint finds, what it leaves alone, and how findings are written.

mod dockerfiles;
mod fix;
mod formats;
mod git;
mod levels;
mod passed_on;
mod patterns;
mod pulled;
mod systems;
pub(crate) mod templates;

use crate::support::World;

/// What `check` finds, each as `LEVEL CODE PLACE`. What is not told by default is told, but for excludes that cut nothing.
fn found(world: &World) -> Vec<String> {
    let quiet = ["covered-pattern", "copied-excluded", "unpinned-base", "lfs-pointer"];
    let args = quiet.iter().flat_map(|code| ["--warn", code]);
    let done = world.run(["check", "--format", "json"].into_iter().chain(args));
    assert!(done.code == 0 || done.code == 4, "{}", done.stderr);
    let whole: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let finding = |finding: &serde_json::Value| {
        let word = |key: &str| finding[key].as_str().unwrap().to_owned();
        let line = finding["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        format!("{} {} {}{line}", word("level"), word("code"), word("file"))
    };
    whole["findings"].as_array().unwrap().iter().map(finding).collect()
}

/// The codes alone, each once, sorted.
fn codes(world: &World) -> Vec<String> {
    let mut codes: Vec<String> = found(world).iter().map(|found| found.split(' ').nth(1).unwrap().to_owned()).collect();
    codes.sort();
    codes.dedup();
    codes
}
