//! The cases that BuildKit publishes for its own parser and matcher, read by ours.
//!
//! Ignored, because it needs the repositories: `SHIPMARK_STRANGERS` names the folder that has `moby+buildkit` and
//! `moby+patternmatcher`, as for the drafts of strangers.

use std::path::{Path, PathBuf};

use shipmark::upkeep::manifests::dockerfile;
use shipmark::upkeep::manifests::dockerignore::Ignore;

use crate::support::{git, skip};

/// A repository of the folder.
fn repository(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SHIPMARK_STRANGERS").map(PathBuf::from)?;
    let repository = folder.join(name).join("repo");
    repository.join("HEAD").exists().then_some(repository)
}

fn show(repository: &Path, path: &str) -> String {
    git(repository, &["show", &format!("HEAD:{path}")])
}

/// The quoted texts of a line. Go quotes these as JSON does.
fn quoted(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('"') {
        let mut values = serde_json::Deserializer::from_str(&rest[at..]).into_iter::<String>();
        let Some(Ok(text)) = values.next() else { break };
        rest = &rest[at + values.byte_offset()..];
        all.push(text);
    }
    all
}

/// What the instructions of a result take: of each, all words but flags and the last one.
fn taken(result: &str) -> Vec<String> {
    let instructions = result.lines().filter(|line| line.starts_with("(copy ") || line.starts_with("(add "));
    instructions
        .flat_map(|line| {
            let mut words = quoted(line.rsplit("] ").next().unwrap());
            words.pop();
            words
        })
        .collect()
}

#[test]
#[ignore = "needs the repositories: SHIPMARK_STRANGERS names their folder"]
fn dockerfiles_are_read_as_buildkit_reads_its_own_cases() {
    let Some(repository) = repository("moby+buildkit") else {
        return skip("strangers", "no case of BuildKit is read: SHIPMARK_STRANGERS does not name its repository");
    };
    let cases = "frontend/dockerfile/parser/testfiles";
    let listed = git(&repository, &["ls-tree", "-d", "--name-only", "HEAD", &format!("{cases}/")]);
    assert!(listed.lines().count() > 20, "{listed}");
    for case in listed.lines() {
        let parsed = dockerfile::read(&show(&repository, &format!("{case}/Dockerfile")));
        let copied = parsed.copies.iter().flat_map(|copied| copied.sources.iter().cloned());
        let remote = parsed.remotes.iter().map(|remote| remote.address.clone());
        let mut found: Vec<String> = copied.chain(remote).collect();
        // Quotes and escapes are resolved here, and not yet in the results.
        let mut expected = taken(&show(&repository, &format!("{case}/result")));
        let resolved = |word: &str| word.replace("\\\\", "\0").replace(['\\', '"'], "").replace('\0', "\\");
        expected.iter_mut().for_each(|word| *word = resolved(word));
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
#[ignore = "needs the repositories: SHIPMARK_STRANGERS names their folder"]
fn patterns_match_what_buildkits_own_cases_say() {
    let Some(repository) = repository("moby+patternmatcher") else {
        return skip("strangers", "no case of the matcher is read: SHIPMARK_STRANGERS does not name its repository");
    };
    let mut cases = 0;
    for line in show(&repository, "patternmatcher_test.go").lines().map(str::trim) {
        let multiple = line.starts_with("{[]string{");
        let matches = [", true}", ", true, "].iter().any(|part| line.contains(part));
        let said = matches || [", false}", ", false, "].iter().any(|part| line.contains(part));
        let mut texts = quoted(line);
        // With a pattern that is no pattern nothing can be built.
        let counts = line.starts_with("{") && said && !line.contains("ErrBadPattern");
        let Some(path) = texts.pop().filter(|_| counts) else { continue };
        assert!(multiple || texts.len() == 1, "{line}");
        cases += 1;
        // Outside ASCII less may count as left out, and never more.
        let path = path.trim_end_matches('/');
        let ignored = Ignore::read(&texts.join("\n")).ignores(path.as_bytes());
        let less = !path.is_ascii() || path.is_empty();
        assert!(ignored == matches || (less && !ignored), "{line}: {ignored}");
    }
    assert!(cases > 90, "{cases}");
}
