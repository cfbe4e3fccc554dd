//! `check --template`: holds the templates of pipelines against the map.

use std::collections::BTreeMap;
use std::path::Path;

use crate::app::cli::CheckArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::{Failure, Status, chain};
use crate::base::plain_file;
use crate::map::lint_codes::{Code, Level};
use crate::output::Checked;
use crate::upkeep::lint::Contents;
use crate::upkeep::template::{self, MOST_BYTES, Template, TemplateContext};

use super::context::Context;
use super::print;

/// Checks the templates. `typed` are the levels of the command line.
pub(super) fn check(
    settings: &Settings,
    reporter: Reporter,
    args: &CheckArgs,
    typed: Vec<(Code, Level)>,
) -> Result<Status, Failure> {
    let context = Context::for_rules(settings, reporter, &[])?;
    let given = parameters(&args.parameter)?;
    let mut templates = Vec::new();
    for (number, path) in args.template.iter().enumerate() {
        templates.push(read(settings, number, path, &given)?);
    }
    let content = |name: String| {
        let content = settings.source.file(&name).map_err(|error| chain(&error));
        (name, content)
    };
    let contents: Contents = template::wanted(&templates).into_iter().map(content).collect();
    let filtered = templates.iter().any(Template::filters_files);
    let names = if filtered { settings.source.names().map_err(Failure::request)? } else { Vec::new() };
    let levels: BTreeMap<Code, Level> =
        context.map.lints.iter().map(|(code, level)| (*code, *level)).chain(typed).collect();
    let against = TemplateContext {
        map: &context.map,
        environments: &context.environments,
        contents: &contents,
        names: &names,
        levels: &levels,
    };
    let checked = Checked {
        map: context.map.file.clone(),
        services: context.map.services.len(),
        expectations: context.map.expects.len(),
        pipelines: Some(templates.iter().map(Template::pipelines).sum()),
        files: templates.len(),
        findings: template::check(&against, &templates),
    };
    print::findings(&checked, args.format, reporter)
}

fn read(
    settings: &Settings,
    number: usize,
    path: &Path,
    given: &BTreeMap<String, String>,
) -> Result<Template, Failure> {
    let shown = shown(settings, path);
    let bytes = plain_file::read(path, MOST_BYTES)
        .map_err(|cause| Failure::request(format!("the template `{shown}` cannot be read: {cause}")))?;
    template::read(number, &shown, &bytes, given).map_err(|error| {
        Failure::request(error)
            .hint("a template is CloudFormation in YAML or JSON, or the output of `terraform show -json`")
    })
}

/// A file of the source by its path there, any other as it was typed.
fn shown(settings: &Settings, path: &Path) -> String {
    let whole = |path: &Path| path.canonicalize().ok();
    let inside =
        whole(path).and_then(|path| Some(path.strip_prefix(whole(&settings.source.directory)?).ok()?.to_owned()));
    inside.as_deref().unwrap_or(path).to_string_lossy().into_owned()
}

fn parameters(typed: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let one = |text: &String| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => {
            let text = crate::base::text::printable(text.as_bytes());
            Err(Failure::request(format!("`--parameter {text}` is not NAME=VALUE"))
                .hint("write it as `--parameter Environment=prod`"))
        }
    };
    typed.iter().map(one).collect()
}
