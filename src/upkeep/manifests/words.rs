//! Tolerant reading of languages that are not parsed: comments, quoted strings, and bracketed text.

/// Text without its `//` and `/* */` comments, and `#` comments if the language has them. Quoted strings stay intact.
pub(super) fn without_comments(text: &str, hash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        if quote.is_none() {
            if rest.starts_with("//") || (hash && c == '#') {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            if rest.starts_with("/*") {
                rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
                continue;
            }
        }
        if c == '\\' && quote.is_some() {
            let two = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
            out.push_str(&rest[..two]);
            rest = &rest[two..];
            continue;
        }
        match quote {
            Some(open) if c == open || c == '\n' => quote = None,
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// The quoted strings in a text, in order.
pub(super) fn quoted(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let quote = &rest[at..=at];
        let inside = &rest[at + 1..];
        let Some(end) = inside.find([quote.chars().next().unwrap_or('"'), '\n']) else { return found };
        if inside[end..].starts_with(quote) {
            found.push(&inside[..end]);
        }
        rest = &inside[end + 1..];
    }
    found
}

/// The text between each occurrence of `opening` (`.target(`) and its closing bracket.
pub(super) fn enclosed<'t>(text: &'t str, opening: &str) -> Vec<&'t str> {
    text.match_indices(opening).map(|(at, _)| inner(&text[at + opening.len()..])).collect()
}

/// The text up to the bracket that closes one opened before it.
fn inner(text: &str) -> &str {
    let mut depth = 1_usize;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// The first quoted string after `label` (`name:`).
pub(super) fn labelled<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let (at, _) = text
        .match_indices(label)
        .find(|(at, _)| !text[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))?;
    let rest = text[at + label.len()..].trim_start().trim_start_matches(['=', ':']).trim_start();
    let inside = rest.strip_prefix('"')?;
    inside.split_once('"').map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_quoted_texts_stay() {
        let text = "a // no \"x\"\n\"http://y\" # no\n/* \"z\" */ 'b\\'c'";
        let clean = without_comments(text, true);
        assert_eq!(clean, "a \n\"http://y\" \n 'b\\'c'");
        assert_eq!(quoted("f(\"a\", 'b', `c`) \"open"), ["a", "b", "c"]);
    }

    #[test]
    fn brackets_are_matched() {
        let text = ".target(name: \"A\", dependencies: [\"B\", .product(name: \"C\")]), .target(name: \"D)\")";
        let targets = enclosed(text, ".target(");
        assert_eq!(targets.len(), 2);
        assert_eq!(labelled(targets[0], "name:"), Some("A"));
        assert_eq!(labelled(targets[1], "name:"), Some("D)"));
        assert_eq!(quoted(enclosed(targets[0], "dependencies: [")[0]), ["B", "C"]);
    }
}
