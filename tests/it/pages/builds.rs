//! The pages for those who write a pipeline.

use shipmark::map::ServiceMap;

use super::{Page, Reader};
use crate::codebuild::yaml;

const SHOP: &str =
    "project = \"shop\"\n[services.api]\ninclude = [\"api/**\"]\noutputs = { IMAGE_URI = \"*@sha256:*\" }\n";

pub(super) fn before_the_build(page: &Page) {
    let shown = yaml(page.block("yaml", "BeforeEntry:")).unwrap();
    let template = yaml(include_str!("../../../pipelines/lambda/all-services.yml")).unwrap();
    let stages = template["Resources"]["Pipeline"]["Properties"]["Stages"].as_array().unwrap();
    let entry = |stage: &&serde_json::Value| stage.get("BeforeEntry") == Some(&shown["BeforeEntry"]);
    assert_eq!(stages.iter().filter(entry).count(), 1, "the page shows a condition of the published pipeline");
}

pub(super) fn buildspecs(page: &Page) {
    let readme = Page::read("README.md");
    for part in ["version: 0.2", "shipmark run command "] {
        assert!(readme.all("yaml").any(|block| block == page.block("yaml", part)), "the README has run this: {part}");
    }
    let all = yaml(page.block("yaml", "--all --jobs 4")).unwrap();
    let reader = Reader::new(&SHOP.replace("outputs", "# outputs"), &[("api/x", "1")]).in_a_build("shop:1");
    reader.script("build-and-deploy.sh", "echo deploys $SHIPMARK_SERVICE");
    let said = reader.runs(all[0].as_str().unwrap());
    assert!(said.contains("deploys api"), "{said}");
    let said = reader.in_a_build("shop:2").runs(all[0].as_str().unwrap());
    assert!(!said.contains("deploys api") && said.contains("unchanged"), "{said}");
}

/// The image is looked up after a change, and not where nothing has changed.
pub(super) fn fingerprints(page: &Page) {
    let lookup = page.block("sh", "docker manifest inspect");
    let reader = Reader::new("[services.api]\ninclude = [\"api/**\"]\n", &[("api/x", "1")]);
    let reader = reader.in_a_build("shop:1").with("ACCOUNT", "111122223333").with("AWS_REGION", "eu-west-1");
    let looked = |found: &str, reader: &Reader| {
        reader.has("docker", &format!("echo \"docker $*\"; {found}"));
        reader.runs(&format!("{lookup}\necho \"found:$found\""))
    };
    let said = looked("true", &reader);
    let image = "docker manifest inspect 111122223333.dkr.ecr.eu-west-1.amazonaws.com/api:";
    let tag = said.split(image).nth(1).unwrap_or_else(|| panic!("{said}")).lines().next().unwrap();
    assert!(tag.len() == 64 && said.ends_with("found:yes\n"), "{said}");
    assert!(looked("false", &reader).ends_with("found:\n"));
    reader.runs("shipmark record api");
    let said = looked("true", &reader.in_a_build("shop:2"));
    assert!(!said.contains("docker ") && said.ends_with("found:\n"), "nothing has changed: {said}");
}

pub(super) fn guide(page: &Page) {
    adopts(page);
    reuses(page);
    verifies(page);
}

fn adopts(page: &Page) {
    let reader = Reader::new(&format!("environments = [\"prod\"]\n{SHOP}"), &[("api/x", "1")]);
    reader.world.write("outputs.txt", "api:IMAGE_URI=r@sha256:1\n");
    reader.commits("one");
    reader.git(&["tag", "v1.2.3"]);
    let said = reader.types(page, "shipmark adopt");
    assert!(said.contains("TO RECORD") && said.contains("add --yes"), "{said}");
    reader.runs(&format!("{} --yes", page.block("sh", "shipmark adopt").trim_end()));
    let arn = "arn:aws:codebuild:eu-west-1:111122223333:build/shop:1";
    let build = reader.in_a_build("shop:1").with("CODEBUILD_BUILD_ARN", arn);
    let said = build.runs("shipmark decide api --environment prod");
    assert!(said.contains("api: skip, unchanged"), "{said}");
}

/// What staging has deployed is released to production without a build.
fn reuses(page: &Page) {
    let map = format!("{}\n{}", page.block("toml", "reuse_from"), SHOP.replace("project", "# project"));
    assert!(ServiceMap::parse("map", map.as_bytes()).is_ok(), "{map}");
    let reader = Reader::new(&map, &[("api/x", "1")]).in_a_build("shop:1");
    reader.script("build.sh", "echo built >&2; echo r@sha256:1");
    reader.script("release.sh", "echo releases $1");
    let commands = page.block("sh", "BUILD_REUSED");
    let deploys = |environment: &str| {
        reader.runs(&format!(
            "D=\"$(shipmark -q decide api --environment {environment})\" && eval \"$D\"\n{commands}\n\
             shipmark -q record api --environment {environment} --output IMAGE_URI=\"$IMAGE_URI\""
        ))
    };
    assert_eq!(deploys("stage"), "built\nreleases r@sha256:1\n");
    assert_eq!(deploys("prod"), "releases r@sha256:1\n");
}

/// The command looks for the image that was recorded; where it is gone, the service builds.
fn verifies(page: &Page) {
    let mut reader = Reader::new(SHOP, &[("api/x", "1")]).in_a_build("shop:1");
    reader.runs("shipmark decide api && shipmark record api --output IMAGE_URI=r@sha256:1");
    for (id, found, answer) in [("shop:2", "true", "api: skip, unchanged"), ("shop:3", "false", "api: build, gone")] {
        reader.has("aws", &format!("echo \"aws $*\"; {found}"));
        reader = reader.in_a_build(id);
        let said = reader.types(page, "--verify");
        assert!(said.contains("describe-images --repository-name api --image-ids imageDigest=sha256:1\n"), "{said}");
        assert!(said.contains(answer), "{said}");
    }
}
