//! Paths that scripts and settings name without quotes: `include ../shared/rules.mk`, `cp ../config .`,
//! `${ROOT}/tools/build`.

use super::Files;
use super::paths::{above, base, below, child, parent, within};

/// Settings of builds, in which a path may be any word. What rolls out services beside one another says nothing of one.
const SETTINGS: [&str; 20] = [
    "CMakeLists.txt",
    "Gemfile",
    "Podfile",
    "angular.json",
    "babel.config.json",
    "buf.gen.yaml",
    "buf.yaml",
    "codegen.yaml",
    "codegen.yml",
    "composer.json",
    "deno.json",
    "jsconfig.json",
    "openapitools.json",
    "package.json",
    "project.json",
    "pubspec.yaml",
    "samconfig.toml",
    "serverless.yaml",
    "serverless.yml",
    "sqlc.yaml",
];

/// Settings are small. Anything larger is data.
const LARGEST: usize = 1 << 16;

/// Files that say what is in a directory that others may build.
const MANIFESTS: [&str; 9] = [
    "package.json",
    "Cargo.toml",
    "go.mod",
    "pyproject.toml",
    "requirements.txt",
    "Package.swift",
    "pom.xml",
    "build.gradle",
    "Dockerfile",
];

/// Whether a file holds commands.
pub(super) fn is_script(name: &str) -> bool {
    builds(name) || [".sh", ".bash"].iter().any(|end| name.ends_with(end))
}

/// Whether a file holds the commands that build what is beside it. Other scripts are run from anywhere.
fn builds(name: &str) -> bool {
    let file = base(name);
    let named = ["Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "Rakefile"];
    let spec = file.starts_with("buildspec") && (file.ends_with(".yml") || file.ends_with(".yaml"));
    named.contains(&file) || spec || [".mk", ".mak"].iter().any(|end| file.ends_with(end))
}

/// Whether a file is a setting that may name paths.
pub(super) fn is_setting(name: &str) -> bool {
    SETTINGS.contains(&base(name)) || name.ends_with(".cmake")
}

/// The paths that the words of a script or a setting name, outside the directory of the file.
pub(super) fn targets(files: &Files<'_>, file: &str, text: &str) -> Vec<String> {
    let builds = builds(file);
    if !is_script(file) && text.len() > LARGEST {
        return Vec::new();
    }
    let separates = |c: char| c.is_whitespace() || "\"'`,=;&|<>[]@".contains(c);
    let words = text.split(separates).filter(|word| word.contains('/'));
    let found = words.filter_map(|word| {
        let word = word.trim_end_matches([':', ')', '}', '/']);
        if word.starts_with("../") || word.contains("/../") {
            return super::paths::join(parent(file), word).filter(|path| files.exists(path));
        }
        builds.then(|| of_variable(files, file, word)).flatten()
    });
    found.filter(|path| !path.is_empty() && !within(file, path) && !within(path, parent(file))).collect()
}

/// What is behind a variable, in the nearest directory above that has it. A script is taken with those beside it, which
/// it may call by a path that it works out.
fn of_variable(files: &Files<'_>, file: &str, word: &str) -> Option<String> {
    let rest = word.trim_start_matches(['(', ':']).strip_prefix('$')?;
    let rest = rest.strip_prefix('$').unwrap_or(rest);
    let (_, path) = match rest.strip_prefix(['{', '(']) {
        Some(_) => rest.split_once(['}', ')'])?,
        None => rest.split_at(rest.find('/')?),
    };
    let path = path.strip_prefix('/').filter(|path| !path.is_empty() && !path.contains('$'))?;
    let path = super::clean(path)?;
    let found = above(file).map(|place| below(place, &path)).find(|path| files.exists(path))?;
    let place = parent(&found);
    let called = files.has(&found) && (!base(&found).contains('.') || is_script(&found) || found.ends_with(".py"));
    let shared = called && !place.is_empty() && !within(file, place) && !holds_project(files, place);
    Some(if shared { place.to_owned() } else { found })
}

/// Whether a directory or one below it has a manifest.
pub(super) fn holds_project(files: &Files<'_>, place: &str) -> bool {
    MANIFESTS.iter().any(|name| files.has(&child(place, name)))
        || files.below(place).iter().any(|name| MANIFESTS.contains(&base(name)))
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::*;

    fn found(file: &str, text: &str) -> Vec<String> {
        let names = [
            file,
            "api/x",
            "rules/a.mk",
            "tools/build",
            "tools/helpers/pack",
            "config/x.json",
            "web/package.json",
            "web/run",
        ];
        let names: Vec<BString> = names.iter().map(|name| BString::from(*name)).collect();
        targets(&Files::new(&names, &|_| None), file, text)
    }

    #[test]
    fn words_of_scripts_that_lead_out_are_paths() {
        for (text, expected) in [
            ("include ../rules/a.mk\n\tcp -r ../config .", &["rules/a.mk", "config"][..]),
            ("\t@${ROOT}/tools/build api", &["tools"]),
            ("$(ROOT)/tools/helpers/pack", &["tools/helpers"]),
            ("sh $ROOT/tools/build; cat $$ROOT/config/x.json", &["tools", "config/x.json"]),
            ("X=$(cd ../config)", &["config"]),
            ("$(ROOT)/web/run", &["web/run"]),
            ("$HOME/none ../none ${A}/x $HOME/api/x", &[]),
        ] {
            assert_eq!(found("api/Makefile", text), expected, "{text}");
        }
    }

    #[test]
    fn settings_name_what_leads_out_and_no_variables() {
        assert_eq!(found("api/codegen.yml", "schema: ../config/x.json # ${ROOT}/tools/build"), ["config/x.json"]);
        assert!(is_setting("api/codegen.yml") && !is_setting("api/compose.yml"));
    }
}
