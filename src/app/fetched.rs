//! Commits that a clone does not have, fetched by git into a place of their own: a temporary directory that is deleted when
//! the program ends. The clone is never written to, and nothing of its configuration but the remote's address is used.
//!
//! Git reads the configuration of the user and the system, so their credential helpers and proxies work. It speaks https,
//! or reads a file system; plain http only with this machine itself.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::child;
use crate::base::text;

/// How many lines of git's complaint are repeated.
const LINES: usize = 3;

/// Variables that point git at another repository, add to its configuration, trace it, or let it ask or speak otherwise.
const VARIABLES: [&str; 22] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_DEFAULT_HASH",
    "GIT_QUARANTINE_PATH",
    "GIT_PROTOCOL_FROM_USER",
    "GIT_TRACE",
    "GIT_TRACE_PACKET",
    "GIT_TRACE_CURL",
    "GIT_CURL_VERBOSE",
    "GIT_TRACE2",
    "SSH_ASKPASS",
];

/// Settings that no configuration changes. Servers of version 2 of the protocol give out any commit that they have.
const SETTINGS: [&str; 5] = [
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "credential.interactive=false",
    "protocol.version=2",
];

/// After how many seconds without a byte git gives up by itself.
const STALLED: &str = "60";

/// The repositories of a place: with commits alone, with commits without directories, with whole branches.
const PLACES: [&str; 3] = ["commits", "history", "branch"];

/// What to fetch.
#[derive(Debug, Clone, Copy)]
pub enum ToFetch<'a> {
    /// One commit with its directories, without its history, and without files where the server can leave them out.
    Commit(&'a str),
    /// Commits with all their ancestors, without directories and files where the server can leave them out.
    Histories(&'a [&'a str]),
    /// A commit with all its ancestors and their directories, without files where the server can leave them out.
    Branch(&'a str),
    /// Files, by their ids.
    Blobs(&'a [String]),
}

/// Objects from other repositories.
#[derive(Debug)]
pub struct FetchedObjects {
    place: TempDir,
    deadline: Instant,
    limit: Duration,
}

impl FetchedObjects {
    /// An empty place. All that is fetched into it has this much time together.
    ///
    /// # Errors
    /// The temporary directory cannot be written.
    pub fn new(limit: Duration) -> io::Result<Self> {
        let place = tempfile::Builder::new().prefix("shipmark-").tempdir()?;
        Ok(Self { place, deadline: Instant::now() + limit, limit })
    }

    /// Fetches from an address. Gives the repository that it was fetched into, where `refs/wanted/0` and so on name what was
    /// wanted.
    ///
    /// # Errors
    /// It cannot be fetched, for this reason; no password is in the text.
    pub fn fetch(&self, url: &str, wanted: ToFetch<'_>) -> Result<PathBuf, String> {
        let own = |cause: io::Error| format!("`{}` cannot be written: {cause}", self.place.path().display());
        // A commit whose history has been fetched has no directories there, which git would not notice.
        let name = match wanted {
            ToFetch::Commit(_) | ToFetch::Blobs(_) => PLACES[0],
            ToFetch::Histories(_) => PLACES[1],
            ToFetch::Branch(_) => PLACES[2],
        };
        let repository = self.place.path().join(name);
        if !repository.exists() {
            create(&repository).map_err(own)?;
        }
        let config = format!("{CONFIG}[remote \"{REMOTE}\"]\n\turl = {}\n", quoted(url));
        File::create(repository.join("config")).and_then(|mut file| file.write_all(config.as_bytes())).map_err(own)?;
        let said = self.place.path().join("said");
        let mut git = command(&repository, url, wanted);
        git.stderr(File::create(&said).map_err(own)?);
        let mut child = git.spawn().map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => "`git` is not installed".to_owned(),
            _ => format!("`git` cannot be started: {cause}"),
        })?;
        match child::wait(&mut child, self.deadline.saturating_duration_since(Instant::now())) {
            Ok(Some(status)) if status.success() => Ok(repository),
            Ok(Some(status)) => Err(complaint(&fs::read(&said).unwrap_or_default(), url).unwrap_or(status.to_string())),
            Ok(None) => Err(format!("it took more than {} seconds", self.limit.as_secs())),
            Err(cause) => Err(format!("the end of `git` is unknown: {cause}")),
        }
    }

    /// An empty repository whose objects are those that were fetched and those in the `objects` directory.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn with(&self, objects: &Path) -> io::Result<PathBuf> {
        let view = self.place.path().join("all");
        if !view.exists() {
            create(&view)?;
        }
        File::create(view.join("config"))?.write_all(CONFIG.as_bytes())?;
        let fetched = PLACES.map(|name| self.place.path().join(name).join("objects"));
        let places = fetched.iter().filter(|place| place.exists()).map(PathBuf::as_path).chain([objects]);
        let lines: String = places.map(|place| quoted(&place.display().to_string()) + "\n").collect();
        fs::create_dir_all(view.join("objects/info"))?;
        File::create(view.join("objects/info/alternates"))?.write_all(lines.as_bytes())?;
        Ok(view)
    }
}

