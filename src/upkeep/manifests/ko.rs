//! Programs of Go that ko packs into images without Dockerfiles ([ko's configuration]).
//!
//! [ko's configuration]: https://ko.build/configuration/

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice as _;

use super::paths::{base, join, parent, within};
use super::{Files, yaml};

/// The directories of all programs that the files for ko list or a manifest of a cluster names (`ko://IMPORT`), each with
/// what says how it is packed.
pub(super) fn programs(files: &Files<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let configurations: Vec<&str> = files.own().filter(|name| matches!(base(name), ".ko.yaml" | ".ko.yml")).collect();
    let with_go = files.own().any(|name| base(name) == "go.mod");
    let yaml = files.own().filter(|name| with_go && (name.ends_with(".yaml") || name.ends_with(".yml")));
    let named = yaml.flat_map(|name| named(files, name).into_iter().map(move |place| (place, name)));
    let listed =
        configurations.iter().flat_map(|name| listed(files, name).into_iter().map(move |place| (place, *name)));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (place, name) in listed.chain(named) {
        let said = found.entry(place.clone()).or_default();
        said.insert(name.to_owned());
        let around = configurations.iter().filter(|file| within(&place, parent(file)));
        said.extend(around.map(|file| (*file).to_owned()));
    }
    found
}

/// The programs whose images a manifest names by their imports, which end in their directories.
fn named(files: &Files<'_>, file: &str) -> Vec<String> {
    let Some(bytes) = files.bytes(file).filter(|bytes| bytes.contains_str("ko://")) else { return Vec::new() };
    let text = bytes.to_str_lossy();
    let imports = text.split("ko://").skip(1).filter_map(|rest| rest.split([' ', '\n', '\r', '"', '\'']).next());
    let place = |import: &str| {
        let mut ends = import.match_indices('/').map(|(at, _)| &import[at + 1..]);
        ends.find(|place| files.has_directory(place)).map(str::to_owned)
    };
    imports.filter_map(place).collect()
}

fn listed(files: &Files<'_>, file: &str) -> Vec<String> {
    let value = files.text(file).and_then(|text| yaml::parse(&text)).unwrap_or_default();
    let builds = value["builds"].as_array().into_iter().flatten();
    let program = |build: &serde_json::Value| {
        let directory = join(parent(file), build["dir"].as_str().unwrap_or("."))?;
        let main = join(&directory, build["main"].as_str().unwrap_or("."))?;
        Some(if main.ends_with(".go") { parent(&main).to_owned() } else { main })
    };
    builds.filter_map(program).filter(|place| files.has_directory(place)).collect()
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::*;

    #[test]
    fn a_program_is_in_the_directory_of_its_module() {
        let text = "builds:\n- id: a\n  dir: ./tools/a\n  main: ./cmd/a\n- main: cmd/b/main.go\n- dir: none\n";
        let names =
            ["go.mod", "config/job.yaml", "cmd/c/main.go", ".ko.yaml", "tools/a/cmd/a/main.go", "cmd/b/main.go"]
                .map(BString::from);
        let job = "image: ko://example.com/x/cmd/c\nother: ko://example.com/none";
        let read = |name: &str| match name {
            ".ko.yaml" => Some(text.as_bytes().to_vec()),
            "config/job.yaml" => Some(job.as_bytes().to_vec()),
            _ => None,
        };
        let found = programs(&Files::new(&names, &read));
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["cmd/b", "cmd/c", "tools/a/cmd/a"]);
    }
}
