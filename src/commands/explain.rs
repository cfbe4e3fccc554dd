//! `explain`: which services paths belong to, by which rule; or why none.

use std::fmt::Write as _;
use std::path::{Component, Path};

use crate::cli::ExplainArgs;
use crate::failure::{Failure, Status};
use crate::names::EnvironmentName;
use crate::report::Reporter;
use crate::rules::{Claim, Hit, Role, Rules, Via};
use crate::settings::Settings;
use crate::text;

use super::context::Context;
use super::print::show;

/// Explains paths.
pub(super) fn explain(settings: &Settings, reporter: Reporter, args: &ExplainArgs) -> Result<Status, Failure> {
    let context = Context::for_rules(settings, reporter)?;
    let all: Vec<usize> = (0..context.map.services.len()).collect();
    let mut printed = String::new();
    for environment in &context.environments {
        let rules = Rules::compile(&context.map, environment, &all, true);
        for path in &args.paths {
            let path = relative(&context, Path::new(path))?;
            block(&mut printed, &context, environment, &rules, &path);
        }
    }
    show(printed.as_bytes())?;
    Ok(Status::Done)
}

/// The path from the root of the source, as git would write it.
fn relative(context: &Context<'_>, typed: &Path) -> Result<Vec<u8>, Failure> {
    let path = typed.strip_prefix(&context.settings.source.directory).unwrap_or(typed);
    let mut parts: Vec<&[u8]> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.as_encoded_bytes()),
            Component::CurDir => {}
            _ => {
                let failure = Failure::request(format!("`{}` is not a path in the source", typed.display()));
                return Err(failure.hint("write it from the root of the source, without `..`"));
            }
        }
    }
    if parts.is_empty() {
        return Err(Failure::request("a path is empty").hint("write it from the root of the source"));
    }
    Ok(parts.join(&b'/'))
}

fn block(out: &mut String, context: &Context<'_>, environment: &EnvironmentName, rules: &Rules, path: &[u8]) {
    let verdict = rules.path(path);
    let several = context.environments.len() > 1;
    let place = if several { format!(" in {environment}") } else { String::new() };
    line(out, &format!("{}{place}", text::printable(path)));
    let hits = rules.explain(path);
    for claim in &verdict.claims {
        line(out, &format!("  input of {}: {}", context.name(claim.service), by(context, claim)));
    }
    for hit in &hits {
        let who = match &hit.rule.role {
            Role::Exclude(service) => format!("excluded from {}", context.name(*service)),
            Role::DefaultExclude => "excluded from every service's own inputs".to_owned(),
            Role::Include(_) | Role::Group { .. } => continue,
        };
        line(out, &format!("  {who}: `{}` ({})", hit.rule.text, context.map.line(hit.rule.position)));
    }
    if verdict.claims.is_empty() {
        line(out, &format!("  {}", none(context, rules, path, &hits, verdict.owned)));
    }
}

fn by(context: &Context<'_>, claim: &Claim) -> String {
    let via = match &claim.via {
        Via::Own => String::new(),
        Via::Group(group) => format!(", through group {group}"),
        Via::Dependency(service) => format!(", through its dependency {service}"),
    };
    format!("`{}` ({}){via}", claim.rule, context.map.line(claim.position))
}

/// Why a path is an input of nothing.
fn none(context: &Context<'_>, rules: &Rules, path: &[u8], hits: &[Hit<'_>], owned: bool) -> String {
    let included = hits.iter().any(|hit| matches!(hit.rule.role, Role::Include(_) | Role::Group { .. }));
    if included {
        return "input of no service: every rule that selects it is cut by an exclude".to_owned();
    }
    if owned {
        return "input of no service, and covered on purpose".to_owned();
    }
    let miss = rules.nearest_miss(path).map(|miss| {
        let letters = text::count(miss.letters, "letter");
        format!("; `{}` ({}) is {letters} away", miss.rule.text, context.map.line(miss.rule.position))
    });
    format!("input of no service: no rule matches it{}", miss.unwrap_or_default())
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}
