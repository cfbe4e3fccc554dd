//! What commands print, when several run in one call: whole lines, and always known whose.

use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::app::report::Reporter;
use crate::base::names::ServiceName;

use super::held::{Held, Stream};

/// How long a pipe must have been silent after its command ended: something in the background may keep it open for ever.
const SILENCE: Duration = Duration::from_secs(2);
/// More than any pipe holds: what comes later is from something in the background.
const MOST_AFTER: u64 = 4 << 20;

/// How the output of commands is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One command has the program's own input and output.
    Inherited,
    /// Each line begins with the name of its service.
    Prefixed,
    /// A group of GitHub Actions for each service, one after the other.
    Groups,
    /// The same, each once its command has ended.
    HeldGroups,
}

/// The program's output streams.
pub(super) struct Console {
    pub(super) layout: Layout,
    reporter: Reporter,
    temporary: PathBuf,
    /// Whether the last line on standard output, and on standard error, has not ended.
    unended: Mutex<[bool; 2]>,
}

/// The output of one command.
pub(super) struct Following {
    output: Arc<CommandOutput>,
    ended: Receiver<()>,
}

/// Where a command's lines go.
struct CommandOutput {
    console: Arc<Console>,
    service: ServiceName,
    /// What each line begins with, on either stream.
    prefixes: [String; 2],
    held: Option<Held>,
    /// How many bytes were read so far.
    read: AtomicU64,
}

impl Console {
    pub(super) fn new(layout: Layout, reporter: Reporter, temporary: &Path) -> Arc<Self> {
        Arc::new(Self { layout, reporter, temporary: temporary.to_owned(), unended: Mutex::default() })
    }

    /// Gives a command its streams.
    pub(super) fn connect(&self, command: &mut Command) {
        if self.layout != Layout::Inherited {
            // They would take each other's input.
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        }
    }

    /// Passes on what a command prints, until it ends.
    ///
    /// # Errors
    /// No thread can be made.
    pub(super) fn follow(
        self: &Arc<Self>,
        service: &ServiceName,
        number: usize,
        child: &mut Child,
    ) -> io::Result<Following> {
        let prefix = |terminal| match self.layout {
            Layout::Prefixed => prefix(service, number, self.reporter.colors(terminal)),
            _ => String::new(),
        };
        let output = Arc::new(CommandOutput {
            console: Arc::clone(self),
            service: service.clone(),
            prefixes: [prefix(io::stdout().is_terminal()), prefix(io::stderr().is_terminal())],
            held: (self.layout == Layout::HeldGroups).then(|| Held::new(&self.temporary)),
            read: AtomicU64::new(0),
        });
        if self.layout == Layout::Groups {
            self.line(&format!("::group::{service}"));
        }
        let (sender, ended) = channel();
        if let Some(from) = child.stdout.take() {
            pump(from, Stream::Out, &output, &sender)?;
        }
        if let Some(from) = child.stderr.take() {
            pump(from, Stream::Err, &output, &sender)?;
        }
        Ok(Following { output, ended })
    }

    /// Ends lines that have no end, before a message. One log often shows both streams; where there are no messages,
    /// nothing is added to standard output.
    pub(super) fn settle(&self) {
        let streams: &[Stream] = if self.reporter.is_quiet() { &[Stream::Err] } else { &[Stream::Out, Stream::Err] };
        end_lines(&mut self.lock(), streams);
    }

    /// Prints a line of the program's own on standard output.
    fn line(&self, text: &str) {
        self.put(Stream::Out, format!("{text}\n").as_bytes());
    }

    fn put(&self, stream: Stream, bytes: &[u8]) {
        put(&mut self.lock(), stream, bytes);
    }

    /// Prints what was held back of one service, and nothing of another in between.
    fn release(&self, service: &ServiceName, held: &Held) {
        let mut unended = self.lock();
        put(&mut unended, Stream::Out, format!("::group::{service}\n").as_bytes());
        held.release(|stream, bytes| put(&mut unended, stream, bytes));
        put(&mut unended, Stream::Out, b"::endgroup::\n");
    }

