//! Maven's `pom.xml`.

use roxmltree::{Document, Node};

use super::BuildFile;

/// What a pom says; not known where it is not one.
pub(super) fn read(text: &str) -> BuildFile {
    let document = Document::parse(text).ok();
    let project = document.as_ref().map(Document::root_element).filter(|root| root.tag_name().name() == "project");
    let Some(project) = project else { return BuildFile::default() };
    let texts = project.descendants().filter(Node::is_text).filter_map(|node| node.text());
    let group = child(project, "groupId").or_else(|| child(parent(project)?, "groupId"));
    BuildFile {
        artifact: child(project, "artifactId").map(str::to_owned),
        modules: dependencies(project, group).collect(),
        reads: texts
            .clone()
            .map(str::trim)
            .filter(|text| text.starts_with("${") && text.contains("}/"))
            .map(str::to_owned)
            .collect(),
        group: group.map(str::to_owned),
        applied: texts.map(str::trim).collect::<Vec<_>>().join(" "),
        parent: parent(project).and_then(|parent| child(parent, "relativePath")).map(str::to_owned),
        known: true,
    }
}

fn parent<'t, 'i>(project: Node<'t, 'i>) -> Option<Node<'t, 'i>> {
    project.children().find(|child| child.tag_name().name() == "parent")
}

/// The groups and artifacts that a module, one of its profiles or its plugins depends on. Those of its tests count: Maven
/// compiles and runs tests by default.
fn dependencies<'t>(project: Node<'t, '_>, own: Option<&'t str>) -> impl Iterator<Item = (Option<String>, String)> {
    let all = project.descendants().filter(|node| node.tag_name().name() == "dependency");
    let one = move |node| {
        let group = match child(node, "groupId") {
            Some("${project.groupId}" | "${pom.groupId}") => own,
            group => group,
        };
        Some((group.map(str::to_owned), child(node, "artifactId")?.to_owned()))
    };
    all.filter_map(one)
}

/// The text of the first child of that name, in whichever namespace.
fn child<'t>(node: Node<'t, '_>, name: &str) -> Option<&'t str> {
    node.children().find(|child| child.tag_name().name() == name)?.text().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_comment_says_is_not_said() {
        let pom = read(
            "<?xml version=\"1.0\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n\
             <parent><artifactId>parent</artifactId></parent>\n\
             <dependencies>\n\
             <dependency><exclusions><exclusion><artifactId>x</artifactId></exclusion></exclusions>\
             <artifactId> a </artifactId></dependency>\n\
             <dependency><artifactId>b</artifactId><scope>test</scope></dependency>\n\
             <!-- <dependency><artifactId>c</artifactId></dependency> -->\n\
             </dependencies>\n<profiles><profile><dependencies>\
             <dependency><artifactId><![CDATA[d]]></artifactId></dependency>\
             </dependencies></profile></profiles>\n\
             <!-- <plugin><artifactId>jib</artifactId></plugin> -->\n\
             <artifactId>own</artifactId>\n</project>",
        );
        assert_eq!((pom.known, pom.artifact.as_deref()), (true, Some("own")));
        let modules: Vec<&str> = pom.modules.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(modules, ["a", "b", "d"]);
        assert!(!pom.applied.contains("jib"));
    }

    #[test]
    fn what_is_no_pom_says_nothing() {
        let entities = "<!DOCTYPE project [<!ENTITY a \"aa\">]><project><artifactId>&a;</artifactId></project>";
        for text in ["", "<project>", "<html></html>", entities] {
            assert!(!read(text).known);
        }
        let (open, close) = ("<a>".repeat(100_000), "</a>".repeat(100_000));
        assert_eq!(read(&format!("<project>{open}deep{close}</project>")).applied, "deep");
    }
}
