//! What Dockerfiles take from elsewhere: images with moving tags, remote addresses, and whatever a variable hides.

use super::context::LintContext;
use super::dockerfiles;
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::upkeep::manifests::dockerfile::{BaseImage, Remote, Unclear};

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in dockerfiles::all(facts) {
        let Some(read) = facts.manifests.dockerfiles.get(&path) else { continue };
        let at = |line: usize| FindingPlace::File { path: path.clone(), line };
        found.extend(read.images.iter().filter_map(|image| moving(image, at(image.line))));
        found.extend(read.remotes.iter().filter(|remote| !remote.checked).map(|remote| added(remote, at(remote.line))));
        found.extend(read.unclear.iter().map(|unclear| hidden(unclear, at(unclear.line))));
    }
    found
}

fn moving(image: &BaseImage, place: FindingPlace) -> Option<Finding> {
    let name = &image.name;
    if name.contains('@') {
        return None;
    }
    let shown = text::printable(name.as_bytes());
    let (code, message) = match tag(name) {
        None => (Code::FloatingBase, format!("`{shown}` has no tag, and means `latest`: whatever was pushed last")),
        Some(tag) if is_release(tag) => {
            (Code::UnpinnedBase, format!("`{shown}` is one release, and may still be pushed anew"))
        }
        Some(_) => (Code::FloatingBase, format!("the tag of `{shown}` moves from release to release")),
    };
    let pinned = if tag(name).is_some() { shown } else { format!("{shown}:TAG") };
    let hint = format!("write `{pinned}@sha256:DIGEST`, or make the digest an input: `--extra base=DIGEST`");
    Some(Finding::new(code, place, message).hint(hint))
}

/// The part after the last colon of the last component: a registry may have a port.
fn tag(name: &str) -> Option<&str> {
    name.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag)
}

/// Whether a tag names one release: three numbers, as in `3.12.4-slim`, or a date, as in `jammy-20240911`.
fn is_release(tag: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    tag.split(['-', '_', '+']).any(|part| {
        let version = part.strip_prefix('v').unwrap_or(part);
        let numbers = version.split('.').take_while(|text| number(text)).count();
        numbers >= 3 || version.split('.').any(|text| number(text) && text.len() >= 8)
    })
}

fn added(remote: &Remote, place: FindingPlace) -> Finding {
    let message =
        format!("what lies behind `{}` may change, and no input does", text::printable(remote.address.as_bytes()));
    Finding::new(Code::RemoteAdd, place, message)
}

fn hidden(unclear: &Unclear, place: FindingPlace) -> Finding {
    let (word, variable) = (text::printable(unclear.word.as_bytes()), text::printable(unclear.variable.as_bytes()));
    let message = format!("`{word}` was not checked: the value of `{variable}` is not written here");
    Finding::new(Code::DockerfileUnclear, place, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str) -> Option<Code> {
        moving(&BaseImage { line: 1, name: name.to_owned() }, FindingPlace::WholeMap).map(|finding| finding.code)
    }

    #[test]
    fn only_a_digest_stands_still() {
        for name in ["swift", "swift:latest", "node:22", "python:3.12-slim", "localhost:5000/base", "ubuntu:jammy"] {
            assert_eq!(code(name), Some(Code::FloatingBase), "{name}");
        }
        for name in [
            "python:3.12.4-slim",
            "x/y:v1.2.3",
            "ubuntu:jammy-20240911.1",
            "public.ecr.aws/lambda/python:3.12.2024.10.1",
        ] {
            assert_eq!(code(name), Some(Code::UnpinnedBase), "{name}");
        }
        assert_eq!(code(&format!("node:22@sha256:{}", "0".repeat(64))), None);
    }
}
