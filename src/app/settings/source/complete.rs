//! Completes a map with what the source has: the maps that it includes, and the directories that it makes services of.

use std::collections::BTreeMap;
use std::path::Path;

use bstr::{BString, ByteSlice as _};

use super::{MOST, OpenSource, unreadable};
use crate::base::failure::Failure;
use crate::base::plain_file;
use crate::map::{Answers, Draft, ServiceMap, Sought};
use crate::source::tree::{TreeError, find, worktree, zip};

impl OpenSource {
    /// The complete map with this text; `shown` is its file's name. What the map refers to is looked up in the source
    /// as git would store it; without git, in the source as it is. It is read for the `asked` services, for all if there
    /// are none: see [`Draft::complete_for`].
    ///
    /// # Errors
    /// The map has problems, all of which are listed, or the source cannot be read.
    pub fn complete(&self, shown: &str, bytes: &[u8], asked: &[String]) -> Result<ServiceMap, Failure> {
        let draft = Draft::read(shown, bytes).map_err(Failure::request)?;
        let answers = self.answers(&draft).map_err(|error| {
            let failure = match error {
                TreeError::Submodule { .. } => Failure::request(error),
                _ => Failure::other(error),
            };
            failure.hint("the map needs to know what the source has there: see `include_maps` and `[discover]`")
        })?;
        draft.complete_for(&answers, asked).map_err(Failure::request)
    }

    fn answers(&self, draft: &Draft<'_>) -> Result<Answers, TreeError> {
        let questions = draft.questions();
        if questions.is_empty() {
            return Ok(Answers::default());
        }
        let found = match &self.artifact {
            Some(artifact) => {
                let modules = zip::file(artifact, ".gitmodules", MOST)?;
                let links = zip::ZipLinks::of(artifact)?;
                let leads_to_directory = |name: &BString| links.leads_to_directory(name);
                find::among(&zip::names(artifact)?, modules.as_deref(), leads_to_directory, questions)?
            }
            None if self.has(".git") => worktree::find(&self.directory, questions)?,
            None => find::directory(&self.directory, questions)?,
        };
        let mut answers = Answers::default();
        let files = questions.iter().zip(&found.paths).filter(|(question, _)| question.sought == Sought::Files);
        let names: Vec<&BString> = files.flat_map(|(_, paths)| paths).collect();
        answers.maps = match &self.artifact {
            Some(artifact) => zip::files(artifact, &names, MOST)?,
            None => plain_files(&self.directory, &names)?,
        };
        (answers.paths, answers.links) = (found.paths, found.links);
        Ok(answers)
    }
}

/// The bytes of files that were found.
///
/// # Errors
/// One is a link, has disappeared, or cannot be read.
fn plain_files(root: &Path, names: &[&BString]) -> Result<BTreeMap<BString, Vec<u8>>, TreeError> {
    let read = |name: &BString| {
        let path = name.to_path_lossy();
        let found = plain_file::read_below(root, &path, MOST).map_err(|cause| unreadable(&root.join(&path), cause))?;
        let gone = || unreadable(&root.join(&path), std::io::Error::from(std::io::ErrorKind::NotFound).into());
        Ok((name.clone(), found.ok_or_else(gone)?))
    };
    names.iter().map(|name| read(name)).collect()
}
