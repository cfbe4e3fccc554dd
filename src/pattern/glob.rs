//! Globs over bytes: `*`, `?` and `[…]` within one path component, as git's wildmatch understands them.
//!
//! They are read by our own parser, because `globset` reads some patterns differently from git: `\` within brackets,
//! braces that contain a `/`, named classes. The result is written in globset's syntax, and globset matches it. A glob
//! is compiled when it is first compared with a name, because compiling hundreds of regular expressions would slow down
//! every start. By then compiling cannot fail: the check of the map has already reported any glob that could as a
//! problem.

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use globset::{Candidate, GlobBuilder, GlobSet};

use super::flaw::{Flaw, flaw};

/// How many steps a glob may have. Globset limits its automata to 10 MB, which is about 100,000 steps; a name in a file
/// system is at most 255 bytes long.
pub(crate) const MOST_STEPS: usize = 4096;

/// One step of a glob.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GlobStep {
    /// Exactly this byte.
    Byte(u8),
    /// `?`: any one byte (in git too, not a character).
    Any,
    /// `*`: any bytes, or none.
    Star,
    /// `**` as typed: alone, a component that matches any number of components; next to anything else, the same as `*`.
    Stars,
    /// `[…]`: one byte of a set.
    Class(Class),
}

/// A set of bytes. Only ASCII can be typed in brackets, so either all bytes above it are in the set or none.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Class(Box<[u64; 4]>);

impl Class {
    /// Adds all bytes from `first` to `last`, inclusive.
    pub(crate) fn add(&mut self, first: u8, last: u8) {
        for byte in first..=last {
            self.0[usize::from(byte / 64)] |= 1 << (byte % 64);
        }
    }

    /// All bytes that are not in the set.
    pub(crate) fn complement(&self) -> Self {
        Self(Box::new(self.0.map(|word| !word)))
    }

    /// Whether the byte is in the set.
    fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte / 64)] & (1 << (byte % 64)) != 0
    }

    /// The set without regard to the case of ASCII letters.
    fn folded(&self) -> Self {
        let mut folded = self.clone();
        for byte in (0..=u8::MAX).filter(|byte| self.contains(*byte)) {
            let lower = byte.to_ascii_lowercase();
            folded.add(lower, lower);
        }
        folded
    }

    /// The set as 32 bytes.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_mut(8).zip(*self.0) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Appends the set in globset's syntax, which has no escapes within brackets.
    fn write(&self, text: &mut Vec<u8>) {
        let negated = self.contains(u8::MAX);
        let mut listed: Vec<u8> = (0..=0x7f).filter(|byte| self.contains(*byte) != negated).collect();
        if negated && listed.is_empty() {
            text.push(b'?');
        } else if !negated && !listed.is_empty() && listed.iter().all(|byte| b"!^-".contains(byte)) {
            // In brackets it would begin with `!` or `^`, and negate.
            text.push(b'{');
            text.extend(listed.iter().flat_map(|byte| [b',', b'\\', *byte]).skip(1));
            text.push(b'}');
        } else {
            // `]` is literal in the first place, `-` in the last, and `!` and `^` anywhere but the first.
            listed.sort_by_key(|byte| match byte {
                b']' => 0,
                b'!' | b'^' => 2,
                b'-' => 3,
                _ => 1,
            });
            text.extend(if negated { &b"[!"[..] } else { b"[" });
            text.extend(listed);
            text.push(b']');
        }
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries((0..=u8::MAX).filter(|byte| self.contains(*byte)).map(char::from)).finish()
    }
}

/// A glob. Clones share the compiled form.
#[derive(Clone)]
pub struct Glob(Arc<Shared>);

struct Shared {
    steps: Vec<GlobStep>,
    matcher: OnceLock<GlobSet>,
}

impl Glob {
    /// Creates a glob from steps, merging consecutive stars.
    pub(crate) fn new(mut steps: Vec<GlobStep>) -> Self {
        for step in &mut steps {
            if *step == GlobStep::Stars {
                *step = GlobStep::Star;
            }
        }
        steps.dedup_by(|one, other| *one == GlobStep::Star && *other == GlobStep::Star);
        Self(Arc::new(Shared { steps, matcher: OnceLock::new() }))
    }

    /// The glob that matches lower-case texts as this one matches texts in any case.
    pub(crate) fn folded(&self) -> Self {
        let fold = |step: &GlobStep| match step {
            GlobStep::Byte(byte) => GlobStep::Byte(byte.to_ascii_lowercase()),
            GlobStep::Class(class) => GlobStep::Class(class.folded()),
            other => other.clone(),
        };
        Self::new(self.0.steps.iter().map(fold).collect())
    }

    /// The steps.
    pub fn steps(&self) -> &[GlobStep] {
        &self.0.steps
    }

    /// Refuses a glob that could not be compiled later.
    pub(crate) fn check(&self) -> Result<(), Flaw> {
        if self.0.steps.len() > MOST_STEPS {
            return flaw(format!("is longer than {MOST_STEPS} bytes"), "use `*` for most of it".to_owned());
        }
        // Nearly all globs are like this one, and any text of these steps is one for globset.
        let plain = |step: &GlobStep| match step {
            GlobStep::Byte(byte) => byte.is_ascii(),
            GlobStep::Any | GlobStep::Star => true,
            GlobStep::Stars | GlobStep::Class(_) => false,
        };
        if self.0.steps.iter().all(plain) {
            return Ok(());
        }
        match self.parsed() {
            Ok(_) => Ok(()),
            Err(error) => flaw(format!("cannot be compiled: {error}"), "write it in another way".to_owned()),
        }
    }

