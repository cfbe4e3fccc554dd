//! Wildcards as AWS reads them: in the file filters of a pipeline's trigger, and in policies. Neither is the language of the
//! map.

/// A pattern that was read.
#[derive(Debug)]
pub(super) struct Wildcard {
    /// What `{a,b}` stands for.
    alternatives: Vec<Vec<Token>>,
}

#[derive(Debug, Clone)]
enum Token {
    Letter(char),
    /// One letter, which may be a `/` or not.
    One {
        slash: bool,
    },
    /// Any letters, with `/` or without.
    Any {
        slash: bool,
    },
    /// One letter of these, or one that is none of these.
    Class {
        not: bool,
        ranges: Vec<(char, char)>,
    },
}

/// How many alternatives the braces of a pattern may have together.
const MOST_ALTERNATIVES: usize = 256;

impl Wildcard {
    /// A file filter: `*` and `?` stay within a component, `**` crosses them; `{a,b}` and `[a-z]`. `None` if it is not
    /// understood.
    pub(super) fn of_files(pattern: &str) -> Option<Self> {
        let alternatives: Option<Vec<_>> = expanded(pattern)?.iter().map(|one| file_tokens(one)).collect();
        Some(Self { alternatives: alternatives? })
    }

    /// A value in a policy: `*` is anything and `?` one letter.
    pub(super) fn of_policy(pattern: &str) -> Self {
        let token = |letter| match letter {
            '*' => Token::Any { slash: true },
            '?' => Token::One { slash: true },
            letter => Token::Letter(letter),
        };
        Self { alternatives: vec![pattern.chars().map(token).collect()] }
    }

    /// Whether all of the text matches.
    pub(super) fn fits(&self, text: &str) -> bool {
        self.alternatives.iter().any(|tokens| fits(tokens, text))
    }
}

/// The texts that the braces of a pattern stand for.
fn expanded(pattern: &str) -> Option<Vec<String>> {
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(text) = open.pop() {
        let Some(start) = text.find('{') else {
            done.push(text);
            continue;
        };
        let end = start + text[start..].find('}')?;
        if text[start + 1..end].contains('{') || done.len() + open.len() > MOST_ALTERNATIVES {
            return None;
        }
        open.extend(
            text[start + 1..end].split(',').map(|part| format!("{}{part}{}", &text[..start], &text[end + 1..])),
        );
    }
    Some(done)
}

fn file_tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            '*' => Token::Any { slash: letters.next_if_eq(&'*').is_some() },
            '?' => Token::One { slash: false },
            '\\' => Token::Letter(letters.next()?),
            '[' => {
                let not = letters.next_if(|letter| matches!(letter, '!' | '^')).is_some();
                let mut ranges = Vec::new();
                loop {
                    let first = letters.next()?;
                    if first == ']' && !ranges.is_empty() {
                        break;
                    }
                    let last = if letters.next_if_eq(&'-').is_some() { letters.next()? } else { first };
                    ranges.push((first, last));
                }
                Token::Class { not, ranges }
            }
            letter => Token::Letter(letter),
        });
    }
    Some(tokens)
}

/// Follows all ways at once, so that no pattern takes long.
fn fits(tokens: &[Token], text: &str) -> bool {
    let mut at = vec![false; tokens.len() + 1];
    at[0] = true;
    pass(tokens, &mut at);
    for letter in text.chars() {
        let mut next = vec![false; tokens.len() + 1];
        for (index, token) in tokens.iter().enumerate().filter(|(index, _)| at[*index]) {
            match token {
                Token::Any { slash } if *slash || letter != '/' => next[index] = true,
                Token::Any { .. } => {}
                token => next[index + 1] |= takes(token, letter),
            }
        }
        pass(tokens, &mut next);
        at = next;
    }
    at[tokens.len()]
}

/// `*` may stand for nothing.
fn pass(tokens: &[Token], at: &mut [bool]) {
    for (index, token) in tokens.iter().enumerate() {
        if at[index] && matches!(token, Token::Any { .. }) {
            at[index + 1] = true;
        }
    }
}

fn takes(token: &Token, letter: char) -> bool {
    match token {
        Token::Letter(own) => *own == letter,
        Token::One { slash } => *slash || letter != '/',
        Token::Class { not, ranges } => {
            letter != '/' && ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter)) != *not
        }
        Token::Any { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_filters_are_globs() {
        for (pattern, path, fits) in [
            ("services/api/**", "services/api/a/b.js", true),
            ("services/api/**", "services/api-x/a", false),
            ("services/api", "services/api/a", false),
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("**/*.md", "README.md", false),
            ("**.md", "docs/README.md", true),
            ("{a,b}/[a-c]?.js", "b/cx.js", true),
            ("{a,b}/[!a-c]?.js", "b/cx.js", false),
        ] {
            assert_eq!(Wildcard::of_files(pattern).unwrap().fits(path), fits, "{pattern} {path}");
        }
        assert!(Wildcard::of_files("{a").is_none());
        assert!(Wildcard::of_files("[a").is_none());
        assert!(Wildcard::of_files(&"{a,b}".repeat(40)).is_none());
    }

    #[test]
    fn policies_have_two_wildcards_that_cross_everything() {
        let fits = |pattern: &str, text: &str| Wildcard::of_policy(pattern).fits(text);
        assert!(fits("shop/*", "shop/prod") && fits("*", "a/b") && fits("dynamodb:Put????", "dynamodb:PutItem"));
        assert!(!fits("shop/prod", "shop/prod-eu") && !fits("[a]", "a"));
        let long = format!("{}b", "a".repeat(5000));
        assert!(!fits(&"*a".repeat(200), &long));
    }
}
