//! `doctor`: checks the store step by step, and says what to do.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::app::cli::DoctorArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, now};
use crate::base::clock::CLOCK_TOLERANCE;
use crate::base::failure::{Failure, Status};
use crate::base::names::{EnvironmentName, ProjectName};
use crate::base::text;
use crate::map::ServiceMap;
use crate::store::provision::{self, KeyScope, ProvisionKind};
use crate::store::{Health, Store, StoreFinding, StoreUrl, Trial};

use super::print::{emit, show};

/// How far this machine's clock may be off before doctor warns. Times are displayed, and decide ages of minutes and
/// days. Beyond [`CLOCK_TOLERANCE`] it fails: AWS refuses requests, and a deploy counts as too old.
const CLOCK_WARNS: SignedDuration = SignedDuration::from_secs(60);

/// Checks the store, or prints what it needs.
pub(super) fn doctor(settings: &Settings, reporter: Reporter, args: &DoctorArgs) -> Result<Status, Failure> {
    if let Some(kind) = args.print {
        return document(settings, reporter, kind);
    }
    let mut report = DoctorReport { findings: Vec::new(), live: !args.shape.is_json() };
    let subject = subject(settings, &mut report)?;
    if let Some((project, url)) = &subject {
        let store = settings.open(url);
        let trial = match args.read_only {
            true => Trial::Reads(looked_at(settings)),
            false => Trial::All,
        };
        examine(&store, project, &trial, args.create, &mut report)?;
    }
    let failed = report.count(Health::Failed);
    if args.shape.is_json() {
        emit(None, format!("{:#}\n", report.json(subject.as_ref())).as_bytes())?;
    }
    let warnings = text::count(report.count(Health::Warning), "warning");
    if failed > 0 {
        reporter.say(&format!("{} failed, {warnings}", text::count(failed, "check")));
        return Ok(Status::Other);
    }
    reporter.say(&format!("nothing failed, {warnings}"));
    Ok(Status::Done)
}

/// Prints a document. If the map has mistakes, nothing is printed, since the map might name a different store.
fn document(settings: &Settings, reporter: Reporter, kind: ProvisionKind) -> Result<Status, Failure> {
    let map = settings.map_if_any(&[])?;
    let environments = map.as_ref().map(|map| settings.environments_if_known(map)).unwrap_or_default();
    let (project, url) = (settings.project(map.as_ref()), settings.store_url(map.as_ref(), &environments)?);
    let (scope, notes) = scope(settings, map.as_ref())?;
    let document = provision::print(kind, &project, &url, &scope).map_err(|error| {
        Failure::request(error).hint("name a store of AWS with --state, SHIPMARK_STATE or `[state] url`")
    })?;
    emit(None, document.text.as_bytes())?;
    document.notes.iter().chain(&notes).for_each(|note| reporter.say(note));
    Ok(Status::Done)
}

/// The environments that were named, what they reuse, and what is left to do for that.
fn scope(settings: &Settings, map: Option<&ServiceMap>) -> Result<(KeyScope, Vec<String>), Failure> {
    let environments = settings.named_environments().to_vec();
    if !environments.is_empty() {
        // A name with a mistake in it would get a policy that grants nothing.
        settings.environments(map)?;
    }
    let (mut reused, mut notes) = (Vec::new(), Vec::new());
    let from = map.map(|map| environments.iter().filter_map(|environment| map.reuse_from(environment)));
    for other in from.into_iter().flatten().filter(|other| !environments.contains(other)) {
        let there = settings.store_url(map, std::slice::from_ref(other))?;
        if there != settings.store_url(map, &environments)? {
            notes.push(format!("a build reuses deploys of `{other}`, so it must also read {there}"));
        } else if !reused.contains(other) {
            reused.push(other.clone());
        }
    }
    Ok((KeyScope { environments, reused }, notes))
}

/// The environment whose keys a laptop tries to read: one that was named, else one of the map's.
fn looked_at(settings: &Settings) -> EnvironmentName {
    let map = settings.map_if_any(&[]).ok().flatten();
    let known = map.as_ref().map(|map| settings.environments_if_known(map)).unwrap_or_default();
    settings.named_environments().iter().chain(&known).next().cloned().unwrap_or_default()
}

/// The project and the store, as far as they are known.
fn subject(settings: &Settings, report: &mut DoctorReport) -> Result<Option<(ProjectName, StoreUrl)>, Failure> {
    let map = match settings.map_if_any(&[]) {
        Ok(map) => {
            report.add(about(map.as_ref()))?;
            map
        }
        Err(failure) => {
            let said = failure.to_string();
            let first = said.lines().find(|line| !line.is_empty()).unwrap_or_default();
            let fix = failure.hint.unwrap_or_else(|| "shipmark check shows where".to_owned());
            report.add(StoreFinding::failed("map", first, fix))?;
            if !settings.names_store() {
                report.add(StoreFinding::skipped(
                    "store",
                    "the map may name it; name it with --state to look at it now",
                ))?;
                return Ok(None);
            }
            None
        }
    };
    let environments = map.as_ref().map(|map| settings.environments_if_known(map)).unwrap_or_default();
    match settings.store_url(map.as_ref(), &environments) {
        Ok(url) => {
            let origin = settings.store_origin(map.as_ref());
            let project = settings.project(map.as_ref());
            let shown = text::printable(url.to_string().as_bytes());
            let text = format!("{shown}, from {origin}; project `{project}`");
            report.add(match settings.environment.in_build() && url.is_local() {
                false => StoreFinding::ok("store", text),
                true => {
                    let text = format!("{text}: it is on this machine, and a build's machine is gone after it");
                    StoreFinding::warning(
                        "store",
                        text,
                        "name another with --state or SHIPMARK_STATE, unless the path outlives it",
                    )
                }
            })?;
            Ok(Some((project, url)))
        }
        Err(failure) => {
            let fix = failure.hint.clone().unwrap_or_default();
            report.add(StoreFinding::failed("store", failure.to_string(), fix))?;
            Ok(None)
        }
    }
}

