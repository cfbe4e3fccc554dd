//! Paths of the source as people type them: from where they are, from the root of the source, or absolute.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::Settings;

impl Settings {
    /// The path from the root of the source; `None` if it is outside. A relative path is looked for from the current
    /// directory first, then from the root, as messages write it.
    pub fn path_in_source(&self, typed: &Path) -> Option<PathBuf> {
        let root = &self.source.directory;
        let real = root.canonicalize().unwrap_or_else(|_| root.clone());
        if typed.is_absolute() {
            let plain = normal(Path::new("/"), typed)?;
            // Where a parent is a link, the source's own path may be written otherwise.
            let parent = plain.parent().and_then(|parent| parent.canonicalize().ok());
            let resolved = parent.zip(plain.file_name()).map(|(parent, name)| parent.join(name));
            let below =
                |path: &Path| path.strip_prefix(root).or_else(|_| path.strip_prefix(&real)).ok().map(Path::to_path_buf);
            return below(&plain).or_else(|| below(&resolved?));
        }
        let from_root = || normal(Path::new(""), typed);
        let here = self.here.strip_prefix(root).ok().map(Path::to_path_buf);
        let here = here.or_else(|| Some(self.here.canonicalize().ok()?.strip_prefix(&real).ok()?.to_path_buf()));
        // An artifact is not where one is.
        let Some(here) = here.filter(|_| self.source.new_map().is_some()) else { return from_root() };
        let from_here = normal(&here, typed)?;
        let is_there = |path: &Path| self.source.holds(path.as_os_str().as_bytes());
        match from_root() {
            Some(from_root) if !is_there(&from_here) && is_there(&from_root) => Some(from_root),
            _ => Some(from_here),
        }
    }
}

/// `path` from `base`, without `.` and `..`; `None` if it leads above the start.
fn normal(base: &Path, path: &Path) -> Option<PathBuf> {
    let mut whole = base.to_path_buf();
    for component in path.components() {
        match component {
            Component::Normal(part) => whole.push(part),
            Component::ParentDir if whole.pop() => {}
            Component::ParentDir | Component::Prefix(_) => return None,
            Component::CurDir | Component::RootDir => {}
        }
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain_and_stay_inside() {
        let of =
            |base: &str, path: &str| normal(Path::new(base), Path::new(path)).map(|path| path.display().to_string());
        assert_eq!(of("services/api", "../web/./x").as_deref(), Some("services/web/x"));
        assert_eq!(of("services", "..").as_deref(), Some(""));
        assert_eq!(of("services", "../.."), None);
        assert_eq!(of("/", "/a/b/../c").as_deref(), Some("/a/c"));
    }
}
