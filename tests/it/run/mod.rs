//! `run`: the one line of a buildspec that decides, runs a command for each service that must be built, and records.

mod candidates;
mod console;
mod order;
mod outputs;
mod redeploys;
mod requests;
mod signals;
mod variables;

use super::support::{Build, Done, World};

/// An image and what is deployed with it; and two that have nothing to do with them.
const SHOP: &str = "\
[services.image]
include = [\"image\"]
[services.api]
include = [\"api\"]
depends_on = [\"image\"]
[services.cron]
include = [\"cron\"]
depends_on = [\"api\"]
[services.web]
include = [\"web\"]
[services.docs]
include = [\"docs\"]
";

const SERVICES: [&str; 5] = ["image", "api", "cron", "docs", "web"];

/// A script that notes that it ran.
const NOTE: &str = "echo $SHIPMARK_SERVICE >> ../tmp/log";

fn shop() -> World {
    World::new(SHOP, &[("image/x", "1"), ("api/x", "1"), ("cron/x", "1"), ("docs/x", "1"), ("web/x", "1")])
}

/// `run --all` with a script, in a build.
fn run_all(world: &World, build: &Build, flags: &[&str], script: &str) -> Done {
    world.run_in(build, ["run", "--all"].iter().chain(flags).chain(&["--", "sh", "-c", script]))
}

/// What the commands have noted since the last look.
fn noted(world: &World) -> Vec<String> {
    let path = world.path("tmp/log");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(path);
    text.lines().map(str::to_owned).collect()
}

/// The states of the attempts in a service's mark.
fn states(world: &World, service: &str) -> Vec<String> {
    world.attempts(service).iter().map(|attempt| attempt["state"].as_str().unwrap().to_owned()).collect()
}

fn build(id: &str) -> Build {
    Build::new(id)
}
