//! Messages on standard error: the only place that writes there.

mod by_cause;
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
use crate::base::text::harmless;
pub use by_cause::ByCause;
use spans::SpanDurations;

/// Writes messages to standard error.
#[derive(Debug, Clone, Copy)]
pub struct Reporter {
    format: LogFormat,
    quiet: bool,
    verbose: bool,
    color: Color,
}

impl Reporter {
    /// Configured by the flags. Diagnostics (`-v`) take the same route.
    pub fn new(global: &Global, no_color: bool) -> Self {
        let color = if no_color && global.color == Color::Auto { Color::Never } else { global.color };
        let reporter = Self { format: global.log_format, quiet: global.quiet, verbose: global.verbose > 0, color };
        reporter.trace(global.verbose);
        reporter
    }

    /// For use before the flags are known.
    pub fn plain() -> Self {
        Self { format: LogFormat::Text, quiet: false, verbose: false, color: Color::Auto }
    }

    /// Whether more is wanted (`-v`).
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether only failures are wanted (`-q`).
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Information.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.write("info", Style::new(), "", text, None);
        }
    }

    /// An event for machines; people do not see it.
    pub fn event(&self, event: &impl serde::Serialize) {
        if let (LogFormat::Json, false, Ok(line)) = (self.format, self.quiet, serde_json::to_string(event)) {
            // If standard error is closed, there is nowhere to report it.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }

    /// A warning that needs action.
    pub fn warn(&self, text: &str) {
        if !self.quiet {
            self.write("warning", AnsiColor::Yellow.on_default().bold(), "warning: ", text, None);
        }
    }

    /// Why the command failed, and what to do.
    pub fn fail(&self, failure: &Failure) {
        let style = AnsiColor::Red.on_default().bold();
        let text = failure.to_string();
        // A map's problems have their own headings, positions and hints.
        let heading = if text.starts_with("error") { "" } else { "error: " };
        self.write("error", style, heading, &text, failure.hint.as_deref());
    }

    /// Whether to use colours on a stream.
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
                let (mut text, hint) = (harmless(text), hint.map(harmless));
                if !text.starts_with("error[") {
                    // Whatever a line end is in, what follows it must not look like a message of its own.
                    text = text.replace('\n', "\n  ");
                }
                let hint = hint.map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
                if self.colors(std::io::IsTerminal::is_terminal(&stderr)) {
                    format!("{style}{heading}{style:#}{text}{hint}")
                } else {
                    format!("{heading}{text}{hint}")
                }
            }
        };
        // If standard error is closed, there is nowhere to report it.
        let _ = writeln!(stderr, "{line}");
    }

    fn trace(&self, verbose: u8) {
        let level = match verbose {
            0 => return,
            1 => Level::DEBUG,
            _ => Level::TRACE,
        };
        // At trace level the AWS SDK logs whole answers, including a container role's credentials.
        let shown = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level).with_default(level.min(Level::DEBUG));
        let messages = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time();
        let messages = match self.format {
            LogFormat::Json => messages.json().boxed(),
            LogFormat::Text => messages.with_ansi(false).boxed(),
        };
        let durations = SpanDurations { format: self.format };
        // Only the first call in a process takes effect; a second one would set up the same.
        let _ = tracing_subscriber::registry().with(shown).with(messages).with(durations).try_init();
    }
}
