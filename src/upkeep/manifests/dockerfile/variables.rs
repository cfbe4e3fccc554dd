//! Words of a Dockerfile: quotes, escapes and variables.

use std::collections::BTreeMap;

use crate::upkeep::manifests::above;

/// Declared variables, each with its value if known.
pub(super) type Variables = BTreeMap<String, Option<String>>;

/// Expands a word as Docker does.
///
/// # Errors
/// The variable whose value is unknown.
pub(super) fn expand(word: &str, escape: char, variables: &Variables) -> Result<String, String> {
    unquote(word, escape, |rest, out| variable(rest, escape, variables, out))
}

/// A word without its quotes and escapes, in which `$` has no meaning.
pub(super) fn unquoted(word: &str) -> String {
    let kept = |rest, out: &mut String| {
        out.push('$');
        Ok(rest)
    };
    unquote(word, '\\', kept).unwrap_or_default()
}

/// Removes quotes and escapes. `dollar` writes what a `$` before a text stands for, and gives what follows it.
fn unquote<'w>(
    word: &'w str,
    escape: char,
    dollar: impl Fn(&'w str, &mut String) -> Result<&'w str, String>,
) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = word;
    let mut quoted = false;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '\'' if !quoted => {
                let (inside, after) = rest.split_once('\'').unwrap_or((rest, ""));
                out.push_str(inside);
                rest = after;
            }
            '"' => quoted = !quoted,
            '$' => rest = dollar(rest, &mut out)?,
            _ if next == escape => {
                let Some(escaped) = rest.chars().next() else { break };
                // Within double quotes only these can be escaped.
                if quoted && !matches!(escaped, '"' | '$') && escaped != escape {
                    out.push(next);
                }
                out.push(escaped);
                rest = &rest[escaped.len_utf8()..];
            }
            _ => out.push(next),
        }
    }
    Ok(out)
}

/// Expands the variable after a `$`; returns the rest of the text.
fn variable<'w>(rest: &'w str, escape: char, variables: &Variables, out: &mut String) -> Result<&'w str, String> {
    let bare = rest.strip_prefix('{');
    let name = bare.unwrap_or(rest);
    let end = name.find(|character: char| !character.is_ascii_alphanumeric() && character != '_').unwrap_or(name.len());
    let (name, after) = name.split_at(end);
    if name.is_empty() {
        // A `$` before anything but a name is itself, except where a shell gives the character a meaning.
        let special = bare.is_some() || after.starts_with(['@', '*', '#', '?', '-', '$', '!']);
        if special {
            return Err(format!("${rest}"));
        }
        out.push('$');
        return Ok(after);
    }
    let value = variables.get(name);
    let unknown = || Err(name.to_owned());
    if bare.is_none() {
        let Some(Some(value)) = value else { return unknown() };
        out.push_str(value);
        return Ok(after);
    }
    let Some((operator, behind)) = closed(after) else { return unknown() };
    // A declared variable without a value may be set by `--build-arg`; an undeclared one is empty.
    let filled = |value: &String| !value.is_empty() || !operator.starts_with(':');
    let word = operator.trim_start_matches(':');
    match (word.chars().next(), value) {
        (None, Some(Some(value))) => out.push_str(value),
        (Some('-'), Some(Some(value))) if filled(value) => out.push_str(value),
        (Some('-'), _) => out.push_str(&expand(&word[1..], escape, variables)?),
        (Some('+'), Some(Some(value))) if filled(value) => out.push_str(&expand(&word[1..], escape, variables)?),
        (Some('+'), None | Some(Some(_))) => {}
        (Some('?'), Some(Some(value))) => out.push_str(value),
        _ => return unknown(),
    }
    Ok(behind)
}

/// The text up to the matching closing brace, and the rest after it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some((&text[..at], &text[at + 1..])),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a word can mean a path of the context or a directory above it, whatever its variables are.
pub(super) fn may_mean(word: &str, path: &str) -> bool {
    let Some(literals) = literals(word) else { return true };
    std::iter::once(path).chain(above(path)).filter(|path| !path.is_empty()).any(|path| fits(path, &literals))
}

