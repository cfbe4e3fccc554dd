//! Output as a page shows it, beside what the program printed.

/// What a page leaves out: a part of a line, or lines.
const LEFT_OUT: &str = "…";

/// Whether a page shows what was said: line by line, whole. `…` in a line stands for any text, and alone for any lines.
pub(super) fn agrees(shown: &str, said: &str) -> bool {
    let lines = |text: &str| text.trim_matches('\n').lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    lines_agree(&lines(shown), &lines(said))
}

fn lines_agree(shown: &[String], said: &[String]) -> bool {
    match shown {
        [] => said.is_empty(),
        [first, rest @ ..] if first == LEFT_OUT => (0..=said.len()).any(|from| lines_agree(rest, &said[from..])),
        [first, rest @ ..] => {
            said.split_first().is_some_and(|(line, more)| line_agrees(first, line) && lines_agree(rest, more))
        }
    }
}

fn line_agrees(shown: &str, said: &str) -> bool {
    let Some((before, after)) = shown.split_once(LEFT_OUT) else { return shown == said };
    let Some(rest) = said.strip_prefix(before) else { return false };
    let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.into_iter().any(|at| line_agrees(after, &rest[at..]))
}

#[test]
fn what_is_shown_is_what_is_said_but_for_what_is_left_out() {
    for (shown, said, expected) in [
        ("a\nb\n", "a\nb\n", true),
        ("a\n", "a\nb\n", false),
        ("b\n", "a\nb\n", false),
        ("a\nb\n", "b\na\n", false),
        ("a …, by …\n", "a b, by c\n", true),
        ("a …, by d\n", "a b, by c\n", false),
        ("…\nb\n…\n", "a\nb\n", true),
        ("…\nc\n…\n", "a\nb\n", false),
        ("…\n", "", true),
        ("", "a\n", false),
    ] {
        assert_eq!(agrees(shown, said), expected, "{shown:?} {said:?}");
    }
}
