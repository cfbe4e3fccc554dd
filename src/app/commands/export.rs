//! `state export`: everything in the store, as lines of JSON.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value};

use crate::app::cli::ExportArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, WRITER, given, key, now};
use crate::base::atomic_file::Flush;
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::text::count;
use crate::protocol::engine::mark::Candidate;
use crate::protocol::engine::mark::stored::{decode_candidate, decode_mark};
use crate::protocol::export_format::{Header, Line, Owner, write_line};
use crate::source::snapshot::{Snapshot, SnapshotError};

use super::print::emit_with;
use super::recording::not_recorded;
use super::whole_store::WholeStore;

/// An export in progress.
struct Export<'a> {
    place: &'a WholeStore,
    reporter: Reporter,
    to: &'a mut dyn Write,
    services: usize,
    /// How many entries were left out.
    missing: usize,
}

/// Writes everything in the store. What cannot be read is reported and left out.
pub(super) fn export(settings: &Settings, reporter: Reporter, args: &ExportArgs) -> Result<Status, Failure> {
    given("--out", args.out.as_deref().and_then(Path::to_str))?;
    let place = WholeStore::new(settings, &args.services, Settings::all_environments)?;
    // An earlier export is only replaced once the store has answered.
    let keys = keys(&place, &place.environments, &args.services)?;
    let (mut services, mut missing) = (0, 0);
    emit_with(args.out.as_deref(), Flush::Disk, |to| {
        let mut export = Export { place: &place, reporter, to, services: 0, missing: 0 };
        export.whole(&keys)?;
        (services, missing) = (export.services, export.missing);
        Ok(())
    })?;
    reporter.say(&format!("exported {} of project `{}`", count(services, "mark"), place.project));
    if missing > 0 {
        let left_out = if missing == 1 { "one was".to_owned() } else { format!("{missing} were") };
        return Err(Failure::other(format!("not all was exported: {left_out} left out, as told above")));
    }
    Ok(Status::Done)
}

/// The keys to export: of the named services, or of all in the store.
fn keys(place: &WholeStore, environments: &[EnvironmentName], names: &[String]) -> Result<Vec<Key>, Failure> {
    let named = place.services(environments, names)?;
    let mut keys = Vec::new();
    for environment in environments {
        let key = |service: &ServiceName| key(&place.project, environment, service);
        if named.is_empty() {
            let there = place.store.services(&place.project, environment).map_err(not_recorded)?;
            keys.extend(there.iter().map(key));
        } else {
            keys.extend(named.iter().map(key));
        }
    }
    Ok(keys)
}

impl Export<'_> {
    fn whole(&mut self, keys: &[Key]) -> io::Result<()> {
        write_line(self.to, &Header::new(self.place.project.clone(), now(), WRITER))?;
        for key in keys {
            let missing = self.missing;
            self.service(key)?;
            if self.missing == missing {
                // The store answers, and the next service may have as many snapshots.
                self.place.store.budget().restart();
            }
        }
        write_line(self.to, &Line::End { services: self.services })?;
        self.to.flush()
    }

    /// The mark is read first, so that what is read later includes everything it references; and it is written last.
    fn service(&mut self, key: &Key) -> io::Result<()> {
        let stored = match self.place.store.read_mark(key) {
            Ok(Some(stored)) => stored.bytes,
            Ok(None) => {
                self.reporter.say(&format!("{} in {}: there is no mark", key.service, key.environment));
                return Ok(());
            }
            Err(error) => return self.left_out(key, "the mark", not_recorded(error).error),
        };
        let mark = match decode_mark(key, &stored) {
            Ok(mark) => mark,
            Err(damaged) => return self.left_out(key, "the mark", damaged),
        };
        let candidates = self.candidates(key)?;
        let releases = mark.deployed.iter().map(|deploy| &deploy.release);
        let releases = releases.chain(candidates.iter().map(|(candidate, _)| &candidate.release));
        let snapshots: BTreeSet<&str> = releases.filter_map(|release| release.snapshot.as_deref()).collect();
        for hash in snapshots {
            self.snapshot(key, hash)?;
        }
        for (_, candidate) in candidates {
            write_line(self.to, &Line::Candidate { owner: owner(key), candidate })?;
        }
        self.services += 1;
        write_line(self.to, &Line::Mark { owner: owner(key), mark: object(&stored)? })
    }

    fn candidates(&mut self, key: &Key) -> io::Result<Vec<(Candidate, Map<String, Value>)>> {
        let found = match self.place.store.candidates(key) {
            Ok(found) => found,
            Err(error) => {
                self.left_out(key, "the candidates", not_recorded(error).error)?;
                Vec::new()
            }
        };
        let mut candidates = Vec::new();
        for (id, bytes) in found {
            match decode_candidate(&bytes) {
                Ok(candidate) if candidate.id == id => candidates.push((candidate, object(&bytes)?)),
                Ok(candidate) => {
                    let cause = format!("it calls itself `{}`", candidate.id.as_str());
                    self.left_out(key, &format!("the candidate `{}`", id.as_str()), cause)?;
                }
                Err(damaged) => self.left_out(key, &format!("the candidate `{}`", id.as_str()), damaged)?,
            }
        }
        Ok(candidates)
    }

    /// A missing snapshot is not reported, because snapshots only explain.
    fn snapshot(&mut self, key: &Key, hash: &str) -> io::Result<()> {
        let bytes = match self.place.store.snapshot(key, hash) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(()),
            Err(error) => return self.left_out(key, "a snapshot", not_recorded(error).error),
        };
        if let Err(damaged @ SnapshotError::Damaged(_)) = Snapshot::decode(&bytes, hash) {
            return self.left_out(key, "a snapshot", damaged);
        }
        write_line(self.to, &Line::Snapshot { owner: owner(key), hash: hash.to_owned(), bytes })
    }

    fn left_out(
        &mut self,
        key: &Key,
        what: &str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> io::Result<()> {
        self.missing += 1;
        let cause = crate::base::failure::chain(cause.into().as_ref());
        let text = format!("{} in {}: {what} was left out: {cause}", key.service, key.environment);
        self.reporter.fail(&Failure::other(text));
        Ok(())
    }
}

fn owner(key: &Key) -> Owner {
    Owner { environment: key.environment.clone(), service: key.service.clone() }
}

/// The stored JSON as it is, including newer fields.
fn object(bytes: &[u8]) -> io::Result<Map<String, Value>> {
    Ok(serde_json::from_slice(bytes)?)
}