fn about(map: Option<&ServiceMap>) -> StoreFinding {
    match map {
        Some(map) => StoreFinding::ok("map", format!("{}: {}", map.file, text::count(map.services.len(), "service"))),
        None => StoreFinding::skipped("map", "there is none here; the project is `default` unless --project names it"),
    }
}

/// Skips checks that depend on a failed one, so that the first line with FAILED is the one to act on.
fn examine(
    store: &Store,
    project: &ProjectName,
    trial: &Trial,
    create: bool,
    report: &mut DoctorReport,
) -> Result<(), Failure> {
    report.all(store.access())?;
    if create && !report.any_failed_of_store() {
        report.all(store.create())?;
    }
    if !report.any_failed_of_store() {
        let reached = store.reach(project, trial);
        let clock = reached.date.map(|date| clock(now(), date));
        report.all(reached.findings)?;
        report.all(clock)?;
    }
    if report.any_failed_of_store() {
        return report.add(StoreFinding::skipped("reads and writes", "not tried: what failed above comes first"));
    }
    report.all(store.prove(project, trial, now()))?;
    report.all(store.care())
}

/// Compares this machine's clock with the store's.
fn clock(ours: Timestamp, theirs: Timestamp) -> StoreFinding {
    const CHECK: &str = "clock";
    let off = ours.duration_since(theirs);
    let size = off.abs();
    let way = if off.is_negative() { "behind" } else { "ahead of" };
    let text =
        format!("this machine is {} {way} the store", text::count(size.as_secs().unsigned_abs() as usize, "second"));
    let fix = "set the clock (chrony, ntpd); a container has its host's";
    match size {
        size if size > CLOCK_TOLERANCE => StoreFinding::failed(CHECK, text, fix),
        size if size > CLOCK_WARNS => StoreFinding::warning(CHECK, text, fix),
        _ => StoreFinding::ok(CHECK, "it agrees with the store's"),
    }
}

/// The findings so far; with `live`, each is shown to people as soon as it is known.
struct DoctorReport {
    findings: Vec<StoreFinding>,
    live: bool,
}

impl DoctorReport {
    fn add(&mut self, finding: StoreFinding) -> Result<(), Failure> {
        // If something could not be turned on, the check that follows need not report it again.
        if self.findings.iter().any(|known| known.check == finding.check && known.verdict == Health::Warning) {
            return Ok(());
        }
        if self.live {
            show(line(&finding).as_bytes())?;
        }
        self.findings.push(finding);
        Ok(())
    }

    fn all(&mut self, findings: impl IntoIterator<Item = StoreFinding>) -> Result<(), Failure> {
        findings.into_iter().try_for_each(|finding| self.add(finding))
    }

    fn count(&self, verdict: Health) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }

    /// Whether the store is unusable. A wrong map or clock does not count.
    fn any_failed_of_store(&self) -> bool {
        self.findings.iter().any(|finding| finding.is_failed() && !["map", "clock"].contains(&finding.check))
    }

    fn json(&self, subject: Option<&(ProjectName, StoreUrl)>) -> Value {
        let checks = self.findings.iter().map(|finding| {
            json!({
                "check": finding.check,
                "verdict": finding.verdict.word().to_lowercase(),
                "text": finding.text,
                "fix": finding.fix,
            })
        });
        json!({
            "schema": 1,
            "project": subject.map(|(project, _)| project),
            "store": subject.map(|(_, url)| url.to_string()),
            "failed": self.count(Health::Failed),
            "checks": checks.collect::<Vec<_>>(),
        })
    }
}

fn line(finding: &StoreFinding) -> String {
    let fix = finding.fix.as_ref().map_or_else(String::new, |fix| format!("; {fix}"));
    let text = text::printable(format!("{}{fix}", finding.text).as_bytes());
    format!("{:<7}  {}: {text}\n", finding.verdict.word(), finding.check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off_by(seconds: i64) -> Health {
        let theirs: Timestamp = "2026-11-21T20:20:00Z".parse().unwrap();
        clock(Timestamp::from_second(theirs.as_second() + seconds).unwrap(), theirs).verdict
    }

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        for (seconds, verdict) in [
            (0, Health::Ok),
            (60, Health::Ok),
            (61, Health::Warning),
            (-61, Health::Warning),
            (300, Health::Warning),
            (301, Health::Failed),
            (-301, Health::Failed),
        ] {
            assert_eq!(off_by(seconds), verdict, "{seconds} s");
        }
    }

    #[test]
    fn a_clock_that_is_off_is_told_in_the_right_direction() {
        let theirs: Timestamp = "2026-11-21T20:20:00Z".parse().unwrap();
        let late = clock("2026-11-21T20:10:00Z".parse().unwrap(), theirs);
        assert_eq!(late.text, "this machine is 600 seconds behind the store");
        let early = clock("2026-11-21T20:30:00Z".parse().unwrap(), theirs);
        assert_eq!(early.text, "this machine is 600 seconds ahead of the store");
    }

    #[test]
    fn a_finding_is_one_line_with_what_to_do() {
        let shown = line(&StoreFinding::failed("bucket", "there is\nno bucket", "make it"));
        assert_eq!(shown, "FAILED   bucket: there is\\nno bucket; make it\n");
        assert_eq!(line(&StoreFinding::ok("reads", "fine")), "ok       reads: fine\n");
    }
}
