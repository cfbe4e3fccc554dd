//! Files for people, editors and tests, by their names. A name alone proves nothing: they are only excluded where nothing
//! that a service builds reaches them.

use std::collections::{BTreeMap, BTreeSet};

use crate::upkeep::manifests::{Files, Manifests, base, child, cover, parent, within};

/// Names with one reason.
#[derive(Debug)]
struct Kind {
    why: &'static str,
    /// What they match.
    tests: Vec<Test>,
}

/// Files that nobody may need.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    kinds: Vec<Kind>,
    /// The files, each with its kind.
    files: BTreeMap<&'a str, usize>,
}

impl<'a> Candidates<'a> {
    /// Whether a file is one.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Those that nothing reaches, as patterns with a reason. Each pattern begins at the root, so that it cannot cut a
    /// file that a service gets later.
    pub(super) fn excludes(&self, files: &Files<'_>, reached: &dyn Fn(&str) -> bool) -> Vec<(String, Vec<String>)> {
        let cut: BTreeMap<&str, usize> =
            self.files.iter().filter(|(name, _)| !reached(name)).map(|(name, kind)| (*name, *kind)).collect();
        let judge = |name: &str| Some(cut.contains_key(name));
        let mut by_kind: Vec<Vec<String>> = vec![Vec::new(); self.kinds.len()];
        for path in cover::cover(files, "", &judge) {
            let first = files.below(&path).into_iter().find_map(|name| cut.get(name).copied());
            by_kind[first.unwrap_or_default()].push(path);
        }
        let kinds = self.kinds.iter().zip(by_kind).filter(|(_, paths)| !paths.is_empty());
        kinds.map(|(kind, paths)| (kind.why.to_owned(), cover::patterns(files, paths))).collect()
    }
}

#[derive(Debug)]
enum Test {
    Below(String),
    File(String),
    Name(&'static str),
    End(&'static str),
    Start(&'static str, &'static str),
    Component(&'static str),
}

impl Test {
    /// Whether it matches a path with that last component.
    fn hits(&self, name: &str, file: &str) -> bool {
        match self {
            Self::Below(place) => within(name, place),
            Self::File(path) => name == path,
            Self::Name(other) => file == *other,
            Self::End(end) => file.len() > end.len() && file.ends_with(end),
            Self::Start(start, end) => file.starts_with(start) && file.ends_with(end),
            Self::Component(part) => name.split('/').any(|other| other == *part),
        }
    }
}

const EDITORS: [&str; 27] = [
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
    ".prettierrc",
    ".prettierrc.json",
    ".prettierignore",
    ".eslintrc.json",
    ".eslintrc.js",
    ".eslintrc.cjs",
    ".eslintignore",
    ".swift-format",
    ".swiftlint.yml",
    ".pre-commit-config.yaml",
    ".mcp.json",
    ".golangci.yml",
    ".golangci.yaml",
    ".flake8",
    ".pylintrc",
    ".rustfmt.toml",
    "rustfmt.toml",
    "clippy.toml",
    ".clang-format",
    ".markdownlint.json",
    ".shellcheckrc",
    ".DS_Store",
    "renovate.json",
    "codecov.yml",
];

const EDITOR_FOLDERS: [&str; 9] =
    [".vscode", ".idea", ".claude", ".cursor", ".kiro", ".husky", ".devcontainer", ".changeset", ".fleet"];

const PEOPLE: [&str; 11] = [
    "LICENSE",
    "LICENSE.txt",
    "LICENCE",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "NOTICE",
    "CODEOWNERS",
    "AUTHORS",
    "CHANGELOG",
    "CONTRIBUTORS",
    "COPYING",
];

/// The candidates of this tree. `deployed` are directories of units; `needed` are files that pipelines name.
pub(super) fn find<'a>(
    files: &Files<'a>,
    facts: &Manifests,
    deployed: &[String],
    needed: &BTreeSet<&str>,
) -> Candidates<'a> {
    let content = shows_markdown(files);
    let mut people: Vec<Test> = if content {
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CLAUDE.md", "AGENTS.md"].map(Test::Name).into()
    } else {
        vec![Test::End(".md")]
    };
    people.extend(PEOPLE.map(Test::Name));
    people.extend([".drawio", ".puml", ".example", ".sample"].map(Test::End));
    let folders = directories(files);
    let is_docs = |place: &str| matches!(base(place), "docs" | "doc") && !content && !holds(place, deployed);
    people.extend(folders.into_iter().filter(|place| is_docs(place)).map(|place| Test::Below(place.to_owned())));
    let mut editors: Vec<Test> = EDITORS.map(Test::Name).into();
    editors.extend(EDITOR_FOLDERS.map(Test::Component));
    editors.extend(
        [
            ("eslint.config.", ""),
            (".eslintrc", ""),
            ("prettier.config.", ""),
            (".stylelintrc", ""),
            ("commitlint.config.", ""),
        ]
        .map(|(start, end)| Test::Start(start, end)),
    );
    let found = [
        ("Read by people.", people),
        ("Read by editors and linters.", editors),
        ("Tests, outside every image and package.", tests(files, facts, deployed)),
        ("Installed or compiled, outside every image and package.", installed(files, facts)),
        ("Run on a developer's machine.", local(files)),
        ("Checks that deploy nothing.", checks(files)),
    ];
    let kinds: Vec<Kind> = found.into_iter().map(|(why, tests)| Kind { why, tests }).collect();
    let kind = |name: &str| {
        let file = base(name);
        kinds.iter().position(|kind| kind.tests.iter().any(|test| test.hits(name, file)))
    };
    let candidates = files.names().filter(|name| !needed.contains(*name)).filter_map(|name| Some((name, kind(name)?)));
    let files = candidates.collect();
    Candidates { kinds, files }
}

fn holds(place: &str, deployed: &[String]) -> bool {
    deployed.iter().any(|directory| {
        within(directory, place) && !directory.is_empty() || within(place, directory) && base(place) == "src"
    })
}

/// All directories that were not installed by another tool, outermost first.
fn directories<'a>(files: &Files<'a>) -> BTreeSet<&'a str> {
    let names = files.names().filter(|name| !name.contains("node_modules/"));
    names.flat_map(crate::upkeep::manifests::above).filter(|place| !place.is_empty()).collect()
}

