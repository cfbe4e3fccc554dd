//! `completions` and `man`: files that are made with the program, so that a single binary is enough.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use crate::app::cli::{CompletionsArgs, ManArgs};
use crate::base::failure::{Failure, Status};

use super::print::show;

/// The files of `completions/` and `man/`, compressed by the build script: each begins with a byte 1 and its name, on a line of
/// its own.
const FILES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pages.z"));

/// Prints the completions of a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Status, Failure> {
    print(args.shell.file())
}

/// Prints a man page.
pub(super) fn man(args: &ManArgs) -> Result<Status, Failure> {
    let words: Vec<&str> = std::iter::once("shipmark").chain(args.command.iter().map(String::as_str)).collect();
    print(&format!("{}.1", words.join("-")))
}

fn print(name: &str) -> Result<Status, Failure> {
    let mut text = String::new();
    ZlibDecoder::new(FILES).read_to_string(&mut text).map_err(Failure::other)?;
    let file = text.split('\u{1}').find_map(|file| file.strip_prefix(name)?.strip_prefix('\n'));
    let Some(file) = file else {
        let words = name.trim_end_matches(".1").replace('-', " ");
        return Err(Failure::request(format!(
            "there is no command `{}`",
            crate::base::text::printable(words.as_bytes())
        ))
        .hint("`shipmark --help` lists them"));
    };
    show(file.as_bytes())?;
    Ok(Status::Done)
}
