//! The page's data, as its script reads it: lists of numbers, and texts that are each stored once.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::ReplayReport;
use super::super::table::longest;
use crate::base::text::{count, printable};
use crate::map::rules::{Verdict, Via};
use crate::output::json::via_word;
use crate::source::difference::kind_of;
use crate::source::difference::{Change, ChangeKind};
use crate::source::tree::commit::CommitChange;
use crate::upkeep::replay::ReplayedCommit;
use crate::upkeep::replay::against::{Flip, FlipKind};
use crate::upkeep::replay::loss::Lost;

/// The maximum number of cells on a page; the oldest commits beyond it are left out.
const CELLS: usize = 4_000_000;

/// How many inputs are listed per service and commit.
const INPUTS: usize = 6;

/// How many inputs are listed in total; the rest are only counted.
const LISTED: usize = 200_000;

/// How many lost deploys are listed.
const LOST: usize = 2_000;

/// The maximum length of a subject, in characters.
const SUBJECT: usize = 120;

/// The data and, in `notes`, what was left out of it.
pub(super) fn of(report: &ReplayReport<'_>) -> Value {
    let most = CELLS / report.tallies.len().max(1);
    let first = report.replay.commits.len().saturating_sub(most);
    let mut page = Page::new(report, first);
    let commits: Vec<Value> = (first..report.replay.commits.len()).map(|number| page.commit(number)).collect();
    let loss = page.loss();
    let totals = report.totals();
    json!({
        "project": printable(report.project.as_str().as_bytes()),
        "environment": printable(report.environment.as_str().as_bytes()),
        "map": printable(report.map.as_bytes()),
        "revision": report.revision,
        "notes": page.notes(),
        "minutes": report.tallies.iter().any(|tally| tally.minutes.is_some()),
        "totals": {
            "builds": totals.builds,
            "skips": totals.skips,
            "saved": totals.minutes.map(|(saved, _)| saved),
            "minutes": totals.minutes.map(|(_, all)| all),
        },
        "services": page.services(),
        "against": report.against.map(|(map, _)| json!({ "map": printable(map.as_bytes()) })),
        "loss": loss,
        "commits": commits,
        "verdicts": page.verdicts.lists,
        "texts": page.texts.list,
    })
}

struct Page<'a> {
    report: &'a ReplayReport<'a>,
    /// The first commit shown.
    first: usize,
    /// Each service's position on the page, by its index in the map.
    places: HashMap<usize, usize>,
    flips: HashMap<usize, Vec<&'a Flip>>,
    lost: HashMap<usize, Vec<&'a Lost>>,
    texts: Texts,
    verdicts: Verdicts,
    listed: usize,
    /// Whether some inputs are only counted because the page was full.
    full: bool,
}

/// Texts, each stored once.
#[derive(Default)]
struct Texts {
    list: Vec<String>,
    places: HashMap<String, usize>,
}

impl Texts {
    fn place(&mut self, text: String) -> usize {
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        self.list.push(text.clone());
        self.places.insert(text, self.list.len() - 1);
        self.list.len() - 1
    }

    fn via(&mut self, via: &Via) -> i64 {
        via_word(via).map_or(-1, |word| number(self.place(printable(word.as_bytes()))))
    }
}

/// What paths are inputs of. Many paths share one verdict; it lives as long as the replay, so its address identifies
/// it.
#[derive(Default)]
struct Verdicts {
    lists: Vec<Vec<i64>>,
    places: HashMap<*const Verdict, usize>,
}

impl<'a> Page<'a> {
    fn new(report: &'a ReplayReport<'a>, first: usize) -> Self {
        let mut flips = HashMap::<usize, Vec<&Flip>>::new();
        for flip in report.against.iter().flat_map(|(_, against)| &against.flips) {
            flips.entry(flip.commit).or_default().push(flip);
        }
        let mut lost = HashMap::<usize, Vec<&Lost>>::new();
        for one in report.loss.iter().flat_map(|loss| &loss.lost) {
            lost.entry(one.commit).or_default().push(one);
        }
        Self {
            report,
            first,
            places: report.tallies.iter().enumerate().map(|(place, tally)| (tally.service, place)).collect(),
            flips,
            lost,
            texts: Texts::default(),
            verdicts: Verdicts::default(),
            listed: 0,
            full: false,
        }
    }

    fn services(&self) -> Vec<Value> {
        let service = |tally: &crate::upkeep::replay::tally::Tally| {
            let run = tally.longest.map(|run| longest(self.report, run)).unwrap_or_default();
            let name = self.report.replay.name(tally.service).as_str();
            json!([name, tally.builds, tally.empty, tally.skips, run, tally.minutes, tally.saved()])
        };
        self.report.tallies.iter().map(service).collect()
    }

