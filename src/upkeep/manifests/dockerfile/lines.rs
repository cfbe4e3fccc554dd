//! A Dockerfile as instructions, without comments, line continuations and here-documents.

use super::heredocs;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Its first line, counted from 1.
    pub(super) line: usize,
    /// In upper case.
    pub(super) keyword: String,
    /// The rest of the instruction, in one line.
    pub(super) rest: String,
}

/// What the text declares about itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directives {
    /// The escape character.
    pub(super) escape: char,
    /// The image of the program that understands the text, if it is named.
    pub(super) syntax: Option<String>,
}

/// The directives of a text and its instructions.
pub(super) fn read(text: &str) -> (Directives, Vec<Instruction>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let directives = directives(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut instructions = Vec::new();
    let mut next = 0;
    while let Some(first) = lines.get(next) {
        next += 1;
        if skipped(first) {
            continue;
        }
        let line = next;
        let (begin, mut goes_on) = part(first, directives.escape);
        let mut whole = begin.to_owned();
        while goes_on && let Some(more) = lines.get(next) {
            next += 1;
            if !skipped(more) {
                let (part, further) = part(more, directives.escape);
                whole.push_str(part);
                goes_on = further;
            }
        }
        let instruction = Instruction::new(line, &whole);
        let inner = instruction.triggered();
        let takes_texts = |of: &Instruction| matches!(of.keyword.as_str(), "RUN" | "COPY" | "ADD");
        if inner.as_ref().map_or(takes_texts(&instruction), takes_texts) {
            for heredoc in heredocs::begun(&whole) {
                // Without its end, it is none for a builder that knows no here-documents: what follows is read.
                let end = lines[next..].iter().position(|line| heredoc.ends(line));
                next += end.map_or(0, |end| end + 1);
            }
        }
        instructions.push(instruction);
    }
    (directives, instructions)
}

impl Instruction {
    fn new(line: usize, text: &str) -> Self {
        let text = text.trim();
        let (keyword, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        Self { line, keyword: keyword.to_ascii_uppercase(), rest: rest.trim().to_owned() }
    }

    /// What an `ONBUILD` does in the stages and images that are made from this one.
    pub(super) fn triggered(&self) -> Option<Self> {
        (self.keyword == "ONBUILD").then(|| Self::new(self.line, &self.rest))
    }
}

/// Directives come before anything else, one per line; any other comment ends them.
fn directives(text: &str) -> Directives {
    let mut found = Directives { escape: '\\', syntax: None };
    for line in text.lines() {
        let Some((key, value)) = line.trim().strip_prefix('#').and_then(|rest| rest.split_once('=')) else { break };
        match (key.trim().to_ascii_lowercase().as_str(), value.trim()) {
            (_, "") => break,
            ("escape", "`") => found.escape = '`',
            ("syntax", image) => found.syntax = image.split_whitespace().next().map(str::to_owned),
            ("escape" | "check", _) => {}
            _ => break,
        }
    }
    found
}

/// Empty lines and comments, also within continued lines.
fn skipped(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// A line without its continuation character, and whether it continues.
fn part(line: &str, escape: char) -> (&str, bool) {
    let trimmed = line.trim_end();
    match trimmed.strip_suffix(escape) {
        Some(part) if !part.ends_with(escape) => (part, true),
        _ => (line, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instructions(text: &str) -> Vec<(usize, String, String)> {
        read(text).1.into_iter().map(|found| (found.line, found.keyword, found.rest)).collect()
    }

    fn of(line: usize, keyword: &str, rest: &str) -> (usize, String, String) {
        (line, keyword.to_owned(), rest.to_owned())
    }

    #[test]
    fn continued_lines_are_one_instruction_and_comments_none() {
        let text =
            "# syntax=x\n\nfrom a\n# COPY no no\nCOPY a \\\n  # a comment\n\n  b \\  \n  c/\nRUN x \\\\\nCOPY d e";
        let expected =
            [of(3, "FROM", "a"), of(5, "COPY", "a   b   c/"), of(10, "RUN", "x \\\\"), of(11, "COPY", "d e")];
        assert_eq!(instructions(text), expected);
    }

    #[test]
    fn the_escape_character_may_be_another() {
        let (directives, instructions) = read("# escape=`\nCOPY a `\n b\nCOPY c:\\ d\\\nUSER x");
        assert_eq!((directives.escape, instructions.len()), ('`', 3));
        assert_eq!(instructions[0].rest, "a  b");
        for (text, escape) in [
            ("# escape = ` \r\nFROM a", '`'),
            ("\u{feff}#syntax=x\n#ESCAPE=`", '`'),
            ("# check=skip=all\n# escape=`", '`'),
            ("# escape=\\", '\\'),
            ("FROM a\n# escape=`", '\\'),
            ("\n# escape=`", '\\'),
            ("# a comment\n# escape=`", '\\'),
            ("# other=x\n# escape=`", '\\'),
            ("# syntax=\n# escape=`", '\\'),
            ("#!/bin/x\n# escape=`", '\\'),
        ] {
            assert_eq!(read(text).0.escape, escape, "{text}");
        }
        assert_eq!(read("# syntax = docker/dockerfile:1 x\nFROM a").0.syntax.as_deref(), Some("docker/dockerfile:1"));
    }

    #[test]
    fn heredocs_hold_no_instructions() {
        let text = "RUN <<EOF\nCOPY no no\nEOF\nCOPY <<-\"A\" <<B /x/\nCOPY no no\n\tA\nno\nB\nCOPY a b\nRUN cat <<<x\nCOPY c d";
        let kept: Vec<usize> = read(text).1.iter().map(|found| found.line).collect();
        assert_eq!(kept, [1, 4, 9, 10, 11]);
        let kept = |text: &str| read(text).1.iter().map(|found| found.line).collect::<Vec<_>>();
        assert_eq!(kept("ONBUILD RUN <<E\nCOPY no no\nE\nONBUILD COPY <<E /x\n\\\nE\nCOPY a b"), [1, 4, 7]);
        assert_eq!(kept("USER <<E\nCOPY a b\nE"), [1, 2, 3], "only where files and commands are");
        assert_eq!(kept("RUN cat <<E\nCOPY a b"), [1, 2], "one without an end holds nothing back");
        assert_eq!(kept("RUN <<A <<B\nB\nA\nA\nB\nCOPY a b"), [1, 6], "one after the other");
        assert_eq!(kept("RUN a \\\n <<E\nx \\\nE\nCOPY a b"), [1, 5], "begun on a continued line");
    }
}