    fn lock(&self) -> MutexGuard<'_, [bool; 2]> {
        self.unended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prints on a stream, after the end of whatever line is printed on either.
fn put(unended: &mut [bool; 2], stream: Stream, bytes: &[u8]) {
    end_lines(unended, &[Stream::Out, Stream::Err]);
    write(stream, bytes);
    unended[stream as usize] = !bytes.ends_with(b"\n");
}

fn end_lines(unended: &mut [bool; 2], streams: &[Stream]) {
    for stream in streams {
        if std::mem::take(&mut unended[*stream as usize]) {
            write(*stream, b"\n");
        }
    }
}

/// A reader that has gone away must not stop a deploy.
fn write(stream: Stream, bytes: &[u8]) {
    let _ = match stream {
        Stream::Out => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes).and_then(|()| stdout.flush())
        }
        Stream::Err => io::stderr().lock().write_all(bytes),
    };
}

fn prefix(service: &ServiceName, number: usize, color: bool) -> String {
    const COLORS: [AnsiColor; 6] = [
        AnsiColor::Cyan,
        AnsiColor::Yellow,
        AnsiColor::Green,
        AnsiColor::Magenta,
        AnsiColor::Blue,
        AnsiColor::BrightCyan,
    ];
    let style = if color { COLORS[number % COLORS.len()].on_default() } else { Style::new() };
    format!("{style}{service} |{style:#} ")
}

impl CommandOutput {
    /// Takes whole lines; the last one may have no end.
    fn take(&self, stream: Stream, lines: &[u8]) {
        if self.held.as_ref().is_some_and(|held| held.keep(stream, lines)) {
            return;
        }
        let prefix = self.prefixes[stream as usize].as_bytes();
        if prefix.is_empty() {
            return self.console.put(stream, lines);
        }
        let mut text = Vec::with_capacity(lines.len() + prefix.len());
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            text.extend_from_slice(prefix);
            text.extend_from_slice(line);
        }
        self.console.put(stream, &text);
    }
}

/// Reads a pipe to its end, in a thread of its own.
fn pump(
    mut from: impl Read + Send + 'static,
    stream: Stream,
    output: &Arc<CommandOutput>,
    ended: &Sender<()>,
) -> io::Result<()> {
    let (output, ended) = (Arc::clone(output), ended.clone());
    let pump = move || {
        let mut buffer = vec![0; 1 << 16];
        let mut line = Vec::new();
        loop {
            let read = match from.read(&mut buffer) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Ok(0) | Err(_) => break,
                Ok(read) => &buffer[..read],
            };
            let whole = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            line.extend_from_slice(&read[..whole]);
            if whole > 0 {
                output.take(stream, &line);
                line.clear();
            }
            line.extend_from_slice(&read[whole..]);
            output.read.fetch_add(read.len() as u64, Ordering::Relaxed);
        }
        if !line.is_empty() {
            output.take(stream, &line);
        }
        // Nobody may wait any more.
        let _ = ended.send(());
    };
    std::thread::Builder::new().name(format!("{stream:?}")).spawn(pump).map(drop)
}

impl Following {
    /// Waits until all is printed that the command printed. What is still printed later, by something that the command
    /// left behind, is passed on as it comes.
    pub(super) fn finish(self) {
        let before = self.output.read.load(Ordering::Relaxed);
        loop {
            let seen = self.output.read.load(Ordering::Relaxed);
            match self.ended.recv_timeout(SILENCE) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let now = self.output.read.load(Ordering::Relaxed);
                    if now == seen || now - before > MOST_AFTER {
                        break;
                    }
                }
            }
        }
        let console = &self.output.console;
        match &self.output.held {
            Some(held) => console.release(&self.output.service, held),
            None if console.layout == Layout::Groups => console.line("::endgroup::"),
            None => {}
        }
    }
}
