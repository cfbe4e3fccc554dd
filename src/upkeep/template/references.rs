//! What the configuration in a plan of Terraform refers to, where the plan has no value yet.

use std::collections::BTreeSet;

use super::node::TemplateNode;

/// The expressions of a plan's configuration.
pub(super) struct References<'t> {
    configuration: &'t TemplateNode,
    addresses: BTreeSet<&'t str>,
}

impl<'t> References<'t> {
    /// Of a plan with resources at these addresses.
    pub(super) fn new(configuration: &'t TemplateNode, addresses: &[&'t str]) -> Self {
        Self { configuration, addresses: addresses.iter().copied().collect() }
    }

    /// The expressions of the resource at an address.
    pub(super) fn expressions(&self, address: &str) -> &'t TemplateNode {
        let (modules, own, _) = parts(address);
        let mut module = self.configuration.get("root_module");
        for name in modules {
            module = module.path(&["module_calls", name, "module"]);
        }
        let resources = module.get("resources").items();
        let found = resources.iter().find(|resource| resource.get("address").symbol() == Some(own));
        found.map_or(module.get("-"), |resource| resource.get("expressions"))
    }

    /// The resource that an expression of the resource at `address` refers to, if it is a single one.
    pub(super) fn target(&self, address: &str, expression: &TemplateNode) -> Option<String> {
        let (_, own, index) = parts(address);
        let prefix = &address[..address.len() - own.len() - index.len()];
        let references = expression.get("references").items().iter().filter_map(TemplateNode::symbol);
        let named: BTreeSet<String> = references.filter_map(resource_of).collect();
        let mut named = named.into_iter();
        let (Some(only), None) = (named.next(), named.next()) else { return None };
        let all = format!("{prefix}{only}");
        let same = format!("{all}{index}");
        if let Some(found) = [&same, &all].into_iter().find(|found| self.addresses.contains(found.as_str())) {
            return Some(found.clone());
        }
        let mut instances = self
            .addresses
            .iter()
            .filter(|other| other.strip_prefix(all.as_str()).is_some_and(|rest| rest.starts_with('[')));
        match (instances.next(), instances.next()) {
            (Some(only), None) => Some((*only).to_owned()),
            _ => None,
        }
    }
}

/// `TYPE.NAME` of a reference to a managed resource of AWS.
fn resource_of(reference: &str) -> Option<String> {
    let rest = reference.strip_prefix("aws_")?;
    let (kind, name) = rest.split_once('.')?;
    let end = name.find(['.', '[']).unwrap_or(name.len());
    Some(format!("aws_{kind}.{}", &name[..end]))
}

/// The modules of an address, the address in the innermost one, and the index behind it.
fn parts(address: &str) -> (Vec<&str>, &str, &str) {
    let mut modules = Vec::new();
    let mut rest = address;
    while let Some(inner) = rest.strip_prefix("module.") {
        let end = inner.find(['.', '[']).unwrap_or(inner.len());
        modules.push(&inner[..end]);
        // An index may contain anything, `"].` not being likely.
        let after = match inner[end..].starts_with('[') {
            true => inner[end..].find("].").map_or(inner.len(), |at| end + at + 1),
            false => end,
        };
        rest = inner[after..].trim_start_matches('.');
    }
    let at = rest.find('[').unwrap_or(rest.len());
    (modules, &rest[..at], &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_modules_a_name_and_an_index() {
        assert_eq!(parts("aws_x.y"), (vec![], "aws_x.y", ""));
        assert_eq!(parts("module.a.aws_x.y[\"k.v\"]"), (vec!["a"], "aws_x.y", "[\"k.v\"]"));
        assert_eq!(parts("module.a[\"b.c\"].module.d[0].aws_x.y"), (vec!["a", "d"], "aws_x.y", ""));
    }

    #[test]
    fn a_reference_is_to_one_resource() {
        assert_eq!(resource_of("aws_iam_role.r[each.key].arn").as_deref(), Some("aws_iam_role.r"));
        assert_eq!(resource_of("each.key"), None);
        assert_eq!(resource_of("data.aws_iam_role.r"), None);
    }
}