    fn commit(&mut self, at: usize) -> Value {
        let commit = &self.report.replay.commits[at];
        let (mut builds, mut left, inputs) = (Vec::new(), HashMap::new(), inputs(commit));
        for service in &commit.builds {
            left.insert(*service, INPUTS);
            builds.extend([self.places[service], inputs.get(service).copied().unwrap_or_default()]);
        }
        let mut changes: Vec<i64> = Vec::new();
        for change in &commit.difference.changes {
            if self.is_wanted(change, &mut left) {
                let kind = kind_of(change).map_or(4, place_of_kind);
                let path = number(self.texts.place(printable(&change.path)));
                changes.extend([path, kind, number(self.verdict(&change.verdict))]);
            }
        }
        let (mut flips, mut others) = (Vec::new(), Vec::new());
        for flip in self.flips.get(&at).cloned().unwrap_or_default() {
            let false_skip = flip.kind == FlipKind::PossibleFalseSkip;
            let place = number(self.places[&flip.service]);
            flips.extend([place, i64::from(false_skip), number(flip.changes.len())]);
            if false_skip {
                flip.changes.iter().take(INPUTS).for_each(|change| self.other(place, change, &mut others));
            }
        }
        let lost = self.lost.get(&at).into_iter().flatten();
        let lost: Vec<usize> = lost.flat_map(|lost| [self.places[&lost.service], lost.behind]).collect();
        let step = &commit.step;
        let subject: String = printable(&step.subject).chars().take(SUBJECT).collect();
        json!([step.commit, step.time, subject, i64::from(step.parents > 1), builds, changes, flips, others, lost])
    }

    /// Whether a change is listed: it is among the first of some service that builds.
    fn is_wanted(&mut self, change: &CommitChange, left: &mut HashMap<usize, usize>) -> bool {
        let mut wanted = false;
        for claim in &change.verdict.claims {
            if let Some(left) = left.get_mut(&claim.service).filter(|left| **left > 0) {
                *left -= 1;
                wanted = true;
            }
        }
        wanted && self.has_room()
    }

    fn has_room(&mut self) -> bool {
        self.listed += 1;
        self.full |= self.listed > LISTED;
        !self.full
    }

    /// An input that makes the other map build.
    fn other(&mut self, place: i64, change: &Change, others: &mut Vec<i64>) {
        if self.has_room() {
            let path = number(self.texts.place(printable(&change.path)));
            let rule = number(self.texts.place(printable(change.rule.as_bytes())));
            others.extend([place, path, place_of_kind(change.kind), rule, self.texts.via(&change.via)]);
        }
    }

    fn verdict(&mut self, verdict: &Arc<Verdict>) -> usize {
        if let Some(place) = self.verdicts.places.get(&Arc::as_ptr(verdict)) {
            return *place;
        }
        let mut list = Vec::new();
        for claim in &verdict.claims {
            let Some(place) = self.places.get(&claim.service) else { continue };
            let rule = self.texts.place(printable(claim.rule.as_bytes()));
            list.extend([number(*place), number(rule), self.texts.via(&claim.via)]);
        }
        self.verdicts.lists.push(list);
        self.verdicts.places.insert(Arc::as_ptr(verdict), self.verdicts.lists.len() - 1);
        self.verdicts.lists.len() - 1
    }

    fn loss(&mut self) -> Option<Value> {
        let loss = self.report.loss?;
        let first = self.first;
        let shown = loss.lost.iter().filter(|lost| lost.commit >= first).take(LOST);
        let lost = shown.map(|lost| {
            let path = lost.paths.first().map_or(-1, |path| number(self.texts.place(printable(path))));
            let until = lost.until.map_or(-1, |until| number(until - first));
            let (at, place) = (lost.commit - first, self.places[&lost.service]);
            json!([at, place, lost.behind, until, path, lost.paths.len()])
        });
        let lost: Vec<Value> = lost.collect();
        Some(json!({
            "rate": loss.rate, "seed": loss.seed, "all": loss.lost.len(), "falseSkips": loss.false_skips(),
            "extra": loss.extra, "lost": lost,
        }))
    }

    /// What the page leaves out, both of the history and of the findings.
    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        let left_out = self.report.left_out.iter();
        notes.extend(left_out.map(|it| format!("not replayed: {}", printable(it.detail.as_bytes()))));
        if let Some((map, against)) = self.report.against {
            for (names, map) in [(&against.only_here, self.report.map), (&against.only_there, map)] {
                if !names.is_empty() {
                    let map = printable(map.as_bytes());
                    notes.push(format!("not compared: {} that only {map} has", count(names.len(), "service")));
                }
            }
            if against.incomparable > 0 {
                notes.push(format!("not compared: {}", count(against.incomparable, "commit")));
            }
        }
        if self.first > 0 {
            notes.push(format!("cut: the oldest {} are counted and not drawn", count(self.first, "commit")));
        }
        notes.push(format!("at most {INPUTS} inputs are listed for a service at a commit; all of them: --format json"));
        if self.full {
            notes.push(format!("cut: {LISTED} inputs are listed, those of newer commits are only counted"));
        }
        if self.report.loss.is_some_and(|loss| loss.lost.len() > LOST) {
            notes.push(format!("cut: the first {LOST} lost deploys are listed"));
        }
        notes
    }
}

/// How many inputs of each service differ; zero for a service that builds because it selects no files.
fn inputs(commit: &ReplayedCommit) -> HashMap<usize, usize> {
    let mut inputs = HashMap::new();
    let claims = commit.difference.changes.iter().flat_map(|change| &change.verdict.claims);
    claims.for_each(|claim| *inputs.entry(claim.service).or_default() += 1);
    inputs.retain(|service, _| commit.difference.without_inputs.binary_search(service).is_err());
    inputs
}

/// The position of a word in the script's list of words.
fn place_of_kind(kind: ChangeKind) -> i64 {
    match kind {
        ChangeKind::Added => 0,
        ChangeKind::Modified => 1,
        ChangeKind::Deleted => 2,
        ChangeKind::Mode => 3,
    }
}

/// An index as a number; -1 means none. No list is long enough to overflow it.
fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(-1)
}
