//! What an action of a pipeline does: which calls of shipmark it makes, with which variables, and what it hands on.

use std::collections::BTreeMap;

use super::buildspec::{self, Buildspec};
use super::calls::{self, Call, CallStep};
use super::imports::TemplateSet;
use super::json;
use super::model::{ActionModel, NamedResource};
use super::node::{NodeForm, Spot, TemplateNode, Told};
use crate::base::text::printable;
use crate::upkeep::lint::Contents;

/// What an action does.
#[derive(Debug)]
pub(super) struct Doing<'m> {
    /// The calls of shipmark, with the values of variables in them where these are known.
    pub(super) calls: Vec<Call>,
    /// The environment variables that it runs with.
    pub(super) variables: BTreeMap<String, TemplateNode>,
    /// The environment of its marks.
    pub(super) environment: TemplateNode,
    /// The variables that its namespace has.
    pub(super) exports: Exports,
    /// Why not all that it does is known, and where.
    pub(super) unknown: Option<(Spot, String)>,
    /// The same of a script that it starts, where shipmark may be called.
    pub(super) script: Option<(Spot, String)>,
    /// Its build project or function.
    pub(super) runs: Option<&'m NamedResource>,
    /// The role that its calls have.
    pub(super) role: TemplateNode,
}

/// The variables of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exports {
    /// These.
    These(Vec<String>),
    /// Whatever a function answers.
    Answered,
    /// They cannot be told; why.
    Unknown(String),
}

impl Doing<'_> {
    /// Whether it makes such a call.
    pub(super) fn does(&self, step: CallStep) -> bool {
        self.calls.iter().any(|call| call.step == step)
    }

    /// Whether it writes marks.
    pub(super) fn writes(&self) -> bool {
        !self.calls.is_empty()
    }
}

/// What an action does. `role` is that of its pipeline.
pub(super) fn doing<'m>(
    action: &'m ActionModel,
    all: TemplateSet<'m>,
    role: &TemplateNode,
    contents: &Contents,
) -> Doing<'m> {
    let mut doing = Doing {
        calls: Vec::new(),
        variables: BTreeMap::new(),
        environment: TemplateNode { at: action.at, form: NodeForm::Absent },
        exports: Exports::These(Vec::new()),
        unknown: None,
        script: None,
        runs: None,
        role: TemplateNode { at: action.at, form: NodeForm::Absent },
    };
    match action.provider.as_str() {
        "CodeBuild" => build(&mut doing, action, all, contents),
        "Lambda" => function(&mut doing, action, all),
        "Commands" => commands(&mut doing, action, role),
        _ => {}
    }
    settle(&mut doing);
    doing
}

fn build<'m>(doing: &mut Doing<'m>, action: &'m ActionModel, all: TemplateSet<'m>, contents: &Contents) {
    let named = action.configuration.get("ProjectName");
    let at = named.at_or(action.at);
    let project = all.project(named);
    let given = action.configuration.get("EnvironmentVariables");
    let own = given.symbol().map(json::parse);
    let why = match (&given.form, &own) {
        (NodeForm::Absent, _) | (_, Some(Ok(_))) => None,
        (_, Some(Err(flaw))) => Some(format!("`EnvironmentVariables` cannot be read: {}", flaw.what)),
        (NodeForm::Unknown(why), None) => Some(why.clone()),
        _ => Some("`EnvironmentVariables` is not a text".to_owned()),
    };
    doing.unknown = why.map(|why| (given.at_or(at), why));
    let Some(project) = project else {
        let why = match named.told() {
            Told::Unknown(why) => why,
            Told::Known(name) => format!("the project `{}` is not in this template", printable(name.as_bytes())),
            Told::Absent => "it names no project".to_owned(),
        };
        doing.exports = Exports::Unknown(why.clone());
        doing.unknown = Some((at, why));
        if let Some(Ok(own)) = &own {
            doing.variables.extend(variables(own, Some(given.at)));
        }
        return;
    };
    doing.runs = Some(project);
    doing.role = project.properties.get("ServiceRole").clone();
    let spec = project.properties.path(&["Source", "BuildSpec"]);
    match spec_of(project, contents) {
        Ok(read) => {
            if let (true, Some(script)) = (read.calls.is_empty(), &read.script) {
                let why = format!("cannot tell what `{}` does", printable(script.as_bytes()));
                doing.script = Some((spec.at_or(project.at), why));
            }
            let text = |text: String| TemplateNode::text(spec.at_or(project.at), text);
            doing.variables.extend(read.variables.into_iter().map(|(name, value)| (name, text(value))));
            doing.exports = Exports::These(read.exported);
            doing.calls = read.calls;
        }
        Err(why) => {
            doing.exports = Exports::Unknown(why.clone());
            doing.unknown = Some((spec.at_or(project.at), why));
        }
    }
    let of_project = project.properties.path(&["Environment", "EnvironmentVariables"]);
    doing.variables.extend(variables(of_project, None));
    if let Some(Ok(own)) = &own {
        doing.variables.extend(variables(own, Some(given.at)));
    }
}

