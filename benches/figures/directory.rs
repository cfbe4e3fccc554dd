//! Rows 1 and 2: decisions over a directory without `.git`, on the file store, against the usual ways to hash files.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::measure::{always, in_turn, short};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale, material};

pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let source = folder.join("source");
    material::write_monorepo(&source, scale.services, scale.files_per_service, scale.file_bytes)?;
    let place = Place { source: &source, state: format!("file:{}", folder.join("state").display()) };
    let rows = [place.one_service(scale)?, place.all_services(scale)?];
    fs::remove_dir_all(&source)?;
    Ok(rows.into_iter().flatten().collect())
}

/// A source, and the store beside it.
pub(crate) struct Place<'a> {
    pub(crate) source: &'a Path,
    pub(crate) state: String,
}

impl Place<'_> {
    /// shipmark for this source and this store.
    pub(crate) fn shipmark(&self, arguments: &[&str]) -> Command {
        let mut command = shipmark(arguments);
        command.arg("--source").arg(self.source).args(["--state", &self.state]);
        command
    }

    /// Decides and records `services` (none: all), and makes sure that the next decision skips.
    pub(crate) fn record(&self, services: &[&str]) -> Outcome<()> {
        let folder = tempfile::tempdir()?;
        let ticket = folder.path().join("ticket").display().to_string();
        self.run(&[&["decide", "--ticket", &ticket], services].concat())?;
        self.run(&["record", "--all", "--ticket", &ticket])?;
        self.expect_skip(services)
    }

    /// Fails unless `services` (none: all) are skipped now.
    pub(crate) fn expect_skip(&self, services: &[&str]) -> Outcome<()> {
        let decision = self.run(&[&["decide"], services].concat())?;
        match decision.contains("BUILD_SKIPPED='true'") {
            true => Ok(()),
            false => Err(format!("the recorded services were not skipped:\n{decision}").into()),
        }
    }

    fn run(&self, arguments: &[&str]) -> Outcome<String> {
        let out = self.shipmark(arguments).output()?;
        match out.status.success() {
            true => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
            false => Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&out.stderr)).into()),
        }
    }

    /// A decision on an empty store: it opens attempts and writes them.
    fn first(&self, services: &[&str]) -> Outcome<Command> {
        let state = self.source.with_file_name("first-state");
        if state.exists() {
            fs::remove_dir_all(&state)?;
        }
        let mut command = shipmark(&[&["decide"], services].concat());
        command.arg("--source").arg(self.source).arg("--state").arg(format!("file:{}", state.display()));
        Ok(command)
    }

    fn one_service(&self, scale: &Scale) -> Outcome<Vec<Row>> {
        const RIVAL: &str = "find DIR -type f -exec sha256sum {} \\; | sort | sha256sum";
        let service = material::name(3);
        self.record(&[&service])?;
        let mut skip = always(|| self.shipmark(&["decide", &service]));
        let mut first = || self.first(&[&service]);
        let mut rival = always(|| pipeline(&RIVAL.replace("DIR", &format!("services/{service}")), self.source));
        let [skip, first, rival] = in_turn(scale.rounds, [&mut skip, &mut first, &mut rival])?;
        let work = format!("decide 1 service of {} files among {}", scale.files_per_service, scale.files());
        let mut row = Row::against(&format!("{work}: skip"), &skip, (RIVAL, &rival), None);
        row.reach = "20x faster, under 40 ms".to_owned();
        row.reached = Some(skip.median() * 20 <= rival.median() && skip.median() < Duration::from_millis(40));
        Ok(vec![row, Row::against(&format!("{work}: first run"), &first, (RIVAL, &rival), None)])
    }

    fn all_services(&self, scale: &Scale) -> Outcome<Vec<Row>> {
        const SHA1SUM: &str = "find . -type f -print0 | xargs -0 -P2 sha1sum";
        const GIT: &str = "find . -type f | git hash-object --stdin-paths";
        const READ: &str = "find . -type f -print0 | xargs -0 -P2 cat";
        self.record(&[])?;
        let mut skip = always(|| self.shipmark(&["decide"]));
        let mut first = || self.first(&[]);
        let mut sha1sum = always(|| pipeline(SHA1SUM, self.source));
        let mut git = always(|| pipeline(GIT, self.source));
        let mut read = always(|| pipeline(READ, self.source));
        let contenders: [&mut dyn FnMut() -> Outcome<Command>; 5] =
            [&mut skip, &mut first, &mut sha1sum, &mut git, &mut read];
        let [skip, first, sha1sum, git, read] = in_turn(scale.rounds.min(5), contenders)?;
        let megabytes = scale.files() * scale.file_bytes / 1_000_000;
        let work = format!("decide {} services, {} files, {megabytes} MB: skip", scale.services, scale.files());
        let alone = format!("{}, {}", short(first.best()), short(first.median()));
        Ok(vec![
            Row::against(&work, &skip, (SHA1SUM, &sha1sum), Some(("no slower", 1.0))),
            Row::against(&work, &skip, (GIT, &git), Some(("half the time", 0.5))),
            Row::against(&work, &skip, (READ, &read), None),
            Row::alone("the same: first run, writes an attempt a service", alone, "", None),
        ])
    }
}

impl Scale {
    /// How many files the services have together.
    fn files(&self) -> usize {
        self.services * self.files_per_service
    }
}
