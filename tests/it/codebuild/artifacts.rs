//! `artifacts`: which files a build hands on.

use std::collections::BTreeMap;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use super::spec::{Artifacts, YesNo};

/// The files of an artifact: path -> bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The files that match; where none does, the error that fails the build. One pattern of several may match nothing.
pub(super) fn collect(artifact: &Artifacts, source: &Path) -> Result<Files, String> {
    let base = source.join(artifact.base_directory.as_deref().unwrap_or(""));
    if !base.is_dir() {
        return Err(format!("no matching base directory path found for {}", base.display()));
    }
    let matchers: Vec<_> = artifact.files.iter().map(|pattern| matcher(pattern)).collect();
    let mut files = Files::new();
    walk(&base, "", &mut |path, name| {
        if matchers.iter().any(|matcher| matcher.is_match(path)) {
            let kept = if artifact.discard_paths == YesNo::Yes { name } else { path };
            files.insert(kept.to_owned(), std::fs::read(base.join(path)).unwrap());
        }
    });
    if files.is_empty() { Err(format!("no matching artifact paths found: {:?}", artifact.files)) } else { Ok(files) }
}

/// `dir/*` is what lies in `dir`, `**/*` what lies anywhere below.
fn matcher(pattern: &str) -> GlobMatcher {
    let pattern = pattern.trim_start_matches("./");
    GlobBuilder::new(pattern).literal_separator(true).build().unwrap().compile_matcher()
}

fn walk(base: &Path, below: &str, visit: &mut impl FnMut(&str, &str)) {
    for entry in std::fs::read_dir(base.join(below)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if base.join(&path).is_dir() { walk(base, &path, visit) } else { visit(&path, &name) }
    }
}