/// Whether Markdown is a site's content.
fn shows_markdown(files: &Files<'_>) -> bool {
    files.names().filter(|name| !name.contains("node_modules/")).any(|name| {
        let site = ["docusaurus.config.", "mkdocs.yml", "gatsby-config.", "_config.yml", "hugo.toml"]
            .iter()
            .any(|start| base(name).starts_with(start));
        let shown = name.ends_with(".mdx")
            || name.ends_with(".md")
                && parent(name)
                    .split('/')
                    .any(|part| matches!(part, "content" | "_posts" | "posts" | "blog" | "pages"));
        site || shown
    })
}

fn tests(files: &Files<'_>, facts: &Manifests, deployed: &[String]) -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    for end in ["ts", "tsx", "js", "jsx", "mjs"] {
        tests.extend(
            match end {
                "ts" => [".test.ts", ".spec.ts"],
                "tsx" => [".test.tsx", ".spec.tsx"],
                "js" => [".test.js", ".spec.js"],
                "jsx" => [".test.jsx", ".spec.jsx"],
                _ => [".test.mjs", ".spec.mjs"],
            }
            .map(Test::End),
        );
    }
    tests.push(Test::Component("__tests__"));
    tests.extend(["_test.go", "_test.py"].map(Test::End));
    tests.push(Test::Start("test_", ".py"));
    tests.extend(["conftest.py", "pytest.ini", "tox.ini", ".coveragerc"].map(Test::Name));
    tests.extend(
        ["jest.config.", "vitest.config.", "playwright.config.", "cypress.config."].map(|start| Test::Start(start, "")),
    );
    let roots: BTreeSet<&str> = facts
        .projects
        .iter()
        .flat_map(|project| [project.directory.as_str(), parent(&project.manifest)])
        .chain(deployed.iter().map(String::as_str))
        .collect();
    let is_tests = |place: &&str| {
        let own = matches!(
            base(place),
            "tests" | "test" | "Tests" | "e2e" | "__mocks__" | "cypress" | "spec" | "testdata" | "integration-tests"
        );
        own && (parent(place).is_empty() || roots.contains(parent(place)))
            && !deployed.iter().any(|directory| within(directory, place))
            || (place.ends_with("/src/test") && files.has_directory(&child(parent(place), "main")))
    };
    let mut folders: Vec<&str> = Vec::new();
    for place in directories(files).into_iter().filter(is_tests) {
        if !folders.iter().any(|folder| within(place, folder)) {
            folders.push(place);
        }
    }
    // Sample events for trying out functions.
    let events = facts.stacks.iter().map(|stack| child(parent(&stack.template), "events"));
    let tried =
        |place: &String| files.has_directory(place) && files.below(place).iter().all(|name| name.ends_with(".json"));
    tests.extend(events.filter(tried).map(Test::Below));
    tests.extend(folders.into_iter().map(|place| Test::Below(place.to_owned())));
    tests
}

