//! `init`: drafts a first map for a source without one.

use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice as _};

use crate::app::cli::InitArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::atomic_file::{Flush, replace};
use crate::base::failure::{Failure, Status};
use crate::base::names::ProjectName;
use crate::base::text;
use crate::upkeep::init::{self, FirstDraft, ObservedReads};
use crate::upkeep::manifests::{Files, Manifests, parent};
use crate::upkeep::observe::saved::ObservedService;

use super::print::show;

/// Drafts a map, and writes or prints it.
pub(super) fn init(settings: &Settings, reporter: Reporter, args: &InitArgs) -> Result<Status, Failure> {
    let target = if args.print { None } else { Some(target(settings, args)?) };
    let mut names = settings.source.names().map_err(Failure::request)?;
    let beside = beside(settings, args);
    let observed = if args.observed { observed(settings, &beside, &names)? } else { ObservedReads::default() };
    // They belong to the map, as it does itself.
    names.retain(|name| name.to_str().ok().and_then(|name| init::service_of(&beside, name)).is_none());
    let read = |name: &str| settings.source.file(name).ok().flatten();
    let files = Files::new(&names, &read);
    let project = project(settings);
    let facts = Manifests::scan(&files, &[]);
    let mut draft = init::draft(&files, &facts, project.as_str(), &observed);
    if draft.services.is_empty() {
        return Err(nothing(settings));
    }
    let is_drafted = |name: &&str| draft.services.iter().any(|service| service.name == **name);
    for service in observed.services().filter(|name| !is_drafted(name)) {
        reporter.warn(&format!("the observation of `{service}` is not used: the draft has no service of this name"));
    }
    // A map that the next command would reject is useless.
    let (map, denied) = init::settle(&mut draft, &project, &names, &files, &facts).map_err(Failure::other)?;
    let Some(target) = target else {
        show(map.as_bytes())?;
        return Ok(Status::Done);
    };
    replace(&target, map.as_bytes(), Flush::Later).map_err(|cause| {
        let failure = Failure::other(format!("the map `{}` cannot be written: {cause}", target.display()));
        failure.hint("print it with --print, or name another file with --out FILE")
    })?;
    if let [first, ..] = denied.as_slice() {
        let count = text::count(denied.len(), "error");
        reporter.say(&format!("`shipmark check` finds {count} in the draft, for one: {}", first.message));
    }
    reporter.say(&summary(&draft, &target.display().to_string(), args.out.is_some()));
    Ok(Status::Done)
}

/// The directory of the map.
fn beside(settings: &Settings, args: &InitArgs) -> String {
    let out = args.out.as_deref().filter(|out| out.is_relative()).and_then(Path::to_str);
    parent(out.or(settings.source.has_map()).unwrap_or_default()).to_owned()
}

/// What observed builds read, as it is kept beside the map.
fn observed(settings: &Settings, beside: &str, names: &[BString]) -> Result<ObservedReads, Failure> {
    let mut reads = ObservedReads::default();
    let mut found = false;
    for name in names.iter().filter_map(|name| name.to_str().ok()) {
        let Some(service) = init::service_of(beside, name) else { continue };
        let bytes = settings.source.file(name).map_err(Failure::request)?.unwrap_or_default();
        let saved = ObservedService::parse(&service, &bytes).map_err(|cause| {
            let text = format!("the observation `{}` cannot be used: {cause}", text::printable(name.as_bytes()));
            Failure::request(text).hint("remove it, and observe again")
        })?;
        reads.add(&saved);
        found = true;
    }
    match found {
        true => Ok(reads),
        false => Err(Failure::request("there is no observation beside the map")
            .hint("`shipmark observe SERVICE -- CMD` makes one, with a first map; then draft it again with --observed --force")),
    }
}

/// The file to write, provided that this does not overwrite anything unasked.
fn target(settings: &Settings, args: &InitArgs) -> Result<PathBuf, Failure> {
    let target = match &args.out {
        Some(out) if out.as_os_str().is_empty() => {
            return Err(Failure::request("--out is empty").hint("name a file, or leave it out"));
        }
        Some(out) => out.clone(),
        None => settings.source.new_map().ok_or_else(|| {
            let failure = Failure::request(format!(
                "the source `{}` is an artifact, in which nothing is written",
                settings.source.shown()
            ));
            failure.hint("print the map with --print, or write it with --out FILE")
        })?,
    };
    let there = match (&args.out, settings.source.has_map()) {
        (None, Some(name)) => Some(name.to_owned()),
        _ => target.symlink_metadata().is_ok().then(|| target.display().to_string()),
    };
    match there.filter(|_| !args.force) {
        Some(name) => {
            let failure = Failure::request(format!("there is a map already: `{name}`"));
            Err(failure.hint("see what init would write with --print; overwrite it with --force"))
        }
        None => Ok(target),
    }
}

/// `--project`, else the name of the source's directory.
fn project(settings: &Settings) -> ProjectName {
    let named = settings.named_project().cloned();
    named.or_else(|| ProjectName::new(init::service_name(&settings.source.name())).ok()).unwrap_or_default()
}

fn nothing(settings: &Settings) -> Failure {
    let text = format!("nothing in `{}` looks like a service", settings.source.shown());
    Failure::other(text).with_status(Status::Denied).hint(
        "init looks for Dockerfiles, compose files, SAM, CloudFormation and serverless.yml functions, Terraform roots, CDK, and \
         programs of Cargo, npm, Swift, Go, Python, Maven, Gradle and .NET; write the map by hand: a table [services.NAME] with \
         include = [\"DIRECTORY/**\"] for each service",
    )
}

fn summary(draft: &FirstDraft, target: &str, elsewhere: bool) -> String {
    let names: Vec<&str> = draft.services.iter().map(|service| service.name.as_str()).collect();
    let services = text::count(names.len(), "service");
    let unowned = match draft.unowned.len() {
        0 => String::new(),
        count => format!("\n{} that nobody owns, listed at its end", text::count(count, "path")),
    };
    let config = if elsewhere { format!(" --config {}", text::shell_word(target)) } else { String::new() };
    format!(
        "wrote {target}: {services}: {}{unowned}\nnext:\n  read it: it is a draft, and every line says why it is there\n  \
         shipmark check{config}\n  shipmark explain{config} PATH   # whose a file is\n  \
         shipmark plan{config} --base HEAD~1   # what the last commit would have built",
        text::few(&names)
    )
}
