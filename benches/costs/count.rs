//! What each command asks a store for, counted on every engine.

use std::collections::BTreeMap;

use crate::capacity::{Table, Units};
use crate::counted::{Counted, operations};
use crate::engines::{Engine, Kind};
use crate::proxy::Seen;
use crate::support::World;
use crate::{Outcome, material, say};

/// The head of the table.
pub(crate) const HEAD: &str = "| store | services x files | command | requests | sent, received | read units | write units |\n\
                               |---|---|---|---|---|---|---|";

/// How many marks DynamoDB reads with one request.
const BATCH: usize = 100;

/// The bytes of a file: only how many files there are matters here.
const FILE_BYTES: usize = 20;

/// Counts on all engines, and prints what the first of each kind was asked for. All of a kind must be asked for the same.
pub(crate) fn count(engines: &[&Engine], services: usize, files: usize) -> Outcome<()> {
    let world = World::new("", &[]);
    material::write_monorepo(&world.source(), services, files, FILE_BYTES)?;
    let mut printed: Vec<(Kind, Vec<Requests>)> = Vec::new();
    for engine in engines {
        let commands = on_engine(&world, engine, services)?;
        match printed.iter().find(|(kind, _)| *kind == engine.kind) {
            None => {
                for command in &commands {
                    say(&command.row(engine.kind, services, files))?;
                }
                printed.push((engine.kind, commands));
            }
            Some((_, others)) => {
                for (one, other) in commands.iter().zip(others) {
                    if one.operations != other.operations {
                        return Err(
                            format!("{} is asked for something else: {one:?}, not {other:?}", engine.name).into()
                        );
                    }
                }
            }
        }
    }
    Ok(())
}

/// What a command asked for.
#[derive(Debug)]
struct Requests {
    command: &'static str,
    operations: BTreeMap<String, usize>,
    sent: usize,
    received: usize,
    units: Units,
}

impl Requests {
    fn new(command: &'static str, seen: &[Seen], table: &mut Table) -> Outcome<Self> {
        let mut units = Units::default();
        for request in seen {
            units += table.units(request)?;
        }
        let operations = operations(seen).into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        let sent = seen.iter().map(|request| request.request.len()).sum();
        let received = seen.iter().map(|request| request.response.len()).sum();
        Ok(Self { command, operations, sent, received, units })
    }

    fn of(&self, names: &[&str]) -> usize {
        names.iter().filter_map(|name| self.operations.get(*name)).sum()
    }

    /// Fails unless it is just so many reads, writes and lists.
    fn expect(&self, engine: &Engine, expected: (usize, usize, usize)) -> Outcome<()> {
        let (reads, writes, lists) = (self.reads(), self.writes(), self.lists());
        if (reads, writes, lists) != expected || reads + writes + lists != self.operations.values().sum::<usize>() {
            return Err(format!("{}: not {expected:?} reads, writes and lists: {self:?}", engine.name).into());
        }
        Ok(())
    }

    fn reads(&self) -> usize {
        self.of(&["GetItem", "BatchGetItem", "GetObject"])
    }

    fn writes(&self) -> usize {
        self.of(&["PutItem", "PutObject"])
    }

    fn lists(&self) -> usize {
        self.of(&["Query", "ListObjectsV2"])
    }

    fn row(&self, kind: Kind, services: usize, files: usize) -> String {
        let store = if kind == Kind::S3 { "S3" } else { "DynamoDB" };
        let operations: Vec<_> = self.operations.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let (sent, received) = (size(self.sent), size(self.received));
        let units = match kind {
            Kind::DynamoDb => format!("{} | {}", self.units.read, self.units.write),
            Kind::S3 => " | ".to_owned(),
        };
        let (command, operations) = (self.command, operations.join(", "));
        format!("| {store} | {services} x {files} | {command} | {operations} | {sent}, {received} | {units} |")
    }
}

/// The life of services on an engine: deployed for the first time, skipped, and deployed again with a change in each.
fn on_engine(world: &World, engine: &Engine, services: usize) -> Outcome<Vec<Requests>> {
    let counted = Counted::new(world, engine);
    let mut table = Table::default();
    let mut run = |build: &str, command: &'static str, args: &[&str], skips: Option<bool>| {
        let (done, seen) = counted.run(&counted.build(build), args);
        if skips.is_some_and(|skips| !done.stdout.contains(&format!("export BUILD_SKIPPED='{skips}'"))) {
            return Err(format!("{}: `{command}` decided otherwise: {}", engine.name, done.stderr).into());
        }
        Requests::new(command, &seen, &mut table)
    };
    change(world, services, "1")?;
    // The marks, and the names of the services.
    let reads = match engine.kind {
        Kind::DynamoDb => (services + 1).div_ceil(BATCH),
        Kind::S3 => services + 1,
    };
    // A new environment has no names: the marks are listed, and the names are written before the marks.
    let first = run("1", "decide: first build", &["decide"], Some(false))?;
    first.expect(engine, (reads, services + 1, 1))?;
    let record = run("1", "record", &["record", "--all"], None)?;
    let skip = run("2", "decide: skip", &["decide"], Some(true))?;
    skip.expect(engine, (reads, 0, 0))?;
    change(world, services, "2")?;
    let changed = run("3", "decide: build, and say what changed", &["decide"], Some(false))?;
    // How many requests a snapshot takes depends on its size. A first record has nothing to look for in lists.
    if changed.writes() != services || record.reads() != reads || record.lists() > 0 {
        return Err(format!("{}: not one for each service: {changed:?}, {record:?}", engine.name).into());
    }
    Ok(vec![skip, first, changed, record])
}

/// Writes one file of each service.
fn change(world: &World, services: usize, text: &str) -> Outcome<()> {
    let mut paths = (0..services).map(|service| world.source().join(material::path(service, 0)));
    paths.try_for_each(|path| material::write_file(&path, text.as_bytes()))
}

/// Bytes, in the unit that fits.
fn size(bytes: usize) -> String {
    match bytes {
        0..10_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        10_000..1_000_000 => format!("{:.0} KB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
