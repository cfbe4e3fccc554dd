//! Options of `replay`: rates, minutes and numbers of commits.

use super::{given, service};
use crate::base::failure::Failure;
use crate::map::ServiceMap;
use crate::upkeep::replay::minutes::Minutes;

/// The minutes of `--minutes`: `9` for all services, `NAME=9` for one. Later values override earlier ones.
///
/// # Errors
/// A value is not a number of minutes, or names a service that the map does not have.
pub fn minutes(map: &ServiceMap, words: &[String]) -> Result<Minutes, Failure> {
    let mut minutes = Minutes::default();
    for word in words {
        given("--minutes", Some(word))?;
        match word.split_once('=') {
            None => minutes.all = Some(length(word, word)?),
            Some((name, text)) => {
                minutes.each.insert(service(map, name)?, length(word, text)?);
            }
        }
    }
    Ok(minutes)
}

fn length(word: &str, text: &str) -> Result<f64, Failure> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| {
        let failure = Failure::request(format!("--minutes: `{word}` is no number of minutes"));
        failure.hint("write `--minutes 9` for all services, or `--minutes NAME=9` for one")
    })
}

/// The rate of `--fail-rate`: the probability that a build fails.
///
/// # Errors
/// It is not between 0 and 1.
pub fn rate(rate: f64) -> Result<f64, Failure> {
    if (0.0..=1.0).contains(&rate) {
        return Ok(rate);
    }
    let hint =
        if (1.0..=100.0).contains(&rate) { format!("{rate} percent is {}", rate / 100.0) } else { String::new() };
    let failure = Failure::request(format!("--fail-rate: `{rate}` is not between 0 and 1"));
    Err(if hint.is_empty() { failure } else { failure.hint(hint) })
}
