//! What is said on standard error: the one place that writes there.

mod progress;
mod spans;

use std::io::Write;

use anstyle::{AnsiColor, Style};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::app::cli::{Color, Global, LogFormat};
use crate::base::failure::Failure;
use spans::SpanDurations;

/// Says things on standard error.
#[derive(Debug, Clone, Copy)]
pub struct Reporter {
    format: LogFormat,
    quiet: bool,
    color: Color,
}

impl Reporter {
    /// As the flags say. Diagnostics (`-v`) go the same way.
    pub fn new(global: &Global, no_color: bool) -> Self {
        let color = if no_color && global.color == Color::Auto { Color::Never } else { global.color };
        let reporter = Self { format: global.log_format, quiet: global.quiet, color };
        reporter.trace(global.verbose);
        reporter
    }

    /// Before the flags are known.
    pub fn plain() -> Self {
        Self { format: LogFormat::Text, quiet: false, color: Color::Auto }
    }

    /// Something to know.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.write("info", Style::new(), "", text, None);
        }
    }

    /// Something to act on.
    pub fn warn(&self, text: &str) {
        if !self.quiet {
            self.write("warning", AnsiColor::Yellow.on_default().bold(), "warning: ", text, None);
        }
    }

    /// Why the command failed, and what to do.
    pub fn fail(&self, failure: &Failure) {
        let style = AnsiColor::Red.on_default().bold();
        let text = failure.to_string();
        // The problems of a map bring their own headings, places and hints.
        let heading = if text.starts_with("error") { "" } else { "error: " };
        self.write("error", style, heading, &text, failure.hint.as_deref());
    }

    /// Whether colours are wanted on a stream.
    pub fn colors(&self, terminal: bool) -> bool {
        match self.color {
            Color::Auto => terminal,
            Color::Always => true,
            Color::Never => false,
        }
    }

    fn write(&self, level: &str, style: Style, heading: &str, text: &str, hint: Option<&str>) {
        let mut stderr = std::io::stderr().lock();
        let line = match self.format {
            LogFormat::Json => {
                let mut line = serde_json::json!({ "level": level, "message": text });
                if let Some(hint) = hint {
                    line["hint"] = hint.into();
                }
                line.to_string()
            }
            LogFormat::Text => {
                let hint = hint.map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
                if self.colors(std::io::IsTerminal::is_terminal(&stderr)) {
                    format!("{style}{heading}{style:#}{text}{hint}")
                } else {
                    format!("{heading}{text}{hint}")
                }
            }
        };
        // Nobody is left to tell that standard error is closed.
        let _ = writeln!(stderr, "{line}");
    }

    fn trace(&self, verbose: u8) {
        let level = match verbose {
            0 => return,
            1 => Level::DEBUG,
            _ => Level::TRACE,
        };
        // What the AWS SDK traces are whole answers, and those hold credentials where it asks a container's role for them.
        let shown = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level).with_default(level.min(Level::DEBUG));
        let messages = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time();
        let messages = match self.format {
            LogFormat::Json => messages.json().boxed(),
            LogFormat::Text => messages.with_ansi(false).boxed(),
        };
        let durations = SpanDurations { format: self.format };
        // Only the first in a process counts; a second one would be this same one.
        let _ = tracing_subscriber::registry().with(shown).with(messages).with(durations).try_init();
    }
}
