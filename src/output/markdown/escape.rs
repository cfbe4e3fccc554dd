//! Text in Markdown that stays text, whatever a file or a service is called: it cannot end a cell or a line, add markup or a
//! link, mention a person or refer to an issue. Right for GitHub and GitLab, which know more references than CommonMark does.

use crate::base::text::printable;

/// How much of a name is shown: the longest that a person reads.
const MOST: usize = 200;

/// A name in a code span, in which neither GitHub nor GitLab looks for references.
pub(super) fn code(name: &[u8]) -> String {
    let shown = shortened(&printable(name));
    let plain = |c: char| {
        c.is_alphanumeric() || (c.is_ascii_graphic() && !matches!(c, '`' | '|' | '\\')) || matches!(c, ' ' | '…')
    };
    let edges = shown.starts_with(' ') || shown.ends_with(' ') || shown.is_empty();
    if !edges && shown.chars().all(plain) {
        return format!("`{shown}`");
    }
    // A code span has no escapes, but HTML has: no character that means anything is left.
    format!("<code>{}</code>", shown.chars().map(entity).collect::<String>())
}

/// A sentence that may quote names and what people wrote.
pub(super) fn prose(sentence: &str) -> String {
    let mut text = String::new();
    let mut before = ' ';
    let shown = printable(sentence.as_bytes());
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // Neither an address nor an emoji goes on with a space.
            ':' if rest.peek() == Some(&' ') => text.push(c),
            // A sign of a reference, and what keeps it from being one: a space without width.
            '@' | '#' | '!' | '$' | '~' | '%' | '&' | '^' => text += &format!("{}&#8203;", entity(c)),
            // "www." begins a link.
            '.' if matches!(before, 'w' | 'W') => text += &entity(c),
            '.' | ',' | '(' | ')' | '/' | '-' | '\'' | ' ' => text.push(c),
            c => text += &entity(c),
        }
        before = c;
    }
    text
}

fn entity(c: char) -> String {
    if c.is_alphanumeric() { c.to_string() } else { format!("&#{};", u32::from(c)) }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_names_are_readable_as_they_are() {
        assert_eq!(code(b"services/a/main_2.rs"), "`services/a/main_2.rs`");
        assert_eq!(code("über/@x/*.<b>.rs".as_bytes()), "`über/@x/*.<b>.rs`");
        assert_eq!(prose("2 inputs differ (a/x.rs)"), "2 inputs differ (a/x.rs)");
    }

    #[test]
    fn what_means_something_does_not() {
        assert_eq!(code(b"a|b`c\\"), "<code>a&#124;b&#96;c&#92;</code>");
        assert_eq!(code(b" a\n"), "<code>&#32;a&#92;n</code>");
        assert_eq!(code(b""), "<code></code>");
        assert_eq!(prose("@ann: see www.x.y *#3*"), "&#64;&#8203;ann: see www&#46;x.y &#42;&#35;&#8203;3&#42;");
        assert_eq!(prose("a:b x: y:"), "a&#58;b x: y&#58;");
        assert_eq!(code(&[b'x'; 300]).chars().count(), 203);
    }
}
