//! The program, and tests of this binary, as processes with nothing of this process's environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::assert::Assert;

use super::{Done, done};

/// The program.
pub(crate) const SHIPMARK: &str = env!("CARGO_BIN_EXE_shipmark");

/// A program in a directory, for a test that spawns or kills it. Its environment is a search path and a home without settings.
pub(crate) fn hermetic(program: &str, directory: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", home).env("TMPDIR", home);
    command
}

/// Runs the program where it finds nothing in its environment but a search path, with a temporary directory of its own.
pub(crate) fn shipmark<S: AsRef<std::ffi::OsStr>>(directory: &Path, args: impl IntoIterator<Item = S>) -> Done {
    let home = tempfile::tempdir().unwrap();
    let mut command = hermetic(SHIPMARK, directory, home.path());
    command.args(args);
    run(command)
}

/// Runs a command to its end, without standard input.
pub(crate) fn run(command: Command) -> Done {
    done(output(command))
}

/// Runs a command to its end with this on its standard input.
pub(crate) fn feed(command: Command, text: &str) -> Done {
    done(assert_cmd::Command::from_std(command).write_stdin(text).output().unwrap())
}

/// Runs a command to its end; what it did is asserted on the result, whose failures show the command and all its output.
pub(crate) fn assert(command: Command) -> Assert {
    assert_cmd::Command::from_std(command).assert()
}

/// What a command printed, whatever it ended with.
pub(crate) fn output(command: Command) -> Output {
    assert_cmd::Command::from_std(command).output().unwrap()
}

/// A test of this binary, ignored or not, in a process of its own.
pub(crate) fn another_test(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--include-ignored", "--nocapture", test]);
    command
}

/// All Rust files below a directory.
pub(crate) fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The names of all tests below these directories.
pub(crate) fn tests_below(directories: &[&str]) -> std::collections::BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = directories.iter().flat_map(|directory| rust_files(&root.join(directory)));
    let mut names = std::collections::BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let mut lines = text.lines().map(str::trim);
        while lines.by_ref().any(|line| line == "#[test]") {
            let function = lines.by_ref().find_map(|line| line.strip_prefix("fn "));
            names.extend(function.and_then(|function| function.split('(').next()).map(str::to_owned));
        }
    }
    names
}
