//! The program: reads what was typed, does it, and exits with one status.

use std::ffi::OsString;
use std::path::Path;

use clap::Parser as _;
use clap::error::ErrorKind;

use shipmark::app::cli::{Cli, Command};
use shipmark::app::commands::{dispatch, refuse_unparsed};
use shipmark::app::lambda;
use shipmark::app::report::Reporter;
use shipmark::app::settings::Environment;
use shipmark::base::failure::Failure;
use shipmark::base::text::harmless;

#[expect(clippy::disallowed_methods, reason = "this is where the process ends")]
fn main() {
    let code = match Cli::try_parse_from(called(std::env::args_os().collect())) {
        Ok(cli) => {
            let environment = Environment::read();
            let no_color = environment.as_ref().is_ok_and(|environment| environment.no_color);
            let reporter = Reporter::new(&cli.global, no_color);
            match &cli.command {
                Command::Lambda(args) => lambda::lambda(args, reporter, environment),
                _ => dispatch(&cli, reporter, environment),
            }
        }
        Err(error) => {
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            if !asked {
                refuse_unparsed(std::env::args_os(), &error.to_string());
            }
            let text = error.to_string();
            if asked || harmless(&text) == text {
                // Whether help was read by anybody does not change what is done.
                let _ = error.print();
            } else {
                let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned();
                Reporter::plain().fail(&Failure::request(text));
            }
            u8::try_from(error.exit_code()).unwrap_or(2)
        }
    };
    std::process::exit(i32::from(code));
}

/// What was typed. Lambda starts the program as `bootstrap`, without arguments.
fn called(mut words: Vec<OsString>) -> Vec<OsString> {
    let is_bootstrap = |name: &OsString| Path::new(name).file_name().is_some_and(|name| name == "bootstrap");
    if words.len() == 1 && words.first().is_some_and(is_bootstrap) {
        words.push("lambda".into());
    }
    words
}
