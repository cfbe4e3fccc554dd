//! Lengths of time as people write them: `30d`, `1h30m`, `45s`.

use std::time::Duration;

/// The units, longest first, with their seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// A hundred years: longer cannot be meant, and shorter never overflows when it is added to a date.
const LONGEST: u64 = 36_500 * 86_400;

/// Reads a length of time: numbers with units, each unit at most once, longest first.
///
/// # Errors
/// What is wrong, to be put after the text.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    let mut units = UNITS.into_iter();
    let mut seconds: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let unit = behind.chars().next().ok_or("has a number without a unit")?;
        if number.is_empty() {
            return Err("is not a length of time");
        }
        if !UNITS.iter().any(|(letter, _)| *letter == unit) {
            return Err("has an unknown unit");
        }
        let (_, each) = units.find(|(letter, _)| *letter == unit).ok_or("names its units out of order")?;
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(each));
        seconds = part.and_then(|part| seconds.checked_add(part)).ok_or("is longer than 100 years")?;
        rest = &behind[1..];
    }
    match seconds {
        0 => Err("is no time at all"),
        _ if seconds > LONGEST => Err("is longer than 100 years"),
        _ => Ok(Duration::from_secs(seconds)),
    }
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
        for bad in
            ["", "0s", "30", "1h30", "h", "-1h", "1.5h", "1 h", "30m1h", "1h1h", "1w", "1é", "99999999999999999999d"]
        {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
