//! Wording and shell quoting: the helpers that messages and tables are built from.

use std::fmt::Write as _;

use jiff::Timestamp;

/// How far ahead a date may be and still count as now: the clocks of two build machines differ a little.
const CLOCK_TOLERANCE_SECONDS: i64 = 5 * 60;

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

/// Joins words into a list: `a`, `a and b`, `a, b and c`. An empty slice gives an empty string.
pub fn list<T: AsRef<str>>(words: &[T]) -> String {
    let Some((last, rest)) = words.split_last() else { return String::new() };
    if rest.is_empty() {
        return last.as_ref().to_owned();
    }
    let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
    format!("{} and {}", rest.join(", "), last.as_ref())
}

/// How long ago `then` was, in the unit a person would use: `just now`, `5 minutes ago`, `36 hours ago`, `2 days ago`,
/// or `in the future` if the clocks differ by more than five minutes.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const TWO_DAYS: i64 = 2 * DAY;
    let seconds = now.as_second() - then.as_second();
    if -seconds > CLOCK_TOLERANCE_SECONDS {
        return "in the future".to_owned();
    }
    let (length, unit) = match seconds {
        i64::MIN..MINUTE => return "just now".to_owned(),
        MINUTE..HOUR => (MINUTE, "minute"),
        // Hours up to two days: `1 day ago` could mean anything up to a minute short of two.
        HOUR..TWO_DAYS => (HOUR, "hour"),
        _ => (DAY, "day"),
    };
    // The quotient is positive here, so the conversion cannot fail.
    format!("{} ago", count(usize::try_from(seconds / length).unwrap_or_default(), unit))
}

/// A revision as people recognize it: 12 digits of a commit id, or up to 40 characters of anything else (an S3 version
/// id). The result is made [`printable`], because it is shown in terminals.
pub fn short_revision(revision: &str) -> String {
    let is_commit = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    let kept: String = revision.chars().take(if is_commit { 12 } else { 40 }).collect();
    printable(kept.as_bytes())
}

/// Whether a revision may be a full or abbreviated commit id: at least seven hexadecimal digits. Other revisions, such
/// as a branch name, may have moved since.
pub fn commit_like(revision: &str) -> bool {
    (7..=40).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Renders bytes as one line of text that cannot control a terminal: control characters become `\n` or `\u{1b}`, as do
/// invisible characters and those that change the text direction; bytes that are not UTF-8 become `\xff`. Applying it
/// twice changes nothing.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        // `str::escape_debug` decides which characters are visible, but it also escapes these three, which are.
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

/// The candidate that was most likely meant by `word`: it differs only in case, or by at most one typing error per
/// three letters.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&typed, &candidate.to_lowercase()), candidate))
        .filter(|(errors, candidate)| errors * 3 <= word.chars().count().max(candidate.chars().count()))
        .min_by_key(|(errors, _)| *errors)
        .map(|(_, candidate)| candidate)
}

/// Quotes any `text` as one word of a POSIX shell: within single quotes, only the single quote itself is special
/// ([POSIX.1-2024, 2.2.2]).
///
/// [POSIX.1-2024, 2.2.2]: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
pub fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as one word of a command shown to people: quoted only if necessary.
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
    fn ages_use_one_unit() {
        let now: Timestamp = "2026-11-21T20:20:00Z".parse().unwrap();
        let ago = |seconds: i64| age(now, Timestamp::from_second(now.as_second() - seconds).unwrap());
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(3_599), "59 minutes ago");
        assert_eq!(ago(3_600), "1 hour ago");
        assert_eq!(ago(172_799), "47 hours ago");
        assert_eq!(ago(172_800), "2 days ago");
        assert_eq!(ago(-300), "just now");
        assert_eq!(ago(-301), "in the future");
        assert_eq!(age(Timestamp::MAX, Timestamp::MIN), "7304481 days ago");
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
        // A decomposed é, as macOS writes it in file names.
        assert_eq!(printable("e\u{301}".as_bytes()), "e\u{301}");
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
