//! The commands: the order of effects, and nothing else.

pub mod action;
mod context;
mod extras;
mod gather;
mod answers;
mod peculiarities;
mod unmatched_includes;
mod pipelines_line;
mod renames;
mod dead_patterns;
mod forgotten;
mod verify;
mod decide;
mod print;
mod prune;
mod redelivery;
mod noted;
mod observations;
mod observe;
mod recording;
mod refusals;
mod adoption;
mod record;
mod adopt;
mod stage;
mod targets;
mod begin_promote;
mod why;
mod commits;
mod map_change;
mod plan;
mod between;
mod since_base;
mod signals;
mod run;
mod whole_store;
mod small;
mod export;
mod import;
mod init;
mod explain;
mod check;
mod templates;
mod replay;
mod commits_behind;
mod status;
mod doctor;
mod pages;

use std::path::Path;

use clap::ValueEnum as _;

use crate::app::cli::{Cli, Command, StateCommand};
use crate::app::report::Reporter;
use crate::app::settings::{Environment, Settings};
use crate::base::failure::{Failure, Status};
use crate::output::Format;

/// Executes the command that was typed, and returns the exit status.
pub fn dispatch(cli: &Cli, reporter: Reporter, environment: Result<Environment, Failure>) -> u8 {
    let settings = environment.and_then(|environment| Settings::new(&cli.global, cli.command.writes(), environment));
    let done = settings.and_then(|settings| command(cli, reporter, &settings));
    match done {
        Ok(code) => code,
        Err(failure) => {
            match &cli.command {
                Command::Decide(args) => decide::refuse(args.format, args.out.as_deref(), &failure),
                Command::Stage(args) => stage::refuse(args.format, &failure),
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
        Command::Adopt(args) => adopt::adopt(settings, reporter, args),
        Command::Stage(args) => stage::stage(settings, reporter, args),
        Command::Begin(args) => begin_promote::begin(settings, reporter, args),
        Command::Promote(args) => begin_promote::promote(settings, reporter, args),
        Command::Plan(args) => plan::plan(settings, reporter, args),
        Command::Init(args) => init::init(settings, reporter, args),
        Command::Explain(args) => explain::explain(settings, reporter, args),
        Command::Check(args) => check::check(settings, reporter, args),
        Command::Replay(args) => replay::replay(settings, reporter, args),
        Command::Status(args) => status::status(settings, reporter, args),
        Command::Taint(args) => small::taint(settings, reporter, args),
        Command::Output(args) => small::output(settings, reporter, args),
        Command::State(StateCommand::Export(args)) => export::export(settings, reporter, args),
        Command::State(StateCommand::Import(args)) => import::import(settings, reporter, args),
        Command::State(StateCommand::Rm(args)) => small::forget(settings, reporter, args),
        Command::Doctor(args) => doctor::doctor(settings, reporter, args),
        Command::Completions(args) => pages::completions(args),
        Command::Man(args) => pages::man(args),
        Command::Observe(args) => return observe::observe(settings, reporter, args),
        Command::Run(args) => return run::run(settings, reporter, args),
        // `main` has started it: it settles its own requests, one for each event.
        Command::Lambda(_) => return Ok(Status::Done as u8),
    };
    status.map(|status| status as u8)
}

/// The output of a `decide` or `stage` whose flags could not be parsed: the shell that evaluates it must build, and
/// fail.
pub fn refuse_unparsed(args: impl Iterator<Item = std::ffi::OsString>, message: &str) {
    // What follows `--` belongs to another command.
    let words = args.skip(1).take_while(|word| word != "--").map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words.collect();
    let failure = Failure::request(message.lines().next().unwrap_or("the flags are wrong").to_owned());
    match words.iter().map(String::as_str).find(|word| ["decide", "stage"].contains(word)) {
        Some("stage") => stage::refuse(typed_format(&words), &failure),
        Some(_) => decide::refuse(typed_format(&words), typed(&words, "--out").map(Path::new), &failure),
        None => {}
    }
}

fn typed_format(words: &[String]) -> Format {
    typed(words, "--format").and_then(|word| Format::from_str(word, false).ok()).unwrap_or(Format::Shell)
}

/// The value of a flag, as far as it can be determined.
fn typed<'a>(words: &'a [String], flag: &str) -> Option<&'a str> {
    let joined = words.iter().find_map(|word| word.strip_prefix(flag)?.strip_prefix('='));
    let after = || words.iter().position(|word| word == flag).and_then(|at| words.get(at + 1)).map(String::as_str);
    joined.or_else(after)
}
