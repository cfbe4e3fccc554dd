//! The targets of Bake files ([Bake reference]): which Dockerfile each builds, in which contexts, and under which names.
//!
//! [Bake reference]: https://docs.docker.com/build/bake/reference/

use std::collections::{BTreeMap, BTreeSet};

use super::Files;
use super::paths::{join, parent};
use super::said::ImageBuild;
use super::words::{enclosed, labelled, quoted, without_comments};

/// Whether a file is a Bake file.
pub fn is_bake(name: &str) -> bool {
    name.starts_with("docker-bake") && name.ends_with(".hcl")
}

/// All targets that build a Dockerfile of the source; a path that is worked out leaves its target unknown.
pub(super) fn builds(files: &Files<'_>, file: &str) -> Vec<ImageBuild> {
    let text = with_defaults(&without_comments(&files.text(file).unwrap_or_default(), true));
    let targets = Targets(text.split("target \"").skip(1).filter_map(target).collect());
    let names = targets.0.keys().copied();
    let links: Vec<(String, String)> =
        names.clone().flat_map(|name| targets.pairs(name, "contexts")).filter_map(link).collect();
    names.filter_map(|name| targets.build(files, file, name, &links)).collect()
}

/// How long a text may get by variables that name each other, and how long a default may be.
const LONGEST: (usize, usize) = (1 << 20, 1 << 8);

/// How many targets one may inherit from. Each of thousands could inherit from all others.
const MOST_INHERITED: usize = 64;

/// The text, in which variables stand for their defaults.
fn with_defaults(text: &str) -> String {
    let variables = text.split("\nvariable ").skip(1).filter_map(|rest| {
        let (name, body) = rest.split_once('{')?;
        let body = enclosed(&format!("{{{body}"), "{").first().copied().map(str::to_owned)?;
        Some((name.trim().trim_matches('"').to_owned(), labelled(&body, "default")?.to_owned()))
    });
    let short = variables.filter(|(_, value)| value.len() <= LONGEST.1);
    short.fold(text.to_owned(), |text, (name, value)| {
        if text.len() > LONGEST.0 {
            return text;
        }
        text.replace(&format!("${{{name}}}"), &value).replace(&format!("({name})"), &format!("\"{value}\""))
    })
}

/// The name of a target and what is between its braces.
fn target(rest: &str) -> Option<(&str, &str)> {
    let (name, _) = rest.split_once('"')?;
    Some((name, enclosed(rest, "{").first()?))
}

/// A context that is another target's image: how the Dockerfile calls it, and the target.
fn link((name, value): (String, String)) -> Option<(String, String)> {
    Some((name, value.strip_prefix("target:")?.to_owned()))
}

struct Targets<'t>(BTreeMap<&'t str, &'t str>);

impl<'t> Targets<'t> {
    fn build(&self, files: &Files<'_>, file: &str, name: &str, links: &[(String, String)]) -> Option<ImageBuild> {
        let path = |key: &str, default: &'static str| match self.chain(name).find_map(|body| value(body, key)) {
            Some(value) => quoted(value).first().map(|path| (*path).to_owned()).filter(|path| !path.contains('$')),
            None => Some(default.to_owned()),
        };
        let context = join(parent(file), &path("context", ".")?)?;
        let dockerfile = join(&context, &path("dockerfile", "Dockerfile")?)?;
        let mut build = ImageBuild::said(files, file, context, dockerfile)?;
        name.clone_into(&mut build.name);
        let stage = self.chain(name).find_map(|body| value(body, "target"));
        stage.into_iter().for_each(|stage| build.of_stage(quoted(stage).first().unwrap_or(&"$")));
        for (_, further) in self.pairs(name, "contexts") {
            build.further(files, parent(file), &further);
        }
        let tags = self.chain(name).find_map(|body| value(body, "tags")).into_iter().flat_map(quoted);
        let called = links.iter().filter(|(_, target)| target == name).map(|(called, _)| called.as_str());
        build.tags.extend(tags.chain(called).map(str::to_owned));
        build.args.extend(self.pairs(name, "args"));
        Some(build)
    }

    /// The bodies of a target and of those that it inherits from, the nearest first, and no more than anybody writes.
    fn chain(&self, name: &str) -> impl Iterator<Item = &'t str> {
        let (mut seen, mut next, mut found) = (BTreeSet::new(), vec![name.to_owned()], Vec::new());
        while let Some(name) = next.pop().filter(|_| found.len() < MOST_INHERITED) {
            let Some(body) = self.0.get(name.as_str()).filter(|_| seen.insert(name.clone())) else { continue };
            found.push(*body);
            // The last one that is inherited comes before the others.
            next.extend(value(body, "inherits").into_iter().flat_map(quoted).map(str::to_owned));
        }
        found.into_iter()
    }

    /// The keys and quoted values of a table of a target, with those that it inherits.
    fn pairs(&self, name: &str, key: &str) -> Vec<(String, String)> {
        let pair = |line: &str| {
            let (name, value) = line.split_once('=')?;
            let name = name.trim().trim_matches(['"', '(', ')', ',', '{']).trim();
            Some((name.to_owned(), (*quoted(value).first()?).to_owned()))
        };
        let tables = self.chain(name).filter_map(|body| value(body, key));
        tables.flat_map(str::lines).filter_map(pair).collect()
    }
}

