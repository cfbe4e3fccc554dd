//! `observe`: runs a build and reports which files of the source it read that the rules do not cover.

mod aged;
mod before;
mod traced;
mod tracer;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::{BString, ByteSlice as _};

use super::context::{Context, revision};
use super::observations;
use super::print::show;
use super::signals::{Group, Watch};
use crate::app::cli::{ObserveArgs, ObserveBy};
use crate::app::report::Reporter;
use crate::app::settings::{self, Environment, Settings, here, now};
use crate::base::failure::{Failure, Status, chain};
use crate::base::text::{list, printable};
use crate::map::rules::Rules;
use crate::output::observed::{self as output, ObservedReport};
use crate::upkeep::lint::{self, Contents, LintContext};
use crate::upkeep::manifests::Manifests;
use crate::upkeep::observe::saved::{ObservedBuild, ObservedService};
use crate::upkeep::observe::{BlindSpot, Coverage, Observer};
use traced::Watched;

/// Runs the build, reports and saves. Returns its exit status.
pub(super) fn observe(settings: &Settings, reporter: Reporter, args: &ObserveArgs) -> Result<u8, Failure> {
    let named = std::slice::from_ref(&args.service);
    let context = Context::without_store(settings, reporter, named, false)?;
    let environment = context.environment()?;
    let service = settings::service(&context.map, &args.service)?;
    context.asked(named)?;
    if settings.source.new_map().is_none() {
        return Err(
            Failure::request("a zip artifact cannot be built").hint("unpack it, and name the directory with --source")
        );
    }
    let file = context.map.observed_file(context.name(service));
    let saved = settings.source.observation(&context.map, context.name(service)).map_err(|cause| {
        Failure::request(format!("the observation `{}` cannot be used: {cause}", printable(file.as_bytes())))
            .hint("remove it, and observe again")
    })?;
    let saved = saved.unwrap_or_else(|| ObservedService::new(context.name(service).clone()));
    let program = args.command.first().map_or(OsStr::new(""), |program| program);
    if !Environment::finds(program) {
        let text =
            format!("the command `{}` cannot be started: there is no such program", printable(program.as_bytes()));
        return Err(
            Failure::request(text).hint("what follows `--` is a program and its arguments; for a shell: sh -c '…'")
        );
    }
    let names = settings.source.names().map_err(Failure::request)?;
    let names: Vec<BString> = names.into_iter().filter(|name| **name != *file.as_bytes()).collect();
    let build = ObservedCommand { context: &context, args, service, names: &names };
    let made_by = build.made_by()?;
    let (by, watched, caught) = build.run()?;
    let Watched { exit, started, mut seen, left } = watched;
    let Some(exit) = exit else {
        return Ok(caught);
    };
    if !started {
        let text = format!("the command `{}` could not be started", printable(program.as_bytes()));
        return Err(Failure::request(text).hint("it must be executable, and a script must begin with `#!`"));
    }
    if !left.is_empty() {
        let left: Vec<String> = left.iter().map(|name| printable(name.as_bytes())).collect();
        reporter.warn(&format!("still running 10 seconds after the command, and ended: {}", list(&left)));
    }
    build.settle_builders(&mut seen.read, &mut seen.looked_at, &mut seen.doubts);

    let all: Vec<usize> = (0..context.map.services.len()).collect();
    let rules = Rules::compile(&context.map, environment, &all, true);
    let record = ObservedBuild {
        revision: revision(settings, None)?,
        at: now(),
        environment: environment.clone(),
        command: args.command.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        exit,
        by,
        doubts: seen.doubts.keys().map(ToString::to_string).collect(),
        made_by,
    };
    let whole = record.is_complete() && (saved.builds.is_empty() || saved.is_complete());
    let before: BTreeSet<BString> = saved.read.keys().chain(&saved.looked_at).cloned().collect();
    let gaps = Coverage::new(&context.map, service, environment, &rules).gaps(&seen, &names, whole.then_some(&before));
    let mut merged = saved;
    let present = |path: &[u8]| is_present(&names, path);
    merged.add(record.clone(), &seen, &present);
    let written = settings.source.save_observation(&context.map, &merged);
    let report = ObservedReport {
        map: &context.map,
        service,
        build: &record,
        names: &names,
        seen: &seen,
        gaps: &gaps,
        saved: written.is_ok().then_some(&file),
    };
    let color = reporter.colors(io::stdout().is_terminal());
    show(output::render(&report, args.format, color).as_bytes())?;
    written.map_err(|cause| {
        Failure::other(format!("the observation `{}` is not saved: {}", printable(file.as_bytes()), chain(&cause)))
            .hint("it is kept in a plain directory `observed` beside the map")
    })?;
    Ok(if exit == 0 && args.deny && gaps.is_denied() { Status::Denied as u8 } else { exit })
}

