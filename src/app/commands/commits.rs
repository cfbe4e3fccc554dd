//! The commits that `plan` is asked to compare: named as git names them, by a merge base (`main...`), or not here yet.

use crate::app::fetched::{ToFetch, shown};
use crate::app::settings::Settings;
use crate::base::failure::Failure;
use crate::base::fingerprint::hex;
use crate::base::text::{printable, shell_word, short_revision};
use crate::source::tree::commit::{CommitOrigin, Repository};

/// `--base` and `--revision`, as they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommitsAsked {
    /// The base, or the branch that the target has left there.
    base: String,
    /// Whether the base is the merge base of that commit and the target.
    merge_base: bool,
    /// The target; `None` means the working tree.
    pub(super) revision: Option<String>,
}

/// The ids of the commits to compare, and the repository that has both.
pub(super) struct Commits {
    pub(super) repository: Repository,
    /// `None` where nothing came before: the branch is new.
    pub(super) base: Option<String>,
    pub(super) revision: Option<String>,
}

impl CommitsAsked {
    /// Interprets `A`, `A...` and `A...B`. The last is `A...` with the revision B, as `git diff A...B` compares.
    ///
    /// # Errors
    /// One of them is empty, or `B` is not the revision that was given as well.
    pub(super) fn new(base: &str, revision: Option<&str>) -> Result<Self, Failure> {
        let Some((branch, target)) = base.split_once("...") else {
            if base.contains("..") {
                let text = format!("--base `{}` is a range, not a commit", printable(base.as_bytes()));
                let hint = "write --base A --revision B, or --base A...B for their merge base and B";
                return Err(Failure::request(text).hint(hint));
            }
            return Ok(Self { base: base.to_owned(), merge_base: false, revision: revision.map(str::to_owned) });
        };
        let typed = printable(base.as_bytes());
        if branch.is_empty() {
            let failure = Failure::request(format!("--base `{typed}` names no commit before the dots"));
            return Err(failure.hint("a variable that is not set? write, e.g., --base main..."));
        }
        let revision = match (target, revision) {
            ("", revision) => revision,
            (target, Some(other)) if target != other => {
                let other_shown = printable(other.as_bytes());
                let text = format!("--base `{typed}` names another commit than --revision `{other_shown}`");
                let hint = format!("write --base {}... --revision {}", shell_word(branch), shell_word(other));
                return Err(Failure::request(text).hint(hint));
            }
            (target, _) => Some(target),
        };
        Ok(Self { base: branch.to_owned(), merge_base: true, revision: revision.map(str::to_owned) })
    }

    /// Whether the target can be compared with the base commit by commit: the target is a commit, and the base is one.
    pub(super) fn is_pair(&self) -> bool {
        self.revision.is_some() && !is_none(&self.base)
    }

    /// Finds the commits, and fetches what is not here.
    ///
    /// # Errors
    /// One cannot be found or fetched, or there is no merge base.
    pub(super) fn resolve(&self, settings: &Settings) -> Result<Commits, Failure> {
        let finder = Finder::new(settings)?;
        let revision = self.revision.as_deref().map(|name| finder.commit(name)).transpose()?;
        let base = if is_none(&self.base) {
            None
        } else if self.merge_base {
            Some(finder.merge_base(&self.base, revision.as_deref().unwrap_or("HEAD"))?)
        } else {
            Some(finder.commit(&self.base)?)
        };
        Ok(Commits { repository: finder.repository()?, base, revision })
    }
}

/// Finds one commit, and fetches it if it is not here.
///
/// # Errors
/// It cannot be found or fetched.
pub(super) fn commit(settings: &Settings, name: &str) -> Result<(Repository, String), Failure> {
    let finder = Finder::new(settings)?;
    let commit = finder.commit(name)?;
    Ok((finder.repository()?, commit))
}

struct Finder<'a> {
    settings: &'a Settings,
    /// The repository of the source, before anything was fetched.
    own: Repository,
}

impl<'a> Finder<'a> {
    fn new(settings: &'a Settings) -> Result<Self, Failure> {
        Ok(Self { settings, own: settings.source.repository().map_err(Failure::request)? })
    }

