//! Path patterns: from the text in the map to path components.
//!
//! A pattern is parsed when the map is checked, and the parsed form is kept, so that filling in the environment's name
//! later cannot fail.

use super::Position;
use super::component::{Component, check_components, components};
use super::flaw::{Flaw, flaw, with_deep_components};
use super::glob::{Class, Glob, GlobStep, MOST_STEPS};
use crate::base::names::EnvironmentName;

/// How many alternatives the braces of one pattern may expand to.
const MOST_ALTERNATIVES: usize = 1000;
/// How deeply braces may nest: far more than anybody writes, and far less than the stack allows.
const DEEPEST_BRACES: usize = 32;

/// A piece of a pattern, after brace expansion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Literal bytes; `/` separates components.
    Text(Vec<u8>),
    /// `${environment}`.
    Environment,
    /// A wildcard.
    Wild(GlobStep),
}

/// A path pattern. It may contain `${environment}`, so it is resolved once the environment is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The text in the map.
    pub text: String,
    /// Its position in the map.
    pub position: Position,
    /// The text after brace expansion.
    alternatives: Vec<Vec<Piece>>,
}

impl Pattern {
    /// Parses the text and checks that it can match a path at all.
    pub(crate) fn parse(text: &str, position: Position) -> Result<Self, Flaw> {
        if let Some(excluded) = text.strip_prefix('!') {
            return flaw("begins with `!`", format!("put `{excluded}` into `exclude` instead"));
        }
        if text.starts_with('/') {
            let bare = text.trim_start_matches('/');
            return flaw("begins with `/`", format!("every pattern is anchored at the root: write `{bare}`"));
        }
        let alternatives = expand(text)?;
        for alternative in &alternatives {
            if longest(alternative) > MOST_STEPS {
                let hint = format!(
                    "no file has so long a name; `${{environment}}` counts as {} bytes, the longest there may be",
                    EnvironmentName::MOST_BYTES
                );
                return flaw(format!("has a path component of more than {MOST_STEPS} bytes"), hint);
            }
            let components = split(alternative, b"x");
            if components.iter().any(|steps| steps.len() > 1 && steps.contains(&GlobStep::Stars)) {
                let message = "has `**` inside a component, which crosses none";
                return flaw(message, format!("write `{}`", with_deep_components(text)));
            }
            check_components(components)?;
        }
        Ok(Self { text: text.to_owned(), position, alternatives })
    }

    /// Whether it contains `${environment}`.
    pub(crate) fn knows_environment(&self) -> bool {
        self.alternatives.iter().any(|pieces| pieces.contains(&Piece::Environment))
    }

    /// A pattern that comes from another tool's file instead of a map. `None` if it cannot match any path.
    pub fn foreign(text: &str) -> Option<Self> {
        Self::parse(text, Position::default()).ok()
    }

    /// Resolves the pattern for one environment to component lists, of which any may match and none is empty. If an
    /// environment consists only of slashes, patterns that contain its name match nothing.
    ///
    /// The last component of each list is never [`Component::Deep`]: a match covers everything below it, so a `**` at
    /// the end means the same as a `*`. A pattern that ends with `/` also gets such a `*`: it covers what is in the
    /// directory, but not a file of that name.
    pub fn resolve(&self, environment: &EnvironmentName) -> Vec<Vec<Component>> {
        let name = environment.as_str().trim_matches('/').as_bytes();
        let nameless = |pieces: &&Vec<Piece>| name.is_empty() && pieces.contains(&Piece::Environment);
        let known = self.alternatives.iter().filter(|pieces| !nameless(pieces));
        known.map(|pieces| components(split(pieces, name))).collect()
    }
}

/// Expands the braces of any glob. Slashes have no special meaning here.
pub(crate) fn expand(text: &str) -> Result<Vec<Vec<Piece>>, Flaw> {
    if text.is_empty() {
        return flaw("is empty", "`**` selects everything".to_owned());
    }
    if text.chars().any(char::is_control) {
        return flaw("has a control character", "`?` stands for any one byte".to_owned());
    }
    Parser { rest: text }.alternatives(0)
}

