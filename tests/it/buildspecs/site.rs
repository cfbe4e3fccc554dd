//! A repository with an example in it, stand-ins for what deploys, and the folder that shows what is really deployed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::codebuild::{Build, Buildspec, Ended, Shell};
use crate::engines::Engine;
use crate::support::{Done, SHIPMARK, World, run};

const STUBS: &str = include_str!("stubs.sh");
const PROGRAMS: [&str; 6] = ["aws", "docker", "kubectl", "npm", "terraform", "zip"];

/// What a build has to show for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It succeeded and deployed.
    Deploys,
    /// It succeeded, and nothing was built or deployed.
    Skips,
    /// It failed.
    Fails,
}

/// A repository and an AWS account.
pub(super) struct Site {
    pub(super) world: World,
    pub(super) shell: Shell,
    variables: RefCell<BTreeMap<String, String>>,
    builds: Cell<u32>,
}

/// The text of a published example.
pub(super) fn example(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("buildspec-examples").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A map of `config/`, with the outputs required that it says to require once a buildspec records them, and with the pipelines named
/// that share a stack.
pub(super) fn config(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(file);
    let map = fs::read_to_string(path).unwrap().replace("# outputs = ", "outputs = ");
    map.replace("# [environments.prod]", "[environments.prod]")
        .replace("# pipelines = [\"server-command\", \"server-query\"]", "pipelines = [\"p\", \"q\"]")
}

impl Site {
    /// A repository with a map and files; its builds have these variables.
    pub(super) fn new(shell: Shell, map: &str, files: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let site = Self { world: World::new(map, files), shell, variables: RefCell::default(), builds: Cell::new(0) };
        for folder in ["bin", "tools", "account/deployed", "builds"] {
            fs::create_dir_all(site.world.path(folder)).unwrap();
        }
        let stub = site.world.path("bin/stub");
        fs::write(&stub, STUBS).unwrap();
        fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
        for program in PROGRAMS {
            symlink(&stub, site.world.path("bin").join(program)).unwrap();
        }
        symlink(SHIPMARK, site.world.path("tools/shipmark")).unwrap();
        let path = [site.world.path("tools"), site.world.path("bin")].map(|path| path.display().to_string()).join(":");
        site.set("PATH", &format!("{path}:/usr/bin:/bin"));
        site.set("STUBS", site.account().to_str().unwrap());
        site.set("SHIPMARK_STATE", site.world.state());
        for (name, value) in Engine::told().into_iter().flat_map(Engine::variables) {
            site.set(name, &value);
        }
        variables.iter().for_each(|(name, value)| site.set(name, value));
        site
    }

    /// Sets a variable of the project for all builds to come; an empty value removes it.
    pub(super) fn set(&self, name: &str, value: &str) {
        let mut variables = self.variables.borrow_mut();
        if value.is_empty() {
            variables.remove(name)
        } else {
            variables.insert(name.to_owned(), value.to_owned())
        };
    }

    /// The variables of the builds, some of them changed for one build.
    pub(super) fn with<T>(&self, changed: &[(&str, &str)], act: impl FnOnce(&Self) -> T) -> T {
        let before = self.variables.borrow().clone();
        changed.iter().for_each(|(name, value)| self.set(name, value));
        let result = act(self);
        *self.variables.borrow_mut() = before;
        result
    }

    fn account(&self) -> PathBuf {
        self.world.path("account")
    }

    /// A file of what is deployed.
    pub(super) fn deployed(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.account().join("deployed").join(path)).ok()
    }

    /// Puts an executable script into the source.
    pub(super) fn script(&self, path: &str, text: &str) {
        self.world.write(path, text);
        fs::set_permissions(self.world.source().join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The next build, which is not yet run.
    fn next(&self) -> Build {
        let number = self.builds.get() + 1;
        self.builds.set(number);
        let container = self.world.path("builds").join(number.to_string());
        Build { container, variables: self.variables.borrow().clone(), shell: self.shell, number }
    }

    /// Runs a buildspec.
    pub(super) fn build(&self, spec: &str) -> Ended {
        self.build_of(spec, &self.world.source())
    }

    /// Runs a buildspec over another input artifact than the source.
    pub(super) fn build_of(&self, spec: &str, source: &Path) -> Ended {
        let _ = fs::remove_file(self.account().join("log"));
        let ended = self.next().run(&Buildspec::parse(spec).unwrap(), source);
        println!("{:?}, build {}\n{}", self.shell, self.number(), ended.log);
        ended
    }

    /// Runs a build and, while one of its commands waits half-way, something else. Gives how the build ended.
    pub(super) fn meanwhile(&self, spec: &str, waits: &str, act: impl FnOnce(&Self)) -> Ended {
        let (waiting, go) = (self.account().join("waiting"), self.account().join("go"));
        let build = self.with(&[("WAITS", waits)], Self::next);
        let (spec, source) = (Buildspec::parse(spec).unwrap(), self.world.source());
        let build = std::thread::spawn(move || build.run(&spec, &source));
        let began = Instant::now();
        while !waiting.exists() {
            assert!(!build.is_finished() && began.elapsed() < Duration::from_secs(120), "`{waits}` was never reached");
            std::thread::sleep(Duration::from_millis(10));
        }
        act(self);
        fs::write(&go, "").unwrap();
        let ended = build.join().unwrap();
        fs::remove_file(waiting).unwrap();
        fs::remove_file(go).unwrap();
        println!("the build that waited\n{}", ended.log);
        ended
    }

    /// The number of the last build.
    pub(super) fn number(&self) -> u32 {
        self.builds.get()
    }

    /// What the stand-ins were told since the last build began.
    pub(super) fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.account().join("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Whether a stand-in was called with a command that begins so.
    pub(super) fn did(&self, command: &str) -> bool {
        self.log().iter().any(|line| line.starts_with(command))
    }

    /// Runs a buildspec and says how it ended; a skip is one that called nobody.
    pub(super) fn outcome(&self, spec: &str) -> Outcome {
        let ended = self.build(spec);
        match (ended.succeeded, self.log().is_empty()) {
            (false, _) => Outcome::Fails,
            (true, true) => Outcome::Skips,
            (true, false) => Outcome::Deploys,
        }
    }

    /// Runs one of the stand-ins, as an action of a pipeline that is no build.
    pub(super) fn action(&self, program: &str, arguments: &[&str]) -> Done {
        let mut command = Command::new(self.world.path("bin").join(program));
        command.args(arguments).env_clear().envs(&*self.variables.borrow());
        run(command)
    }

    /// What the file of a deploy should be: the source's.
    pub(super) fn agrees(&self, pairs: &[(&str, &str)]) {
        for (deployed, source) in pairs {
            let source = fs::read_to_string(self.world.source().join(source)).unwrap();
            assert_eq!(self.deployed(deployed), Some(source), "{deployed} under {:?}", self.shell);
        }
    }

    /// An address that no state can be read from or written to.
    pub(super) fn unreachable(&self) -> String {
        let file = self.world.path("no-folder");
        fs::write(&file, "").unwrap();
        format!("file:{}", file.join("state").display())
    }

    /// A search path without the program.
    pub(super) fn path_without_shipmark(&self) -> String {
        format!("{}:/usr/bin:/bin", self.world.path("bin").display())
    }
}
