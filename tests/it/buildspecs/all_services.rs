//! `all-services.yml` and `batch.yml`: one project for all services.

use std::fs;
use std::path::Path;

use super::simple::shop;
use super::{Outcome, Site, example};
use crate::codebuild::{Buildspec, default_shells};

const SERVICES: [&str; 3] = ["api", "web", "worker"];
const TRUTH: [(&str, &str); 3] =
    [("api/x", "services/api/src/x"), ("web/x", "services/web/src/x"), ("worker/x", "services/worker/src/x")];

/// The services that the last build deployed, by name: several are deployed at once.
fn deployed(site: &Site) -> Vec<String> {
    let lines = site.log().into_iter();
    let mut deployed: Vec<String> = lines
        .filter_map(|line| Some(line.strip_prefix("aws lambda update-function-code --function-name ")?.to_owned()))
        .map(|rest| rest.split(' ').next().unwrap().to_owned())
        .collect();
    deployed.sort();
    deployed
}

/// Runs a buildspec that must succeed, and gives what it deployed: all that is deployed is then the source's.
fn deploys(site: &Site, spec: &str) -> Vec<String> {
    let ended = site.build(spec);
    assert!(ended.succeeded, "{}", ended.log);
    site.agrees(&TRUTH);
    deployed(site)
}

#[test]
fn all_services_builds_those_that_must_be() {
    let spec = example("all-services.yml");
    for shell in default_shells() {
        let site = shop(shell);
        let change = |name: &str, text: &str| site.world.write(&format!("services/{name}/src/x"), text);
        assert_eq!(deploys(&site, &spec), SERVICES, "the first run");
        assert_eq!(site.outcome(&spec), Outcome::Skips, "nothing changed");
        change("web", "2");
        assert_eq!(deploys(&site, &spec), ["web"]);

        SERVICES.iter().for_each(|name| change(name, "3"));
        let failing = [("FAILS", "aws lambda update-function-code --function-name web")];
        site.with(&failing, |site| assert_eq!(site.outcome(&spec), Outcome::Fails));
        assert_eq!(deployed(&site), SERVICES, "one failed, and the others do not depend on it");
        change("web", "2");
        assert_eq!(deploys(&site, &spec), ["web"], "the others were recorded; the failed one is doubt");
        assert_eq!(site.outcome(&spec), Outcome::Skips);

        let nowhere = site.unreachable();
        site.with(&[("SHIPMARK_STATE", &nowhere)], |site| assert_eq!(site.outcome(&spec), Outcome::Fails));
        assert_eq!(deployed(&site), SERVICES, "they were deployed and could not be recorded, which is a failure");
        let path = site.path_without_shipmark();
        site.with(&[("PATH", &path)], |site| {
            assert_eq!(site.outcome(&spec), Outcome::Fails);
            assert_eq!(deployed(site), [""; 0], "no decision, and no deploy");
        });
    }
}

/// The children of the batch, each with its variables.
fn children(spec: &Buildspec) -> Vec<(String, String)> {
    let list = spec.batch.as_ref().unwrap()["build-list"].as_array().unwrap();
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    list.iter().map(|child| (word(&child["buildspec"]), word(&child["env"]["variables"]["SERVICE"]))).collect()
}

/// A batch cannot be run here: its list is read, and each of its children is run as the build that it is.
#[test]
fn batch_has_a_child_for_every_service_and_each_runs() {
    let spec = Buildspec::parse(&example("batch.yml")).unwrap();
    let children = children(&spec);
    let named: Vec<&str> = children.iter().map(|(_, service)| service.as_str()).collect();
    assert_eq!(named, SERVICES, "the services of the map");
    for shell in default_shells() {
        let site = shop(shell);
        let run = || {
            let one = |(file, service): &(String, String)| {
                let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
                site.with(&[("SERVICE", service)], |site| assert!(site.build(&text).succeeded));
                deployed(&site)
            };
            children.iter().flat_map(one).collect::<Vec<_>>()
        };
        assert_eq!(run(), SERVICES);
        assert_eq!(run(), [""; 0]);
        site.world.write("services/worker/src/x", "2");
        assert_eq!(run(), ["worker"]);
        site.agrees(&TRUTH);
    }
}
