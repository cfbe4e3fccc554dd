//! Deploys that no decision knows: what is recorded is read from the source, or from a commit.

use crate::app::apply::apply;
use crate::app::settings::moment;
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::text;
use crate::map::rules::Rules;
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::decision::declared;
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::inputs::CurrentInputs;
use crate::protocol::engine::mark::Release;
use crate::protocol::engine::marks::Marks;
use crate::protocol::engine::refusal::Refusal;
use crate::source::inputs;
use crate::source::snapshot::{Encoded, Snapshot};
use crate::source::tree::commit::Repository;

use super::context::Context;
use super::extras::{self, ServiceExtras};
use super::gather::{current, patterns};
use super::noted::{failure, say_one};
use super::recording::Outputs;
use super::unmatched_includes::unhit;
use super::{prune, refusals};

/// What is recorded as deployed without a decision, with its snapshot.
pub(super) struct Adoption {
    pub(super) key: Key,
    pub(super) release: Release,
    snapshot: Encoded,
}

/// What was deployed, but for its inputs.
pub(super) struct Deployed<'a> {
    /// The commit; `None` for the source as it is.
    pub(super) commit: Option<(&'a Repository, &'a str)>,
    /// The revision label.
    pub(super) revision: Option<String>,
    /// The outputs of each service.
    pub(super) outputs: &'a Outputs,
}

/// Why a service is not adopted.
pub(super) enum NotAdopted {
    /// Its rules select no file.
    NoInputs,
    /// Anything else.
    Failed(Failure),
}

/// The adoptions of some services in one environment, in their order; a service may have none, for a reason.
///
/// # Errors
/// The source or the commit cannot be read at all.
pub(super) fn adoptions(
    context: &Context<'_>,
    engine: &Engine,
    environment: &EnvironmentName,
    services: &[usize],
    deployed: &Deployed<'_>,
) -> Result<Vec<Result<Adoption, NotAdopted>>, Failure> {
    let rules = Rules::compile(&context.map, environment, services, false);
    let tree = match deployed.commit {
        None => context.settings.source.read(&rules),
        Some((repository, commit)) => repository.read(commit, &rules),
    };
    let tree = tree.map_err(Failure::request)?;
    let unhit = unhit(&rules, &tree);
    let given = engine.caller.extras.clone().unwrap_or_default();
    let extras = extras::of_services(context, services.iter().copied(), &given)?;
    let seen = inputs::collect(&tree, &rules, |service| &extras[&service].extras);
    let patterns = patterns(context, &rules, &unhit)?;
    let adoption = |service: &usize| {
        let key = context.key(environment, *service);
        let ServiceExtras { extras, missing } = &extras[service];
        if let Some(name) = missing.first() {
            let text = format!("not recorded: `{name}` is an input of `{}` and is not set", key.service);
            let failure = Failure::request(text).hint("set it to the value that the deployed build had");
            return Err(NotAdopted::Failed(failure));
        }
        let inputs = seen.iter().find(|inputs| inputs.service == *service).ok_or(NotAdopted::NoInputs)?;
        if let Some(cause) = &inputs.doubt {
            let text = format!("not recorded: an input of `{}` cannot be read: {cause}", key.service);
            return Err(NotAdopted::Failed(Failure::other(text)));
        }
        if inputs.own == 0 {
            return Err(NotAdopted::NoInputs);
        }
        let outputs = deployed.outputs.get(&key.service).cloned().unwrap_or_default();
        if let Some(missing) = declared(&context.map.services[*service].outputs, &outputs) {
            let refusal = Refusal::Outputs(key, Box::new(missing));
            return Err(NotAdopted::Failed(refusals::failure(&refusal, &|key| context.hint(&key.environment))));
        }
        let snapshot = Snapshot::of(&tree, *service, extras).encode();
        let (matched, unmatched) = patterns[&rules.alike(*service)].clone();
        let (digest, hash) = (Some(rules.digest(*service)), Some(snapshot.hash.clone()));
        let inputs = CurrentInputs { matched, unmatched, rules: digest, snapshot: hash, ..current(inputs, &[]) };
        let release = inputs.release(deployed.revision.as_deref(), &engine.caller.build);
        Ok(Adoption { release: Release { outputs, ..release }, snapshot, key })
    };
    Ok(services.iter().map(adoption).collect())
}

impl NotAdopted {
    /// The failure of the command.
    pub(super) fn failure(self, service: &ServiceName) -> Failure {
        match self {
            // A service with unknown inputs cannot be the last deploy.
            Self::NoInputs => Failure::request(format!("not recorded: the rules of `{service}` select no file"))
                .hint("a renamed folder, or a wrong --source? `shipmark check` shows what the rules select"),
            Self::Failed(failure) => failure,
        }
    }
}

impl Adoption {
    /// What is recorded, in a few words: `3c12540a1b2c, 69 inputs`.
    pub(super) fn text(&self) -> String {
        let revision = self.release.revision.as_deref().map(text::short_revision);
        let revision = revision.unwrap_or_else(|| "an unnamed revision".to_owned());
        format!("{revision}, {}", text::count(self.release.inputs, "input"))
    }

    /// Records it.
    ///
    /// # Errors
    /// It could not be recorded.
    pub(super) fn write(&self, context: &Context<'_>, engine: &Engine) -> Result<(), Failure> {
        let moment = moment();
        let kept = |hash: &str| (hash == self.snapshot.hash).then(|| self.snapshot.bytes.clone());
        let applying = context.applying(&moment, &kept);
        let (key, home) = (&self.key, context.settings.home());
        let needed = |marks: &Marks| unread([key], marks);
        let step = apply(&applying, &mut Marks::default(), needed, |marks, now| {
            Ok::<_, std::convert::Infallible>(engine.adopt(key, self.release.clone(), home.clone(), marks, now))
        });
        let Ok(step) = step;
        let place = |key: &Key| context.hint(&key.environment);
        for noted in &step.told {
            say_one(context.reporter, noted, &self.text(), &place);
        }
        prune::after(&context.store, &step.writes);
        failure(context.reporter, &step.told, &place).map_or(Ok(()), Err)
    }
}
