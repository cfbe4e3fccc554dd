//! The candidates and claims that a deploy stage received, and the store that they are in.

use crate::app::apply::{Applying, abreast, apply};
use crate::app::cli::DeployArgs;
use crate::app::reading::read;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, key, moment, now};
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::base::text::{count, short_revision};
use crate::output::Hint;
use crate::protocol::engine::deploy::{self, StoredCandidate, Target};
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::mark::AttemptId;
use crate::protocol::engine::mark::stored::decode_candidate;
use crate::protocol::engine::marks::{Known, Marks, Moment};
use crate::protocol::engine::noted::Noted;
use crate::protocol::engine::step::Step;
use crate::protocol::engine::tokens::{Claim, Token};
use crate::store::{Store, StoreUrl};

use super::noted::{failure, say_one};
use super::recording::{Outputs, not_recorded, outputs_of};

/// A candidate by its id; `None` if the store does not have a candidate of that execution.
pub(super) type Named = (Key, Option<AttemptId>);

/// The candidates and claims of a deploy stage, and their store.
pub(super) struct Targets {
    pub(super) url: StoreUrl,
    pub(super) store: Store,
    pub(super) project: ProjectName,
    pub(super) candidates: Vec<Named>,
    pub(super) claims: Vec<(Key, Claim)>,
}

impl Targets {
    pub(super) fn new(settings: &Settings, args: &DeployArgs) -> Result<Self, Failure> {
        if !args.candidate.is_empty() {
            let values = args.candidate.iter().map(|value| given("--candidate", Some(value)));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            return Self::by_values(settings, values.into_iter().flatten());
        }
        let execution = settings.environment.build(args.execution.as_deref())?.execution;
        let Some(execution) = execution.filter(|_| !args.services.is_empty()) else {
            let failure = Failure::request("no candidate was named");
            return Err(failure.hint("add --candidate \"$SHIPMARK_CANDIDATE\", or --execution ID and the services"));
        };
        let stage = given("--stage", args.stage.as_deref())?;
        Self::by_execution(settings, &execution, stage, &args.services)
    }

