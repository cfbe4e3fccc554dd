//! `state import`: reads what `state export` wrote, one service after the other, each with its mark last.

mod group;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::app::cli::ImportArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, key};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName};
use crate::base::text::{count, list};
use crate::protocol::engine::mark::Mark;
use crate::protocol::export_format::{ExportReader, Line, Owner};
use crate::store::Store;

use super::whole_store::WholeStore;
use group::{ImportGroup, NotImported};

/// An import in progress.
struct Import<'a> {
    store: &'a Store,
    project: &'a ProjectName,
    reporter: Reporter,
    args: &'a ImportArgs,
    /// The service whose lines are being read.
    group: Option<ImportGroup>,
    /// Services whose lines have been read.
    seen: BTreeSet<Owner>,
    /// Whether a line since the last mark was unreadable: it may belong to the current service or to the next.
    spoiled: bool,
    done: Done,
}

/// What happened to the marks.
#[derive(Default)]
struct Done {
    imported: usize,
    uncertain: usize,
    /// Services that were refused, and lines that could not be read.
    refused: usize,
}

/// Imports an export.
pub(super) fn import(settings: &Settings, reporter: Reporter, args: &ImportArgs) -> Result<Status, Failure> {
    given("FILE", args.file.to_str())?;
    let place = WholeStore::new(settings, &[], |settings, map| {
        Ok(map.map(|map| settings.environments_if_known(map)).unwrap_or_default())
    })?;
    let (mut lines, header) = ExportReader::new(open(&args.file)?).map_err(Failure::request)?;
    let expected = settings.named_project().or(place.map.as_ref().map(|map| &map.project));
    if let Some(expected) = expected.filter(|expected| **expected != header.project) {
        let text = format!("the export is of project `{}`, not of `{expected}`", header.project);
        let hint = "--project with that name imports it all the same, as the project that it is";
        return Err(Failure::request(text).hint(hint));
    }
    let mut import = Import {
        store: &place.store,
        project: &header.project,
        reporter,
        args,
        group: None,
        seen: BTreeSet::new(),
        spoiled: false,
        done: Done::default(),
    };
    let only = settings.named_environments();
    let read = import.lines(&mut lines, only);
    import.done.say(reporter, args);
    read?;
    match import.done {
        Done { refused: 1.., .. } => Err(Failure::other("not all was imported, as told above")),
        Done { imported: 0, .. } if !only.is_empty() => {
            let names: Vec<&str> = only.iter().map(EnvironmentName::as_str).collect();
            Err(Failure::request(format!("the export has nothing of environment {}", list(&names))))
        }
        _ => Ok(Status::Done),
    }
}

