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
    for fault in Fault::ALL {
        let mut taken = Counts::default();
        let started = std::time::Instant::now();
        let mut caught = None;
        let crowd = [Profile::crowded()];
        let all = [Profile::wild(), Profile::rough(), Profile::wild()];
        let full = matches!(fault, Fault::FullDrops | Fault::FullFirstEnds);
        for (seed, profile) in (if full { &crowd[..] } else { &all[..] }).iter().enumerate() {
            let (seen, wrong) = play(profile, Some(*fault), seed as u64, if full { 1500 } else { 20_000 });
            taken.add(&seen);
            if let Some(wrong) = wrong { caught = Some(wrong); break; }
        }
        println!("{:30} {:6} {:?} {}", fault.name(), taken.steps, started.elapsed(), caught.map_or("NOT CAUGHT".to_owned(), |text| text.lines().next().unwrap().chars().take(150).collect()));
    }
}
