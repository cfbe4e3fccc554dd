//! Durations: with `-v`, one line when a span of this program ends, with its fields and how long it took.

use std::fmt::Debug;
use std::io::Write as _;
use std::time::Instant;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::app::cli::LogFormat;

/// Writes the line. Spans of libraries only appear through the messages inside them.
pub(super) struct SpanDurations {
    pub(super) format: LogFormat,
}

/// The data of a span that has not ended.
struct OpenSpan {
    start: Instant,
    fields: Fields,
}

/// The fields of a span, in the order in which they were set.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl<S> Layer<S> for SpanDurations
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if is_ours(attributes.metadata())
            && let Some(span) = context.span(id)
        {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(OpenSpan { start: Instant::now(), fields });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<OpenSpan>()
        {
            values.record(&mut open.fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(OpenSpan { start, fields: Fields(mut fields) }) = span.extensions_mut().remove::<OpenSpan>()
        {
            let milliseconds = start.elapsed().as_micros() as f64 / 1000.0;
            fields.insert("duration_ms".to_owned(), milliseconds.into());
            let line = line(self.format, span.metadata(), fields);
            // If standard error is closed, there is nowhere to report it.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"))
}

/// In the format of `tracing_subscriber`'s messages, so that both kinds of line read the same.
fn line(format: LogFormat, metadata: &Metadata<'_>, mut fields: Map<String, Value>) -> String {
    let (level, target, name) = (metadata.level(), metadata.target(), metadata.name());
    match format {
        LogFormat::Json => {
            fields.shift_insert(0, "message".to_owned(), name.into());
            json!({ "level": level.as_str(), "fields": fields, "target": target }).to_string()
        }
        LogFormat::Text => {
            let fields = fields.iter().map(|(field, value)| format!(" {field}={value}"));
            format!("{level:>5} {target}: {name}{}", fields.collect::<String>())
        }
    }
}

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, format!("{value:?}"));
    }
}
