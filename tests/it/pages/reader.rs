//! Somebody who types what a page shows, in a world that a test has prepared.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::page::Page;
use super::shown;
use crate::support::{Build, SHIPMARK, World};

/// A reader of a page, with a shell of their own.
pub(crate) struct Reader {
    pub(crate) world: World,
    build: Build,
}

impl Reader {
    /// A reader at a laptop: in no build.
    pub(crate) fn new(map: &str, files: &[(&str, &str)]) -> Self {
        let world = World::new(map, files);
        std::fs::create_dir(world.path("bin")).unwrap();
        Self { world, build: Build::default().with("CI", "") }
    }

    /// One whose shell has a further variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.build = self.build.with(name, value);
        self
    }

    /// In a build of a pipeline.
    pub(crate) fn in_a_build(self, id: &str) -> Self {
        self.with("CODEBUILD_BUILD_ID", id).with("CODEBUILD_INITIATOR", "codepipeline/shop")
    }

    /// One who has a program of that name, which is this script.
    pub(crate) fn has(&self, program: &str, script: &str) {
        executable(&self.world.path("bin").join(program), script);
    }

    /// One whose source has a script.
    pub(crate) fn script(&self, name: &str, script: &str) {
        executable(&self.world.source().join(name), script);
    }

    /// Makes the source a repository, and commits what is in it.
    pub(crate) fn commits(&self, subject: &str) {
        self.git(&["init", "-q", "-b", "main"]);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", subject]);
    }

    pub(crate) fn git(&self, args: &[&str]) {
        crate::support::git(&self.world.source(), args);
    }

    /// Types the one `sh` block that has this part. All its commands must succeed, and print what is shown directly after it.
    /// Returns what they printed.
    pub(crate) fn types(&self, page: &Page, part: &str) -> String {
        let place = page.place("sh", part);
        let said = self.runs(&page.blocks[place].text);
        if let Some(shown) = page.output_after(place) {
            assert!(shown::agrees(shown, &said), "{} shows\n{shown}\nand it printed\n{said}", page.name);
        }
        said
    }

    /// Runs commands, which must succeed. Returns what they printed, in its order.
    pub(crate) fn runs(&self, commands: &str) -> String {
        let ours = Path::new(SHIPMARK).parent().unwrap().display();
        let bin = self.world.path("bin");
        let script = format!("set -e\nexec 2>&1\nPATH={}:{ours}:$PATH\n{commands}", bin.display());
        let done = self.world.shell(&self.build, "sh", &script);
        assert_eq!(done.code, 0, "{commands}\n{}{}", done.stdout, done.stderr);
        done.stdout
    }
}

fn executable(path: &Path, script: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
