//! The state as people see it in text.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::*;
use crate::base::fingerprint::{Content, Fingerprint};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, OutputName, ServiceName};
use crate::protocol::engine::mark::{AttemptId, Build, Clock, Finishing, Home, Mark, Opening, Release, Rest, Taint};
use crate::protocol::engine::marks::Known;

fn now() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

fn id(name: &str) -> AttemptId {
    AttemptId::parse(name).unwrap()
}

fn release(of: u8) -> Release {
    let outputs = BTreeMap::from([(OutputName::new("IMAGE_URI").unwrap(), format!("repo@sha256:{of}"))]);
    let content = Some(Content { fingerprint: Fingerprint([of; 32]), modes: None });
    let build = Build { id: Some(format!("api:{of}")), execution: Some(format!("e-{of}")), ..Build::default() };
    Release { content, inputs: 1, revision: Some(format!("rev-{of}")), outputs, build, ..Release::default() }
}

fn home() -> Home {
    Home { pipeline: Some("p".to_owned()), ..Home::default() }
}

fn opening(name: &str, of: u8) -> Opening {
    let Release { content, build, revision, .. } = release(of);
    Opening {
        id: id(name),
        content,
        artifact: Some(id(name)),
        build,
        revision,
        home: Some(home()),
        timeout_seconds: 3600,
        lane: None,
        pinned_by: None,
        reused: None,
        shadow: None,
        reason: None,
    }
}

fn deploy(mark: &mut Mark, of: u8, at: Timestamp) {
    let name = format!("a{of}");
    mark.open(opening(&name, of), Clock::of_store(at)).unwrap();
    let done = Finishing {
        id: id(&name),
        artifact: Some(id(&name)),
        candidate: None,
        home: Some(home()),
        reused: None,
        pinned: false,
        unwritten: false,
        release: release(of),
    };
    mark.finish(Some(&id(&name)), done, Clock::of_store(at));
}

fn standing(service: &str, environment: &str, known: &Known, behind: Option<usize>) -> ServiceStatus {
    let key = Key {
        project: ProjectName::new("shop").unwrap(),
        environment: EnvironmentName::new(environment).unwrap(),
        service: ServiceName::new(service).unwrap(),
    };
    let mut standing = ServiceStatus::new(&key, known, Clock::of_store(now()));
    standing.behind.inputs = behind;
    standing
}

fn known(mark: &Mark) -> Known {
    Known::Mark(Box::new(mark.clone()))
}

/// Deployed twice and certain; deployed and tainted with open builds; never deployed; and unreachable.
fn all(environment: &str) -> Vec<ServiceStatus> {
    let mut api = Mark::new(Clock::of_store(ago(100)));
    deploy(&mut api, 1, ago(90));
    deploy(&mut api, 2, ago(3));
    let mut web = Mark::new(Clock::of_store(ago(100)));
    deploy(&mut web, 3, ago(72));
    let taint = Taint { reason: "by\nhand".to_owned(), by: "ada".to_owned(), at: ago(70), rest: Rest::new() };
    web.taint(&id("t"), taint, false, Clock::of_store(ago(70)));
    web.open(opening("b1", 4), Clock::of_store(ago(2))).unwrap();
    let mut api = standing("api", environment, &known(&api), Some(0));
    api.behind.commits = Some(Ok(0));
    let mut web = standing("web", environment, &known(&web), Some(2));
    web.behind.commits = Some(Err("its commit is not here".to_owned()));
    let lost = standing("lost", environment, &Known::Unavailable("no route".to_owned()), None);
    vec![api, lost, standing("new", environment, &Known::Absent, None), web]
}

fn view(project: &ProjectName) -> StatusView<'_> {
    StatusView { project, now: now(), color: false }
}

#[test]
fn the_table_tells_what_is_deployed_and_what_is_in_doubt() {
    let text = table(&all("prod"), &view(&ProjectName::new("shop").unwrap()));
    let expected = "\
shop, prod

SERVICE  STATE              REVISION  SINCE        BUILD  BEHIND               OPEN
api      deployed           rev-2     3 hours ago  api:2  0 inputs, 0 commits  -
lost     state-unavailable  -         -            -      -                    -
  no route
new      never-deployed     -         -            -      -                    -
web      uncertain          rev-3     3 days ago   api:3  2 inputs             1 attempt
  tainted by ada, 2 days ago: by\\nhand; the next recorded deploy that nothing overlaps settles it
  building: opened 2 hours ago by build api:4, of rev-4; it has outlived its timeout, so its build is dead: was it stopped, or is `shipmark record` (or `stage`) missing at its end?
commits behind of web: unknown: its commit is not here

1 of 4 is as the source, 1 behind, 1 uncertain, 1 never-deployed, 1 state-unavailable, 1 with something open.
";
    assert_eq!(text, expected);
}

#[test]
fn the_matrix_has_services_down_and_environments_across() {
    let both = [all("prod"), all("feature/x")].concat();
    let text = matrix(&both, &view(&ProjectName::new("shop").unwrap()));
    let expected = "\
shop: 4 services in 2 environments

SERVICE  prod                                  feature/x
api      rev-2, 3 hours                        rev-2, 3 hours
lost     state-unavailable                     state-unavailable
new      never-deployed                        never-deployed
web      rev-3, 3 days, +2, uncertain, 1 open  rev-3, 3 days, +2, uncertain, 1 open

+2: two inputs of the source differ from what is deployed
2 of 8 are as the source, 2 behind, 2 uncertain, 2 never-deployed, 2 state-unavailable, 2 with something open.
";
    assert_eq!(text, expected);
}

#[test]
fn the_log_tells_each_deploy_with_what_it_made() {
    let all = all("prod");
    let text = log(&[all[0].clone(), all[3].clone(), all[2].clone()], &view(&ProjectName::default()));
    let expected = "\
api in prod: 2 recorded deploys, newest first

RECORDED                           REVISION  STATE     BUILD
2026-11-25T09:00:00Z  3 hours ago  rev-2     deployed  api:2, p, e-2
  IMAGE_URI=repo@sha256:2
2026-11-21T18:00:00Z  3 days ago   rev-1     certain   api:1, p, e-1
  IMAGE_URI=repo@sha256:1

web in prod: 1 recorded deploy, newest first

RECORDED                          REVISION  STATE    BUILD
2026-11-22T12:00:00Z  3 days ago  rev-3     tainted  api:3, p, e-3
  tainted by ada, 2 days ago: by\\nhand
  IMAGE_URI=repo@sha256:3

new in prod: never-deployed
";
    assert_eq!(text, expected);
}
