//! Row 4: the rules alone, in this process: which services is a path an input of?

use std::hint::black_box;
use std::time::{Duration, Instant};

use shipmark::base::names::EnvironmentName;
use shipmark::map::ServiceMap;
use shipmark::map::rules::Rules;

use crate::measure::short;
use crate::table::Row;
use crate::{Outcome, Scale, material};

/// How many services the figure is for.
const SERVICES: usize = 1_000;

pub(crate) fn measure(scale: &Scale) -> Outcome<Vec<Row>> {
    // Paths of all services, so that fewer services leave some without an owner.
    let paths: Vec<String> = (0..scale.paths).map(|n| material::path(n % SERVICES, n / SERVICES)).collect();
    let time = |services: usize, paths: &[String]| classify(services, paths, scale.rounds.min(5));
    let all = time(SERVICES, &paths)?;
    let quarter = time(SERVICES, &paths[..paths.len() / 4])?;
    let few = time(SERVICES / 10, &paths)?;
    let row = |services, paths: usize, time, reach, reached| {
        Row::alone(&format!("rules only: {services} services x {paths} paths"), short(time), reach, reached)
    };
    let linear = all.as_secs_f64() / quarter.as_secs_f64() <= 5.0;
    let flat = all.as_secs_f64() / few.as_secs_f64() <= 2.0;
    Ok(vec![
        row(SERVICES, paths.len(), all, "under 2 s", Some(all < Duration::from_secs(2))),
        row(SERVICES, paths.len() / 4, quarter, "linear: a quarter of it, or nearly", Some(linear)),
        row(SERVICES / 10, paths.len(), few, "flat: half of it at least", Some(flat)),
    ])
}

/// The best time to compile the rules and to classify every path from its root.
fn classify(services: usize, paths: &[String], rounds: usize) -> Outcome<Duration> {
    let text = material::map(services);
    let map = ServiceMap::parse("shipmark.toml", text.as_bytes()).map_err(|problems| format!("{problems:?}"))?;
    let asked: Vec<usize> = (0..services).collect();
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let started = Instant::now();
        let rules = Rules::compile(&map, &EnvironmentName::default(), &asked, true);
        let claims: usize = paths.iter().map(|path| rules.path(path.as_bytes()).claims.len()).sum();
        best = best.min(started.elapsed());
        black_box(claims);
    }
    Ok(best)
}
