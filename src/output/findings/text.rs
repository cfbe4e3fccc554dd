//! Findings for people, in the style of a compiler.

use std::fmt::Write as _;

use super::{Checked, word};
use crate::base::text;
use crate::map::lint_codes::Level;
use crate::output::paint::{Paint, Tone};
use crate::upkeep::lint::Located;

pub(super) fn render(checked: &Checked, color: bool) -> String {
    let paint = Paint::new(color);
    let mut out = String::new();
    for found in &checked.findings {
        one(&mut out, found, paint);
    }
    summary(&mut out, checked, paint);
    out
}

fn one(out: &mut String, found: &Located, paint: Paint) {
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
