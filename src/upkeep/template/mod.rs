//! Holds a pipeline's template against the service map, for `check --template`.
//!
//! [`read`] makes one model of CloudFormation in YAML or JSON, what `cdk synth` writes, and `terraform show -json`; the rules
//! compare it with the map. What the template does not tell is a finding too, [`Code::Unknown`], and never passed over.
//! Nothing here reads files: buildspecs come in as [`Contents`].

mod bounds;
mod buildspec;
pub(super) mod calls;
mod cloudformation;
mod doing;
mod fix;
mod glob;
mod imports;
mod json;
mod model;
mod namespace;
mod node;
mod permissions;
mod reader;
mod references;
mod roles;
mod rules;
mod scope;
mod story;
mod terraform;
mod variables;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use crate::base::names::EnvironmentName;
use crate::map::lint_codes::{Code, Level};
use crate::map::{Excerpt, MapFile, ServiceMap};
use crate::upkeep::lint::{Contents, LinkSpan, Located, level};

use cloudformation::{Export, Gap};
use imports::TemplateSet;
use model::{MOST_RESOURCES, Model};
use node::Spot;
use rules::Checks;
use story::{Placed, Story, placed};

pub use reader::{MOST_BYTES, Notation, TemplateError};

/// A template that was read.
#[derive(Debug)]
pub struct Template {
    /// The file, as shown to people.
    pub file: String,
    /// How it is written.
    pub notation: Notation,
    text: String,
    model: Model,
    gaps: Vec<Gap>,
    exports: Vec<Export>,
}

/// Reads a template, the one of this `number` among those that are checked together; `given` are values of its parameters.
/// The file has at most [`MOST_BYTES`].
///
/// # Errors
/// It is empty, not UTF-8, neither YAML nor JSON, or larger than the bounds.
pub fn read(
    number: usize,
    file: &str,
    bytes: &[u8],
    given: &BTreeMap<String, String>,
) -> Result<Template, TemplateError> {
    let (notation, mut root) = reader::parse(file, bytes)?;
    root.number(number);
    let (resources, gaps, exports) = match notation {
        Notation::Terraform => {
            let (resources, gaps) = terraform::resources(&root);
            (resources, gaps, Vec::new())
        }
        Notation::Yaml | Notation::Json => cloudformation::resources(&root, given),
    };
    let large = || {
        let what =
            format!("it has more than {MOST_RESOURCES} pipelines, projects, functions, roles and policies, or actions");
        TemplateError { file: file.to_owned(), at: Spot::first(number), what }
    };
    if resources.len() > MOST_RESOURCES {
        return Err(large());
    }
    let model = Model::new(resources);
    if model.actions() > MOST_RESOURCES {
        return Err(large());
    }
    let text = String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').to_owned();
    Ok(Template { file: file.to_owned(), notation, text, model, gaps, exports })
}

impl Template {
    /// How many pipelines it has.
    pub fn pipelines(&self) -> usize {
        self.model.pipelines.len()
    }

    /// Whether a trigger filters by files, so that the names of all files are needed.
    pub fn filters_files(&self) -> bool {
        self.model.pipelines.iter().any(|pipeline| !pipeline.properties.get("Triggers").is_absent())
    }
}

/// The buildspecs that the projects of the templates run.
pub fn wanted(templates: &[Template]) -> BTreeSet<String> {
    let projects = templates.iter().flat_map(|template| &template.model.projects);
    projects.filter_map(|project| doing::spec_path(project).ok().flatten()).collect()
}

/// What a template is held against.
#[derive(Debug)]
pub struct TemplateContext<'a> {
    /// The map.
    pub map: &'a ServiceMap,
    /// Its environments, or those that were asked for.
    pub environments: &'a [EnvironmentName],
    /// The files of [`wanted`].
    pub contents: &'a Contents,
    /// The names of all files of the source, if one of the templates needs them.
    pub names: &'a [BString],
    /// Levels of codes that differ from the defaults.
    pub levels: &'a BTreeMap<Code, Level>,
}

/// All findings in the templates, by file and line.
pub fn check(against: &TemplateContext<'_>, templates: &[Template]) -> Vec<Located> {
    let TemplateContext { map, environments, contents, names, levels } = *against;
    let mut stories = Vec::new();
    let mut found = Vec::new();
    let all = TemplateSet(templates);
    for template in templates {
        let gap = |gap: &Gap| placed(all, Code::Unknown, gap.at, gap.message.clone()).hint(gap.hint.clone());
        found.extend(template.gaps.iter().map(gap));
        let pipelines = template.model.pipelines.iter();
        stories.extend(pipelines.map(|pipeline| Story::new(all, template, pipeline, contents)));
    }
    let imported: BTreeSet<usize> =
        stories.iter().flat_map(Story::acts).filter_map(|act| Some(act.doing.runs?.at.file)).collect();
    for (file, template) in templates.iter().enumerate() {
        if template.model.pipelines.is_empty() && !imported.contains(&file) {
            let hint = "name the template of the pipeline itself";
            let found_none = placed(all, Code::Unknown, Spot::first(file), "there is no pipeline in this file");
            found.push(found_none.hint(hint));
        }
    }
    found.extend(rules::run(&Checks { map, environments, names, stories: &stories }));
    located(found, templates, levels)
}

/// How many findings are printed.
const MOST_FINDINGS: usize = 1000;

/// The findings with their lines, in the order of the files; each once.
fn located(mut found: Vec<Placed>, templates: &[Template], levels: &BTreeMap<Code, Level>) -> Vec<Located> {
    found.sort_by_key(|placed| (placed.at, placed.finding.code));
    found.dedup_by(|one, other| one.at == other.at && one.finding == other.finding);
    let sources: Vec<MapFile<'_>> = templates.iter().map(|template| MapFile::new(&template.text)).collect();
    let mut found: Vec<(Level, Placed)> =
        found.into_iter().map(|placed| (level(levels, placed.finding.code), placed)).collect();
    found.retain(|(level, _)| *level != Level::Allow);
    let rest = found.split_off(found.len().min(MOST_FINDINGS));
    // What is not printed still counts.
    if let Some((worst, last)) = rest.iter().max_by_key(|(level, _)| *level) {
        let message = format!("{} more findings are not printed", rest.len());
        let last = placed(TemplateSet(templates), Code::Unknown, last.at, message);
        found.push((*worst, last.hint("correct those above first")));
    }
    let one = |(level, placed): (Level, Placed)| {
        let template = &templates[placed.at.file];
        let span = Some(span(&sources[placed.at.file], template.notation, placed.at));
        Located { level, file: template.file.clone(), span, finding: placed.finding }
    };
    found.into_iter().map(one).collect()
}

fn span(source: &MapFile<'_>, notation: Notation, at: Spot) -> LinkSpan {
    let (line, column) = (at.line as usize, at.column as usize);
    let excerpt = source.excerpt(&source.token(line, column));
    // Terraform writes one long line, in which what stands beside may be a secret.
    let excerpt = match notation {
        Notation::Terraform => {
            let text: String = excerpt.text.chars().skip(excerpt.before).take(excerpt.length).collect();
            Excerpt { length: text.chars().count().max(1), before: 0, text }
        }
        Notation::Yaml | Notation::Json => excerpt,
    };
    LinkSpan { line, column, excerpt }
}