/// The texts around the variables and wildcards of a word; `None` if it is not that simple. A variable may be empty, so a
/// slash beside it means nothing: `out/$A/x` can be `out/x`.
fn literals(word: &str) -> Option<Vec<String>> {
    if word.contains(['[', '\\', '"', '\'']) || word.contains("..") {
        return None;
    }
    let mut literals = vec![String::new()];
    let mut rest = word.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '$' => {
                rest = match rest.strip_prefix('{') {
                    Some(inside) => closed(inside)?.1,
                    None => rest.trim_start_matches(|name: char| name.is_ascii_alphanumeric() || name == '_'),
                };
                literals.push(String::new());
            }
            '*' | '?' => literals.push(String::new()),
            _ => literals.last_mut()?.push(next),
        }
    }
    let last = literals.len() - 1;
    let beside = |(number, literal): (usize, String)| {
        let begin = if number == 0 { &literal } else { literal.trim_start_matches('/') };
        if number == last { begin.to_owned() } else { begin.trim_end_matches('/').to_owned() }
    };
    Some(literals.into_iter().enumerate().map(beside).collect())
}

/// Whether a text consists of the literals with anything between them.
fn fits(text: &str, literals: &[String]) -> bool {
    let [first, middle @ .., last] = literals else { return literals.iter().all(|literal| literal == text) };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for literal in middle {
        let Some((_, after)) = rest.split_once(literal.as_str()) else { return false };
        rest = after;
    }
    rest.ends_with(last.as_str())
}

/// Splits at blanks that are neither quoted nor escaped. Quotes and escapes are kept.
pub(super) fn words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut escaped) = (String::new(), None, false);
    for character in text.chars() {
        if character.is_whitespace() && quote.is_none() && !escaped {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        match quote {
            _ if escaped => {}
            Some(open) if open == character => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            _ => {}
        }
        escaped = character == escape && !escaped && quote != Some('\'');
        word.push(character);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_expanded_as_docker_does() {
        let variables: Variables = [("A", Some("1")), ("EMPTY", Some("")), ("LATER", None)]
            .map(|(name, value)| (name.to_owned(), value.map(str::to_owned)))
            .into();
        let expand = |word| expand(word, '\\', &variables);
        for (word, expected) in [
            ("x$A/y", "x1/y"),
            ("${A}b", "1b"),
            ("'$A'\"$A\"", "$A1"),
            ("\\$A", "$A"),
            ("${NONE:-d$A}", "d1"),
            ("${EMPTY:-d}${EMPTY-d}", "d"),
            ("${A:+set}${NONE:+set}", "set"),
            ("${LATER:-now}", "now"),
            ("${LATER:-${NONE:-\"two words\"}}", "two words"),
            ("${A:?must be set}", "1"),
            ("a$", "a$"),
            ("$/x", "$/x"),
            ("\"a\\b\\\"c\"", "a\\b\"c"),
            ("a\\b", "ab"),
            ("a\\", "a"),
        ] {
            assert_eq!(expand(word).as_deref(), Ok(expected), "{word}");
        }
        for (word, name) in
            [("$LATER", "LATER"), ("${NONE}", "NONE"), ("${A#x}", "A"), ("${A", "A"), ("$$", "$$"), ("${}", "${}")]
        {
            assert_eq!(expand(word), Err(name.to_owned()), "{word}");
        }
    }

    #[test]
    fn a_word_can_mean_what_its_literals_allow() {
        for (word, can, cannot) in [
            ("${NAME}.jar", &["a.jar", "lib/a.jar", "a.jar/x"][..], &["a.java", "jar"][..]),
            ("./out/$NAME-$ARCH", &["out/a-b", "out/a-b/c", "out/x/y-z"], &["out/ab", "a-b", "web/out/a-b"]),
            ("$DIR", &["a", "a/b"], &[]),
            ("/etc/${A:-x}/", &["etc/y", "etc/x/z", "etc"], &["b/etc/x"]),
            ("$A/conf", &["x/conf", "x/conf/y", "conf"], &["x/config"]),
            ("out/$A/$B/conf", &["out/conf", "out/x/conf/y", "out/x/y/conf"], &["conf", "out/config"]),
            ("$A/*.x", &["a/b.x"], &["a/b.y"]),
            ("../$A", &["a"], &[]),
            ("a[$B]", &["c"], &[]),
        ] {
            can.iter().for_each(|path| assert!(may_mean(word, path), "{word} {path}"));
            cannot.iter().for_each(|path| assert!(!may_mean(word, path), "{word} {path}"));
        }
    }

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(words("A=\"b c\" d\\ e  'f g'", '\\'), ["A=\"b c\"", "d\\ e", "'f g'"]);
    }
}