fn installed(files: &Files<'_>, facts: &Manifests) -> Vec<Test> {
    let mut tests: Vec<Test> =
        ["node_modules", "__pycache__", ".terraform", ".aws-sam", "cdk.out", ".venv"].map(Test::Component).into();
    for project in &facts.projects {
        for folder in ["dist", "build", ".next", "target"] {
            let place = child(&project.directory, folder);
            let wanted = facts.images.iter().any(|image| image.sources.iter().any(|source| within(source, &place)));
            let served = facts
                .stacks
                .iter()
                .flat_map(|stack| &stack.functions)
                .any(|function| function.code.as_ref().is_some_and(|code| within(code, &place)));
            let sources = files.has_directory(&child(&project.directory, "src"));
            if files.has_directory(&place)
                && sources
                && !wanted
                && !served
                && !files.has(&child(&place, "package.json"))
            {
                tests.push(Test::Below(place));
            }
        }
    }
    tests
}

fn local(files: &Files<'_>) -> Vec<Test> {
    let kept = ["stack", "prod", "deploy", "stage", "staging", "release"];
    let is_local = |name: &str| {
        let file = base(name).to_lowercase();
        let words: Vec<&str> = file.split(['.', '-', '_']).collect();
        let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
        let compose = crate::upkeep::manifests::is_compose(&file) && !has(&kept);
        let script =
            [".sh", ".py", ".js", ".ps1"].iter().any(|end| file.ends_with(end)) && !parent(name).contains("src");
        let helper = script
            && has(&["setup", "local", "dev", "test", "verify", "sample", "seed", "lint", "format"])
            && !has(&["deploy"]);
        let dockerfile = file.contains("dockerfile") && has(&["dev", "local", "test", "backup", "bak", "old"]);
        let kept_by_hand = words.contains(&"backup") || file.ends_with(".bak") || file.ends_with(".orig");
        compose || helper || dockerfile || kept_by_hand
    };
    let names = files.names().filter(|name| !name.contains("node_modules/"));
    names.filter(|name| is_local(name)).map(|name| Test::File(name.to_owned())).collect()
}

/// Workflows that, by name, neither deploy nor build an image.
fn checks(files: &Files<'_>) -> Vec<Test> {
    let workflows = files.names().filter(|name| parent(name) == ".github/workflows");
    let checks = workflows.filter(|name| !deploys(name)).map(|name| Test::File(name.to_owned()));
    let others = files.below(".github").into_iter().filter(|name| parent(name) != ".github/workflows");
    checks.chain(others.map(|name| Test::File(name.to_owned()))).collect()
}

/// Whether a workflow deploys, by its name.
pub(super) fn deploys(name: &str) -> bool {
    let stem = base(name).to_lowercase();
    let words: Vec<&str> = stem.split(['.', '-', '_', ' ']).collect();
    let any = |of: &[&str]| of.iter().any(|word| words.contains(word));
    let deploys = [
        "deploy",
        "deployment",
        "release",
        "cd",
        "cicd",
        "publish",
        "push",
        "apply",
        "prod",
        "production",
        "staging",
        "ecr",
        "pipeline",
    ];
    let checks = ["draft", "prepare", "please", "plan", "pr", "preview", "test", "lint", "check"];
    let only_ci = words.contains(&"ci") && !any(&["cd", "deploy"]);
    any(&deploys) && !any(&checks) && !only_ci
}
