//! Durations as people write them: `30d`, `1h30m`, `45s`.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// The units, longest first.
const UNITS: [char; 4] = ['d', 'h', 'm', 's'];
/// A hundred years: nobody means more, and this never overflows when added to a date.
const LONGEST: SignedDuration = SignedDuration::from_hours(36_500 * 24);

/// Parses a duration: numbers with units, each unit at most once, longest first. A day has 24 hours.
///
/// # Errors
/// What is wrong, worded to follow the text.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    // jiff alone would also accept `1.5h`, `2 hours ago`, `5ms` and `PT1H`.
    let mut units = UNITS.into_iter();
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        match part.strip_suffix(|unit| !char::is_ascii_digit(&unit)) {
            None => return Err("has a number without a unit"),
            Some("") => return Err("is not a length of time"),
            Some(_) if !part.ends_with(UNITS) => return Err("has an unknown unit"),
            Some(_) if !units.any(|unit| part.ends_with(unit)) => return Err("names its units out of order"),
            Some(_) => {}
        }
    }
    if text.is_empty() {
        return Err("is no time at all");
    }
    let span = text.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    let length = span.ok().filter(|length| *length <= LONGEST).ok_or("is longer than 100 years")?;
    if length.is_zero() { Err("is no time at all") } else { Ok(length.unsigned_abs()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_longest_first() {
        for (text, seconds) in [("30d", 2_592_000), ("1h", 3600), ("90m", 5400), ("45s", 45), ("1h30m", 5400)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ",0s,30,1h30,h,-1h,1.5h,1 h,30m1h,1h1h,1w,1é,5ms,36501d,99999999999999999999d".split(',') {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
