//! Homes: a skip relies only on deploys of its own home (R12), and stages take turns within one (R7, R8).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Fields that a newer version has added, kept unchanged.
pub type Rest = serde_json::Map<String, serde_json::Value>;

/// The home of a deploy: account, region, and pipeline, project or workflow. Without any of these three it is `local`:
/// outside any CI.
///
/// Wherever a home is optional, `None` is an unknown home, which equals nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The AWS account, if known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
    /// The AWS region, if known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<String>,
    /// The pipeline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pipeline: Option<String>,
    /// The CodeBuild project, if the build was not started by a pipeline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project: Option<String>,
    /// The repository and workflow of GitHub Actions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workflow: Option<String>,
    /// The homes that the map lists together, as named there: names, or ARNs for other accounts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub joined: Vec<String>,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Home {
    /// Whether a deploy by `other` counts as our own: the same home, or one that the map lists together with this one.
    pub fn fits(&self, other: Option<&Self>) -> bool {
        other.is_some_and(|other| self.is(other) || (self.lists(self) && self.lists(other)))
    }

    /// Whether it is a shell outside of any CI.
    pub fn is_local(&self) -> bool {
        self.is(&Self::default())
    }

    /// The lane of a deploy stage. Only a pipeline's executions take turns; other homes do not have lanes.
    pub fn lane(&self, stage: &str) -> Option<Lane> {
        let pipeline = self.pipeline.as_deref()?;
        let mut name = String::new();
        for part in [self.account.as_deref(), self.region.as_deref()].into_iter().flatten() {
            name.push_str(part);
            name.push('/');
        }
        Some(Lane { pipeline: name + pipeline, stage: stage.to_owned(), rest: Rest::new() })
    }

    /// How the map lists both, so that their deploys count as one another's: by name in one account and region, else by
    /// ARN. `None` where one of the two has no name that can be listed.
    pub fn listed_with(&self, other: &Self) -> Option<[String; 2]> {
        let mine = self.name()?.to_owned();
        if (&self.account, &self.region) == (&other.account, &other.region) {
            return Some([mine, other.name()?.to_owned()]);
        }
        let (account, region) = (other.account.as_deref()?, other.region.as_deref()?);
        let theirs = match (&other.pipeline, &other.project) {
            (Some(name), _) => format!("arn:aws:codepipeline:{region}:{account}:{name}"),
            (None, Some(name)) => format!("arn:aws:codebuild:{region}:{account}:project/{name}"),
            (None, None) => return None,
        };
        Some([mine, theirs])
    }

    fn is(&self, other: &Self) -> bool {
        let identity = |home: &Self| {
            (
                home.account.clone(),
                home.region.clone(),
                home.pipeline.clone(),
                home.project.clone(),
                home.workflow.clone(),
            )
        };
        identity(self) == identity(other)
    }

    fn name(&self) -> Option<&str> {
        self.pipeline.as_deref().or(self.project.as_deref()).or(self.workflow.as_deref())
    }

    fn lists(&self, other: &Self) -> bool {
        self.joined.iter().any(|listed| match Listed::parse(listed) {
            Listed::Name(name) => {
                other.account == self.account && other.region == self.region && other.name() == Some(name)
            }
            Listed::Arn { service, region, account, name } => {
                let named = match service {
                    "codepipeline" => other.pipeline.as_deref(),
                    _ => other.project.as_deref(),
                };
                other.account.as_deref() == Some(account)
                    && other.region.as_deref() == Some(region)
                    && named == Some(name)
            }
        })
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.pipeline, &self.project, &self.workflow) {
            (Some(name), _, _) => write!(f, "pipeline `{name}`")?,
            (_, Some(name), _) => write!(f, "project `{name}`")?,
            (_, _, Some(name)) => write!(f, "workflow `{name}`")?,
            _ => f.write_str("a shell outside of any CI")?,
        }
        match (&self.account, &self.region) {
            (Some(account), Some(region)) => write!(f, " ({account}, {region})"),
            (Some(one), None) | (None, Some(one)) => write!(f, " ({one})"),
            (None, None) => Ok(()),
        }
    }
}

enum Listed<'a> {
    Name(&'a str),
    Arn { service: &'a str, region: &'a str, account: &'a str, name: &'a str },
}

