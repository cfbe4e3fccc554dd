//! The flags of an instruction: `--from=build`, `--mount=type=bind,source=x`.

/// The leading flags `--KEY=VALUE` without quotes and escapes, and the rest. A lone `--` ends them.
pub(super) fn flags(text: &str, escape: char) -> (Vec<(String, String)>, &str) {
    let (mut flags, mut rest) = (Vec::new(), text.trim_start());
    while rest.starts_with("--") {
        let (word, after) = first_word(rest, escape);
        rest = after.trim_start();
        let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) else { break };
        let (key, value) = flag.split_once('=').unwrap_or((flag, ""));
        flags.push((key.to_owned(), value.to_owned()));
    }
    (flags, rest)
}

/// The first word as it is meant, and what follows it.
fn first_word(text: &str, escape: char) -> (String, &str) {
    let (mut word, mut quote) = (String::new(), None);
    let mut characters = text.char_indices();
    while let Some((at, next)) = characters.next() {
        match quote {
            None if next.is_whitespace() => return (word, &text[at..]),
            None if matches!(next, '"' | '\'') => quote = Some(next),
            Some(open) if open == next => quote = None,
            _ if next == escape => word.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => word.push(next),
        }
    }
    (word, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_end_where_the_first_other_word_begins() {
        let of = |text| {
            let (flags, rest) = flags(text, '\\');
            let flags: Vec<String> = flags.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
            (flags.join(" "), rest.to_owned())
        };
        for (text, flags, rest) in [
            ("--from=x --link a b", "from=x link=", "a b"),
            ("  --chown=\"a b\"  c", "chown=a b", "c"),
            ("--chown='a b' c", "chown=a b", "c"),
            ("--chown=a\\ b\tc", "chown=a b", "c"),
            ("--link -- --from=x y", "link=", "--from=x y"),
            ("a --from=x", "", "a --from=x"),
            ("-x a", "", "-x a"),
            ("--x=\\", "x=", ""),
            ("--", "", ""),
        ] {
            assert_eq!(of(text), (flags.to_owned(), rest.to_owned()), "{text}");
        }
        assert_eq!(super::flags("--x=c:\\d` e f", '`').0, [("x".to_owned(), "c:\\d e".to_owned())]);
    }
}
