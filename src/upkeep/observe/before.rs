//! The source as it was before a build. What did not exist then is not an input, whoever reads it: that alone leaves out
//! dependencies, caches, generated code, home directories and the system, without a list of names.

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice as _};

/// How many links one path may lead through, as in Linux.
const MOST_LINKS: usize = 40;

/// The files, links and directories of a source.
#[derive(Debug)]
pub struct SourceBefore {
    /// The real path of its root, without a slash at the end.
    root: Vec<u8>,
    /// All files and links, sorted bytewise.
    names: Vec<BString>,
    /// The links and their texts.
    links: HashMap<BString, Vec<u8>>,
    directories: HashSet<BString>,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RealPlace {
    /// Into the source: the path from its root, whether or not anything is there.
    Inside(BString),
    /// Somewhere else.
    Outside,
}

/// What a path is on the machine now, without following a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnDisk {
    /// A link, with its text.
    Link(Vec<u8>),
    /// A directory.
    Directory,
    /// Anything else, or nothing.
    Other,
}

/// Looks at a path on the machine.
pub type LookAt<'a> = &'a (dyn Fn(&[u8]) -> OnDisk + Sync);

impl SourceBefore {
    /// From the real path of the root, and the names of all files and links with the texts of the links.
    pub fn new(root: &[u8], names: impl IntoIterator<Item = (BString, Option<Vec<u8>>)>) -> Self {
        let (mut all, mut links) = (Vec::new(), HashMap::new());
        let mut directories = HashSet::from([BString::default()]);
        for (name, link) in names {
            let mut directory = &name[..];
            while let Some(end) = directory.rfind_byte(b'/') {
                directory = &directory[..end];
                if !directories.insert(directory.into()) {
                    break;
                }
            }
            if let Some(text) = link {
                links.insert(name.clone(), text);
            }
            all.push(name);
        }
        all.sort_unstable();
        all.dedup();
        let root = root.strip_suffix(b"/").unwrap_or(root).to_vec();
        Self { root, names: all, links, directories }
    }

    /// All files and links, sorted bytewise.
    pub fn names(&self) -> &[BString] {
        &self.names
    }

    /// Whether the source has links at all.
    pub fn has_links(&self) -> bool {
        !self.links.is_empty()
    }

    /// The index of a file or link.
    pub(super) fn file(&self, name: &[u8]) -> Option<usize> {
        self.names.binary_search_by(|other| other[..].cmp(name)).ok()
    }

    pub(super) fn is_directory(&self, name: &[u8]) -> bool {
        self.directories.contains(bstr::BStr::new(name))
    }

    /// The path from the root of a path without links.
    pub(super) fn inside(&self, real: &[u8]) -> RealPlace {
        match real.strip_prefix(&self.root[..]) {
            Some(b"") => RealPlace::Inside(BString::default()),
            Some([b'/', name @ ..]) => RealPlace::Inside(name.into()),
            _ => RealPlace::Outside,
        }
    }

    /// Follows an absolute path part by part, as the kernel does, and gives the source's links that it leads through. The
    /// last part is followed only if the call follows it. Links outside the source, and those that the build has made, are
    /// read as they are now.
    pub(super) fn resolve(&self, path: &[u8], follow: bool, disk: &mut KnownLinks<'_>) -> (RealPlace, Vec<BString>) {
        // A slash at the end follows a link, whatever the call.
        let follow = follow || path.ends_with(b"/");
        let mut met = Vec::new();
        let mut todo: Vec<Vec<u8>> = path.rsplit(|byte| *byte == b'/').map(<[u8]>::to_vec).collect();
        let mut done: Vec<u8> = Vec::new();
        let mut hops = 0;
        while let Some(part) = todo.pop() {
            match &part[..] {
                b"" | b"." => continue,
                b".." => {
                    done.truncate(done.rfind_byte(b'/').unwrap_or(0));
                    continue;
                }
                part => {
                    done.push(b'/');
                    done.extend_from_slice(part);
                }
            }
            let last = todo.iter().all(|part| part.is_empty());
            let own = match self.inside(&done) {
                RealPlace::Inside(name) => match self.links.get(&name) {
                    Some(text) => {
                        met.push(name);
                        Some(text.clone())
                    }
                    None if self.file(&name).is_some() || self.is_directory(&name) => None,
                    None => disk.read(&done),
                },
                RealPlace::Outside => disk.read(&done),
            };
            let Some(target) = own else { continue };
            if (last && !follow) || hops == MOST_LINKS {
                continue;
            }
            hops += 1;
            let keep = if target.starts_with(b"/") { 0 } else { done.rfind_byte(b'/').unwrap_or(0) };
            done.truncate(keep);
            todo.extend(target.rsplit(|byte| *byte == b'/').map(<[u8]>::to_vec));
        }
        (self.inside(&done), met)
    }
}

