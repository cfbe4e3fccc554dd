//! `completions` and `man`.

use clap::{Args, ValueEnum};

/// `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// A shell with completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
    /// PowerShell.
    Powershell,
}

impl Shell {
    /// The name of its file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Bash => "shipmark.bash",
            Self::Zsh => "_shipmark",
            Self::Fish => "shipmark.fish",
            Self::Powershell => "_shipmark.ps1",
        }
    }
}

/// `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command, e.g. `state rm` [default: the program itself]
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}
