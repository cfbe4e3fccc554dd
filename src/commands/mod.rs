//! The commands: the order of effects, and nothing else.

mod context;
mod evidence;
mod subject;
mod answers;
mod dead;
mod decide;
mod prune;
mod recording;
mod record;
mod stage;
mod deploy;
mod plan;
mod run;
mod small;
mod explain;
mod check;
mod status;

pub use run::Ran;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use clap::ValueEnum as _;

use crate::cli::{Cli, Command};
use crate::failure::{Failure, Status};
use crate::output::Format;
use crate::report::Reporter;
use crate::settings::{Environment, Settings};

/// Does what was typed, and gives what the process exits with.
pub fn dispatch(cli: &Cli, reporter: Reporter, environment: Result<Environment, Failure>) -> u8 {
    let settings = environment.and_then(|environment| Settings::new(&cli.global, environment));
    let done = settings.and_then(|settings| command(cli, reporter, &settings));
    match done {
        Ok(code) => code,
        Err(failure) => {
            match &cli.command {
                Command::Decide(args) => decide::refuse(args.format, args.out.as_deref(), &failure),
                Command::Stage(_) => stage::refuse(),
                _ => {}
            }
            reporter.fail(&failure);
            failure.status as u8
        }
    }
}

fn command(cli: &Cli, reporter: Reporter, settings: &Settings) -> Result<u8, Failure> {
    let status = match &cli.command {
        Command::Decide(args) => decide::decide(settings, reporter, args),
        Command::Record(args) => record::record(settings, reporter, args),
        Command::Stage(args) => stage::stage(settings, reporter, args),
        Command::Begin(args) => deploy::begin(settings, reporter, args),
        Command::Promote(args) => deploy::promote(settings, reporter, args),
        Command::Plan(args) => plan::plan(settings, reporter, args),
        Command::Explain(args) => explain::explain(settings, reporter, args),
        Command::Check(args) => check::check(settings, reporter, args),
        Command::Status(args) => status::status(settings, reporter, args),
        Command::Taint(args) => small::taint(settings, reporter, args),
        Command::Output(args) => small::output(settings, reporter, args),
        Command::State(command) => small::state(settings, reporter, command),
        Command::Run(args) => {
            return run::run(settings, reporter, args).map(|ran| match ran {
                Ran::Skipped => Status::Done as u8,
                Ran::Exit(code) => code,
            });
        }
    };
    status.map(|status| status as u8)
}

/// What a `decide` or a `stage` prints whose flags could not even be read: the shell that evaluates it must build, and fail.
/// A file that an earlier `--out` left would be read as this decision, so the refusal goes there too.
pub fn refuse_unparsed(args: impl Iterator<Item = OsString>, message: &str) {
    // What stands behind `--` is another command's.
    let words: Vec<OsString> = args.skip(1).take_while(|word| word != "--").collect();
    let failure = Failure::request(message.lines().next().unwrap_or("the flags are wrong").to_owned());
    match words.iter().filter_map(|word| word.to_str()).find(|word| ["decide", "stage"].contains(word)) {
        Some("stage") => stage::refuse(),
        Some(_) => {
            let format = typed(&words, "--format").and_then(OsStr::to_str);
            let format = format.and_then(|word| Format::from_str(word, false).ok()).unwrap_or(Format::Shell);
            decide::refuse(format, typed(&words, "--out").map(Path::new), &failure);
        }
        None => {}
    }
}

/// The value of a flag, as far as it can be told from words that are no command: another flag is none.
fn typed<'a>(words: &'a [OsString], flag: &str) -> Option<&'a OsStr> {
    let joined = format!("{flag}=");
    let value = words.iter().enumerate().find_map(|(at, word)| match word.as_bytes().strip_prefix(joined.as_bytes()) {
        Some(value) => Some(OsStr::from_bytes(value)),
        None if word == flag => words.get(at + 1).map(OsString::as_os_str),
        None => None,
    });
    value.filter(|value| !value.is_empty() && !value.as_bytes().starts_with(b"-"))
}
