//! Here-documents: which texts an instruction's line begins, and where each of them ends.

use super::variables::unquoted;

/// A text that follows an instruction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heredoc {
    /// Whether the tabs before its last line do not count.
    strips: bool,
    /// The line that ends it.
    end: String,
}

impl Heredoc {
    /// Whether a line ends it.
    pub(super) fn ends(&self, line: &str) -> bool {
        let line = line.trim_end_matches('\r');
        let line = if self.strips { line.trim_start_matches('\t') } else { line };
        line == self.end
    }
}

/// The here-documents that a line begins, in order. A line with a quote that is not closed begins none.
pub(super) fn begun(line: &str) -> Vec<Heredoc> {
    let words = if line.contains("<<") { words(line).unwrap_or_default() } else { Vec::new() };
    words.iter().filter_map(|word| heredoc(word)).collect()
}

/// A word that begins a here-document: `<<END`, `3<<-"END"`. One in quotes begins none, and `<<<` is something else.
pub(super) fn heredoc(word: &str) -> Option<Heredoc> {
    let rest = word.trim_start_matches(|digit: char| digit.is_ascii_digit()).strip_prefix("<<")?;
    let (strips, name) = rest.strip_prefix('-').map_or((false, rest), |name| (true, name));
    let end = (!name.contains('<')).then(|| unquoted(name.trim_start()))?;
    (!end.is_empty()).then_some(Heredoc { strips, end })
}

/// Splits at blanks that are neither quoted nor escaped nor right after `<<`. `None` if a quote is not closed.
fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut rest = line.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\'' | '"' => {
                word.push(next);
                loop {
                    let inside = rest.next()?;
                    word.push(inside);
                    match inside {
                        '\\' if next == '"' => word.push(rest.next()?),
                        _ if inside == next => break,
                        _ => {}
                    }
                }
            }
            '\\' => word.extend(std::iter::once(next).chain(rest.next())),
            '<' if rest.next_if_eq(&'<').is_some() => {
                word.push_str("<<");
                word.extend(std::iter::from_fn(|| rest.next_if(|blank| blank.is_whitespace())));
            }
            blank if blank.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(next),
        }
    }
    words.push(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_the_texts_that_its_unquoted_words_name() {
        for (line, ends) in [
            ("RUN <<A", &["A"][..]),
            ("RUN <<-A", &["A"]),
            ("RUN 3<<A cat", &["A"]),
            ("RUN cat <<A <<B > /x", &["A", "B"]),
            ("COPY <<a.conf <<\"b.conf\" /etc/", &["a.conf", "b.conf"]),
            ("RUN <<'A'", &["A"]),
            ("RUN <<A'B'", &["AB"]),
            ("RUN <<A\\'B", &["A'B"]),
            ("RUN <<'two words'", &["two words"]),
            ("RUN <<$A", &["$A"]),
            ("RUN <<   A > x", &["A"]),
            ("RUN << -A", &["-A"]),
            ("RUN '<<A'", &[]),
            ("RUN sh -c \"cat <<A > x\"", &[]),
            ("RUN echo it's <<A", &[]),
            ("RUN x=$((1<<2))", &[]),
            ("RUN cat <<<A", &[]),
            ("RUN cat<<A", &[]),
            ("RUN a << '' b", &[]),
            ("RUN [\"<<A\"]", &[]),
        ] {
            let found = begun(line);
            assert_eq!(found.iter().map(|heredoc| heredoc.end.as_str()).collect::<Vec<_>>(), ends, "{line}");
        }
    }

    #[test]
    fn tabs_before_the_end_count_unless_a_dash_says_otherwise() {
        let (plain, dashed) = (heredoc("<<A").unwrap(), heredoc("<<-A").unwrap());
        assert!(plain.ends("A") && plain.ends("A\r") && !plain.ends("\tA") && !plain.ends("A "));
        assert!(dashed.ends("\t\tA") && dashed.ends("A") && !dashed.ends(" A"));
    }
}
