//! The fewest paths that select some files and no others, and paths as map patterns.

use super::{Files, base, parent};
use crate::pattern::literal;

/// The fewest files and directories below `top` that contain all wanted files and no unwanted ones. `judge` says
/// whether a file is wanted; `None` means that it does not matter.
pub fn cover(files: &Files<'_>, top: &str, judge: &dyn Fn(&str) -> Option<bool>) -> Vec<String> {
    let mut found = Vec::new();
    below(files, top, judge, &mut found);
    found
}

fn below(files: &Files<'_>, path: &str, judge: &dyn Fn(&str) -> Option<bool>, found: &mut Vec<String>) {
    let mut wanted = false;
    let mut unwanted = false;
    for name in files.below(path) {
        match judge(name) {
            Some(true) => wanted = true,
            Some(false) => unwanted = true,
            None => {}
        }
    }
    if !wanted {
        return;
    }
    if !unwanted && !path.is_empty() {
        found.push(path.to_owned());
        return;
    }
    files.children(path).into_iter().filter(|child| *child != path).for_each(|child| below(files, child, judge, found));
}

/// A path as a pattern, with special characters escaped. A directory gets a `/**`, so that it reads as one.
pub fn pattern(files: &Files<'_>, path: &str) -> String {
    if path.is_empty() {
        return "**".to_owned();
    }
    let escaped = literal(path.as_bytes());
    if files.has(path) { escaped } else { format!("{escaped}/**") }
}

/// Patterns in order; files of one directory that differ only in name become one pattern with braces.
pub fn patterns(files: &Files<'_>, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    let mut sorted: Vec<String> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut out: Vec<String> = Vec::new();
    let mut rest = sorted.as_slice();
    while let Some(first) = rest.first() {
        let here = parent(first);
        let alike = |path: &&String| files.has(path) && parent(path) == here && !base(path).contains(',');
        let run = rest.iter().take_while(alike).count();
        if run > 2 {
            let names: Vec<String> = rest[..run].iter().map(|path| literal(base(path).as_bytes())).collect();
            let place = if here.is_empty() { String::new() } else { format!("{}/", literal(here.as_bytes())) };
            out.push(format!("{place}{{{}}}", names.join(",")));
            rest = &rest[run..];
        } else {
            out.push(pattern(files, first));
            rest = &rest[1..];
        }
    }
    out
}
