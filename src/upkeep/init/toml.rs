//! A draft as the text of a map.

use crate::base::names::ProjectName;
use crate::base::text::printable;
use crate::map::toml_text::{key, list, quote};

use super::alike::Alike;
use super::draft::{DraftedService, FirstDraft};

/// How long a comment's line may be.
const WIDTH: usize = 110;
/// How many unowned paths are listed.
const MOST_UNOWNED: usize = 40;

/// The text of a map, with comments.
pub(super) fn text(draft: &FirstDraft, project: &ProjectName, alike: &[Alike]) -> String {
    let mut out = String::new();
    line(
        &mut out,
        "# A first service map, drafted by `shipmark init` from what the manifests in this source say. It is yours now:",
    );
    line(&mut out, "# read it, correct it, and say in [[expect]] what must stay true.");
    line(&mut out, &format!("project = {}", quote(project.as_str())));
    line(
        &mut out,
        "\n# Where the marks live. Without a store they lie in `.shipmark/state`, which is gone after a CodeBuild build.\n# [state]\n# url = \"dynamodb://shipmark?region=eu-west-1\"",
    );
    excludes(&mut out, draft);
    if !draft.groups.is_empty() {
        line(&mut out, "\n[groups]");
        for group in &draft.groups {
            group.why.iter().for_each(|why| comment(&mut out, why));
            line(&mut out, &list(&group.name, &group.patterns));
        }
    }
    for alike in alike {
        out.push_str(&alike.table());
    }
    for service in &draft.services {
        match alike.iter().find(|alike| alike.has(service)).map(|alike| alike.differences(service)) {
            None => self::service(&mut out, service),
            Some(same) if same.is_empty() => {}
            Some(differences) => {
                line(&mut out, "");
                service.why.iter().for_each(|why| comment(&mut out, why));
                out.push_str(&differences);
            }
        }
    }
    expects(&mut out, draft);
    if !draft.unowned.is_empty() {
        line(
            &mut out,
            "\n# Nobody owns these yet: a change of them builds nothing. Include what is built, exclude the rest in [defaults].",
        );
        for path in draft.unowned.iter().take(MOST_UNOWNED) {
            line(&mut out, &format!("#   {}", printable(path.as_bytes())));
        }
        let more = draft.unowned.len().saturating_sub(MOST_UNOWNED);
        if more > 0 {
            line(&mut out, &format!("#   and {more} more"));
        }
    }
    out
}

fn excludes(out: &mut String, draft: &FirstDraft) {
    if draft.excludes.is_empty() {
        return;
    }
    line(
        out,
        "\n[defaults]\n# Subtracted from every service. These files count as owned. Nothing that a service builds reaches them now.\nexclude = [",
    );
    for (why, patterns) in &draft.excludes {
        line(out, &format!("  # {why}"));
        patterns.iter().for_each(|pattern| line(out, &format!("  {},", quote(pattern))));
    }
    line(out, "]");
}

fn service(out: &mut String, service: &DraftedService) {
    line(out, "");
    service.why.iter().for_each(|why| comment(out, why));
    service.doubts.iter().for_each(|doubt| comment(out, &format!("Not known: {doubt}.")));
    line(out, &format!("[services.{}]", key(&service.name)));
    for (name, patterns) in [
        ("include", &service.include),
        ("exclude", &service.exclude),
        ("groups", &service.groups),
        ("depends_on", &service.depends_on),
    ] {
        if !patterns.is_empty() {
            line(out, &list(name, patterns));
        }
    }
    if let Some((dockerfile, context)) = &service.image {
        line(out, &format!("dockerfile = {}", quote(dockerfile)));
        line(out, &format!("context = {}", quote(if context.is_empty() { "." } else { context })));
        line(
            out,
            "# outputs = { IMAGE_URI = \"*@sha256:*\" }   # once the build records the digest: no skip without one",
        );
    }
}

/// An example of a test, of a service that a person can think of.
fn expects(out: &mut String, draft: &FirstDraft) {
    let Some((name, path)) = &draft.example else { return };
    line(out, "\n# Tests of these rules, which `shipmark check` runs: these changes must build just these services.");
    line(out, &format!("# [[expect]]\n# changed = [{}]\n# builds = [{}]", quote(path), quote(name)));
}

fn comment(out: &mut String, text: &str) {
    let text = printable(text.as_bytes());
    let mut row = String::from("#");
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if row.len() + word.len() + 1 > WIDTH {
            line(out, &row);
            row = String::from("#");
        }
        row.push(' ');
        row.push_str(word);
    }
    if row.len() > 1 {
        line(out, &row);
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
