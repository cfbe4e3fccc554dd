//! Completions for shells.

use std::collections::BTreeMap;
use std::process::Command;

use clap::CommandFactory as _;
use clap_complete::{Generator as _, Shell};
use shipmark::app::cli::Cli;

use super::super::support::printed as shipmark;
use super::are_current;

#[test]
fn they_are_current() {
    let shells = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell];
    let script = |shell: Shell| {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "shipmark", &mut script);
        (shell.file_name("shipmark"), script)
    };
    let scripts: BTreeMap<String, Vec<u8>> = shells.into_iter().map(script).collect();
    are_current("completions", &scripts, |_| true);
}

#[test]
fn bash_completes_commands_and_flags() {
    let complete = |words: &str, at: usize| {
        let script = format!(
            "source completions/shipmark.bash; COMP_WORDS=({words}); COMP_CWORD={at}; \
             _shipmark shipmark \"${{COMP_WORDS[{at}]}}\" \"${{COMP_WORDS[{at}-1]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let directory = env!("CARGO_MANIFEST_DIR");
        let output = Command::new("bash").current_dir(directory).args(["--norc", "-c", &script]).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete("shipmark dec", 1), ["decide"]);
    assert_eq!(complete("shipmark state ex", 2), ["export"]);
    assert_eq!(complete("shipmark plan --print", 2), ["--print-map"]);
    assert!(complete("shipmark decide --format pow", 3).contains(&"powershell".to_owned()));
}

#[test]
fn the_program_prints_them() {
    // What this run writes is embedded by the next build.
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        return;
    }
    for (shell, name) in
        [("bash", "shipmark.bash"), ("zsh", "_shipmark"), ("fish", "shipmark.fish"), ("powershell", "_shipmark.ps1")]
    {
        let kept = std::fs::read_to_string(format!("{}/completions/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let printed = shipmark(&["completions", shell]);
        assert!(printed == kept, "{shell} is not as in {name}");
    }
}
