//! The program: reads what was typed, does it, and exits with one status.

use clap::Parser as _;
use clap::error::ErrorKind;

use shipmark::app::cli::Cli;
use shipmark::app::commands::{dispatch, refuse_unparsed};
use shipmark::app::report::Reporter;
use shipmark::app::settings::Environment;
use shipmark::base::failure::Failure;
use shipmark::base::text::harmless;

#[expect(clippy::disallowed_methods, reason = "this is where the process ends")]
fn main() {
    let code = match Cli::try_parse() {
        Ok(cli) => {
            let environment = Environment::read();
            let no_color = environment.as_ref().is_ok_and(|environment| environment.no_color);
            dispatch(&cli, Reporter::new(&cli.global, no_color), environment)
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
