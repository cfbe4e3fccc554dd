//! The protocol engine: its transitions against the traces of an executable model of the protocol.

mod full;
mod replay;
mod scene;
mod store;
mod torn;
mod trace;
mod walk;

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The traces that are in the repository, each called after the seed of the model's walk; those that `SHIPMARK_TRACES` names as well,
/// for longer ones.
fn traces() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir("tests/traces")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    paths.extend(std::env::var("SHIPMARK_TRACES").ok().iter().flat_map(|named| std::env::split_paths(named)));
    paths.sort();
    paths
}

/// The lines of a file that may be compressed.
fn lines(path: &Path) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    match path.extension().is_some_and(|extension| extension == "gz") {
        true => flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap(),
        false => bytes.as_slice().read_to_string(&mut text).unwrap(),
    };
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_answer_is_the_models() {
    let paths = traces();
    let replayed: Vec<(replay::Tally, Vec<String>)> = std::thread::scope(|scope| {
        let replays: Vec<_> = paths.iter().map(|path| scope.spawn(|| replay::replay(&lines(path)))).collect();
        replays.into_iter().map(|replay| replay.join().unwrap()).collect()
    });
    for (path, (tally, disagreements)) in paths.iter().zip(&replayed) {
        println!("{}: {tally:?}", path.display());
        for text in disagreements.iter().take(10) {
            println!("{text}");
        }
        assert_eq!(disagreements.len(), 0, "{}: see above", path.display());
        assert!(tally.kinds.len() == 13 && tally.skips > 0, "the trace has too little: {tally:?}");
    }
    let all: usize = replayed.iter().map(|(tally, _)| tally.events).sum();
    assert!(all > 30_000, "only {all} events were replayed");
}
