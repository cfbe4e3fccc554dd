//! One command of a buildspec: a process of its own, and the script around it that carries the environment and the directory over.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use shipmark::base::text::shell_quote;

use crate::support::skip;

/// What runs the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shell {
    /// `sh` on the Ubuntu images.
    Dash,
    /// `sh` on the Amazon Linux images: bash in its POSIX mode.
    BashAsSh,
    /// `env.shell: bash`.
    Bash,
}

/// The shells of this machine, of those that a buildspec is run by.
pub(crate) fn shells() -> Vec<Shell> {
    [Shell::Dash, Shell::BashAsSh, Shell::Bash].into_iter().filter(|shell| shell.is_here()).collect()
}

/// What `sh` is in CodeBuild's images, Ubuntu's and Amazon Linux's: the shells of a buildspec that names none.
pub(crate) fn default_shells() -> Vec<Shell> {
    shells().into_iter().filter(|shell| *shell != Shell::Bash).collect()
}

impl Shell {
    fn program(self) -> &'static Path {
        Path::new(if self == Self::Dash { "/bin/dash" } else { "/bin/bash" })
    }

    fn is_here(self) -> bool {
        let here = self.program().exists();
        if !here {
            skip("shells", &format!("no buildspec is run by {}: it is missing", self.program().display()));
        }
        here
    }

    /// Whether it takes a command for one, without running it.
    pub(crate) fn reads(self, command: &str) -> bool {
        self.command().args(["-n", "-c", command]).env_clear().output().unwrap().status.success()
    }

    fn command(self) -> Command {
        let mut command = Command::new(self.program());
        if self == Self::BashAsSh {
            command.arg0("sh");
        }
        command
    }
}

/// The state that goes from command to command.
pub(super) struct Runner {
    shell: Shell,
    /// Where the generated scripts and the saved state are.
    folder: PathBuf,
    /// All that was printed.
    pub(super) log: String,
}

impl Runner {
    /// A runner that starts in a directory, with exactly these variables.
    pub(super) fn new(shell: Shell, folder: &Path, directory: &Path, variables: &BTreeMap<String, String>) -> Self {
        let runner = Self { shell, folder: folder.to_owned(), log: String::new() };
        std::fs::write(runner.saved("directory"), directory.to_str().unwrap()).unwrap();
        std::fs::write(runner.saved("environment"), "").unwrap();
        for (name, value) in variables {
            runner.set(name, value);
        }
        runner
    }

    fn saved(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Sets a variable for the commands to come, past the shell.
    pub(super) fn set(&self, name: &str, value: &str) {
        let path = self.saved("environment");
        let saved = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{saved}export {name}={}\n", shell_quote(value))).unwrap();
    }

    /// Runs a command; whether its status is 0. The command stands in line 4, as the errors of CodeBuild's shells show.
    pub(super) fn run(&mut self, command: &str) -> bool {
        let quoted = |name| shell_quote(self.saved(name).to_str().unwrap());
        let (directory, environment) = (quoted("directory"), quoted("environment"));
        let script = format!(
            "cd \"$(cat {directory})\"\nset -a\n. {environment}\n{command}\nCODEBUILD_LAST_EXIT=$?\n\
             export -p >{environment}\npwd >{directory}\nexit $CODEBUILD_LAST_EXIT\n"
        );
        std::fs::write(self.saved("script.sh"), script).unwrap();
        let mut shell = self.shell.command();
        let output = shell.arg(self.saved("script.sh")).env_clear().stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let status = output.status.code().unwrap_or(-1);
        self.log += &format!("$ {command}\n{}[exit {status}]\n", String::from_utf8_lossy(&said));
        status == 0
    }

    /// What a text is once the shell has expanded it; nothing where that fails.
    pub(super) fn expand(&self, text: &str) -> Option<String> {
        let script = format!(". {}\nprintf %s \"{text}\"", shell_quote(self.saved("environment").to_str().unwrap()));
        let output = self.shell.command().arg("-c").arg(script).env_clear().stdin(Stdio::null()).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// The value of a variable; nothing where it is not set.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.expand(&format!("${{{name}?}}"))
    }
}
