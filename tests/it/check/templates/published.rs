//! The published pipelines, held against the maps that go with them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::shipmark;

/// The CloudFormation templates of pipelines in a directory of the repository, by their paths.
fn templates(directory: &str, found: &mut Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(directory)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            templates(&path, found);
        } else if path.ends_with(".yml") && read(&path).contains("Type: AWS::CodePipeline::Pipeline") {
            found.push(path);
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The map that the comment at the head of a template names.
fn map_of(path: &str) -> String {
    let text = read(path);
    let head = text.lines().take_while(|line| line.starts_with('#'));
    let named = head.flat_map(str::split_whitespace).map(|word| word.trim_end_matches(['.', ',', ';', ')', ':']));
    let map = named.filter(|word| word.ends_with(".toml")).map(str::to_owned).next();
    map.unwrap_or_else(|| panic!("the comment at the head of {path} names no map"))
}

#[test]
fn published_pipelines_pass() {
    let mut found = Vec::new();
    ["pipelines", "config"].into_iter().for_each(|directory| templates(directory, &mut found));
    assert!(found.len() >= 2, "{found:?}");
    for path in found {
        let map = map_of(&path);
        let args = ["check", "--config", &map, "--template", &path, "--format", "json"];
        let done = shipmark(Path::new(env!("CARGO_MANIFEST_DIR")), args);
        assert!(done.code == 0 || done.code == 4, "{path}: {}", done.stderr);
        let whole: Value = serde_json::from_str(&done.stdout).unwrap();
        let errors = whole["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
        let errors: Vec<&str> = errors.map(|finding| finding["code"].as_str().unwrap()).collect();
        // A template that lets one environment write all marks of the project is reported as long as it does.
        let wide = read(&path).contains("- !Sub \"${Project}/*\"");
        assert_eq!(errors.contains(&"foreign-marks"), wide, "{path}: {}", done.stdout);
        assert!(errors.iter().all(|code| *code == "foreign-marks"), "{path}: {}", done.stdout);
    }
}

/// What is found in a pipeline of the function when the function's template is named too, as `code:line of function.yml`.
fn with_function(pipeline: &str, from: &str, to: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let function = read("pipelines/lambda/function.yml");
    assert!(function.contains(from), "{from}");
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("function.yml");
    fs::write(&changed, function.replacen(from, to, 1)).unwrap();
    let changed = changed.to_str().unwrap();
    let map = ["check", "--config", "buildspec-examples/shipmark.toml", "--format", "json", "--template"];
    // The managed policy of the user is the only thing that the two files do not tell.
    let policy = ["--parameter", "DeployPolicy=arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"];
    let done = shipmark(root, [&map, &[pipeline, "--template", changed][..], &policy].concat());
    let whole: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr));
    let found = whole["findings"].as_array().unwrap().iter();
    found.map(|finding| format!("{}:{}", finding["code"].as_str().unwrap(), finding["line"])).collect()
}

#[test]
fn what_a_pipeline_imports_is_found_in_the_template_that_exports_it() {
    for name in ["one-service", "all-services", "approval", "fleet"] {
        let pipeline = format!("pipelines/lambda/{name}.yml");
        assert_eq!(with_function(&pipeline, "Resources:\n", "Resources:\n"), [""; 0], "{name}");
    }
    let function = read("pipelines/lambda/function.yml");
    let line = |text: &str| function.lines().position(|line| line.contains(text)).unwrap() + 1;
    for (from, to, code, at) in [
        ("TimeoutInMinutes: 60", "TimeoutInMinutes: 400", "short-timeout", "QueuedTimeoutInMinutes"),
        (
            "- !Sub \"${Project}/${Environment}\"",
            "- !Sub \"${Project}/staging\"",
            "foreign-marks",
            "- !Sub \"${Project}/${Environment}\"",
        ),
        ("-build\" } }", "-builder\" } }", "unknown", ""),
    ] {
        let found = with_function("pipelines/lambda/one-service.yml", from, to);
        match at {
            // What is not exported is said where it is imported.
            "" => assert!(found.iter().all(|found| found.starts_with(code)) && !found.is_empty(), "{from}: {found:?}"),
            at => assert_eq!(found, [format!("{code}:{}", line(at))], "{from}"),
        }
    }
}