/// Links and directories on the machine, each looked at once. What is not there yet is looked for again.
pub(super) struct KnownLinks<'a> {
    look: LookAt<'a>,
    known: HashMap<Vec<u8>, OnDisk>,
}

impl<'a> KnownLinks<'a> {
    pub(super) fn new(look: LookAt<'a>) -> Self {
        Self { look, known: HashMap::new() }
    }

    /// The text of a link.
    fn read(&mut self, path: &[u8]) -> Option<Vec<u8>> {
        let found = match self.known.get(path) {
            Some(known) => known.clone(),
            None => {
                let found = (self.look)(path);
                if found != OnDisk::Other {
                    self.known.insert(path.to_vec(), found.clone());
                }
                found
            }
        };
        match found {
            OnDisk::Link(text) => Some(text),
            OnDisk::Directory | OnDisk::Other => None,
        }
    }

    /// Forgets what is at a path, because something was moved from or to it.
    pub(super) fn forget(&mut self, path: &[u8]) {
        self.known.remove(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SourceBefore {
        let names =
            [("a/file", None), ("a/link", Some("../b")), ("b/c", None), ("loop", Some("loop")), ("up", Some("/etc"))];
        SourceBefore::new(b"/src", names.map(|(name, link)| (name.into(), link.map(|text| text.as_bytes().to_vec()))))
    }

    fn resolved(path: &str, follow: bool) -> (Option<String>, Vec<String>) {
        let disk = |path: &[u8]| match path {
            b"/outside" => OnDisk::Link(b"/src/a".to_vec()),
            b"/src/node_modules/lib" => OnDisk::Link(b"../b".to_vec()),
            _ => OnDisk::Other,
        };
        let (spot, met) = source().resolve(path.as_bytes(), follow, &mut KnownLinks::new(&disk));
        let spot = match spot {
            RealPlace::Inside(name) => Some(name.to_string()),
            RealPlace::Outside => None,
        };
        (spot, met.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_link_on_the_way_is_met_and_the_target_is_the_file() {
        assert_eq!(resolved("/src/a/link/c", true), (Some("b/c".to_owned()), vec!["a/link".to_owned()]));
        assert_eq!(resolved("/src/a/link", false), (Some("a/link".to_owned()), vec!["a/link".to_owned()]));
        assert_eq!(resolved("/src/a/link/", false), (Some("b".to_owned()), vec!["a/link".to_owned()]));
        assert_eq!(resolved("/src/up/passwd", true), (None, vec!["up".to_owned()]));
    }

    #[test]
    fn links_outside_and_new_ones_lead_into_the_source() {
        assert_eq!(resolved("/outside/link/../a/file", true).0, Some("a/file".to_owned()));
        assert_eq!(resolved("/src/node_modules/lib/c", true), (Some("b/c".to_owned()), vec![]));
        assert_eq!(resolved("/src//./a/../b/c", true), (Some("b/c".to_owned()), vec![]));
    }

    #[test]
    fn a_loop_ends_and_the_root_is_inside() {
        assert_eq!(resolved("/src/loop", true).0, Some("loop".to_owned()));
        assert_eq!(resolved("/src", true).0, Some(String::new()));
        assert_eq!(resolved("/srcs/a", true).0, None);
    }
}