/// The buildspec of a project.
fn spec_of(project: &NamedResource, contents: &Contents) -> Result<Buildspec, String> {
    let spec = project.properties.path(&["Source", "BuildSpec"]);
    // Shell variables in a buildspec are no placeholders.
    if let Some(inline) = spec.symbol().filter(|text| buildspec::is_inline(text)) {
        return buildspec::read(inline).map_err(|why| format!("the buildspec cannot be read: {why}"));
    }
    let path = match spec_path(project)? {
        Some(path) => path,
        None => return Ok(Buildspec::default()),
    };
    let shown = printable(path.as_bytes());
    match contents.get(&path) {
        Some(Ok(Some(bytes))) => {
            let text = String::from_utf8_lossy(bytes);
            buildspec::read(&text).map_err(|why| format!("the buildspec `{shown}` cannot be read: {why}"))
        }
        Some(Err(why)) => Err(format!("the buildspec `{shown}` cannot be read: {why}")),
        Some(Ok(None)) | None => Err(format!("the buildspec `{shown}` is not a file of the source")),
    }
}

/// The path of a project's buildspec in the source, if it has one there.
pub(super) fn spec_path(project: &NamedResource) -> Result<Option<String>, String> {
    let spec = project.properties.path(&["Source", "BuildSpec"]);
    if spec.symbol().is_some_and(buildspec::is_inline) {
        return Ok(None);
    }
    match spec.told() {
        Told::Absent | Told::Known("") => Ok(Some("buildspec.yml".to_owned())),
        Told::Known(path) if path.starts_with("arn:") => Err("the buildspec is in S3".to_owned()),
        Told::Known(path) => Ok(Some(path.trim_start_matches("./").to_owned())),
        Told::Unknown(why) => Err(format!("cannot tell which buildspec it runs: {why}")),
    }
}

/// The variables of a list of names and values; in JSON that is a text, they have the position of that text.
fn variables(list: &TemplateNode, at: Option<Spot>) -> Vec<(String, TemplateNode)> {
    let one = |item: &TemplateNode| {
        let of = |upper: &str, lower: &str| {
            let found = item.get(upper);
            if found.is_absent() { item.get(lower).clone() } else { found.clone() }
        };
        let name = of("Name", "name").symbol()?.to_owned();
        let mut value = of("Value", "value");
        if of("Type", "type").symbol().is_some_and(|kind| kind != "PLAINTEXT") {
            value = TemplateNode::unknown(value.at, format!("`{name}` is read from a parameter or a secret"));
        }
        value.at = at.unwrap_or(value.at);
        Some((name, value))
    };
    list.items().iter().filter_map(one).collect()
}

fn function<'m>(doing: &mut Doing<'m>, action: &'m ActionModel, all: TemplateSet<'m>) {
    doing.exports = Exports::Answered;
    let named = action.configuration.get("FunctionName");
    if let Some(function) = all.function(named) {
        doing.runs = Some(function);
        doing.role = function.properties.get("Role").clone();
        let variables = function.properties.path(&["Environment", "Variables"]).entries().iter();
        doing.variables.extend(variables.map(|entry| (entry.name.clone(), entry.value.clone())));
    }
    let given = action.configuration.get("UserParameters");
    let at = given.at_or(action.at);
    let Some(Ok(request)) = given.symbol().map(json::parse) else {
        if let NodeForm::Unknown(why) = &given.form {
            doing.unknown = Some((at, why.clone()));
        }
        return;
    };
    let texts = |key: &str| {
        let items = request.get(key).items().iter();
        items.filter_map(TemplateNode::symbol).map(str::to_owned).collect::<Vec<String>>()
    };
    let call = |step| Call {
        step,
        services: texts("services"),
        environment: request.get("environment").symbol().map(str::to_owned),
        candidates: [texts("candidate"), texts("claims")].concat(),
    };
    let failed = request.get("failed").symbol() == Some("true");
    doing.calls = match request.get("do").symbol() {
        // It decides and stages in one.
        Some("decide") => vec![call(CallStep::Decide), call(CallStep::Stage)],
        Some("begin") => vec![call(CallStep::Begin)],
        Some("promote") if !request.get("claims").is_absent() => vec![call(CallStep::Confirm)],
        Some("promote") if !failed => vec![call(CallStep::Promote)],
        _ => Vec::new(),
    };
    doing.environment = TemplateNode { at, ..request.get("environment").clone() };
}

