//! C git, run as a program on one repository.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The tree without entries; every git knows it without it being stored.
pub(crate) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// One repository.
pub(crate) struct Git {
    pub(crate) directory: PathBuf,
}

/// One line of `git diff --raw`.
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) status: Status,
    pub(crate) old_blob: String,
    pub(crate) new_blob: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Added,
    Modified,
    Deleted,
}

impl Status {
    /// The word for it in a decision.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
        }
    }
}

impl Git {
    /// Runs git with this input and returns what it printed. The user's and the machine's settings are kept out.
    pub(crate) fn run(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("git")
            .arg("-C")
            .arg(&self.directory)
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_LITERAL_PATHSPECS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git is installed");
        let mut stdin = child.stdin.take().expect("it was piped");
        // Written beside the reading: git may print so much that it waits for us before it has read everything.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input).expect("git reads its input"));
            child.wait_with_output().expect("git ends")
        });
        assert!(output.status.success(), "git {arguments:?} failed");
        output.stdout
    }

    /// The lines that git printed.
    pub(crate) fn lines(&self, arguments: &[&str]) -> Vec<String> {
        text(&self.run(arguments, b"")).lines().map(str::to_owned).collect()
    }

    /// The differences between two trees under these pathspecs (none: all), sorted bytewise by path. A rename is a
    /// deletion and an addition, since both places' services are concerned.
    pub(crate) fn diff(&self, from: &str, to: &str, pathspecs: &[&str]) -> Vec<Entry> {
        let mut arguments = vec!["diff", "--raw", "--no-abbrev", "--no-renames", "-z", from, to, "--"];
        arguments.extend(pathspecs);
        let printed = self.run(&arguments, b"");
        let mut fields = text(&printed).split_terminator('\0');
        let mut entries = Vec::new();
        while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
            let head: Vec<&str> = head.split(' ').collect();
            let status = match head[4] {
                "A" => Status::Added,
                "D" => Status::Deleted,
                // `T`: a symlink became a file or the reverse; in a source without modes, other bytes.
                "M" | "T" => Status::Modified,
                other => panic!("git printed the status {other}"),
            };
            let (old_blob, new_blob) = (head[2].to_owned(), head[3].to_owned());
            entries.push(Entry { path: path.to_owned(), status, old_blob, new_blob });
        }
        entries
    }

    /// The bytes of these blobs, in their order.
    pub(crate) fn blobs(&self, ids: &[&str]) -> Vec<Vec<u8>> {
        let printed = self.run(&["cat-file", "--batch"], (ids.join("\n") + "\n").as_bytes());
        let mut rest = printed.as_slice();
        let mut blobs = Vec::with_capacity(ids.len());
        for id in ids {
            let end = rest.iter().position(|byte| *byte == b'\n').expect("a header line");
            let header = text(&rest[..end]);
            let length: usize = header.rsplit(' ').next().and_then(|size| size.parse().ok()).expect(header);
            assert!(header.starts_with(id), "asked for {id}, got {header}");
            let start = end + 1;
            blobs.push(rest[start..start + length].to_vec());
            rest = &rest[start + length + 1..];
        }
        blobs
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the histories' paths are UTF-8")
}
