//! What a file says of the build of one image: its Dockerfile, its contexts and its names.

use super::Files;
use super::dockerfile::is_dockerfile;
use super::paths::{base, join, parent};

/// One build with its context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ImageBuild {
    /// The image's name.
    pub(super) name: String,
    pub(super) dockerfile: String,
    pub(super) context: String,
    /// The stage that it builds, if it names one; empty if only its own tool knows which.
    pub(super) target: Option<String>,
    /// The file that defines it.
    pub(super) file: String,
    /// Further contexts in the source.
    pub(super) more: Vec<String>,
    /// Whether an earlier build makes a further context.
    pub(super) made: bool,
    /// The names that the image gets.
    pub(super) tags: Vec<String>,
    /// Build arguments.
    pub(super) args: Vec<(String, String)>,
}

impl ImageBuild {
    /// The build of a Dockerfile of the source, named after its folder.
    pub(super) fn said(files: &Files<'_>, file: &str, context: String, dockerfile: String) -> Option<Self> {
        let name = base(parent(&dockerfile)).to_owned();
        let fits = files.has(&dockerfile) && files.has_directory(&context) && is_dockerfile(base(&dockerfile));
        fits.then(|| Self { name, dockerfile, context, file: file.to_owned(), ..Self::default() })
    }

    /// Says which stage is built, in a word that may have variables.
    pub(super) fn of_stage(&mut self, word: &str) {
        self.target = Some(if word.contains('$') { String::new() } else { word.to_owned() });
    }

    /// Adds a further context, by its path from a directory.
    pub(super) fn further(&mut self, files: &Files<'_>, place: &str, path: &str) {
        let elsewhere = path.contains(':') || path.contains('$');
        let Some(path) = join(place, path).filter(|_| !elsewhere) else { return };
        match files.exists(&path) {
            true => self.more.push(path),
            false => self.made = true,
        }
    }
}
