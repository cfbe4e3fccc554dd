//! Commits that the source's repository does not have, and the repository together with them.

use super::{READING, Settings};
use crate::app::fetched::FetchedObjects;
use crate::base::failure::Failure;
use crate::source::tree::TreeError;
use crate::source::tree::commit::Repository;

/// How many times longer than the requests of a command all fetches of commits together may take.
const FETCHING: u32 = 6;

impl Settings {
    /// The git repository at the root of the source, with all that was fetched for it. Once something was, only whole ids
    /// name its commits.
    ///
    /// # Errors
    /// There is no repository, or it cannot be opened.
    pub fn repository(&self) -> Result<Repository, TreeError> {
        let own = self.source.repository()?;
        let Some(fetched) = self.fetched.get() else { return Ok(own) };
        let failed =
            |cause: std::io::Error| TreeError::Git(format!("cannot put fetched commits beside the clone's: {cause}"));
        own.beside(&fetched.with(&own.objects()).map_err(failed)?)
    }

    /// The place for commits that the source's repository does not have.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn fetched(&self) -> Result<&FetchedObjects, Failure> {
        if self.fetched.get().is_none() {
            let limit = self.timeout.unwrap_or(READING).saturating_mul(FETCHING);
            let made = FetchedObjects::new(limit);
            let made =
                made.map_err(|cause| Failure::other(format!("there is no room for fetched commits: {cause}")))?;
            // Another thread may have been first; its place is as good.
            let _ = self.fetched.set(made);
        }
        self.fetched.get().ok_or_else(|| Failure::other("there is no place for fetched commits"))
    }

    /// Whether anything may have been fetched.
    pub fn has_fetched(&self) -> bool {
        self.fetched.get().is_some()
    }
}