fn commands(doing: &mut Doing<'_>, action: &ActionModel, role: &TemplateNode) {
    let list = action.properties.get("Commands");
    let list = if list.is_absent() { action.configuration.get("Commands") } else { list };
    let given = action.properties.get("EnvironmentVariables");
    doing.variables.extend(variables(given, None));
    let own = action.properties.get("RoleArn");
    doing.role = if own.is_absent() { role.clone() } else { own.clone() };
    let exported = action.properties.get("OutputVariables").items().iter().filter_map(TemplateNode::symbol);
    doing.exports = Exports::These(exported.map(str::to_owned).collect());
    let texts: Vec<&str> = list.items().iter().filter_map(TemplateNode::symbol).collect();
    doing.calls = texts.iter().flat_map(|text| calls::calls(text)).collect();
    let unknown = list.items().iter().find_map(|item| match &item.form {
        NodeForm::Unknown(why) => Some((item.at_or(action.at), why.clone())),
        _ => None,
    });
    let script = texts.iter().find_map(|text| calls::script(text)).filter(|_| doing.calls.is_empty());
    let told = |script: String| format!("cannot tell what `{}` does", printable(script.as_bytes()));
    doing.script = script.map(|script| (list.at_or(action.at), told(script)));
    doing.unknown = unknown;
}

/// Puts the values of variables into the calls, and finds the environment.
fn settle(doing: &mut Doing<'_>) {
    let variables = &doing.variables;
    for call in &mut doing.calls {
        call.services.iter_mut().chain(&mut call.candidates).chain(&mut call.environment).for_each(|word| {
            *word = substituted(word, variables);
        });
        call.services = call.services.iter().flat_map(|words| words.split_whitespace()).map(str::to_owned).collect();
    }
    // With a candidate `run` is `begin`, its command and `promote`.
    let candidate = variables.get("SHIPMARK_CANDIDATE").and_then(TemplateNode::symbol);
    if let Some(candidate) = candidate {
        let whole = |call: &Call, step| Call { step, candidates: vec![candidate.to_owned()], ..call.clone() };
        doing.calls = doing
            .calls
            .iter()
            .flat_map(|call| match call.step {
                CallStep::Run => vec![whole(call, CallStep::Begin), whole(call, CallStep::Promote)],
                _ => vec![call.clone()],
            })
            .collect();
    }
    if let Some(typed) = doing.calls.iter().find_map(|call| call.environment.clone()) {
        let at = doing.environment.at;
        doing.environment = match typed.strip_prefix('$') {
            Some(name) => {
                TemplateNode::unknown(at, format!("`{}` has no value in the template", printable(name.as_bytes())))
            }
            None => TemplateNode::text(at, typed),
        };
    } else if doing.environment.is_absent()
        && let Some(value) = variables.get("SHIPMARK_ENVIRONMENT")
    {
        doing.environment = value.clone();
    }
}

/// A word with the variables in it that have a value.
fn substituted(word: &str, variables: &BTreeMap<String, TemplateNode>) -> String {
    let mut done = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        done += &rest[..at];
        let after = &rest[at + 1..];
        let inner = after.strip_prefix('{').unwrap_or(after);
        let length = inner.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(inner.len());
        let (name, behind) = inner.split_at(length);
        let behind = if after.starts_with('{') { behind.strip_prefix('}') } else { Some(behind) };
        match (variables.get(name).and_then(TemplateNode::symbol), behind) {
            (Some(value), Some(behind)) => {
                done += value;
                rest = behind;
            }
            _ => {
                done.push('$');
                rest = after;
            }
        }
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_into_words() {
        let value = |text: &str| TemplateNode::text(Spot::default(), text);
        let variables = BTreeMap::from([("A".to_owned(), value("#{D.X}")), ("B_1".to_owned(), value("api"))]);
        for (word, expected) in
            [("$A", "#{D.X}"), ("${B_1}-x", "api-x"), ("$C$B_1", "$Capi"), ("${A:-x}", "${A:-x}"), ("a$", "a$")]
        {
            assert_eq!(substituted(word, &variables), expected, "{word}");
        }
    }
}