/// The glob of one alternative as a whole, without splitting it into components.
pub(crate) fn whole(alternative: Vec<Piece>) -> Result<Glob, Flaw> {
    let mut steps = Vec::new();
    for piece in alternative {
        match piece {
            Piece::Text(text) => steps.extend(text.into_iter().map(GlobStep::Byte)),
            Piece::Wild(step) => steps.push(step),
            Piece::Environment => {
                return flaw("has `${environment}`", "only path patterns know the environment".to_owned());
            }
        }
    }
    let glob = Glob::new(steps);
    glob.check()?;
    Ok(glob)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let skipped = self.rest.strip_prefix(prefix);
        self.rest = skipped.unwrap_or(self.rest);
        skipped.is_some()
    }

    /// Takes the text up to the next character that may be special.
    fn plain(&mut self) -> &str {
        let means_something = |byte| matches!(byte, b'{' | b'}' | b',' | b'*' | b'?' | b'[' | b'$' | b'\\');
        let (plain, rest) = self.rest.split_at(self.rest.bytes().position(means_something).unwrap_or(self.rest.len()));
        self.rest = rest;
        plain
    }

    /// Reads to the end, or within braces to the closing one.
    fn alternatives(&mut self, depth: usize) -> Result<Vec<Vec<Piece>>, Flaw> {
        let mut finished = Vec::new();
        let mut open = vec![Vec::new()];
        loop {
            let plain = self.plain();
            if !plain.is_empty() {
                open.iter_mut().for_each(|alternative| push_text(alternative, plain.as_bytes()));
            }
            let piece = match self.next() {
                None if depth > 0 => return flaw("has a `{` without `}`", "write `\\{` for the character".to_owned()),
                None => return Ok(open),
                Some('{') if depth == DEEPEST_BRACES => {
                    return flaw("nests its braces too deeply", "write several patterns".to_owned());
                }
                Some('{') => {
                    open = product(&open, &self.alternatives(depth + 1)?)?;
                    continue;
                }
                Some('}') if depth == 0 => {
                    return flaw("has a `}` without `{`", "write `\\}` for the character".to_owned());
                }
                Some('}') => {
                    finished.append(&mut open);
                    return capped(finished);
                }
                Some(',') if depth > 0 => {
                    finished.append(&mut open);
                    open.push(Vec::new());
                    continue;
                }
                // Only two stars that were typed side by side count as `**`, not two that brace expansion joins:
                // `{a/*,b}*` does not cross components.
                Some('*') if self.skip("*") => {
                    while self.skip("*") {}
                    Piece::Wild(GlobStep::Stars)
                }
                Some('*') => Piece::Wild(GlobStep::Star),
                Some('?') => Piece::Wild(GlobStep::Any),
                Some('[') => Piece::Wild(GlobStep::Class(self.class()?)),
                Some('$') if self.rest.starts_with('{') => self.variable()?,
                Some('\\') => text(self.escaped()?),
                Some(other) => text(other),
            };
            for alternative in &mut open {
                push(alternative, piece.clone());
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Flaw> {
        match self.next() {
            None => flaw("ends with a single `\\`", "write `\\\\` for the character".to_owned()),
            Some(plain) if plain.is_alphanumeric() => {
                flaw(format!("has `\\{plain}`, which means nothing"), "components are separated by `/`".to_owned())
            }
            Some(special) => Ok(special),
        }
    }

    /// Reads what follows `$`.
    fn variable(&mut self) -> Result<Piece, Flaw> {
        let hint = || {
            "the variables are `${environment}`, `${service}` and `${directory}`; write `\\$` for the character"
                .to_owned()
        };
        let Some((name, _)) = self.rest[1..].split_once('}') else {
            return flaw("has a `${` without `}`", hint());
        };
        if matches!(name, "service" | "directory") {
            // Other places fill the variables in before the pattern is parsed.
            let hint = "only patterns of a service know it: write it out".to_owned();
            return flaw(format!("has `${{{name}}}`, which is not known here"), hint);
        }
        if name != "environment" {
            return flaw(format!("has the unknown variable `${{{name}}}`"), hint());
        }
        self.rest = &self.rest["{environment}".len()..];
        Ok(Piece::Environment)
    }

    /// Reads what follows `[`. As in git, `!` and `^` negate, and `]` in the first place is literal.
    fn class(&mut self) -> Result<Class, Flaw> {
        let negated = self.skip("!") || self.skip("^");
        let mut class = Class::default();
        let mut first = true;
        while first || !self.skip("]") {
            first = false;
            if self.rest.starts_with("[:") {
                return flaw("has a named character class", "write the range, as in `[a-z]`".to_owned());
            }
            if self.rest.starts_with("${") {
                return flaw("has a variable in a character class", "take it out of the brackets".to_owned());
            }
            let low = self.class_byte()?;
            let ranges = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            let high = if ranges && self.skip("-") { self.class_byte()? } else { low };
            if high < low {
                let message = format!("has the backward range `{}-{}`", char::from(low), char::from(high));
                return flaw(message, "the smaller character comes first".to_owned());
            }
            class.add(low, high);
        }
        Ok(if negated { class.complement() } else { class })
    }

    fn class_byte(&mut self) -> Result<u8, Flaw> {
        let character = match self.next() {
            Some('\\') => self.escaped()?,
            Some(other) => other,
            None => return flaw("has a `[` without `]`", "write `\\[` for the character".to_owned()),
        };
        match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => Ok(byte),
            _ => flaw(
                format!("has `{character}` in a character class, which matches single bytes"),
                "write `{a,b}` with whole characters instead of `[ab]`".to_owned(),
            ),
        }
    }
}

fn text(character: char) -> Piece {
    Piece::Text(character.to_string().into_bytes())
}

/// Appends a piece, merging adjacent texts.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match piece {
        Piece::Text(text) => push_text(pieces, &text),
        other => pieces.push(other),
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &[u8]) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.extend_from_slice(text),
        _ => pieces.push(Piece::Text(text.to_vec())),
    }
}