    /// The targets from values that `stage` or `decide --stage` printed, several of them separated by blanks. All values
    /// must have the same store and project.
    pub(super) fn by_values<'v>(settings: &Settings, values: impl Iterator<Item = &'v str>) -> Result<Self, Failure> {
        let mut targets: Option<Self> = None;
        for value in values.flat_map(str::split_ascii_whitespace) {
            let token = match value {
                "false" => {
                    let failure = Failure::other("this is no candidate: its build has failed, or was not staged");
                    return Err(failure.hint("a deploy stage must not run after a failed build"));
                }
                value => Token::decode(value).map_err(|error| {
                    Failure::request(error).hint("pass the exported SHIPMARK_CANDIDATE on as it is")
                })?,
            };
            let (state, project) = match &token {
                Token::Candidates(token) => (&token.state, &token.project),
                Token::Claims(token) => (&token.state, &token.project),
            };
            if let Some(named) = settings.named_project().filter(|named| *named != project) {
                return Err(Failure::request(format!("the candidate is of project `{project}`, not of `{named}`")));
            }
            let url = settings.store_at(Some(state))?;
            let targets = match &mut targets {
                Some(targets) if targets.url == url && targets.project == *project => targets,
                Some(_) => return Err(Failure::request("the candidates are of different stores or projects")),
                none => none.insert(Self {
                    store: settings.open(&url),
                    url,
                    project: project.clone(),
                    candidates: Vec::new(),
                    claims: Vec::new(),
                }),
            };
            targets.add(settings, &token)?;
        }
        targets.ok_or_else(|| Failure::request("no candidate was named"))
    }

    fn add(&mut self, settings: &Settings, token: &Token) -> Result<(), Failure> {
        match token {
            Token::Candidates(token) => {
                let environment = environment(settings, token.candidates.keys())?;
                let found = token.of(&environment);
                if found.is_empty() {
                    return Err(nothing_for(&environment));
                }
                for (key, id) in found {
                    if !self.candidates.contains(&(key.clone(), Some(id.clone()))) {
                        self.candidates.push((key, Some(id)));
                    }
                }
            }
            Token::Claims(token) => {
                let environment = environment(settings, token.claims.keys())?;
                let found = token.of(&environment);
                if found.is_empty() {
                    return Err(nothing_for(&environment));
                }
                self.claims.extend(found);
            }
        }
        Ok(())
    }

    /// The newest candidate staged by an execution, for each service and everything else that its deploy touches.
    fn by_execution(
        settings: &Settings,
        execution: &str,
        stage: Option<&str>,
        services: &[String],
    ) -> Result<Self, Failure> {
        // A deploy stage may have the map without the source of its services.
        let map = settings.head_if_any()?;
        let environment = settings.one_environment(map.as_ref())?;
        let project = settings.project(map.as_ref());
        let url = settings.store_url(map.as_ref(), std::slice::from_ref(&environment))?;
        settings.require_project(map.as_ref(), &url)?;
        let store = settings.open(&url);
        let mut candidates = Vec::new();
        for name in services {
            let service = ServiceName::new(name.as_str()).map_err(Failure::request)?;
            let key = key(&project, &environment, &service);
            let mut found = None;
            let mut again = Vec::new();
            for (id, bytes) in store.candidates(&key).map_err(not_recorded)? {
                let Ok(candidate) = decode_candidate(&bytes) else { continue };
                let staged = candidate.stage == stage.unwrap_or(service.as_str()) && candidate.pinned_by.is_none();
                if staged && candidate.release.build.execution.as_deref() == Some(execution) {
                    let of = |service: ServiceName| Key { service, ..key.clone() };
                    again = candidate.touches.into_iter().map(|(service, id)| (of(service), Some(id))).collect();
                    found = Some(id);
                }
            }
            candidates.extend(again);
            candidates.push((key, found));
        }
        Ok(Self { url, store, project, candidates, claims: Vec::new() })
    }

    /// Applies a step to some of the candidates, as they are stored. They are read again for every try.
    pub(super) fn apply(
        &self,
        candidates: &[Named],
        mut step: impl FnMut(&[Target], &Marks, &Moment) -> Step<Vec<Noted>>,
    ) -> Result<(Step<Vec<Noted>>, Vec<Target>), Failure> {
        let moment = moment();
        let applying = Applying::without_snapshots(&self.store, &self.project, &moment);
        let mut last = Vec::new();
        let needed = |marks: &Marks| unread(candidates.iter().map(|(key, _)| key), marks);
        let applied = apply(&applying, &mut Marks::default(), needed, |marks, now| {
            last = self.stored(candidates)?;
            Ok::<_, Failure>(step(&last, marks, now))
        })?;
        Ok((applied, last))
    }

    /// The candidates as they are stored.
    pub(super) fn stored(&self, candidates: &[Named]) -> Result<Vec<Target>, Failure> {
        let one = |(key, id): &Named| {
            let Some(id) = id else { return Ok(Target { key: key.clone(), candidate: None }) };
            let stored = self.store.candidate(key, id).map_err(not_recorded)?;
            let candidate = stored.and_then(|stored| {
                let candidate = decode_candidate(&stored.bytes).ok()?;
                Some(StoredCandidate { candidate, version: Some(stored.version) })
            });
            Ok(Target { key: key.clone(), candidate })
        };
        abreast(&self.store, candidates, one).into_iter().collect()
    }

    /// `--output`, which only a service of the stage itself has, and nothing that its deploy touches besides.
    pub(super) fn outputs(&self, texts: &[String]) -> Result<Outputs, Failure> {
        if texts.is_empty() {
            return Ok(Outputs::new());
        }
        let stored = self.stored(&self.candidates)?;
        let pinned =
            |target: &&Target| target.candidate.as_ref().is_some_and(|stored| stored.candidate.pinned_by.is_some());
        let own = stored.iter().filter(|target| !pinned(target)).map(|target| &target.key.service);
        outputs_of(texts, &own.collect())
    }

    /// Each of these skips must still hold: this stage comes after the one that was skipped because of it. Returns the
    /// outputs of the deploys that they rely on.
    pub(super) fn confirm(&self, reporter: Reporter, claims: &[(Key, Claim)]) -> Result<Outputs, Failure> {
        let mut outputs = Outputs::new();
        if claims.is_empty() {
            return Ok(outputs);
        }
        let mut marks = Marks::default();
        let needed = |marks: &Marks| unread(claims.iter().map(|(key, _)| key), marks);
        read(&self.store, &self.project, &mut marks, &needed);
        for (key, evidence) in &deploy::confirm(claims, &marks, &moment()) {
            let Key { service, environment, .. } = key;
            if !evidence.skips() {
                let text = format!(
                    "`{service}` was skipped for {environment}, and that no longer holds: {}: {}",
                    evidence.reason().word(),
                    evidence.sentence(now())
                );
                return Err(Failure::other(text).hint("start the pipeline again: it decides anew"));
            }
            reporter.say(&format!("{service}: its skip for {environment} still holds"));
            if let Some(Known::Mark(mark)) = marks.get(key).map(|read| &read.known) {
                let recorded = mark.deployed.iter().flat_map(|deploy| deploy.release.outputs.clone());
                outputs.entry(service.clone()).or_default().extend(recorded);
            }
        }
        Ok(outputs)
    }

    /// Reports what was done; the first that was not done is the failure.
    pub(super) fn say(&self, reporter: Reporter, told: &[Noted], found: &[Target]) -> Result<(), Failure> {
        let place = |key: &Key| Hint {
            state: self.url.to_string(),
            project: key.project.clone(),
            environment: key.environment.clone(),
        };
        for noted in told {
            let candidate =
                found.iter().find(|target| target.key == noted.key).and_then(|target| target.candidate.as_ref());
            let release = candidate.map(|stored| &stored.candidate.release);
            let revision = release.and_then(|release| release.revision.as_deref()).map(short_revision);
            let revision = revision.unwrap_or_else(|| "an unnamed revision".to_owned());
            let inputs = release.map(|release| format!(", {}", count(release.inputs, "input"))).unwrap_or_default();
            say_one(reporter, noted, &format!("{revision}{inputs}"), &place);
        }
        failure(reporter, told, &place).map_or(Ok(()), Err)
    }
}

fn nothing_for(environment: &EnvironmentName) -> Failure {
    Failure::request(format!("the candidate has nothing for the environment `{environment}`"))
}

/// A deploy stage deploys to one environment.
fn environment<'e>(
    settings: &Settings,
    known: impl Iterator<Item = &'e EnvironmentName>,
) -> Result<EnvironmentName, Failure> {
    let known: Vec<&EnvironmentName> = known.collect();
    match (settings.named_environments(), known.as_slice()) {
        ([one], _) => Ok(one.clone()),
        ([], [one]) => Ok((*one).clone()),
        ([], _) => {
            let names: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
            let failure = Failure::request(format!("the candidate is for {}", crate::base::text::list(&names)));
            Err(failure.hint("say with --environment which of them this stage deploys to"))
        }
        _ => Err(Failure::request("a deploy stage deploys to one environment").hint("name one --environment")),
    }
}
