//! What the walks must show.

use super::counts::Counts;
use super::fault::Fault;
use super::profile::Profile;
use super::play;

#[test]
fn nothing_is_skipped_falsely() {
    let started = std::time::Instant::now();
    for (profile, steps) in [(Profile::wild(), 20_000), (Profile::rough(), 5_000), (Profile::crowded(), 3000), (Profile::calm(), 10_000)] {
        let (seen, wrong) = play(&profile, None, 1, steps);
        println!("{} {:?}", seen.text(), started.elapsed());
        assert_eq!(wrong, None);
    }
}

#[test]
#[ignore]
fn faults_table() {
    let names = std::env::var("FAULTS").unwrap_or_default();
    for fault in Fault::ALL.iter().filter(|fault| names.is_empty() || names.split(',').any(|name| name == fault.name())) {
        let started = std::time::Instant::now();
        let (seen, caught) = play(&Profile::of(*fault), Some(*fault), 1, std::env::var("STEPS").unwrap().parse().unwrap());
        println!("{:30} {:6} {:?} {}", fault.name(), seen.steps, started.elapsed(), caught.map_or("NOT CAUGHT".to_owned(), |text| text.lines().next().unwrap().chars().take(150).collect()));
    }
}
