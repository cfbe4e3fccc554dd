//! The pipelines of a template, its build projects, functions and roles: one model, however the template is written.

use super::cloudformation::Resource;
use super::node::{NodeForm, Spot, TemplateNode, names};
use super::roles::{RoleModel, roles};

/// The pipelines of one template, and what they use.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) pipelines: Vec<PipelineModel>,
    pub(super) projects: Vec<NamedResource>,
    pub(super) functions: Vec<NamedResource>,
    pub(super) roles: Vec<RoleModel>,
}

/// A resource that others name.
#[derive(Debug)]
pub(super) struct NamedResource {
    /// Its logical name, or its address.
    pub(super) id: String,
    pub(super) at: Spot,
    /// The name that it has in AWS, as far as it is known.
    pub(super) name: TemplateNode,
    pub(super) properties: TemplateNode,
}

/// A pipeline.
#[derive(Debug)]
pub(super) struct PipelineModel {
    /// Its logical name, or its address.
    pub(super) id: String,
    pub(super) at: Spot,
    pub(super) name: TemplateNode,
    pub(super) properties: TemplateNode,
    pub(super) stages: Vec<StageModel>,
}

/// A stage.
#[derive(Debug)]
pub(super) struct StageModel {
    pub(super) name: String,
    pub(super) at: Spot,
    /// The conditions before it whose result is SKIP.
    pub(super) skips: Vec<TemplateNode>,
    /// Its actions by their run order.
    pub(super) actions: Vec<ActionModel>,
    /// Why an action or a condition of it is not known, and where.
    pub(super) unknown: Vec<(Spot, String)>,
}

/// An action.
#[derive(Debug)]
pub(super) struct ActionModel {
    pub(super) name: String,
    pub(super) at: Spot,
    pub(super) order: u32,
    pub(super) category: String,
    pub(super) provider: String,
    /// `Namespace`.
    pub(super) namespace: TemplateNode,
    pub(super) configuration: TemplateNode,
    pub(super) properties: TemplateNode,
}

/// How many pipelines, projects, functions, roles and policies a template may have, and how many actions.
pub(super) const MOST_RESOURCES: usize = 5000;

impl Model {
    /// How many actions there are.
    pub(super) fn actions(&self) -> usize {
        self.pipelines.iter().flat_map(|pipeline| &pipeline.stages).map(|stage| stage.actions.len()).sum()
    }

    /// Of the resources of a template.
    pub(super) fn new(resources: Vec<Resource>) -> Self {
        let roles = roles(&resources);
        let mut model = Self { pipelines: Vec::new(), projects: Vec::new(), functions: Vec::new(), roles };
        for resource in resources {
            let name_of = |key: &str| resource.properties.get(key).clone();
            match resource.kind.as_str() {
                "AWS::CodePipeline::Pipeline" => model.pipelines.push(pipeline(resource)),
                "AWS::CodeBuild::Project" => {
                    model.projects.push(NamedResource { name: name_of("Name"), ..named(resource) })
                }
                "AWS::Lambda::Function" | "AWS::Serverless::Function" => {
                    model.functions.push(NamedResource { name: name_of("FunctionName"), ..named(resource) });
                }
                _ => {}
            }
        }
        model
    }
}

fn named(resource: Resource) -> NamedResource {
    let Resource { id, at, properties, kind: _ } = resource;
    NamedResource { id, at, name: TemplateNode { at, form: NodeForm::Absent }, properties }
}

/// The one that a text names: by a reference of the template, by its name, or by an ARN that ends in it.
pub(super) fn find<'m>(all: &'m [NamedResource], text: &str) -> Option<&'m NamedResource> {
    all.iter().find(|named| names(text, &named.id, named.name.symbol()))
}

fn pipeline(resource: Resource) -> PipelineModel {
    let stages = resource.properties.get("Stages").items();
    PipelineModel {
        stages: stages.iter().map(|node| stage(node, resource.at)).collect(),
        name: resource.properties.get("Name").clone(),
        id: resource.id,
        at: resource.at,
        properties: resource.properties,
    }
}

fn stage(node: &TemplateNode, outer: Spot) -> StageModel {
    let at = node.get("Name").at_or(node.at_or(outer));
    let mut unknown = Vec::new();
    let mut note = |node: &TemplateNode| {
        if let NodeForm::Unknown(why) = &node.form {
            unknown.push((node.at_or(at), why.clone()));
        }
    };
    note(node);
    let conditions = node.path(&["BeforeEntry", "Conditions"]).items();
    let actions = node.get("Actions").items();
    conditions.iter().chain(actions).for_each(&mut note);
    conditions.iter().map(|condition| condition.get("Result")).for_each(&mut note);
    let skips = conditions.iter().filter(|condition| condition.get("Result").symbol() == Some("SKIP"));
    let known = |action: &&TemplateNode| !matches!(action.form, NodeForm::Unknown(_));
    let mut actions: Vec<ActionModel> = actions.iter().filter(known).map(|node| action(node, at)).collect();
    actions.sort_by_key(|action| action.order);
    StageModel {
        name: node.get("Name").symbol().unwrap_or("?").to_owned(),
        at,
        skips: skips.cloned().collect(),
        actions,
        unknown,
    }
}

fn action(node: &TemplateNode, outer: Spot) -> ActionModel {
    // Terraform has these beside the name, CloudFormation in a table.
    let kind = |key: &str| {
        let inner = node.path(&["ActionTypeId", key]);
        let own = if inner.is_absent() { node.get(key) } else { inner };
        own.symbol().unwrap_or_default().to_owned()
    };
    let order = node.get("RunOrder").known().and_then(|order| order.parse().ok());
    ActionModel {
        name: node.get("Name").symbol().unwrap_or("?").to_owned(),
        // In JSON a table begins a line before its name.
        at: node.get("Name").at_or(node.at_or(outer)),
        order: order.unwrap_or(1),
        category: kind("Category"),
        provider: kind("Provider"),
        namespace: node.get("Namespace").clone(),
        configuration: node.get("Configuration").clone(),
        properties: node.clone(),
    }
}