/// Whether the source has a path: a file, a directory, or something in a submodule.
fn is_present(names: &[BString], path: &[u8]) -> bool {
    let has = |path: &[u8]| names.binary_search_by(|name| name[..].cmp(path)).is_ok();
    let above = path.find_iter("/").map(|end| &path[..end]);
    has(path) || above.into_iter().any(has) || !crate::source::tree::listing::below(names, path).is_empty()
}

/// What is to be run.
struct ObservedCommand<'a> {
    context: &'a Context<'a>,
    args: &'a ObserveArgs,
    service: usize,
    /// All files of the source, sorted.
    names: &'a [BString],
}

impl ObservedCommand<'_> {
    fn root(&self) -> &Path {
        &self.context.settings.source.directory
    }

    /// Runs it. Gives what watched it, what was seen, and the status for a signal that came first.
    fn run(&self) -> Result<(String, Watched, u8), Failure> {
        let source = before::read(self.root(), self.names)?;
        let by = match self.args.by {
            ObserveBy::Strace => tracer::probe()?,
            ObserveBy::AccessTimes => {
                aged::probe(self.root())?;
                "access-times".to_owned()
            }
        };
        // Only a foreground group may read from the terminal.
        let group = if io::stdin().is_terminal() { Group::Shared } else { Group::OfItsOwn };
        let failed = |cause: io::Error| Failure::other(format!("the command cannot be watched: {cause}"));
        let watch = Watch::begin(group).map_err(failed)?;
        let start = here()?;
        let start = start.canonicalize().unwrap_or(start);
        let exists = |name: &[u8]| self.root().join(OsStr::from_bytes(name)).symlink_metadata().is_ok();
        let watched = match self.args.by {
            ObserveBy::AccessTimes => {
                aged::run(&watch, &self.context.settings.environment, self.root(), source.names(), &self.args.command)
            }
            ObserveBy::Strace => {
                let observer = Observer::new(&source, start.as_os_str().as_bytes(), &before::look, &before::is_own);
                let temporary = &self.context.settings.environment.temporary;
                traced::run(&watch, temporary, source.has_links(), &self.args.command, observer, &exists)
            }
        };
        let caught = watch.caught().and_then(|signal| u8::try_from(128 + signal).ok());
        Ok((by, watched.map_err(failed)?, caught.unwrap_or(Status::Other as u8)))
    }

    /// What the lints know of the service's Dockerfile.
    fn with_facts<T>(&self, ask: impl FnOnce(&LintContext<'_>) -> T) -> T {
        let source = &self.context.settings.source;
        let wanted = lint::wanted(&self.context.map, self.names).into_iter();
        let contents: Contents = wanted
            .map(|name| {
                let content = source.file(&name).map_err(|error| chain(&error));
                (name, content)
            })
            .collect();
        let (map, environments) = (&self.context.map, &self.context.environments);
        // Nothing else that manifests say is asked.
        let manifests = Manifests::default();
        ask(&LintContext::new(map, environments, self.names, &contents, &manifests, &BTreeSet::new()))
    }

    /// The files that say how the service is built, with their ids: those of the command's words that are files of the source,
    /// the Dockerfile and its .dockerignore.
    fn made_by(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut files = match self.context.map.services[self.service].dockerfile {
            Some(_) => self.with_facts(|facts| lint::image_files(facts, self.service)),
            None => Vec::new(),
        };
        let (here, root) = (here()?, self.root().canonicalize().unwrap_or_default());
        for word in &self.args.command {
            let Ok(path) = here.join(word).canonicalize() else { continue };
            let Ok(name) = path.strip_prefix(&root) else { continue };
            let known = |name: &&str| self.names.binary_search_by(|other| other[..].cmp(name.as_bytes())).is_ok();
            files.extend(name.to_str().filter(known).map(str::to_owned));
        }
        Ok(files.into_iter().filter_map(|name| Some((name.clone(), observations::id(self.context, &name)?))).collect())
    }

    /// What the Dockerfile says that an image is made of was read by its builder, which cannot be seen.
    fn settle_builders(
        &self,
        read: &mut BTreeMap<BString, String>,
        looked_at: &mut BTreeMap<BString, String>,
        doubts: &mut BTreeMap<BlindSpot, usize>,
    ) {
        if !doubts.keys().any(BlindSpot::is_settled_by_dockerfile) {
            return;
        }
        let Some(sent) = self.with_facts(|facts| lint::sent_to_builder(facts, self.service)) else { return };
        for file in sent {
            looked_at.remove(&file);
            read.entry(file).or_insert_with(|| "the image's builder".to_owned());
        }
        doubts.retain(|doubt, _| !doubt.is_settled_by_dockerfile());
    }
}