    /// Whether the whole text matches. `*` and `?` also match a `/`.
    pub fn matches(&self, text: &[u8]) -> bool {
        if self.0.steps == [GlobStep::Star] {
            return true;
        }
        // Without a matcher neither answer would be safe: one is wrong for an include, the other for an exclude.
        let matcher = self.0.matcher.get_or_init(|| self.compile().expect("the glob was checked with the map"));
        matcher.is_match_candidate(&Candidate::from_bytes(text))
    }

    fn compile(&self) -> Result<GlobSet, Box<dyn Error>> {
        Ok(GlobSet::new([self.parsed()?])?)
    }

    /// The glob as globset reads it.
    fn parsed(&self) -> Result<globset::Glob, Box<dyn Error>> {
        let mut text = Vec::new();
        for (at, step) in self.0.steps.iter().enumerate() {
            match step {
                // Globset would take a trailing `.` for the file extension that it looks up first, and it finds none in
                // `..`.
                GlobStep::Byte(b'.') if at + 1 == self.0.steps.len() => text.extend(b"[.]"),
                GlobStep::Byte(byte) if byte.is_ascii_punctuation() => text.extend([b'\\', *byte]),
                GlobStep::Byte(byte) => text.push(*byte),
                GlobStep::Any => text.push(b'?'),
                GlobStep::Star | GlobStep::Stars => text.push(b'*'),
                GlobStep::Class(class) => class.write(&mut text),
            }
        }
        Ok(GlobBuilder::new(std::str::from_utf8(&text)?).backslash_escape(true).build()?)
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Glob").field(&self.0.steps).finish()
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.0.steps == other.0.steps
    }
}

impl Eq for Glob {}

impl Hash for Glob {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.steps.hash(state);
    }
}

impl PartialOrd for Glob {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Glob {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.steps.cmp(&other.0.steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(bytes: &[u8]) -> Class {
        let mut class = Class::default();
        bytes.iter().for_each(|byte| class.add(*byte, *byte));
        class
    }

    #[test]
    fn every_class_means_its_bytes_to_globset() {
        let special: Vec<u8> = b"]!^-[a".to_vec();
        for chosen in 1..1 << special.len() {
            let bytes: Vec<u8> =
                special.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, byte)| *byte).collect();
            for class in [class(&bytes), class(&bytes).complement(), class(&bytes).complement().folded()] {
                let glob = Glob::new(vec![GlobStep::Class(class.clone())]);
                for byte in 0..=u8::MAX {
                    assert_eq!(glob.matches(&[byte]), class.contains(byte), "{class:?} and {byte:?}");
                }
            }
        }
    }

    #[test]
    fn whatever_passes_the_check_compiles() {
        let odd: Vec<u8> = (b'!'..=b'~').step_by(2).collect();
        let largest = [class(b"!^"), class(&odd), class(&odd).complement()];
        for step in largest.map(GlobStep::Class).into_iter().chain([GlobStep::Any, GlobStep::Byte(b'\\')]) {
            let starred = [GlobStep::Star, step].into_iter().cycle().take(MOST_STEPS).collect();
            let glob = Glob::new(starred);
            glob.check().unwrap();
            glob.compile().unwrap();
        }
    }

    #[test]
    fn any_two_ascii_bytes_compile_beside_wildcards() {
        for first in 0..0x80 {
            let pairs = (0..0x80).flat_map(|next| [first, next].map(GlobStep::Byte));
            let glob = Glob::new(pairs.chain([GlobStep::Any, GlobStep::Byte(first), GlobStep::Star]).collect());
            glob.check().unwrap();
            assert!(glob.compile().is_ok(), "{first}");
            let last = Glob::new(vec![GlobStep::Star, GlobStep::Byte(first)]);
            assert!(last.matches(&[b'/', first]), "{first}");
        }
    }

    #[test]
    fn what_does_not_compile_is_a_flaw() {
        let longest = Glob::new(vec![GlobStep::Any; MOST_STEPS + 1]);
        assert!(longest.check().unwrap_err().message.contains("longer than 4096 bytes"));
        let nothing = Glob::new(vec![GlobStep::Class(Class::default())]);
        assert!(nothing.check().unwrap_err().message.contains("cannot be compiled"));
        let half_a_character = Glob::new(vec![GlobStep::Byte(0xc3), GlobStep::Star]);
        assert!(half_a_character.check().unwrap_err().message.contains("cannot be compiled"));
    }

    #[test]
    fn clones_are_compiled_once() {
        let glob = Glob::new(vec![GlobStep::Star, GlobStep::Byte(b'a'), GlobStep::Any]);
        let clone = glob.clone();
        assert!(glob.matches(b"ab") && clone.0.matcher.get().is_some());
    }

    #[test]
    fn dots_at_the_end_are_only_bytes() {
        let glob = Glob::new(vec![GlobStep::Star, GlobStep::Byte(b'.')]);
        assert!([&b"."[..], b"..", b"a.", b"a/.."].iter().all(|text| glob.matches(text)));
    }
}
