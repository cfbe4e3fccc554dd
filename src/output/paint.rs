//! Colours, by meaning. They only repeat what the words say.

use anstyle::{AnsiColor, Style};

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::output) enum Tone {
    /// Nothing special.
    Plain,
    /// The first thing to read.
    Strong,
    /// Secondary.
    Faint,
    /// As it should be.
    Good,
    /// Worth knowing.
    Notice,
    /// Unknown or gone.
    Bad,
}

/// Whether colours are used at all.
#[derive(Debug, Clone, Copy)]
pub(in crate::output) struct Paint {
    color: bool,
}

impl Paint {
    pub(in crate::output) fn new(color: bool) -> Self {
        Self { color }
    }

    /// The text in its colour.
    pub(in crate::output) fn tone(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Notice => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default(),
        };
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