/// The remote's name, which is not one that a person's own configuration says anything about.
const REMOTE: &str = "shipmark-source";

const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// An empty bare repository. `git init` would copy hooks into it, from wherever the configuration says.
fn create(repository: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(repository.join("objects"))?;
    builder.create(repository.join("refs"))?;
    File::create(repository.join("HEAD"))?.write_all(b"ref: refs/heads/none\n")
}

fn command(repository: &Path, url: &str, wanted: ToFetch<'_>) -> Command {
    let mut git = Command::new("git");
    VARIABLES.iter().for_each(|name| {
        git.env_remove(name);
    });
    // This says which protocols may be used whatever the configuration allows, after a redirect too.
    git.env("GIT_ALLOW_PROTOCOL", if is_loopback(url) { "http:https:file" } else { "https:file" });
    // An empty program that asks for passwords is none, whatever the configuration and other variables say.
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "").env("LC_ALL", "C").env("GIT_NO_LAZY_FETCH", "1");
    // Should this program be killed, git ends too once nothing moves.
    git.env("GIT_HTTP_LOW_SPEED_LIMIT", "1").env("GIT_HTTP_LOW_SPEED_TIME", STALLED);
    git.current_dir(repository).arg("--git-dir=.");
    for setting in SETTINGS {
        git.args(["-c", setting]);
    }
    git.args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--force"]);
    match wanted {
        ToFetch::Commit(_) | ToFetch::Blobs(_) => git.args(["--depth=1", "--filter=blob:none"]),
        ToFetch::Histories(_) => git.arg("--filter=tree:0"),
        ToFetch::Branch(_) => git.arg("--filter=blob:none"),
    };
    git.arg(REMOTE);
    let named = |(number, name): (usize, &&str)| format!("+{name}:refs/wanted/{number}");
    match wanted {
        ToFetch::Commit(name) | ToFetch::Branch(name) => git.arg(named((0, &name))),
        ToFetch::Histories(names) => git.args(names.iter().enumerate().map(named)),
        ToFetch::Blobs(ids) => git.args(ids),
    };
    git.stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    git
}

/// Whether it is an http server on this machine, to which nothing crosses a network.
fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| {
        let port = host.strip_prefix(own);
        port.is_some_and(|port| {
            port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
        })
    })
}

/// An address without user name and password, as it may be shown.
pub fn shown(url: &str) -> String {
    text::printable(anonymous(url).as_bytes())
}

/// A text without the user names and passwords of the addresses in it: the user's configuration may have put them there.
fn anonymous(text: &str) -> String {
    let mut parts = text.split("://");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| matches!(c, '/' | '?' | '#' | '\'' | '"') || c.is_whitespace());
        let from = part[..end.unwrap_or(part.len())].rfind('@').map_or(0, |at| at + 1);
        bare += "://";
        bare += &part[from..];
    }
    bare
}

/// What git said, in one line. Neither the address's password nor anything that drives a terminal is in it.
fn complaint(said: &[u8], url: &str) -> Option<String> {
    let said = anonymous(&String::from_utf8_lossy(said));
    let secret = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(secret, _)| secret);
    let mut lines: Vec<String> = Vec::new();
    for line in said.lines() {
        let text = ["fatal: ", "error: ", "remote: "].iter().find_map(|start| line.strip_prefix(start));
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { continue };
        let mut line = text.to_owned();
        for secret in secret.into_iter().flat_map(|secret| secret.splitn(2, ':').chain([secret])) {
            if !secret.is_empty() {
                line = line.replace(secret, "…");
            }
        }
        let line = text::printable(line.as_bytes());
        if !lines.contains(&line) && lines.len() < LINES {
            lines.push(line);
        }
    }
    (!lines.is_empty()).then(|| lines.join("; "))
}

/// A value as git's configuration and its lists of alternates quote it.
fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for url in ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x", "http://a:b@127.0.0.1:1/x"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://127.0.0.1/x",
            "http://127.0.0.1.example.com/x",
            "http://127.0.0.1@example.com/x",
            "http://127.0.0.1:x@example.com/",
            "http://example.com/127.0.0.1",
            "http://localhost:80x/",
            "ext::sh -c x",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        let url = "https://ann:se%40cret@git.test/x";
        assert_eq!(shown(url), "https://git.test/x");
        assert_eq!(shown("https://git.test/a@b"), "https://git.test/a@b");
        assert_eq!(shown("/srv/git/x"), "/srv/git/x");
        let said = format!("warning: x\nfatal: unable to access '{url}': no\nremote: se%40cret \u{1b}[31m\nfatal: a\n");
        let text = complaint(said.as_bytes(), url).unwrap();
        assert_eq!(text, "unable to access 'https://git.test/x': no; … \\u{1b}[31m; a");
        assert_eq!(complaint(b"hint: x\n", url), None);
    }
}
