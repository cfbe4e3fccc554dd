//! Finding commands in texts.

/// The program's name, as a command begins.
const PROGRAM: &str = "shipmark ";

/// What ends a command in a line: what the shell does with it, a comment, the end of a sentence.
const ENDS: [&str; 11] = [")", " && ", " || ", " | ", " >", " #", ";", "   ", ": ", "`", "\n"];

/// All commands of a text: spans of `code` that begin with the program's name or one of its subcommands with a flag, and what begins
/// with both names at the start of a line or behind what begins a command in a shell.
pub(super) fn commands(text: &str, names: &[String]) -> Vec<String> {
    let mut found: Vec<String> = spans(text).filter_map(|span| of_span(&span, names)).collect();
    for line in text.lines() {
        for (at, _) in line.match_indices(PROGRAM).filter(|(at, _)| starts_command(&line[..*at])) {
            let rest = &line[at..];
            let name = rest[PROGRAM.len()..].split(|c: char| !c.is_ascii_lowercase() && c != '-').next();
            if name.is_some_and(|name| names.iter().any(|other| other == name)) {
                found.push(ended(rest));
            }
        }
    }
    found
}

/// The spans of code: within a paragraph, between backticks.
fn spans(text: &str) -> impl Iterator<Item = String> {
    let prose = text.split("```").step_by(2).flat_map(|prose| prose.split("\n\n"));
    let spans = prose.flat_map(|prose| prose.split('`').skip(1).step_by(2));
    spans.map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn of_span(span: &str, names: &[String]) -> Option<String> {
    if span.starts_with(PROGRAM) {
        return (!span.contains("COMMAND")).then(|| ended(span));
    }
    let (name, rest) = span.split_once(' ')?;
    (names.iter().any(|other| other == name) && rest.starts_with("--")).then(|| ended(&format!("{PROGRAM}{span}")))
}

/// Whether what follows this part of a line is a command.
fn starts_command(before: &str) -> bool {
    let bare = before.trim_end_matches(' ').trim_end_matches(['-', '#', '\'', '$']);
    bare.trim().is_empty()
        || ["$(", "&& ", "; ", "| ", "then ", ": ", "xample: "].iter().any(|mark| before.ends_with(mark))
}

/// A command up to its end, which is not within quotes. A quote without another was open before.
fn ended(text: &str) -> String {
    let mut open = None;
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        match open {
            Some(quote) => open = Some(quote).filter(|quote| *quote != c),
            None if ['\'', '"'].contains(&c) && rest[1..].contains(c) => open = Some(c),
            None if ['\'', '"'].contains(&c) || ENDS.iter().any(|end| rest.starts_with(end)) => {
                return text[..at].trim_end().to_owned();
            }
            None => {}
        }
    }
    text.trim_end().to_owned()
}
