//! What people read on a terminal, kept in `tests/texts/`: the help of every command, a table of each kind, and an error of each
//! family. A change of wording shows in review as a change of these files.

mod errors;
mod help;
mod tables;

use std::collections::BTreeMap;
use std::process::Command;

use super::are_current;
use crate::support::{Build, Done, World, hermetic, run};

/// Screens by their names.
type Screens = BTreeMap<String, Vec<u8>>;

/// Checks or writes the screens of one folder.
fn are_as_kept(folder: &str, screens: impl IntoIterator<Item = (&'static str, String)>) {
    let screens: Screens = screens.into_iter().map(|(name, text)| (format!("{name}.txt"), text.into_bytes())).collect();
    are_current(&format!("tests/texts/{folder}"), &screens, |name| name.ends_with(".txt"));
}

/// Commands in a world, with what they print.
struct Screen<'a> {
    world: &'a World,
    text: String,
}

impl<'a> Screen<'a> {
    fn of(world: &'a World) -> Self {
        Self { world, text: String::new() }
    }

    /// With a command outside of a build.
    fn with(self, args: &[&str]) -> Self {
        self.with_build(&Build::default(), args)
    }

    /// With a command in a build.
    fn with_build(mut self, build: &Build, args: &[&str]) -> Self {
        let done = self.world.run_in(build, args);
        self.text.push_str(&screen(args, &done));
        self
    }

    /// The screen, the same on every machine.
    fn text(self) -> String {
        let root = self.world.path("");
        without_dates(&self.text.replace(root.to_str().unwrap(), "[ROOT]/"))
    }
}

/// Dates to the minute are those of the run.
fn without_dates(text: &str) -> String {
    const DATE: &str = "2000-01-01 00:00 UTC";
    let mut out = text.to_owned();
    let ends: Vec<usize> = text.match_indices(" UTC").map(|(at, end)| at + end.len()).collect();
    for end in ends.into_iter().rev().filter(|end| *end >= DATE.len()) {
        let start = end - DATE.len();
        let shape = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
        if out.is_char_boundary(start) && shape(&out[start..end]) == shape(DATE) {
            out.replace_range(start..end, "[DATE]");
        }
    }
    out
}

/// A command as it is typed, what it prints, and how it ends.
fn screen(args: &[&str], done: &Done) -> String {
    let quoted = |arg: &&str| if arg.is_empty() || arg.contains(' ') { format!(" '{arg}'") } else { format!(" {arg}") };
    let typed: String = args.iter().map(quoted).collect();
    let mut text = format!("$ shipmark{typed}\n{}", done.stdout);
    if !done.stderr.is_empty() {
        text.push_str(&format!("[stderr]\n{}", done.stderr));
    }
    if done.code != 0 {
        text.push_str(&format!("[exit status {}]\n", done.code));
    }
    text + "\n"
}

/// Two services that share a library, and a third one.
const MAP: &str = "[groups]
shared = [\"lib/**\"]

[services.api]
include = [\"services/api/**\"]
exclude = [\"**/*.md\"]
groups = [\"shared\"]

[services.web]
include = [\"services/web/**\"]
depends_on = [\"api\"]

[services.jobs]
include = [\"services/jobs/**\"]
";

fn world() -> World {
    let files = ["lib/log.py", "services/api/main.py", "services/api/README.md", "services/jobs/run.py"];
    let files = files.into_iter().chain(["services/web/index.html"]).map(|path| (path, "1\n"));
    World::new(MAP, &files.collect::<Vec<_>>())
}

/// A world whose files are in a repository. Its commits have the same ids everywhere.
fn repository() -> World {
    let world = world();
    in_git(&world, &["init", "--quiet", "--initial-branch", "main"]);
    commit(&world, "Start");
    world
}

/// Commits everything.
fn commit(world: &World, subject: &str) {
    in_git(world, &["add", "--all"]);
    in_git(world, &["commit", "--quiet", "--message", subject]);
}

fn in_git(world: &World, args: &[&str]) {
    let mut git: Command = hermetic("git", &world.source(), &world.path("tmp"));
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        git.env(format!("GIT_{who}_DATE"), "2026-01-02T03:04:05Z");
    }
    git.args(args);
    let done = run(git);
    assert_eq!(done.code, 0, "{done:?}");
}
