//! Trees from every kind of source, held against C git, which shares no code with us.

mod agreement;
mod commit;
mod directory;
mod index;
mod links;
mod worktree;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use shipmark::base::fingerprint::hex;
use shipmark::base::names::EnvironmentName;
use shipmark::map::ServiceMap;
use shipmark::map::rules::Rules;
use shipmark::source::tree::{FileKind, Tree};

/// Mode and object id of each path, as `git ls-tree` shows them.
type Listing = BTreeMap<Vec<u8>, (&'static str, String)>;

/// A directory in one of its own, so that a link out of it leads to nothing of the machine's; removed at the end.
struct Source {
    root: PathBuf,
    _around: tempfile::TempDir,
}

impl Source {
    fn new() -> Self {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("source");
        fs::create_dir(&root).unwrap();
        Self { root, _around: around }
    }

    /// One with an empty git repository at its root.
    fn repository() -> Self {
        let source = Self::new();
        source.git(&["init", "-q", "-b", "main", "."]);
        source
    }

    fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, path: &[u8]) -> PathBuf {
        self.root().join(OsStr::from_bytes(path))
    }

    fn write(&self, path: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) {
        let path = self.path(path.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(path).unwrap().write_all(bytes.as_ref()).unwrap();
    }

    fn link(&self, path: &str, target: impl AsRef<Path>) {
        let path = self.path(path.as_bytes());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path.as_bytes()), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Runs C git here, with nobody's configuration.
    fn git(&self, arguments: &[&str]) -> Vec<u8> {
        self.git_with_index(None, arguments)
    }

    fn git_with_index(&self, index: Option<&Path>, arguments: &[&str]) -> Vec<u8> {
        let mut git = Command::new("git");
        git.current_dir(self.root()).args(["-c", "protocol.file.allow=always"]).args(arguments);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@b");
        }
        git.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
        let output = git.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Commits all that is there; returns the commit's id.
    fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        text(self.git(&["rev-parse", "HEAD"]))
    }

    /// What C git has in a commit or tree.
    fn ls_tree(&self, revision: &str) -> Listing {
        let listing = self.git(&["ls-tree", "-r", "-z", "--full-tree", revision]);
        let lines = listing.split(|&byte| byte == 0).filter(|line| !line.is_empty());
        let line = |line: &[u8]| {
            let (head, path) = line.split_at(line.iter().position(|&byte| byte == b'\t').unwrap());
            let head: Vec<&str> = std::str::from_utf8(head).unwrap().split(' ').collect();
            let mode = ["100644", "100755", "120000", "160000"].into_iter().find(|mode| *mode == head[0]).unwrap();
            (path[1..].to_vec(), (mode, head[2].to_owned()))
        };
        lines.map(line).collect()
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().trim_end().to_owned()
}

/// The rules of services that each include some patterns; all are asked for, in the order of their names.
fn rules(services: &[(&str, &[&str])], find_unowned: bool) -> Rules {
    let tables = services.iter().map(|(name, patterns)| format!("[services.{name}]\ninclude = {patterns:?}\n"));
    let map = ServiceMap::parse("shipmark.toml", tables.collect::<String>().as_bytes()).unwrap();
    let asked: Vec<usize> = (0..map.services.len()).collect();
    Rules::compile(&map, &EnvironmentName::default(), &asked, find_unowned)
}

/// The rules of one service that has everything.
fn everything() -> Rules {
    rules(&[("all", &["**"])], false)
}

fn listing(tree: &Tree) -> Listing {
    assert!(tree.entries.is_sorted_by(|one, other| one.path < other.path), "sorted bytewise, each path once");
    assert!(tree.unreadable.is_empty(), "{:?}", tree.unreadable);
    let mode = |kind| match kind {
        FileKind::File => "100644",
        FileKind::Executable => "100755",
        FileKind::Symlink => "120000",
        FileKind::Submodule => "160000",
    };
    tree.entries.iter().map(|entry| (entry.path.to_vec(), (mode(entry.kind), hex(&entry.id.0)))).collect()
}

/// `path: cause`, each with the number of services in doubt.
fn doubts(tree: &Tree) -> Vec<String> {
    let show =
        |doubt: &shipmark::source::tree::Unreadable| format!("{} {} {:?}", doubt.path, doubt.cause, doubt.services);
    tree.unreadable.iter().map(show).collect()
}

fn paths(tree: &Tree) -> Vec<String> {
    tree.entries.iter().map(|entry| entry.path.to_string()).collect()
}