fn capped(alternatives: Vec<Vec<Piece>>) -> Result<Vec<Vec<Piece>>, Flaw> {
    if alternatives.len() > MOST_ALTERNATIVES {
        let message = format!("has braces that make more than {MOST_ALTERNATIVES} alternatives");
        return flaw(message, "use `*`, or write several patterns".to_owned());
    }
    Ok(alternatives)
}

fn product(fronts: &[Vec<Piece>], ends: &[Vec<Piece>]) -> Result<Vec<Vec<Piece>>, Flaw> {
    let mut all = Vec::new();
    for front in fronts {
        for end in ends {
            let mut pieces = front.clone();
            end.iter().for_each(|piece| push(&mut pieces, piece.clone()));
            all.push(pieces);
        }
        all = capped(all)?;
    }
    Ok(all)
}

/// The number of steps of the longest component, whatever the environment is.
fn longest(pieces: &[Piece]) -> usize {
    let (mut longest, mut open) = (0, 0);
    for piece in pieces {
        match piece {
            Piece::Environment => open += EnvironmentName::MOST_BYTES,
            Piece::Wild(_) => open += 1,
            Piece::Text(text) => {
                for byte in text {
                    open = if *byte == b'/' { 0 } else { open + 1 };
                    longest = longest.max(open);
                }
            }
        }
        longest = longest.max(open);
    }
    longest
}

/// Splits an alternative at its slashes. The result has at least one component, which may be empty.
fn split(pieces: &[Piece], environment: &[u8]) -> Vec<Vec<GlobStep>> {
    let mut all = vec![];
    let mut last = vec![];
    for piece in pieces {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Environment => environment,
            Piece::Wild(step) => {
                last.push(step.clone());
                continue;
            }
        };
        for (at, part) in text.split(|byte| *byte == b'/').enumerate() {
            if at > 0 {
                all.push(std::mem::take(&mut last));
            }
            last.extend(part.iter().map(|byte| GlobStep::Byte(*byte)));
        }
    }
    all.push(last);
    all
}
