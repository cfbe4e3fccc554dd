//! Dates seen from now, by clocks that may differ a little.

use jiff::{SignedDuration, Timestamp};

use super::text::count;

/// How far the clocks of two machines may be apart: a date that is no further ahead counts as now, and one that is further
/// ahead as wrong. Most AWS services refuse requests whose time is this far off
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>).
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// How long ago `then` was, in the one unit that a person would use: `just now`, `5 minutes ago`, `36 hours ago`,
/// `2 days ago`, or `in the future` where it is further ahead than [`CLOCK_TOLERANCE`].
pub fn age(now: Timestamp, then: Timestamp) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const TWO_DAYS: i64 = 2 * DAY;
    let seconds = now.as_second() - then.as_second();
    if -seconds > CLOCK_TOLERANCE.as_secs() {
        return "in the future".to_owned();
    }
    let (length, unit) = match seconds {
        i64::MIN..MINUTE => return "just now".to_owned(),
        MINUTE..HOUR => (MINUTE, "minute"),
        // Up to two days in hours: `1 day ago` could be a minute short of two.
        HOUR..TWO_DAYS => (HOUR, "hour"),
        _ => (DAY, "day"),
    };
    // The quotient is positive here, so the conversion cannot fail.
    format!("{} ago", count(usize::try_from(seconds / length).unwrap_or_default(), unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_use_one_unit() {
        let now: Timestamp = "2026-11-21T20:20:00Z".parse().unwrap();
        let ago = |seconds: i64| age(now, Timestamp::from_second(now.as_second() - seconds).unwrap());
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(3_599), "59 minutes ago");
        assert_eq!(ago(3_600), "1 hour ago");
        assert_eq!(ago(172_799), "47 hours ago");
        assert_eq!(ago(172_800), "2 days ago");
        assert_eq!(ago(-300), "just now");
        assert_eq!(ago(-301), "in the future");
        assert_eq!(age(Timestamp::MAX, Timestamp::MIN), "7304481 days ago");
    }
}
