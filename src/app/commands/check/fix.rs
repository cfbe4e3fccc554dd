//! `check --fix`: adds the inputs that services lack, and changes nothing else.

use bstr::BString;

use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::atomic_file::{Flush, replace};
use crate::base::failure::Failure;
use crate::base::text;
use crate::map::lint_codes::{Code, Level};
use crate::map::toml_text::quote;
use crate::upkeep::lint;

use super::{Context, all_levels, with_facts};

/// How often the corrected map is checked again: what is added may pull in more.
const ROUNDS: usize = 8;

/// Writes the corrected map, if there is anything to correct.
pub(super) fn fix(
    settings: &Settings,
    reporter: Reporter,
    names: &[BString],
    typed: &[(Code, Level)],
) -> Result<(), Failure> {
    let target = settings.map_path().ok_or_else(|| {
        let failure = Failure::request("the map is in an artifact, in which nothing is written");
        failure.hint("check the repository itself, or leave out --fix")
    })?;
    let context = Context::for_rules(settings, reporter, &[])?;
    let mut corrected = None;
    let mut said = Vec::new();
    for _ in 0..ROUNDS {
        let map = corrected.as_ref().unwrap_or(&context.map);
        let next = with_facts(&context, map, names, |facts| {
            let found = lint::run(facts, &all_levels(map, typed));
            lint::correct(map, found.iter().map(|(_, finding)| finding))
        });
        let Some(next) = next else { break };
        for (service, patterns) in &next.added {
            let patterns: Vec<String> = patterns.iter().map(|pattern| quote(pattern)).collect();
            said.push(format!("added to the include of `{}`: {}", map.services[*service].name, patterns.join(", ")));
        }
        corrected = Some(settings.source.complete(&map.file, next.text.as_bytes(), &[])?);
    }
    let Some(map) = corrected else {
        reporter.say("nothing to fix: no finding has a correction that is sure to be right");
        return Ok(());
    };
    let less = with_facts(&context, &context.map, names, |before| {
        with_facts(&context, &map, names, |after| lint::builds_less(before, after))
    });
    if less {
        let failure = Failure::other("nothing was fixed: some service would build less often than now");
        return Err(failure.hint(
            "where `unowned` is build-all, a file that gets an owner no longer builds everything: edit the map by hand",
        ));
    }
    replace(&target, map.text(crate::pattern::Position::default()).as_bytes(), Flush::Later)
        .map_err(|cause| Failure::other(format!("the map `{}` cannot be written: {cause}", target.display())))?;
    reporter.say(&format!("{}\nwrote {} ({})", said.join("\n"), target.display(), text::count(said.len(), "change")));
    Ok(())
}
