//! Findings for people, in the style of a compiler.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::{Checked, word};
use crate::base::text;
use crate::map::lint_codes::{Code, Level};
use crate::output::paint::{Paint, Tone};
use crate::upkeep::lint::{Finding, Located};

/// How many places of findings that say the same are named.
const ALIKE: usize = 5;

pub(super) fn render(checked: &Checked, color: bool) -> String {
    let paint = Paint::new(color);
    let mut out = String::new();
    for (first, alike) in groups(&checked.findings) {
        one(&mut out, first, &alike, paint);
    }
    summary(&mut out, checked, paint);
    out
}

/// Findings that say the same, the first of each with the places of the others.
fn groups(findings: &[Located]) -> Vec<(&Located, Vec<String>)> {
    let mut groups: Vec<(&Located, Vec<String>)> = Vec::new();
    let mut places: HashMap<(Code, &str, &str), usize> = HashMap::new();
    for found in findings {
        let Finding { code, message, hint, notes, .. } = &found.finding;
        match places.get(&(*code, message.as_str(), hint.as_str())) {
            Some(at) if groups[*at].0.finding.notes == *notes => {
                let line = found.span.as_ref().map(|span| format!(":{}", span.line)).unwrap_or_default();
                groups[*at].1.push(format!("{}{line}", text::printable(found.file.as_bytes())));
            }
            _ => {
                places.insert((*code, message, hint), groups.len());
                groups.push((found, Vec::new()));
            }
        }
    }
    groups
}

fn one(out: &mut String, found: &Located, alike: &[String], paint: Paint) {
    let finding = &found.finding;
    let level = paint.tone(tone(found.level), &format!("{}[{}]", word(found.level), finding.code));
    line(out, &format!("{level}: {}", paint.tone(Tone::Strong, &text::harmless(&finding.message))));
    let mut gutter = " ".to_owned();
    match &found.span {
        Some(span) => {
            gutter = " ".repeat(span.line.to_string().len());
            let [place, bar, source, carets] =
                span.excerpt.frame(&text::printable(found.file.as_bytes()), span.line, span.column);
            for faint in [place, bar] {
                line(out, &paint.tone(Tone::Faint, &faint));
            }
            line(out, &source);
            line(out, &paint.tone(tone(found.level), &carets));
        }
        None => line(out, &paint.tone(Tone::Faint, &format!("{gutter}--> {}", text::printable(found.file.as_bytes())))),
    }
    for note in &finding.notes {
        line(out, &format!("{gutter} - {}", text::harmless(note)));
    }
    if !alike.is_empty() {
        let (shown, rest) = alike.split_at(alike.len().min(ALIKE));
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let count = text::count(alike.len(), "more place");
        line(out, &format!("{gutter} - the same at {count}: {}{more}", shown.join(", ")));
    }
    line(out, &format!("{gutter} {} {}\n", paint.tone(Tone::Good, "= help:"), text::harmless(&finding.hint)));
}

fn summary(out: &mut String, checked: &Checked, paint: Paint) {
    let (denied, warned) = (checked.count(Level::Deny), checked.count(Level::Warn));
    let second = match checked.pipelines {
        Some(pipelines) => text::count(pipelines, "pipeline"),
        None => text::count(checked.expectations, "expectation"),
    };
    let noun = if checked.pipelines.is_some() { "template" } else { "file" };
    let counted = [text::count(checked.services, "service"), second, text::count(checked.files, noun)];
    let verdict = format!("{}, {}", text::count(denied, "error"), text::count(warned, "warning"));
    let tone = match (denied, warned) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Notice,
        _ => Tone::Bad,
    };
    let map = text::printable(checked.map.as_bytes());
    line(out, &format!("{map}: {}: {}", counted.join(", "), paint.tone(tone, &verdict)));
    let mut codes: Vec<&str> = checked.findings.iter().map(|found| found.finding.code.word()).collect();
    codes.sort_unstable();
    codes.dedup();
    if let [code, ..] = codes[..] {
        let code = if codes.len() == 1 { code } else { "CODE" };
        line(
            out,
            &paint.tone(
                Tone::Faint,
                &format!("`shipmark check --explain {code}` says why; `[lints]` in the map sets levels"),
            ),
        );
    }
}

fn tone(level: Level) -> Tone {
    if level == Level::Deny { Tone::Bad } else { Tone::Notice }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::super::samples::checked;
    use super::*;

    #[test]
    fn findings_look_like_a_compilers() {
        assert_eq!(
            render(&checked(), false),
            "warning[unowned]: 2 files that no service covers
 --> ship,map.toml
  - new/ (2 files)
  = help: include them

error[dead-pattern]: `a%b` matches
 --> ship,map.toml:2:5
  |
2 | x = \"ä\"
  |     ^^^
  = help: did you mean: `a`?

ship,map.toml: 1 service, 0 expectations, 3 files: 1 error, 1 warning
`shipmark check --explain CODE` says why; `[lints]` in the map sets levels
"
        );
    }

    #[test]
    fn colour_only_repeats_the_words() {
        let painted = render(&checked(), true);
        assert!(painted.contains("\u{1b}[31m"), "{painted}");
        let plain = anstream::adapter::strip_str(&painted).to_string();
        assert_eq!(plain, render(&checked(), false));
    }
}
