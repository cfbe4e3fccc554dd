//! Globs over bytes: `*`, `?` and `[…]` within one path component, as git's wildmatch understands them.
//!
//! The matcher is our own, and small, for three reasons: compiling a glob must not fail after the map was checked (the
//! environment's name is only known later), a start-up must not pay for hundreds of regular expressions, and bytes must
//! count as git counts them. The tests hold it against C git.

use std::fmt;

/// One step of a glob.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GlobStep {
    /// Exactly this byte.
    Byte(u8),
    /// `?`: any one byte (not character, as in git).
    Any,
    /// `*`: any bytes, or none.
    Star,
    /// `**` as it was typed: alone it is a component that crosses others, beside anything else it says the same as `*`.
    Stars,
    /// `[…]`: one byte of a set.
    Class(Class),
}

/// A set of bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Class([u64; 4]);

impl Class {
    /// Adds all bytes from `first` to `last`, both included.
    pub(crate) fn add(&mut self, first: u8, last: u8) {
        for byte in first..=last {
            self.0[usize::from(byte / 64)] |= 1 << (byte % 64);
        }
    }

    /// All bytes that are not in it.
    pub(crate) fn complement(&self) -> Self {
        Self(self.0.map(|word| !word))
    }

    /// Whether the byte is in it.
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
        for (chunk, word) in bytes.chunks_mut(8).zip(self.0) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries((0..=u8::MAX).filter(|byte| self.contains(*byte)).map(char::from)).finish()
    }
}

/// A glob, compiled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob(Vec<GlobStep>);

impl Glob {
    /// Takes the steps; several stars in a row are one.
    pub(crate) fn new(mut steps: Vec<GlobStep>) -> Self {
        for step in &mut steps {
            if *step == GlobStep::Stars {
                *step = GlobStep::Star;
            }
        }
        steps.dedup_by(|one, other| *one == GlobStep::Star && *other == GlobStep::Star);
        Self(steps)
    }

    /// The glob that matches texts in lower case as this one matches them in any.
    pub(crate) fn folded(&self) -> Self {
        let fold = |step: &GlobStep| match step {
            GlobStep::Byte(byte) => GlobStep::Byte(byte.to_ascii_lowercase()),
            GlobStep::Class(class) => GlobStep::Class(class.folded()),
            other => other.clone(),
        };
        Self(self.0.iter().map(fold).collect())
    }

    /// The steps.
    pub fn steps(&self) -> &[GlobStep] {
        &self.0
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        let steps = &self.0;
        let (mut at, mut next) = (0, 0);
        // Where to go on when a step fails: behind the last star, which then takes one byte more. Earlier stars need
        // no second try, since the last one can take whatever they could.
        let mut retry: Option<(usize, usize)> = None;
        while at < text.len() {
            let fits = match steps.get(next) {
                Some(GlobStep::Star | GlobStep::Stars) => {
                    next += 1;
                    retry = Some((at, next));
                    continue;
                }
                Some(GlobStep::Byte(byte)) => *byte == text[at],
                Some(GlobStep::Any) => true,
                Some(GlobStep::Class(class)) => class.contains(text[at]),
                None => false,
            };
            if fits {
                at += 1;
                next += 1;
            } else if let Some((from, behind)) = retry {
                at = from + 1;
                next = behind;
                retry = Some((at, behind));
            } else {
                return false;
            }
        }
        steps[next..].iter().all(|step| *step == GlobStep::Star)
    }
}