impl<'a> Listed<'a> {
    /// `arn:aws:codepipeline:REGION:ACCOUNT:NAME`, `arn:aws:codebuild:REGION:ACCOUNT:project/NAME`, or a name.
    fn parse(text: &'a str) -> Self {
        let mut parts = text.splitn(6, ':');
        match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("arn"), Some(_), Some(service), Some(region), Some(account), Some(name)) => {
                let name = name.strip_prefix("project/").unwrap_or(name);
                Self::Arn { service, region, account, name }
            }
            _ => Self::Name(text),
        }
    }
}

/// A pipeline's deploy stage, in which executions take turns.
#[derive(Debug, Clone, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Account, region and pipeline, as far as known.
    pub pipeline: String,
    /// The stage's name.
    pub stage: String,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

impl PartialEq for Lane {
    fn eq(&self, other: &Self) -> bool {
        self.pipeline == other.pipeline && self.stage == other.stage
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stage `{}` of `{}`", self.stage, self.pipeline)
    }
}

/// Places among the candidates of a lane, as serials of the mark: for merged candidates, the first and the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Place {
    /// The place of one candidate.
    pub fn at(serial: u64) -> Self {
        Self { first: serial, last: serial, rest: Rest::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline(account: &str, name: &str, joined: &[&str]) -> Home {
        Home {
            account: Some(account.to_owned()),
            region: Some("eu-west-1".to_owned()),
            pipeline: Some(name.to_owned()),
            joined: joined.iter().map(|name| (*name).to_owned()).collect(),
            ..Home::default()
        }
    }

    #[test]
    fn an_unknown_home_fits_nothing() {
        assert!(!pipeline("1", "p", &[]).fits(None));
        assert!(Home::default().fits(Some(&Home::default())), "local is known");
    }

    #[test]
    fn account_region_and_name_all_count() {
        let home = pipeline("1", "p", &[]);
        assert!(home.fits(Some(&pipeline("1", "p", &["q"]))), "the list of the other says nothing");
        for other in [
            pipeline("2", "p", &[]),
            pipeline("1", "q", &[]),
            Home { region: None, ..home.clone() },
            Home { pipeline: None, project: Some("p".to_owned()), ..home.clone() },
        ] {
            assert!(!home.fits(Some(&other)), "{other}");
        }
    }

    #[test]
    fn homes_that_the_map_lists_together_are_one() {
        let list = ["p", "q", "arn:aws:codepipeline:eu-west-1:2:r", "arn:aws:codebuild:eu-west-1:2:project/s"];
        let home = pipeline("1", "p", &list);
        assert!(home.fits(Some(&pipeline("1", "q", &[]))));
        assert!(home.fits(Some(&pipeline("2", "r", &[]))));
        assert!(!home.fits(Some(&pipeline("2", "q", &[]))), "a name means this account");
        let project = Home { pipeline: None, project: Some("s".to_owned()), ..pipeline("2", "", &[]) };
        assert!(home.fits(Some(&project)));
        assert!(!pipeline("1", "z", &list).fits(Some(&pipeline("1", "q", &[]))), "it is not in the list itself");
    }

    #[test]
    fn what_is_listed_together_fits() {
        let mine = pipeline("1", "p", &[]);
        let project = Home { pipeline: None, project: Some("s".to_owned()), ..pipeline("2", "", &[]) };
        for other in [pipeline("1", "q", &[]), pipeline("2", "r", &[]), project] {
            assert!(!mine.fits(Some(&other)));
            let joined = Home { joined: mine.listed_with(&other).unwrap().to_vec(), ..mine.clone() };
            assert!(joined.fits(Some(&other)), "{joined:?}");
        }
        assert_eq!(mine.listed_with(&Home::default()), None, "a shell has no name");
        assert_eq!(mine.listed_with(&Home { region: None, ..pipeline("2", "r", &[]) }), None);
    }

    #[test]
    fn only_pipelines_have_lanes() {
        let home = pipeline("1", "p", &[]);
        assert_eq!(home.lane("web"), pipeline("1", "p", &["q"]).lane("web"));
        assert_ne!(home.lane("web"), home.lane("api"));
        assert_ne!(home.lane("web"), pipeline("2", "p", &[]).lane("web"));
        assert_eq!(Home::default().lane("web"), None);
    }
}
