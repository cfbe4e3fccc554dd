use super::*;
use crate::base::fingerprint::Fingerprint;
use crate::map::ServiceMap;
use crate::protocol::mark::transitions::Opening;
use crate::protocol::mark::{AttemptId, Release, Taint};

fn content(of: u8) -> Content {
    Content { fingerprint: Fingerprint([of; 32]), modes: None }
}

fn build(initiator: &str, execution: &str) -> Build {
    Build { id: None, initiator: Some(initiator.to_owned()), execution: Some(execution.to_owned()) }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn release(of: Option<Content>) -> Release {
    Release {
        content: of,
        inputs: 1,
        rules: None,
        snapshot: None,
        revision: None,
        outputs: BTreeMap::new(),
        build: Build::default(),
    }
}

fn opening(id: &str, of: Option<Content>) -> Opening {
    Opening {
        id: AttemptId::parse(id).unwrap(),
        content: of,
        build: Build::default(),
        revision: None,
        timeout_seconds: 3600,
        pinned_by: None,
    }
}

fn shapes(text: &str) -> BTreeMap<OutputName, OutputShape> {
    let map = format!("[services.a]\ninclude = ['**']\noutputs = {{ {text} }}\n");
    ServiceMap::parse("shipmark.toml", map.as_bytes()).unwrap().services[0].outputs.clone()
}

/// All that a question is about, owned. As it begins, it is a skip.
struct Scene {
    now: Now,
    known: Known,
    forced: bool,
    environment: EnvironmentName,
    build: Build,
    required: BTreeMap<OutputName, OutputShape>,
    max_skip_age: Option<Duration>,
    at: Timestamp,
}

impl Scene {
    /// Content 1 is deployed, certainly, by the pipeline `p` in the execution `e1`, and is what is there now.
    fn skip() -> Self {
        let mut mark = Mark::new(at(0));
        mark.open(opening("a1", Some(content(1))), at(0));
        let release = Release { build: build("codepipeline/p", "e1"), ..release(Some(content(1))) };
        mark.record(AttemptId::parse("a1").unwrap(), release, at(60));
        Self {
            now: Now { content: Some(content(1)), selects: true, unreadable: None },
            known: Known::Mark(Box::new(mark)),
            forced: false,
            environment: EnvironmentName::default(),
            build: build("codepipeline/p", "e2"),
            required: BTreeMap::new(),
            max_skip_age: None,
            at: at(120),
        }
    }

    fn mark(&mut self) -> &mut Mark {
        let Known::Mark(mark) = &mut self.known else { panic!("the scene has no mark") };
        mark
    }

    fn deploy(&mut self) -> &mut Deploy {
        self.mark().deployed.as_mut().unwrap()
    }

    fn answer(&self) -> (Reason, String) {
        decide(&Question {
            now: &self.now,
            known: &self.known,
            forced: self.forced,
            environment: &self.environment,
            build: &self.build,
            required: &self.required,
            max_skip_age: self.max_skip_age,
            at: self.at,
        })
    }

    fn reason(&self) -> Reason {
        self.answer().0
    }

    /// Makes the reason hold, whatever else holds.
    fn with(mut self, reason: Reason) -> Self {
        match reason {
            Reason::Forced => self.forced = true,
            Reason::NoInputs => self.now.selects = false,
            Reason::SourceUnreadable => self.now.content = None,
            Reason::StateUnavailable => self.known = Known::Unavailable("no network".to_owned()),
            Reason::StateUnreadable => self.mark().newer = Some(serde_json::Map::new()),
            Reason::NeverDeployed => self.mark().deployed = None,
            Reason::OtherPipeline => self.build.initiator = Some("codepipeline/q".to_owned()),
            Reason::SameExecution => self.build.execution = Some("e1".to_owned()),
            Reason::Uncertain => self.mark().certain = false,
            Reason::Changed => self.deploy().release.content = Some(content(2)),
            Reason::DeployPending => self.mark().open(opening("a2", Some(content(3))), at(90)),
            Reason::OutputMissing => self.required = shapes("IMAGE_URI = '*@sha256:*'"),
            Reason::SkipTooOld => self.max_skip_age = Some(Duration::from_secs(1)),
            Reason::Unchanged => {}
        }
        self
    }
}

/// Whether two reasons cannot both hold: where there is no mark or no deploy, nothing can be wrong with it.
fn exclude_each_other(earlier: Reason, later: Reason) -> bool {
    use Reason::{Changed, NeverDeployed, OtherPipeline, OutputMissing, SameExecution, SkipTooOld};
    let of_deploy = matches!(later, OtherPipeline | SameExecution | Changed | OutputMissing | SkipTooOld);
    match earlier {
        Reason::StateUnavailable => later != Reason::Unchanged,
        NeverDeployed => of_deploy,
        _ => false,
    }
}

#[test]
fn each_reason_alone() {
    for reason in Reason::ALL {
        assert_eq!(Scene::skip().with(reason).reason(), reason);
    }
}

#[test]
fn of_two_reasons_that_hold_the_first_is_the_answer() {
    let mut pairs = 0;
    for (i, earlier) in Reason::ALL.into_iter().enumerate() {
        for later in Reason::ALL.into_iter().skip(i + 1).filter(|later| !exclude_each_other(earlier, *later)) {
            // The later one first, for the earlier may take away what it is about.
            let scene = Scene::skip().with(later).with(earlier);
            assert_eq!(scene.reason(), earlier, "{earlier:?} before {later:?}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 91 - 9 - 5);
}

#[test]
fn a_store_that_failed_is_never_an_empty_one() {
    let mut scene = Scene::skip();
    for (known, reason) in [
        (Known::Absent, Reason::NeverDeployed),
        (Known::Unavailable("denied".to_owned()), Reason::StateUnavailable),
        (Known::Damaged("empty".to_owned()), Reason::StateUnreadable),
    ] {
        scene.known = known;
        assert_eq!(scene.reason(), reason);
    }
    assert_eq!(scene.answer().1, "the mark is damaged: empty");
}

#[test]
fn inputs_that_could_not_be_read_say_why() {
    let mut scene = Scene::skip().with(Reason::SourceUnreadable);
    assert_eq!(scene.answer().1, "its inputs could not be read");
    scene.now.unreadable = Some("`a` vanished".to_owned());
    assert_eq!(scene.answer(), (Reason::SourceUnreadable, "`a` vanished".to_owned()));
}

#[test]
fn the_first_deploy_that_is_under_way_is_told() {
    let mut scene = Scene::skip();
    let mut mark = Mark::new(at(0));
    mark.open(opening("a1", Some(content(1))), at(0));
    scene.known = Known::Mark(Box::new(mark));
    assert_eq!(scene.answer(), (Reason::NeverDeployed, "no deploy is recorded; an attempt is under way".to_owned()));
}

#[test]
fn another_pipeline_is_a_doubt_only_between_two_pipelines_in_the_nameless_environment() {
    let scene = || Scene::skip().with(Reason::OtherPipeline);
    assert!(scene().answer().1.contains("codepipeline/p"));
    assert_eq!(Scene { environment: EnvironmentName::new("prod").unwrap(), ..scene() }.reason(), Reason::Unchanged);
    for person in [Some("ada"), Some("codepipelines/q"), None] {
        let asks = Build { initiator: person.map(str::to_owned), ..Build::default() };
        assert_eq!(Scene { build: asks.clone(), ..scene() }.reason(), Reason::Unchanged, "{person:?} asks");
        let mut deployed = scene();
        deployed.deploy().release.build = asks;
        assert_eq!(deployed.reason(), Reason::Unchanged, "{person:?} deployed");
    }
}

#[test]
fn the_same_execution_must_be_known_on_both_sides() {
    let mut scene = Scene::skip();
    scene.build.execution = None;
    assert_eq!(scene.reason(), Reason::Unchanged);
    scene.deploy().release.build.execution = None;
    assert_eq!(scene.reason(), Reason::Unchanged, "unknown is not the same as unknown");
}

#[test]
fn doubt_says_who_or_what() {
    let mut scene = Scene::skip().with(Reason::Uncertain);
    scene.mark().doubt = Some("it overlapped".to_owned());
    assert_eq!(scene.answer().1, "something else may be deployed: it overlapped");
    scene.mark().taint = Some(Taint { reason: "by hand".to_owned(), by: "ada".to_owned(), at: at(0) });
    assert_eq!(scene.answer().1, "tainted by ada: by hand");
}

#[test]
fn modes_decide_only_where_both_sides_know_them() {
    let modes = |of: Option<u8>| Some(Content { modes: of.map(|of| Fingerprint([of; 32])), ..content(1) });
    for (deployed, now, reason) in [
        (None, Some(8), Reason::Unchanged),
        (Some(8), None, Reason::Unchanged),
        (Some(8), Some(8), Reason::Unchanged),
        (Some(7), Some(8), Reason::Changed),
    ] {
        let mut scene = Scene::skip();
        scene.deploy().release.content = modes(deployed);
        scene.now.content = modes(now);
        assert_eq!(scene.reason(), reason, "{deployed:?} deployed, {now:?} now");
    }
}

#[test]
fn unknown_content_equals_nothing() {
    let mut scene = Scene::skip();
    scene.deploy().release.content = None;
    assert_eq!(scene.reason(), Reason::Changed);
    let mut scene = Scene::skip();
    scene.mark().open(opening("a2", None), at(90));
    assert_eq!(scene.reason(), Reason::DeployPending);
}

#[test]
fn attempts_of_the_same_content_are_no_doubt_and_all_others_are_in_whatever_state() {
    for state in [State::Building, State::Pending, State::Deploying, State::Failed] {
        for (of, reason) in [(1, Reason::Unchanged), (2, Reason::DeployPending)] {
            let mut scene = Scene::skip();
            scene.mark().open(opening("a2", Some(content(of))), at(90));
            scene.mark().attempts[0].state = state;
            assert_eq!(scene.reason(), reason, "{state:?} of {of}");
        }
    }
}

#[test]
fn outputs_must_be_there_and_have_their_shape() {
    let name = OutputName::new("IMAGE_URI").unwrap();
    for (value, reason) in
        [("repo@sha256:0a", Reason::Unchanged), ("repo@None", Reason::OutputMissing), ("", Reason::OutputMissing)]
    {
        let mut scene = Scene::skip().with(Reason::OutputMissing);
        scene.deploy().release.outputs.insert(name.clone(), value.to_owned());
        assert_eq!(scene.reason(), reason, "{value:?}");
    }
    assert_eq!(Scene::skip().with(Reason::OutputMissing).answer().1, "its output IMAGE_URI was not recorded");
}

#[test]
fn a_deploy_is_too_old_after_its_age_or_too_far_ahead() {
    let minute = 60;
    for (age, reason) in [
        (10 * minute, Reason::Unchanged),
        (10 * minute + 1, Reason::SkipTooOld),
        (0, Reason::Unchanged),
        (-5 * minute, Reason::Unchanged),
        (-6 * minute, Reason::SkipTooOld),
    ] {
        let mut scene = Scene::skip();
        scene.max_skip_age = Some(Duration::from_mins(10));
        scene.deploy().recorded_at = at(0);
        scene.at = at(age);
        assert_eq!(scene.reason(), reason, "{age} seconds old");
    }
    let ages_ago = Scene { max_skip_age: Some(Duration::MAX), at: Timestamp::MAX, ..Scene::skip() };
    assert_eq!(ages_ago.reason(), Reason::Unchanged);
}