    /// The repository with what was fetched. Names mean nothing there, but ids do.
    fn repository(self) -> Result<Repository, Failure> {
        if self.settings.has_fetched() { self.all() } else { Ok(self.own) }
    }

    fn all(&self) -> Result<Repository, Failure> {
        self.settings.repository().map_err(Failure::request)
    }

    fn commit(&self, name: &str) -> Result<String, Failure> {
        refuse_none(name)?;
        if let Some(id) = self.own.find(name) {
            return Ok(id);
        }
        let origin = self.origin(name)?;
        match self.own.resolve(name) {
            // Its directory is not here. The remote's branch may have moved on.
            Ok(id) => self.fetch(name, &CommitOrigin { reference: id, ..origin }),
            Err(_) => self.fetch(name, &origin),
        }
    }

    /// The merge base of a branch and a target that is here. Where a history is cut off, there may be a better one than git
    /// sees, so the histories are fetched.
    fn merge_base(&self, branch: &str, target: &str) -> Result<String, Failure> {
        let target = self.commit(target)?;
        let branch_here = if self.own.is_shallow() { None } else { self.own.find(branch) };
        let whole = branch_here.filter(|_| self.own.find(&target).is_some());
        let base = match &whole {
            Some(branch) => self.own.merge_base(branch, &target).map_err(Failure::request)?,
            None => {
                let branch = self.fetch_histories(branch, &target)?;
                self.all()?.merge_base(&branch, &target).map_err(Failure::request)?
            }
        };
        let Some(base) = base else {
            let text = format!("`{}` and the target of the plan have no common commit", printable(branch.as_bytes()));
            let hint = format!("compare with the commit itself: --base {}", shell_word(branch));
            return Err(Failure::request(text).hint(hint));
        };
        if whole.is_some() || self.all()?.find(&base).is_some() {
            return Ok(base);
        }
        let origin = self.origin(branch)?;
        let alone = self.fetch(&base, &CommitOrigin { reference: base.clone(), ..origin.clone() });
        alone.or_else(|failure| {
            // A server of the old protocol gives out a commit that is not the last of a branch only with all that leads to it.
            let place = self.settings.fetched()?.fetch(&origin.url, ToFetch::Branch(&origin.reference));
            match place.is_ok() && self.all()?.find(&base).is_some() {
                true => Ok(base),
                false => Err(failure),
            }
        })
    }

    fn origin(&self, name: &str) -> Result<CommitOrigin, Failure> {
        if let Some(origin) = self.own.origin(name) {
            return Ok(origin);
        }
        let id = self.own.resolve(name).map_err(Failure::request)?;
        self.own.origin(&id).ok_or_else(|| {
            Failure::request(format!(
                "the directory of the commit `{}` is not here, and there is no remote to fetch it from",
                printable(name.as_bytes())
            ))
        })
    }

    /// Fetches a commit. The text of its links is fetched too, since links are followed.
    fn fetch(&self, name: &str, origin: &CommitOrigin) -> Result<String, Failure> {
        let fetched = self.settings.fetched()?;
        let place = fetched.fetch(&origin.url, ToFetch::Commit(&origin.reference));
        let place = place.map_err(|cause| failed(name, origin, &cause))?;
        let commit =
            self.own.beside(&place).and_then(|place| place.resolve("refs/wanted/0")).map_err(Failure::request)?;
        let links: Vec<String> = self.all()?.links_without_text(&commit).iter().map(|id| hex(&id.0)).collect();
        if !links.is_empty() {
            // A link that cannot be read is doubt.
            let _ = fetched.fetch(&origin.url, ToFetch::Blobs(&links));
        }
        Ok(commit)
    }

    /// Fetches the histories of a branch and of the target. Gives the id of the branch.
    fn fetch_histories(&self, branch: &str, target: &str) -> Result<String, Failure> {
        let origin = self.origin(branch)?;
        let fetched = self.settings.fetched()?;
        let branch_and = |others: &[String]| {
            let names: Vec<&str> = std::iter::once(&origin.reference).chain(others).map(String::as_str).collect();
            fetched.fetch(&origin.url, ToFetch::Histories(&names))
        };
        // The remote may not have the target, but what this clone of it was made from.
        let place = branch_and(&[target.to_owned()]);
        let place = place.or_else(|_| branch_and(&self.own.cut_off())).or_else(|_| branch_and(&[]));
        let place = place.map_err(|cause| failed(branch, &origin, &cause))?;
        self.own.beside(&place).and_then(|place| place.resolve("refs/wanted/0")).map_err(Failure::request)
    }
}

