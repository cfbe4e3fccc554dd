//! Whose a deploy is, by the environment and by what was named.

use super::*;

const BUILD: (&str, &str) = ("CODEBUILD_BUILD_ID", "web:6a2f");
const INITIATOR: (&str, &str) = ("CODEBUILD_INITIATOR", "codepipeline/shop");
const ARN: (&str, &str) = ("CODEBUILD_BUILD_ARN", "arn:aws:codebuild:eu-west-1:111122223333:build/web:6a2f");
const GITHUB: [(&str, &str); 3] =
    [("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "o/r"), ("GITHUB_WORKFLOW", "deploy all")];

fn home(variables: &[(&str, &str)], named: Option<&str>) -> Result<Option<Home>, Failure> {
    let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
    home_of(&Environment::of(variable).unwrap(), named.map(|named| ("--pipeline", named)))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn at_home() -> Home {
    Home { account: some("111122223333"), region: some("eu-west-1"), ..Home::default() }
}

#[test]
fn a_build_says_whose_it_is() {
    let pipeline = Home { pipeline: some("shop"), ..at_home() };
    assert_eq!(home(&[BUILD, INITIATOR, ARN], None).unwrap(), Some(pipeline.clone()));
    assert_eq!(home(&[BUILD, INITIATOR, ARN, ("CI", "true")], None).unwrap(), Some(pipeline));
    let bare = Home { pipeline: some("shop"), ..Home::default() };
    assert_eq!(home(&[BUILD, INITIATOR], None).unwrap(), Some(bare.clone()));
    assert_eq!(home(&[INITIATOR], None).unwrap(), Some(bare));
    // Started by a person, a rule or a webhook.
    for initiator in ["ann", "rule/nightly", "GitHub-Hookshot/1"] {
        let found = home(&[BUILD, ("CODEBUILD_INITIATOR", initiator), ARN], None).unwrap();
        assert_eq!(found, Some(Home { project: some("web"), ..at_home() }));
    }
    // A workflow's runner on CodeBuild is a build of its project.
    let runner: Vec<_> = GITHUB.into_iter().chain([BUILD]).collect();
    assert_eq!(home(&runner, None).unwrap(), Some(Home { project: some("web"), ..Home::default() }));
}

#[test]
fn a_build_that_does_not_say_is_not_known() {
    for id in ["6a2f", ":6a2f"] {
        assert_eq!(home(&[("CODEBUILD_BUILD_ID", id)], None).unwrap(), None, "{id}");
    }
    assert_eq!(home(&[BUILD, ("CODEBUILD_INITIATOR", "codepipeline/")], None).unwrap(), None);
    assert_eq!(home(&[("CI", "true")], None).unwrap(), None, "some CI that is not known");
    assert_eq!(home(&GITHUB[..2], None).unwrap(), None, "a workflow without a name");
}

#[test]
fn elsewhere_it_is_named_or_a_workflow_or_local() {
    assert_eq!(home(&[], None).unwrap(), Some(Home::default()));
    assert_eq!(home(&[("CI", "false")], None).unwrap(), Some(Home::default()));
    let workflow = Home { workflow: some("o/r/deploy all"), ..Home::default() };
    assert_eq!(home(&GITHUB, None).unwrap(), Some(workflow));
    let named = Home { pipeline: some("shop"), ..Home::default() };
    assert_eq!(home(&GITHUB, Some("shop")).unwrap(), Some(named));
    let arn = home(&[], Some("arn:aws:codepipeline:eu-west-1:111122223333:shop")).unwrap();
    assert_eq!(arn, Some(Home { pipeline: some("shop"), ..at_home() }));
    let project = home(&[("CI", "1")], Some("arn:aws:codebuild:eu-west-1:111122223333:project/web")).unwrap();
    assert_eq!(project, Some(Home { project: some("web"), ..at_home() }));
}

#[test]
fn what_is_named_and_means_nothing_or_contradicts_the_build_is_refused() {
    for bad in ["a\nb", "arn:aws:codepipeline:eu-west-1:1", "arn:aws:codebuild:eu-west-1:1:web", "arn:aws:s3:::x"] {
        assert!(home(&[], Some(bad)).is_err(), "{bad:?}");
    }
    for other in
        ["shop2", "arn:aws:codepipeline:eu-west-1:1:shop", "arn:aws:codebuild:eu-west-1:111122223333:project/shop"]
    {
        assert!(home(&[BUILD, INITIATOR, ARN], Some(other)).is_err(), "{other}");
    }
    for same in ["shop", "arn:aws:codepipeline:eu-west-1:111122223333:shop"] {
        assert!(home(&[BUILD, INITIATOR, ARN], Some(same)).is_ok(), "{same}");
    }
    assert!(home(&[BUILD], Some("shop")).is_err(), "a project is no pipeline");
    assert!(home(&[("CODEBUILD_BUILD_ID", "x")], Some("shop")).is_err());
}