/// The value of a key: what is in its brackets, else the rest of the line.
fn value<'t>(body: &'t str, key: &str) -> Option<&'t str> {
    let mut lines = body.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let rest = lines.find_map(|(start, line)| {
        let rest = line.trim_start().strip_prefix(key)?.trim_start().strip_prefix('=')?;
        Some(&body[start + line.len() - rest.len()..])
    })?;
    let line = rest.lines().next().unwrap_or_default();
    match line.find(['{', '[', '(']) {
        Some(at) if !line[..at].contains('"') => enclosed(rest, &rest[..=at]).first().copied(),
        _ => Some(line),
    }
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::*;

    #[test]
    fn variables_that_double_each_other_end() {
        let doubled =
            |at: usize| format!("\nvariable \"V{at}\" {{\n  default = \"${{V{}}}${{V{}}}\"\n}}", at + 1, at + 1);
        let text: String = (0..100).map(doubled).collect();
        assert!(with_defaults(&text).len() < LONGEST.0 * LONGEST.1);
        let itself = "\nvariable \"A\" {\n  default = \"${A}${A}\"\n}\ntarget \"x\" { context = \"${A}\" }";
        assert!(with_defaults(itself).len() < 1000);
    }

    #[test]
    fn targets_take_what_they_inherit_and_a_worked_out_path_is_none() {
        let text = "\nvariable \"REGISTRY\" { default = \"r.io/x\" }\nvariable BASE {\n  default = \"r.io/base\"\n}\n\
            group \"default\" { targets = [\"api\"] }\n\
            target \"_all\" {\n  contexts = {\n    etc = \"etc\"\n    made = \"dist\"\n  }\n  dockerfile = \"x/Dockerfile\"\n}\n\
            target \"api\" {\n  inherits = [\"_all\"]\n  context  = \"src\" # here\n  args = {\n    A = \"b\"\n  }\n\
            \x20 tags = [\n    \"${REGISTRY}/api:1\"\n  ]\n}\n\
            target \"each\" {\n  dockerfile = item.dockerfile\n  contexts = merge({\n    (BASE) = \"target:api\"\n  }, {})\n}\n";
        let names: Vec<BString> =
            ["docker-bake.hcl", "etc/a", "src/x/Dockerfile", "Dockerfile"].map(BString::from).into();
        let read = |name: &str| (name == "docker-bake.hcl").then(|| text.as_bytes().to_vec());
        let found = builds(&Files::new(&names, &read), "docker-bake.hcl");
        assert_eq!(found.len(), 1, "{found:?}");
        let api = &found[0];
        assert_eq!((api.dockerfile.as_str(), api.context.as_str()), ("src/x/Dockerfile", "src"));
        assert_eq!(api.more, ["etc"]);
        assert!(api.made, "an earlier build makes `dist`");
        assert_eq!(api.tags, ["r.io/x/api:1", "r.io/base"]);
        assert_eq!(api.args, [("A".to_owned(), "b".to_owned())]);
    }
}
