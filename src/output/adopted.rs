//! What `adopt` is about to record, for the person who says so.

use jiff::Timestamp;

use super::columns::{Align, Cell, Columns};
use super::paint::{Paint, Tone};
use super::sentences::deployed;
use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::text::printable;
use crate::protocol::answer::Baseline;

/// One service in one environment.
#[derive(Debug)]
pub struct Adopted {
    /// The environment.
    pub environment: EnvironmentName,
    /// The service.
    pub service: ServiceName,
    /// The commit and the number of its inputs.
    pub release: String,
    /// Its outputs, as NAME=VALUE.
    pub outputs: Vec<String>,
    /// What is recorded now.
    pub now: Result<Option<Baseline>, String>,
}

/// A line for each.
pub fn render(adopted: &[Adopted], now: Timestamp, color: bool) -> String {
    let mut columns = Columns::new([Align::Left; 5]);
    columns.row(
        ["SERVICE", "ENVIRONMENT", "TO RECORD", "RECORDED NOW", "OUTPUTS"].map(|head| Cell::new(Tone::Faint, head)),
    );
    for one in adopted {
        let outputs = one.outputs.join(" ");
        let (tone, recorded) = match &one.now {
            Ok(None) => (Tone::Plain, "nothing".to_owned()),
            Ok(Some(baseline)) => (Tone::Plain, deployed(baseline, now)),
            Err(cause) => (Tone::Strong, format!("unknown: {cause}")),
        };
        columns.row([
            Cell::new(Tone::Strong, one.service.as_str()),
            Cell::new(Tone::Plain, &printable(one.environment.as_str().as_bytes())),
            Cell::new(Tone::Plain, &printable(one.release.as_bytes())),
            Cell::new(tone, &printable(recorded.as_bytes())),
            Cell::new(Tone::Plain, &printable(outputs.as_bytes())),
        ]);
    }
    columns.text("", Paint::new(color))
}