/// Fetches the contents of files, by their ids, from wherever a commit comes from.
///
/// # Errors
/// They cannot be fetched.
pub(super) fn fetch_blobs(settings: &Settings, commit: &str, blobs: &[String]) -> Result<(), Failure> {
    let finder = Finder::new(settings)?;
    let origin = finder.origin(commit)?;
    let fetched = settings.fetched()?.fetch(&origin.url, ToFetch::Blobs(blobs));
    fetched.map(drop).map_err(|cause| failed(commit, &origin, &cause))
}

/// Whether it is what a webhook says in place of the commit before the first of a branch.
fn is_none(name: &str) -> bool {
    name.len() >= 7 && name.bytes().all(|byte| byte == b'0')
}

fn refuse_none(name: &str) -> Result<(), Failure> {
    if is_none(name) {
        let text = format!("`{}` is not a commit: a webhook says it where there is none", short_revision(name));
        return Err(Failure::request(text).hint("name a branch or a commit"));
    }
    Ok(())
}

/// What git says where a password is missing or wrong.
const UNKNOWN_PASSWORD: [&str; 4] =
    ["could not read Username", "could not read Password", "unable to get password", "Authentication failed"];

fn failed(name: &str, origin: &CommitOrigin, cause: &str) -> Failure {
    let text = format!(
        "the commit `{}` is not here, and cannot be fetched from `{}`: {cause}",
        printable(name.as_bytes()),
        shown(&origin.url)
    );
    let says = |words: &[&str]| words.iter().any(|words| cause.contains(words));
    let own = format!("git fetch {} {}", shell_word(&origin.remote), shell_word(&origin.reference));
    if says(&["couldn't find remote ref", "not our ref", "unadvertised object", "no such remote ref"]) {
        let hint = "a server may give out only what a branch or tag leads to";
        return Failure::request(text).hint(format!("{hint}: name one that has it, or try `{own}`"));
    }
    let hint = if says(&UNKNOWN_PASSWORD) {
        let helpers = "only credential helpers of the user's and the system's configuration are asked";
        format!("{helpers}; `{own}` asks the repository's too")
    } else if says(&["it took more than"]) {
        format!("give it more time with --timeout (six times that), or fetch it yourself: `{own}`")
    } else if says(&["not allowed"]) {
        format!("only https and file addresses are fetched from; fetch it yourself: `{own}`")
    } else {
        format!("fetch it yourself: `{own}`")
    };
    Failure::other(text).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(base: &str, revision: Option<&str>) -> Result<(String, bool, Option<String>), String> {
        let asked = CommitsAsked::new(base, revision).map_err(|failure| failure.to_string())?;
        Ok((asked.base, asked.merge_base, asked.revision))
    }

    #[test]
    fn three_dots_ask_for_the_merge_base() {
        let ok = |base: &str, merge_base, revision: Option<&str>| {
            Ok((base.to_owned(), merge_base, revision.map(str::to_owned)))
        };
        assert_eq!(asked("main", None), ok("main", false, None));
        assert_eq!(asked("main", Some("HEAD")), ok("main", false, Some("HEAD")));
        assert_eq!(asked("main...", None), ok("main", true, None));
        assert_eq!(asked("origin/main...HEAD", None), ok("origin/main", true, Some("HEAD")));
        assert_eq!(asked("origin/main...HEAD", Some("HEAD")), ok("origin/main", true, Some("HEAD")));
        assert_eq!(asked("main...", Some("x")), ok("main", true, Some("x")));
        assert!(asked("main..x", None).unwrap_err().contains("is a range"));
        assert!(asked("...", None).unwrap_err().contains("names no commit before the dots"));
        assert!(asked("main...x", Some("y")).unwrap_err().contains("another commit"));
    }

    #[test]
    fn the_id_of_no_commit_is_named() {
        assert!(refuse_none("0000000000000000000000000000000000000000").is_err());
        assert!(refuse_none("0000000000000000000000000000000000000001").is_ok());
        assert!(refuse_none("0").is_ok());
    }
}
