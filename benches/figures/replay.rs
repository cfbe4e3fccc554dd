//! A replay of a long history, against git walking the same commits and printing what each changes.

use std::fs;
use std::path::Path;

use crate::history::{commit, git, put};
use crate::measure::{always, in_turn};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale, material};

/// How many files a service has in this history.
const FILES: usize = 100;

/// The rival: it finds the paths, and decides nothing.
const LOG: &str = "git log --first-parent -m --no-renames --name-only --format=%H HEAD > /dev/null";

pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let clone = folder.join("replayed");
    make_clone(&clone, scale)?;
    let mut replay = always(|| {
        let mut replay = shipmark(&["replay", "--source"]);
        replay.arg(&clone);
        replay
    });
    let page = folder.join("replay.html");
    let mut drawn = always(|| {
        let mut replay = shipmark(&["replay", "--fail-rate", "0.1", "--against", "shipmark.toml", "--html"]);
        replay.arg(&page).current_dir(&clone);
        replay
    });
    let mut log = always(|| pipeline(LOG, &clone));
    let [replay, drawn, log] = in_turn(scale.rounds, [&mut replay, &mut drawn, &mut log])?;
    let megabytes = fs::metadata(&page)?.len() as f64 / 1e6;
    fs::remove_dir_all(&clone)?;
    let work = format!("replay: {} commits x {} services, packed", scale.commits, scale.services);
    let page = format!("the same twice (`--against`), with failures and a page of {megabytes:.1} MB");
    Ok(vec![
        Row::against(&work, &replay, (LOG, &log), None),
        Row::alone(&work, replay.to_string(), "seconds", Some(replay.median().as_secs() < 10)),
        Row::alone(&page, drawn.to_string(), "", None),
    ])
}

/// A packed clone: most commits change a few files of a service or two, some all services, some none.
fn make_clone(clone: &Path, scale: &Scale) -> Outcome<()> {
    let mut random = fastrand::Rng::with_seed(5);
    let mut stream = String::new();
    commit(&mut stream);
    put(&mut stream, "shipmark.toml", &material::map(scale.services));
    put(&mut stream, "shared/settings.json", "{}");
    for service in 0..scale.services {
        (0..FILES).for_each(|file| put(&mut stream, &material::path(service, file), &format!("{service} {file}")));
    }
    for number in 0..scale.commits {
        commit(&mut stream);
        match random.u8(..50) {
            0 => put(&mut stream, "shared/settings.json", &number.to_string()),
            1..6 => put(&mut stream, "docs/guide.md", &number.to_string()),
            _ => {
                for _ in 0..random.usize(1..4) {
                    let path = material::path(random.usize(..scale.services), random.usize(..FILES));
                    put(&mut stream, &path, &number.to_string());
                }
            }
        }
    }
    fs::create_dir(clone)?;
    git(clone, &["init", "--quiet", "--initial-branch=main"], "")?;
    git(clone, &["fast-import", "--quiet"], &stream)?;
    git(clone, &["repack", "-adq"], "")?;
    git(clone, &["reset", "--quiet", "--hard"], "")
}
