//! `[discover]`.

use super::super::support::{Build, World, changes};
use super::{problems, services};

const MAP: &str = r#"
[defaults]
exclude = ["**/*.md"]

[groups]
common = ["common"]

[discover."services/*"]
except = ["services/_*"]
groups = ["common"]
exclude = ["${directory}/${service}.log"]
outputs = { IMAGE_URI = "*@sha256:*" }

[services.web]
exclude = []
outputs = {}

[services.site]
include = ["site"]
depends_on = ["web"]
"#;

fn world() -> World {
    World::new(
        MAP,
        &[
            ("common/x", "1"),
            ("site/x", "1"),
            ("services/api/src/main", "1"),
            ("services/api/api.log", "1"),
            ("services/web/web.log", "1"),
            ("services/_template/x", "1"),
            ("services/notes.md", "a file is no directory"),
        ],
    )
}

#[test]
fn each_directory_is_a_service() {
    let world = world();
    std::fs::create_dir_all(world.source().join("services/empty/deep")).unwrap();
    assert_eq!(services(&world, &[]), ["api", "web", "site"]);
    let world_build = |service: &str| {
        let build = Build::new(service);
        world.reason(&build, service);
        let done = world.run_in(&build, ["record", service, "--output", "IMAGE_URI=a@sha256:1"]);
        assert_eq!(done.code, 0, "{done:?}");
    };
    ["api", "web", "site"].into_iter().for_each(world_build);
    world.write("services/api/src/main", "2");
    world.write("services/api/api.log", "2");
    let plan = world.plan(&[]);
    assert_eq!(changes(&plan, "api"), ["modified services/api/src/main"]);
    assert_eq!((world.planned("web").as_str(), world.planned("site").as_str()), ("unchanged", "unchanged"));
    world.write("common/x", "2");
    assert_eq!(changes(&world.plan(&[]), "web"), ["modified common/x"]);
    world.write("services/new/x", "1");
    assert_eq!((services(&world, &[]).len(), world.planned("new").as_str()), (4, "never-deployed"));
}

#[test]
fn a_table_of_the_same_name_replaces_the_keys_that_it_has() {
    let world = world();
    let printed = world.run(["plan", "--print-map"]).stdout;
    let block = |name: &str| {
        let from = printed.find(&format!("[services.{name}]")).unwrap();
        let rest = &printed[from..];
        rest[..rest.find("\n\n").unwrap_or(rest.len())].trim_end().to_owned()
    };
    assert_eq!(
        block("api"),
        "[services.api]\ninclude = [\"services/api\"]\nexclude = [\"services/api/api.log\"]\ngroups = [\"common\"]\n\
         outputs = { IMAGE_URI = \"*@sha256:*\" }"
    );
    assert_eq!(block("web"), "[services.web]\ninclude = [\"services/web\"]\ngroups = [\"common\"]");
    assert!(printed.contains("# services/web, by shipmark.toml:8; and shipmark.toml:14\n[services.web]"), "{printed}");
    assert!(printed.contains("# services/api, by shipmark.toml:8\n[services.api]"), "{printed}");
}

#[test]
fn a_map_beside_the_service_may_replace_keys_too() {
    let world = World::new(
        "include_maps = ['services/*/shipmark.toml']\n[discover.'services/*']\n",
        &[("services/api/x", "1"), ("services/api/shipmark.toml", "[services.api]\ninclude = ['${directory}/x']\n")],
    );
    let explained = world.run(["explain", "services/api/x"]).stdout;
    assert!(explained.contains("`services/api/x` (services/api/shipmark.toml:2)"), "{explained}");
}

#[test]
fn what_cannot_be_a_service_is_told() {
    let world = World::new(
        "[discover.'a/*']\nexclude = ['/x', '${directory}/[z-a]']\n[discover.'b/*']\ngroups = ['g']\n[discover.'gone/*']\n[discover.'c/**']\n",
        &[("a/one/x", ""), ("a/two/x", ""), ("a/my app/x", ""), ("b/one/x", ""), ("c/d/x", "")],
    );
    assert_eq!(
        problems(&world.run(["plan"])),
        [
            "shipmark.toml:1:11 [bad-name]: the directory `a/my app` cannot be a service: `my app` is not a valid service name: \
             it starts with a letter or digit and has only letters, digits, `.`, `_` and `-`",
            "shipmark.toml:2:12 [bad-pattern]: the pattern `/x` begins with `/`",
            "shipmark.toml:2:18 [bad-pattern]: the pattern `a/one/[z-a]` has the backward range `z-a`",
            "shipmark.toml:3:11 [duplicate]: `a/one` and `b/one` would both be the service `one`",
            "shipmark.toml:5:11 [no-such-directory]: `gone/*` matches no directory with a file of the source",
            "shipmark.toml:6:11 [bad-pattern]: the pattern `c/**` ends with `**`",
        ]
    );
    assert_eq!(world.run(["decide"]).stdout, "export BUILD_SKIPPED='false'\nfalse\n");
}

#[test]
fn eighty_services_need_no_eighty_tables() {
    let files: Vec<(String, &str)> = (0..80).map(|number| (format!("services/s{number:02}/x"), "")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let world = World::new("[discover.'services/*']\n", &files);
    assert_eq!(services(&world, &[]).len(), 80);
}