impl Import<'_> {
    /// Imports all lines, or those of the given environments if there are any.
    fn lines(&mut self, lines: &mut ExportReader<Box<dyn BufRead>>, only: &[EnvironmentName]) -> Result<(), Failure> {
        let mut marks = 0;
        let cut = |error| Failure::other(error).hint("what was whole before is imported; the rest needs another copy");
        while let Some((number, line)) = lines.next_line().map_err(cut)? {
            marks += usize::from(matches!(line, Ok(Line::Mark { .. })));
            match line {
                Err(cause) => self.spoil(number, &cause),
                Ok(Line::End { services }) if services != marks => {
                    self.spoil(number, &format!("{} were exported, and here are {marks}", count(services, "mark")));
                }
                Ok(line) => {
                    let Some(owner) = line.owner().cloned() else { continue };
                    if only.is_empty() || only.contains(&owner.environment) {
                        self.line(number, owner, &line)?;
                    }
                }
            }
        }
        self.close(None);
        Ok(())
    }

    /// Imports a line of a service. Errors in it are reported, and refuse only this service.
    fn line(&mut self, number: usize, owner: Owner, line: &Line) -> Result<(), Failure> {
        let key = key(self.project, &owner.environment, &owner.service);
        if self.group.as_ref().is_none_or(|group| group.key != key) {
            self.close(Some(number));
            self.open(number, owner, &key)?;
        }
        let Some(group) = self.group.as_mut() else { return Ok(()) };
        let is_mark = matches!(line, Line::Mark { .. });
        let done = match line {
            _ if group.refused => Ok(()),
            Line::Snapshot { hash, bytes, .. } => group.snapshot(self.store, hash, bytes),
            Line::Candidate { candidate, .. } => group.candidate(candidate),
            Line::Mark { .. } if self.spoiled => Err(NotImported::Service(Failure::other(
                "a line before it, perhaps of this service, could not be read",
            ))),
            Line::Mark { mark, .. } => {
                let how = (self.args.trusted, self.args.replace);
                let taken = group.mark(self.store, mark, how);
                taken.map(|mark| {
                    // The store answers, and the next service may be as large.
                    self.store.budget().restart();
                    self.done.taken(self.reporter, &key, &mark);
                })
            }
            Line::End { .. } => Ok(()),
        };
        done.or_else(|refusal| self.refuse(number, &key, refusal))?;
        if is_mark {
            self.group = None;
            self.spoiled = false;
        }
        Ok(())
    }

    /// Starts a service at its first line.
    fn open(&mut self, number: usize, owner: Owner, key: &Key) -> Result<(), Failure> {
        let group = if self.seen.insert(owner) {
            ImportGroup::open(self.store, key.clone(), self.args.replace)
        } else {
            Err(NotImported::Service(Failure::other("its lines do not stand together, or it comes twice")))
        };
        match group {
            Ok(group) => self.group = Some(group),
            Err(refusal) => {
                self.group = Some(ImportGroup::refused(key.clone()));
                self.refuse(number, key, refusal)?;
            }
        }
        Ok(())
    }

    /// Ends a service whose lines ended without its mark.
    fn close(&mut self, number: Option<usize>) {
        let Some(group) = self.group.take() else { return };
        self.spoiled = false;
        if !group.refused {
            let before = number.map_or_else(|| "the end".to_owned(), |number| format!("line {number}"));
            let Key { service, environment, .. } = &group.key;
            let text = format!("{service} in {environment}: not imported: its mark is missing before {before}");
            self.done.refused += 1;
            self.reporter.fail(&Failure::other(text));
        }
    }

    fn refuse(&mut self, number: usize, key: &Key, refusal: NotImported) -> Result<(), Failure> {
        let failure = match refusal {
            NotImported::Store(failure) => return Err(failure),
            NotImported::Service(failure) => failure,
        };
        if let Some(group) = &mut self.group {
            group.refused = true;
        }
        self.done.refused += 1;
        let text = format!("{} in {}: not imported, line {number}: {failure}", key.service, key.environment);
        self.reporter.fail(&Failure { hint: failure.hint, ..Failure::other(text) });
        Ok(())
    }

    fn spoil(&mut self, number: usize, cause: &str) {
        self.done.refused += 1;
        self.spoiled = true;
        self.reporter.fail(&Failure::other(format!("line {number} of the export: {cause}")));
    }
}

impl Done {
    /// Reports a mark that was written.
    fn taken(&mut self, reporter: Reporter, key: &Key, mark: &Mark) {
        self.imported += 1;
        self.uncertain += usize::from(!mark.certain());
        let certain = if mark.certain() { "certain, on your word" } else { "uncertain" };
        let open = match mark.attempts.iter().filter(|attempt| attempt.alive()).count() {
            0 => String::new(),
            open => format!("; {} may have left something else", count(open, "attempt")),
        };
        reporter.say(&format!("{} in {}: imported, {certain}{open}", key.service, key.environment));
    }

    fn say(&self, reporter: Reporter, args: &ImportArgs) {
        reporter.say(&format!("imported {}, {} uncertain", count(self.imported, "mark"), self.uncertain));
        if self.uncertain > 0 && !args.trusted {
            reporter.say(
                "whatever is uncertain builds once more. --trusted would have vouched for the exported deploys; \
                 now that the doubt is recorded, only a deploy ends it",
            );
        }
    }
}

fn open(file: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(file);
    let opened = opened.map_err(|cause| Failure::request(format!("`{}` cannot be read: {cause}", file.display())))?;
    Ok(Box::new(BufReader::new(opened)))
}
