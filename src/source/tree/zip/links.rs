//! Looks links up in an artifact whose entries are stored as links.

use std::io::Read as _;

use super::super::absent::Absent;
use super::super::follow::{At, BLIND, LinkSource, Outside};
use super::super::listing::below;
use super::{Artifact, NotRead};

/// How much of a `.gitmodules` is read.
const MOST: u64 = 4 << 20;

/// The longest text of a link: no system takes longer ones.
const LONGEST: u64 = 4_096;

impl Artifact {
    /// What is not there.
    pub(super) fn absent(&self) -> Result<Absent, NotRead> {
        let Ok(at) = self.listed.binary_search_by(|listed| listed.name[..].cmp(b".gitmodules")) else {
            return Ok(Absent::default());
        };
        let mut modules = Vec::new();
        if self.reader(&self.listed[at])?.take(MOST + 1).read_to_end(&mut modules)? as u64 > MOST {
            // What the rest names would not be doubt.
            return Err(NotRead::TooLong(MOST));
        }
        Ok(Absent::in_artifact(Some(&modules), |path| !below(&self.listed, path).is_empty()))
    }
}

impl LinkSource for &Artifact {
    fn at(&self, path: &[u8]) -> Result<At, String> {
        let Ok(at) = self.listed.binary_search_by(|listed| listed.name[..].cmp(path)) else {
            return Ok(if below(&self.listed, path).is_empty() { At::Missing } else { At::Directory });
        };
        if !self.listed[at].symlink {
            return Ok(At::File);
        }
        let mut text = Vec::new();
        let reader = self.reader(&self.listed[at]).map_err(|cause| cause.to_string())?;
        reader.take(LONGEST + 1).read_to_end(&mut text).map_err(|cause| format!("cannot be read: {cause}"))?;
        match text.len() as u64 > LONGEST {
            true => Err("is a link with a text that is too long".to_owned()),
            false => Ok(At::Link(text.into())),
        }
    }

    fn outside(&self, _: &[u8], _: &[u8]) -> Result<Outside, String> {
        Ok(Outside::Hides(BLIND.to_owned()))
    }

    fn is_empty(&self, directory: &[u8]) -> bool {
        below(&self.listed, directory).is_empty()
    }
}
