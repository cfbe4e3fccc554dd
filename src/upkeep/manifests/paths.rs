//! Paths as git writes them: components separated by slashes, and the empty string for the root.

/// The directory of a path; the root is its own parent.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The last component.
pub fn base(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, base)| base)
}

/// Whether a path is a directory or inside it.
pub fn within(path: &str, directory: &str) -> bool {
    match path.strip_prefix(directory) {
        Some(rest) => directory.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// The path of a name in a directory.
pub fn child(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// A path below a directory; the directory itself if the path is empty.
pub fn below(directory: &str, path: &str) -> String {
    if path.is_empty() { directory.to_owned() } else { child(directory, path) }
}

/// Resolves a relative path from a directory, following `.` and `..`. `None` if it leads out of the source, or is not a
/// path in the source at all: an absolute path, an address, a variable.
pub fn join(directory: &str, relative: &str) -> Option<String> {
    let relative = relative.trim();
    if relative.starts_with(['/', '~', '$']) || relative.contains(':') || relative.contains("${") {
        return None;
    }
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The directories above a path, from the nearest to the root.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    let mut next = (!path.is_empty()).then(|| parent(path));
    std::iter::from_fn(move || {
        let here = next?;
        next = (!here.is_empty()).then(|| parent(here));
        Some(here)
    })
}

/// The part of a path before its first component with a wildcard.
pub(super) fn plain_prefix(pattern: &str) -> &str {
    let end = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    if end == pattern.len() { pattern } else { pattern[..end].rsplit_once('/').map_or("", |(plain, _)| plain) }
}

/// Whether a workspace's pattern matches a directory. `*` matches one component or a part of it, `**` any number.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    let parts: Vec<&str> = pattern.split('/').collect();
    let names: Vec<&str> = path.split('/').collect();
    components(&parts, &names)
}

fn components(parts: &[&str], names: &[&str]) -> bool {
    match (parts.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            components(rest, names) || names.split_first().is_some_and(|(_, names)| components(parts, names))
        }
        (Some((part, parts)), Some((name, names))) => component(part, name) && components(parts, names),
        _ => false,
    }
}

fn component(part: &str, name: &str) -> bool {
    match part.split_once('*') {
        None => part == name,
        Some((start, end)) => {
            name.len() >= start.len() + end.len()
                && name.starts_with(start)
                && name.ends_with(end.trim_start_matches('*'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_stay_in_the_source() {
        assert_eq!(join("services/api", "../../libs/db").as_deref(), Some("libs/db"));
        assert_eq!(join("", "./a//b/.").as_deref(), Some("a/b"));
        assert_eq!(join("a", "..").as_deref(), Some(""));
        for outside in ["../..", "/etc", "s3://bucket/x", "~/x", "${var.dir}/x"] {
            assert_eq!(join("a", outside), None, "{outside}");
        }
    }

    #[test]
    fn directories_are_whole_components() {
        assert!(within("a/b", "a") && within("a", "a") && within("a", ""));
        assert!(!within("ab", "a") && !within("a", "a/b"));
        assert_eq!(above("a/b/c").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(above("").count(), 0);
        assert_eq!(plain_prefix("src/*/x"), "src");
        assert_eq!(plain_prefix("Package.*"), "");
    }

    #[test]
    fn workspace_patterns_match_directories() {
        assert!(matches("packages/*", "packages/ui") && matches("./apps/**", "apps/a/b") && matches("web", "web"));
        assert!(matches("packages/svc-*", "packages/svc-a"));
        assert!(!matches("packages/*", "packages/ui/sub") && !matches("packages/*", "apps/ui"));
    }
}
