//! The values of a template, each with its position.

/// A position in one of the templates that are checked together: line and column in characters, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Spot {
    /// The number of the template.
    pub file: usize,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TemplateNode {
    /// Where it begins.
    pub(super) at: Spot,
    /// What it is.
    pub(super) form: NodeForm,
}

/// What a value is. Numbers and booleans are the text that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NodeForm {
    /// Nothing, or null.
    Absent,
    /// A text. `${NAME}` in it stands for something that has no value in the template.
    Text(String),
    /// A list.
    List(Vec<TemplateNode>),
    /// A table, in the order of the file.
    Table(Vec<Entry>),
    /// A value that cannot be known from the template, and why.
    Unknown(String),
}

/// An entry of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The key.
    pub(super) name: String,
    /// Where the key is written.
    pub(super) at: Spot,
    /// The value.
    pub(super) value: TemplateNode,
}

/// What is known about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told<'a> {
    /// It is not there.
    Absent,
    /// All of it is known.
    Known(&'a str),
    /// It is there, and cannot be known from the template; why not.
    Unknown(String),
}

static NOTHING: TemplateNode = TemplateNode { at: Spot { file: 0, line: 0, column: 0 }, form: NodeForm::Absent };

impl Spot {
    /// Of the first template, or of a text that is read on its own.
    pub(super) fn new(line: u32, column: u32) -> Self {
        Self { file: 0, line, column }
    }

    /// Where a template begins.
    pub(super) fn first(file: usize) -> Self {
        Self { file, line: 1, column: 1 }
    }
}

impl TemplateNode {
    /// Says which template this is.
    pub(super) fn number(&mut self, file: usize) {
        self.at.file = file;
        match &mut self.form {
            NodeForm::List(items) => items.iter_mut().for_each(|item| item.number(file)),
            NodeForm::Table(entries) => entries.iter_mut().for_each(|entry| {
                entry.at.file = file;
                entry.value.number(file);
            }),
            NodeForm::Absent | NodeForm::Text(_) | NodeForm::Unknown(_) => {}
        }
    }

    /// A text.
    pub(super) fn text(at: Spot, text: impl Into<String>) -> Self {
        Self { at, form: NodeForm::Text(text.into()) }
    }

    /// A value that cannot be known.
    pub(super) fn unknown(at: Spot, why: impl Into<String>) -> Self {
        Self { at, form: NodeForm::Unknown(why.into()) }
    }

    /// The value of a key; absent if there is none, unknown if the table itself is.
    pub(super) fn get(&self, name: &str) -> &Self {
        match &self.form {
            NodeForm::Table(entries) => {
                entries.iter().find(|entry| entry.name == name).map_or(&NOTHING, |entry| &entry.value)
            }
            NodeForm::Unknown(_) => self,
            _ => &NOTHING,
        }
    }

    /// The value at a path of keys.
    pub(super) fn path(&self, names: &[&str]) -> &Self {
        names.iter().fold(self, |node, name| node.get(name))
    }

    /// The entries of a table; none of anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.form {
            NodeForm::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; anything else that is there counts as its only item, as in a policy's `Action`.
    pub(super) fn items(&self) -> &[Self] {
        match &self.form {
            NodeForm::List(items) => items,
            NodeForm::Absent => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether it is absent.
    pub(super) fn is_absent(&self) -> bool {
        self.form == NodeForm::Absent
    }

    /// The text with its placeholders: enough to compare two values of one template.
    pub(super) fn symbol(&self) -> Option<&str> {
        match &self.form {
            NodeForm::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, if all of it is known.
    pub(super) fn told(&self) -> Told<'_> {
        match &self.form {
            NodeForm::Absent => Told::Absent,
            NodeForm::Text(text) => match open(text) {
                None => Told::Known(text),
                Some(why) => Told::Unknown(why),
            },
            NodeForm::List(_) | NodeForm::Table(_) => Told::Unknown("it is not a text".to_owned()),
            NodeForm::Unknown(why) => Told::Unknown(why.clone()),
        }
    }

    /// The text, if all of it is known.
    pub(super) fn known(&self) -> Option<&str> {
        match self.told() {
            Told::Known(text) => Some(text),
            Told::Absent | Told::Unknown(_) => None,
        }
    }

    /// Its position, or that of what it belongs to if it is not there.
    pub(super) fn at_or(&self, outer: Spot) -> Spot {
        if self.at.line == 0 { outer } else { self.at }
    }
}

/// Why a text is not known, if it is not.
pub(super) fn open(text: &str) -> Option<String> {
    if text.contains("{{resolve:") {
        return Some("it is resolved when the stack is deployed".to_owned());
    }
    let name = placeholder(text)?;
    if let Some(export) = name.strip_prefix(IMPORT) {
        return Some(format!(
            "it is `{}` of another stack, whose template was not named",
            crate::base::text::printable(export.as_bytes())
        ));
    }
    Some(format!("`{}` has no value in the template", crate::base::text::printable(name.as_bytes())))
}

/// Begins the placeholder of what another stack exports.
const IMPORT: &str = "import ";

/// The text that stands for what another stack exports under a name.
pub(super) fn import_of(name: &str) -> String {
    format!("${{{IMPORT}{}}}", without_placeholders(name))
}

/// The name in such a text.
pub(super) fn imported(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}')?.strip_prefix(IMPORT)
}

/// A text with `*` for each placeholder.
pub(super) fn without_placeholders(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(name) = placeholder(&text) {
        text = text.replace(&format!("${{{name}}}"), "*");
    }
    text
}

/// The first placeholder of a text.
fn placeholder(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, _)| {
        let rest = &text[at + 2..];
        let end = rest.find('}')?;
        // `${!NAME}` is a literal `${NAME}`.
        (!rest.starts_with('!')).then_some(&rest[..end])
    })
}

/// Whether a text names a resource of this logical name and name.
pub(super) fn names(text: &str, id: &str, name: Option<&str>) -> bool {
    let reference = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let by_reference = reference
        .is_some_and(|named| named == id || named.strip_prefix(id).is_some_and(|attribute| attribute.starts_with('.')));
    let ends =
        |name: &str| text.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with(['/', ':']));
    by_reference || name.is_some_and(|name| !name.is_empty() && ends(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_placeholder_is_not_known() {
        let node = |text: &str| TemplateNode::text(Spot::default(), text);
        assert_eq!(node("prod").told(), Told::Known("prod"));
        assert_eq!(node("a ${!b}").told(), Told::Known("a ${!b}"));
        assert_eq!(node("a ${").told(), Told::Known("a ${"));
        assert_eq!(node("x-${Stage}").told(), Told::Unknown("`Stage` has no value in the template".to_owned()));
        assert!(matches!(node("{{resolve:ssm:x}}").told(), Told::Unknown(_)));
    }

    #[test]
    fn an_unknown_table_has_unknown_values() {
        let node = TemplateNode::unknown(Spot::new(3, 1), "why");
        assert_eq!(node.path(&["a", "b"]).told(), Told::Unknown("why".to_owned()));
        assert_eq!(node.items().len(), 1);
        assert!(node.entries().is_empty());
    }

    #[test]
    fn a_resource_is_named_in_several_ways() {
        for text in ["${Build}", "${Build.Arn}", "shop", "arn:aws:codebuild:r:a:project/shop"] {
            assert!(names(text, "Build", Some("shop")), "{text}");
        }
        for text in ["${BuildRole}", "${Other.Arn}", "workshop", ""] {
            assert!(!names(text, "Build", Some("shop")), "{text}");
        }
    }
}
