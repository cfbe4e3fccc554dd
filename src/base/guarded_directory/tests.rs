//! What is accepted in a shared temporary directory.

#![expect(clippy::disallowed_methods, reason = "tests make files")]

use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::PathBuf;

use super::*;

const PATIENCE: Duration = Duration::from_millis(50);

struct Shared {
    root: tempfile::TempDir,
}

impl Shared {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.root.path().join("own")
    }

    fn make(&self) -> GuardedDirectory {
        GuardedDirectory::make(&self.path(), Whose::Own).unwrap()
    }

    /// Why the directory is refused, both when opened and when created.
    fn refusal(&self) -> &'static str {
        let made = GuardedDirectory::make(&self.path(), Whose::Own);
        let opened = GuardedDirectory::open(&self.path(), Whose::Own);
        let (Err(GuardError::Unsafe(made)), Err(GuardError::Unsafe(opened))) = (made, opened) else {
            panic!("it was used");
        };
        assert_eq!(made, opened);
        made
    }
}

fn pipe(path: &Path) {
    rustix::fs::mkfifoat(CWD, path, Mode::RWXU).unwrap();
}

#[test]
fn it_is_made_for_the_user_alone_and_keeps_files() {
    let shared = Shared::new();
    assert!(GuardedDirectory::open(&shared.path(), Whose::Own).unwrap().is_none());
    let own = shared.make();
    assert_eq!(shared.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(own.read("a", 1 << 20).unwrap(), None);
    own.replace("a", b"1", Flush::Later).unwrap();
    own.replace("a", b"2", Flush::Later).unwrap();
    assert_eq!(own.read("a", 1 << 20).unwrap().unwrap(), b"2");
    assert_eq!(shared.path().join("a").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    own.make_below("b", Flush::Later).unwrap().replace("c", b"3", Flush::Later).unwrap();
    assert_eq!(own.below("b").unwrap().unwrap().read("c", 1 << 20).unwrap().unwrap(), b"3");
    own.remove("a").unwrap();
    own.remove("a").unwrap();
    assert!(!own.has("a").unwrap());
    assert_eq!(std::fs::read_dir(shared.path()).unwrap().count(), 1, "nothing is left over");
}

#[test]
fn a_lock_is_held_by_one() {
    let shared = Shared::new();
    let own = shared.make();
    let held = own.lock("lock", PATIENCE).unwrap();
    let Err(GuardError::Io(error)) = own.lock("lock", PATIENCE) else { panic!("two have it") };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    drop(held);
    own.lock("lock", PATIENCE).unwrap();
}

#[test]
fn a_planted_directory_is_not_used() {
    let shared = Shared::new();
    std::fs::create_dir(shared.path()).unwrap();
    for mode in [0o755, 0o710, 0o701, 0o777, 0o1777] {
        std::fs::set_permissions(shared.path(), PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(shared.refusal(), "can be entered by other users", "{mode:o}");
    }
    std::fs::remove_dir(shared.path()).unwrap();
    let elsewhere = shared.root.path().join("elsewhere");
    GuardedDirectory::make(&elsewhere, Whose::Own).unwrap();
    symlink(&elsewhere, shared.path()).unwrap();
    assert_eq!(shared.refusal(), "is a link, or not a directory");
    std::fs::remove_file(shared.path()).unwrap();
    symlink(shared.root.path().join("nowhere"), shared.path()).unwrap();
    assert_eq!(shared.refusal(), "is a link, or not a directory");
    std::fs::remove_file(shared.path()).unwrap();
    pipe(&shared.path());
    assert_eq!(shared.refusal(), "is a link, or not a directory");
}

/// Only root can give files away, and for anybody else a file of root's already belongs to another user.
#[test]
fn what_belongs_to_another_user_is_not_used() {
    if !geteuid().is_root() {
        let refused = GuardedDirectory::open(Path::new("/"), Whose::Own).unwrap_err();
        assert_eq!(refused.to_string(), "it belongs to another user");
        return;
    }
    let shared = Shared::new();
    let own = shared.make();
    own.replace("a", b"1", Flush::Later).unwrap();
    chown(shared.path().join("a"), Some(4711), None).unwrap();
    for refused in
        [own.read("a", 1 << 20).map(drop), own.replace("a", b"2", Flush::Later), own.lock("a", PATIENCE).map(drop)]
    {
        assert_eq!(refused.unwrap_err().to_string(), "it belongs to another user");
    }
    assert_eq!(std::fs::read(shared.path().join("a")).unwrap(), b"1");
    chown(shared.path(), Some(4711), None).unwrap();
    assert_eq!(shared.refusal(), "belongs to another user");
}

#[test]
fn planted_files_are_neither_followed_nor_waited_for() {
    for whose in [Whose::Own, Whose::Anybodys] {
        let shared = Shared::new();
        let own = GuardedDirectory::make(&shared.path(), whose).unwrap();
        let target = shared.root.path().join("target");
        std::fs::write(&target, "1").unwrap();
        symlink(&target, shared.path().join("link")).unwrap();
        symlink(shared.root.path().join("nowhere"), shared.path().join("dangling")).unwrap();
        pipe(&shared.path().join("pipe"));
        std::fs::create_dir(shared.path().join("directory")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(shared.path().join("socket")).unwrap();
        for name in ["link", "dangling", "pipe", "directory", "socket"] {
            let replaced = own.replace(name, b"2", Flush::Later);
            for refused in [own.read(name, 9).map(drop), replaced, own.lock(name, PATIENCE).map(drop)] {
                assert!(matches!(refused, Err(GuardError::Unsafe(_))), "{whose:?} {name}: {refused:?}");
            }
        }
        assert_eq!(std::fs::read(&target).unwrap(), b"1");
        assert!(!shared.root.path().join("nowhere").exists());
        symlink(shared.root.path(), shared.path().join("below")).unwrap();
        assert!(matches!(own.below("below"), Err(GuardError::Unsafe(_))));
        assert!(matches!(own.make_below("below", Flush::Later), Err(GuardError::Unsafe(_))));
    }
}

#[test]
fn a_place_that_was_named_may_be_anybodys() {
    let shared = Shared::new();
    std::fs::create_dir(shared.path()).unwrap();
    std::fs::set_permissions(shared.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let link = shared.root.path().join("link");
    symlink(shared.path(), &link).unwrap();
    GuardedDirectory::make(&link, Whose::Anybodys).unwrap().replace("a", b"1", Flush::Later).unwrap();
    assert_eq!(std::fs::read(shared.path().join("a")).unwrap(), b"1");
}
