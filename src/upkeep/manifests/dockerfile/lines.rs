//! A Dockerfile as instructions, without comments, line continuations and here-documents.

/// One instruction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Its first line, counted from 1.
    pub(super) line: usize,
    /// In upper case.
    pub(super) keyword: String,
    /// The rest of the instruction, in one line.
    pub(super) rest: String,
}

/// The escape character that the text declares, and its instructions.
pub(super) fn read(text: &str) -> (char, Vec<Instruction>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let escape = escape(text);
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let mut instructions = Vec::new();
    while let Some((number, first)) = lines.next() {
        if skipped(first) {
            continue;
        }
        let mut whole = String::new();
        let mut next = Some(first);
        while let Some(line) = next {
            let (part, goes_on) = part(line, escape);
            whole.push_str(part);
            next = if goes_on { lines.by_ref().map(|(_, line)| line).find(|line| !skipped(line)) } else { None };
        }
        let (keyword, rest) = whole.trim().split_once(char::is_whitespace).unwrap_or((whole.trim(), ""));
        let keyword = keyword.to_ascii_uppercase();
        if matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
            for (strips, end) in rest.split_whitespace().filter_map(heredoc) {
                let ends = |line: &str| if strips { line.trim_start_matches('\t') == end } else { line == end };
                let _ = lines.by_ref().find(|(_, line)| ends(line));
            }
        }
        instructions.push(Instruction { line: number, keyword, rest: rest.trim().to_owned() });
    }
    (escape, instructions)
}

/// Directives come before anything else, one per line.
fn escape(text: &str) -> char {
    for line in text.lines() {
        let Some((key, value)) = line.trim().strip_prefix('#').and_then(|rest| rest.split_once('=')) else { break };
        if key.trim().eq_ignore_ascii_case("escape") && value.trim() == "`" {
            return '`';
        }
    }
    '\\'
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

/// A word that begins a here-document: whether leading tabs are stripped, and the delimiter.
pub(super) fn heredoc(word: &str) -> Option<(bool, &str)> {
    let rest = word.trim_start_matches(|digit: char| digit.is_ascii_digit()).strip_prefix("<<")?;
    let (strips, name) = rest.strip_prefix('-').map_or((false, rest), |name| (true, name));
    let name = name.trim_matches(['"', '\'']);
    (!name.is_empty() && !name.contains(['<', '(', '$'])).then_some((strips, name))
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
        let (escape, instructions) = read("# escape=`\nCOPY a `\n b\nCOPY c:\\ d\\\nUSER x");
        assert_eq!((escape, instructions.len()), ('`', 3));
        assert_eq!(instructions[0].rest, "a  b");
        assert_eq!(read("FROM a\n# escape=`").0, '\\', "only before anything else");
    }

    #[test]
    fn heredocs_hold_no_instructions() {
        let text = "RUN <<EOF\nCOPY no no\nEOF\nCOPY <<-\"A\" <<B /x/\nCOPY no no\n\tA\nno\nB\nCOPY a b\nRUN cat <<<x\nCOPY c d";
        let kept: Vec<usize> = read(text).1.iter().map(|found| found.line).collect();
        assert_eq!(kept, [1, 4, 9, 10, 11]);
        assert_eq!(read("RUN <<EOF\nnever ends").1.len(), 1);
    }
}
