//! A build context: which of the source's files an image's build can see, and which an instruction copies.

use std::ops::Range;

use crate::source::tree::listing::below;

use super::dockerfile::Copied;
use super::dockerignore::Ignore;
use super::paths::child;
use super::sources::Sources;

/// The context of one Dockerfile.
#[derive(Debug)]
pub struct BuildContext {
    directory: String,
    ignore: Option<Ignore>,
}

/// Candidates for the `.dockerignore` of a Dockerfile in a context; the first that exists applies.
pub fn ignore_files(dockerfile: &str, context: &str) -> [String; 2] {
    [format!("{dockerfile}.dockerignore"), child(context, ".dockerignore")]
}

impl BuildContext {
    /// The context in a directory (`""` is the root), with the text of its `.dockerignore`.
    pub fn new(directory: &str, ignore: Option<&str>) -> Self {
        Self { directory: directory.to_owned(), ignore: ignore.map(Ignore::read) }
    }

    /// Whether the build does not see a file that is in the context's directory.
    pub fn ignores(&self, name: &[u8]) -> bool {
        self.ignore.as_ref().is_some_and(|ignore| ignore.ignores(self.inside(name)))
    }

    /// A file's path in the context.
    fn inside<'n>(&self, name: &'n [u8]) -> &'n [u8] {
        if self.directory.is_empty() { name } else { name.get(self.directory.len() + 1..).unwrap_or_default() }
    }

    /// The files that an instruction copies, as indices into the sorted `names`, and for each of its sources whether
    /// it matches any file.
    pub fn copied<N: AsRef<[u8]>>(&self, names: &[N], copied: &Copied) -> (Vec<usize>, Vec<bool>) {
        let sources = Sources::new(copied);
        let mut used = vec![false; copied.sources.len()];
        let mut found = Vec::new();
        for start in sources.starts() {
            let top = match start.as_str() {
                "" => self.directory.clone(),
                start => child(&self.directory, start),
            };
            let files = itself(names, top.as_bytes()).into_iter().chain(below(names, top.as_bytes()));
            for file in files {
                let name = names[file].as_ref();
                let numbers = sources.numbers(self.inside(name));
                if numbers.is_empty() || self.ignores(name) {
                    continue;
                }
                numbers.into_iter().for_each(|number| used[number] = true);
                found.push(file);
            }
        }
        (found, used)
    }

    /// The files that the build sees, as indices into the sorted `names`.
    pub fn all<N: AsRef<[u8]>>(&self, names: &[N]) -> Vec<usize> {
        let all: Range<usize> = below(names, self.directory.as_bytes());
        all.filter(|file| !self.ignores(names[*file].as_ref())).collect()
    }
}

fn itself<N: AsRef<[u8]>>(names: &[N], path: &[u8]) -> Option<usize> {
    names.binary_search_by(|other| other.as_ref().cmp(path)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::dockerfile;
    use super::*;

    const NAMES: [&str; 6] = [".dockerignore", "a/Dockerfile", "a/x.md", "a/x.rs", "b/x", "c"];

    fn copied(context: &BuildContext, text: &str) -> Vec<&'static str> {
        let read = dockerfile::read(text);
        let files = read.copies.iter().flat_map(|copied| context.copied(&NAMES, copied).0);
        files.map(|file| NAMES[file]).collect()
    }

    #[test]
    fn what_an_instruction_copies_is_below_the_context_and_not_ignored() {
        let root = BuildContext::new("", Some("**/*.md\n.dockerignore"));
        assert_eq!(copied(&root, "FROM x\nCOPY . .\n"), ["a/Dockerfile", "a/x.rs", "b/x", "c"]);
        assert_eq!(copied(&root, "FROM x\nCOPY a/x.* c /\n"), ["a/x.rs", "c"]);
        let inner = BuildContext::new("a", None);
        assert_eq!(copied(&inner, "FROM x\nCOPY x.rs ../c ./\n"), ["a/x.rs"]);
        assert_eq!(inner.all(&NAMES).len(), 3);
    }

    #[test]
    fn a_source_that_matches_nothing_is_known() {
        let root = BuildContext::new("", None);
        let read = dockerfile::read("FROM x\nCOPY c dist /\n");
        assert_eq!(root.copied(&NAMES, &read.copies[0]), (vec![5], vec![true, false]));
    }
}
