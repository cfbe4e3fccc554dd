//! Words for people and quotes for shells: the helpers that every message and table is made of.

use std::fmt::Write as _;

/// A number and its noun: `1 input`, `2 inputs`, `0 directories`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    let before_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{number} {stem}ies"),
        None if ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end)) => format!("{number} {noun}es"),
        None => format!("{number} {noun}s"),
    }
}

/// Words as a list: `a`, `a and b`, `a, b and c`. Nothing for no words.
pub fn list<T: AsRef<str>>(words: &[T]) -> String {
    let Some((last, rest)) = words.split_last() else { return String::new() };
    if rest.is_empty() {
        return last.as_ref().to_owned();
    }
    let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
    format!("{} and {}", rest.join(", "), last.as_ref())
}

/// Names as a list; of more than a few, the first and a number: `a, b, c, d, e and 75 more`.
pub fn few<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 10;
    let Some((shown, rest)) = names.split_at_checked(SHOWN).filter(|(_, rest)| rest.len() > 1) else {
        return list(names);
    };
    let more = format!("{} more", rest.len());
    list(&shown.iter().map(AsRef::as_ref).chain([more.as_str()]).collect::<Vec<_>>())
}

/// A revision as people know it: 12 digits of a commit id, anything else (an S3 version id) whole up to 40 characters.
/// It is shown in terminals, so it is made [`printable`] too.
pub fn short_revision(revision: &str) -> String {
    let is_commit = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    let kept: String = revision.chars().take(if is_commit { 12 } else { 40 }).collect();
    printable(kept.as_bytes())
}

/// Whether a revision may be the id of a commit, whole or cut short: hexadecimal digits, seven at least. Whatever else names
/// a source, a branch say, may be anywhere by now.
pub fn commit_like(revision: &str) -> bool {
    (7..=40).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Bytes as one line of text that cannot drive a terminal: control characters become `\n` or `\u{1b}`, so do those that
/// are invisible or turn the direction of what follows; bytes that are not UTF-8 become `\xff`. Printing a result again
/// changes nothing.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        // `str::escape_debug` knows which characters are visible, but escapes these three as well, which are.
        for piece in chunk.valid().split_inclusive(['\'', '"', '\\']) {
            match piece.chars().next_back().filter(|last| matches!(last, '\'' | '"' | '\\')) {
                Some(quote) => {
                    text.extend(piece[..piece.len() - quote.len_utf8()].escape_debug());
                    text.push(quote);
                }
                None => text.extend(piece.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Whether a character is none that is seen: a control character, or one that is invisible or turns the direction of what
/// follows.
pub fn drives_a_terminal(character: char) -> bool {
    let invisible = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    character.is_control() || invisible || character == '\u{feff}'
}

/// Lines of text that cannot drive a terminal: as [`printable`], but line ends stay. What is one line in itself must have been
/// made printable before.
pub fn harmless(text: &str) -> String {
    let harmful = |character| character != '\n' && drives_a_terminal(character);
    if !text.contains(harmful) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut safe, character| {
        match harmful(character) {
            true => safe.extend(character.escape_debug()),
            false => safe.push(character),
        }
        safe
    })
}

/// The candidate that somebody who typed `word` most likely meant: it differs in case only, or by at most one typing
/// error in three letters.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = word.to_lowercase();
    let length = typed.chars().count();
    let near = candidates.into_iter().filter_map(|candidate| {
        let lower = candidate.to_lowercase();
        let other = lower.chars().count();
        let most = length.max(other) / 3;
        // A text that is too long or too short has too many errors: they need not be counted.
        let errors = (length.abs_diff(other) <= most).then(|| strsim::osa_distance(&typed, &lower))?;
        (errors <= most).then_some((errors, candidate))
    });
    near.min_by_key(|(errors, _)| *errors).map(|(_, candidate)| candidate)
}

/// `text` as one word of a POSIX shell, whatever it holds: nothing has a meaning within single quotes but the single
/// quote itself ([POSIX.1-2024, 2.2.2]).
///
/// [POSIX.1-2024, 2.2.2]: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
pub fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as one word of a command that is shown to people: quoted only where it must be.
pub fn shell_word(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) { text.to_owned() } else { shell_quote(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(1, "input"), "1 input");
        assert_eq!(count(0, "input"), "0 inputs");
        assert_eq!(count(2, "directory"), "2 directories");
        assert_eq!(count(2, "day"), "2 days");
        assert_eq!(count(3, "match"), "3 matches");
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn long_lists_end_with_a_number() {
        let names: Vec<String> = (0..12).map(|number| format!("s{number}")).collect();
        assert_eq!(few(&names), "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more");
        assert!(few(&names[..11]).ends_with("s9 and s10"), "one more name is as short as its number");
    }

    #[test]
    fn only_commit_ids_are_cut_short() {
        assert_eq!(short_revision("3c12540a1b2c3d4e5f60718293a4b5c6d7e8f901"), "3c12540a1b2c");
        assert_eq!(short_revision("L4kqtJlcpXroDTDmpUMLUo"), "L4kqtJlcpXroDTDmpUMLUo");
        assert_eq!(short_revision(&"é".repeat(41)), "é".repeat(40));
        assert_eq!(short_revision("\u{1b}[2J"), r"\u{1b}[2J");
    }

    #[test]
    fn nothing_printable_can_drive_a_terminal() {
        assert_eq!(printable("Server/naïve 日本.swift".as_bytes()), "Server/naïve 日本.swift");
        assert_eq!(printable(br#"it's "a\b""#), r#"it's "a\b""#);
        assert_eq!(printable(b"a\nb\tc\x1b[31m\x7f"), r"a\nb\tc\u{1b}[31m\u{7f}");
        assert_eq!(printable(b"\xff\xfea'\xc3"), r"\xff\xfea'\xc3");
        assert_eq!(printable("a\u{202e}b\u{200b}\u{2028}\u{9b}".as_bytes()), r"a\u{202e}b\u{200b}\u{2028}\u{9b}");
        // A decomposed é, as macOS names files.
        assert_eq!(printable("e\u{301}".as_bytes()), "e\u{301}");
        assert_eq!(harmless("a\n\u{1b}b\r\u{202e}é\\'"), "a\n\\u{1b}b\\r\\u{202e}é\\'");
        let once = printable(b"\xff\n'\\\x1b");
        assert_eq!(printable(once.as_bytes()), once);
    }

    #[test]
    fn suggestions_are_near() {
        assert_eq!(did_you_mean("comand", ["query", "command"]), Some("command"));
        assert_eq!(did_you_mean("Query", ["query", "command"]), Some("query"));
        assert_eq!(did_you_mean("A", ["b", "a"]), Some("a"));
        assert_eq!(did_you_mean("b", ["a"]), None);
        assert_eq!(did_you_mean("frontend", ["query", "command"]), None);
        assert_eq!(did_you_mean("exlcude", ["include", "exclude"]), Some("exclude"));
    }

    #[test]
    fn shown_commands_are_quoted_only_where_they_must_be() {
        assert_eq!(shell_word("feature/x"), "feature/x");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("a b"), "'a b'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word("~root"), "'~root'");
    }
}
