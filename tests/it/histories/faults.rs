//! The replay with faults: builds overlap, fail, are killed, lose their record, and go back to older commits.
//!
//! A walk over the history starts builds and lets them go on in any order, with seeded chance. A deploy has two halves,
//! so that what a build leaves behind when it dies between them is neither the old nor the new. What is really
//! deployed is kept in [`World`]; the program is never asked about it. Held against it:
//!
//! - a service is skipped only if exactly its content is live, and no running build could still deploy another;
//! - a build that neither the source nor the record calls for names its doubt;
//! - once all is quiet, one build of everything restores certainty, and the next one skips everything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::layout::Layout;
use super::live::{Target, World};
use super::plain::assert_same_changes;
use super::product::{Build, Decision, Outcome, Product, short_lived_map};
use crate::oracle::Oracle;
use crate::support::say;

/// How often a walk comes to rest.
const ROUNDS: usize = 3;
/// Steps between two rests.
const STEPS: usize = 40;
/// How many builds may run at once.
const BUILDS: usize = 3;

/// How the program learns that builds have ended of which nothing more is heard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Somebody says so, with `taint --nothing-running`.
    ByWord,
    /// They are older than this `build_timeout`.
    ByTime(Duration),
}

impl Rest {
    /// How a walk comes to rest: one of four waits.
    fn by_seed(seed: u64) -> Self {
        if seed.is_multiple_of(4) { Self::ByTime(Duration::from_secs(2)) } else { Self::ByWord }
    }

    /// How long builds live: less than the program believes, by what one `decide` may take on a slow machine.
    fn build_timeout(self) -> Duration {
        match self {
            Self::ByWord => Duration::MAX,
            Self::ByTime(timeout) => timeout.mul_f32(0.8),
        }
    }
}

/// What the walks of one system came to.
#[derive(Debug, Default)]
struct Counts {
    skipped: usize,
    /// Builds that the source or the record called for.
    needed: usize,
    /// Builds for a doubt that was right: other bytes were live, or could still be deployed.
    rescued: BTreeMap<String, usize>,
    /// Builds for a doubt that was not: the right bytes were live, which nobody could know.
    cautious: BTreeMap<String, usize>,
}

/// Walks over one system's history, a walk for each seed, and prints what it came to.
pub(crate) fn replay(oracle: &Oracle, scratch: &Path, seeds: impl Iterator<Item = u64>) {
    // Before the first of these commits some services have no files at all.
    let whole = |commit: &usize| oracle.system.services().all(|service| !oracle.content(service, *commit).is_empty());
    let commits: Vec<usize> = (0..oracle.commits.len()).filter(whole).collect();
    let mut layouts: Vec<_> = (0..BUILDS).map(|slot| Layout::new(scratch.join(format!("source-{slot}")))).collect();
    let mut counts = Counts::default();
    for seed in seeds {
        let rest = Rest::by_seed(seed);
        let scratch = scratch.join(format!("seed-{seed}"));
        let mut product = Product::new(&oracle.system, &scratch);
        if let Rest::ByTime(timeout) = rest {
            product.config = short_lived_map(&oracle.system, &scratch, timeout);
        }
        let mut walk = Walk::new(oracle, product, &commits, &mut layouts, (seed, rest));
        for _ in 0..ROUNDS {
            for _ in 0..STEPS {
                walk.step();
            }
            walk.rest();
        }
        counts.add(walk.counts);
    }
    say(&format!("{}: {counts:?}", oracle.system.name));
    assert!(counts.skipped > 0 && counts.needed > 0 && !counts.rescued.is_empty(), "{counts:?}");
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Decided,
    HalfDeployed,
    Deployed,
}

/// A build that has something to deploy and has not ended.
struct Running {
    build: Build,
    slot: usize,
    since: Instant,
    stage: Stage,
    targets: Vec<Target>,
}

impl Running {
    /// Whether it could still leave something else than this.
    fn threatens(&self, service: &str, content: &crate::oracle::Content) -> bool {
        let other = |target: &Target| target.service == service && *target.content != *content;
        self.stage != Stage::Deployed && self.targets.iter().any(other)
    }
}

struct Walk<'a> {
    oracle: &'a Oracle,
    product: Product,
    commits: &'a [usize],
    layouts: &'a mut [Layout],
    rng: Rng,
    rest: Rest,
    what: String,
    /// Where in `commits` the walk is.
    position: usize,
    builds: usize,
    running: Vec<Running>,
    world: World,
    /// The commit of each service's last recorded deploy.
    recorded: BTreeMap<&'static str, usize>,
    /// The services that a build ever set out to deploy: those that have a mark.
    attempted: BTreeSet<&'static str>,
    /// Whether the last deploys were declared unknown.
    tainted: bool,
    counts: Counts,
}

impl<'a> Walk<'a> {
    fn new(
        oracle: &'a Oracle,
        product: Product,
        commits: &'a [usize],
        layouts: &'a mut [Layout],
        (seed, rest): (u64, Rest),
    ) -> Self {
        let mut rng = Rng::with_seed(seed);
        let position = rng.usize(..commits.len());
        Self {
            oracle,
            product,
            commits,
            layouts,
            rng,
            rest,
            what: format!("{} with seed {seed}", oracle.system.name),
            position,
            builds: 0,
            running: Vec::new(),
            world: World::default(),
            recorded: BTreeMap::new(),
            attempted: BTreeSet::new(),
            tainted: false,
            counts: Counts::default(),
        }
    }

    /// One build starts, or a running one goes on.
    fn step(&mut self) {
        self.end_overdue_builds();
        if self.running.is_empty() || (self.running.len() < BUILDS && self.rng.u8(..100) < 40) {
            self.walk();
            let all: Vec<_> = self.oracle.system.services().collect();
            let one = all[self.rng.usize(..all.len())];
            let services = if self.rng.u8(..100) < 50 { vec![one] } else { all };
            if let Some(running) = self.start(&services) {
                self.running.push(running);
            }
        } else {
            let running = self.running.swap_remove(self.rng.usize(..self.running.len()));
            self.go_on(running);
        }
    }

    /// Chooses the commit of the next build: a newer one, the same, or one that is reverted to.
    fn walk(&mut self) {
        let recorded: Vec<usize> = self.recorded.values().copied().collect();
        self.position = match self.rng.u8(..100) {
            // What was deployed before is where a false skip would be.
            0..45 if !recorded.is_empty() => {
                let commit = recorded[self.rng.usize(..recorded.len())];
                self.commits.binary_search(&commit).expect("the walk was there")
            }
            0..55 => self.position,
            55..65 => self.position.saturating_sub(self.rng.usize(1..6)),
            _ => (self.position + self.rng.usize(1..6)).min(self.commits.len() - 1),
        };
    }

    /// A build starts in a directory of its own and decides. `None` if it has nothing to do.
    fn start(&mut self, services: &[&'static str]) -> Option<Running> {
        let slot = (0..BUILDS).find(|slot| self.running.iter().all(|running| running.slot != *slot)).unwrap();
        let commit = self.commits[self.position];
        self.layouts[slot].move_to(self.oracle, commit);
        self.builds += 1;
        let build = self.product.build(self.builds, &self.layouts[slot].directory, &self.oracle.commits[commit]);
        let since = Instant::now();
        let decisions = self.product.decide(&build, services).services;
        // A build that is overdue by now may have been taken for dead by this very decision. CodeBuild ends such builds.
        self.end_overdue_builds();
        // What it skips is deployed again like any other.
        let builds = |service: &str| services.contains(&service) && !decisions[service].skip;
        let mut targets = Vec::new();
        for service in services.iter().copied() {
            self.judge(service, commit, &decisions[service]);
            if builds(service) {
                self.attempted.insert(service);
                targets.push(Target::new(service, commit, self.oracle.content(service, commit), false));
                let others = self.oracle.system.redeploys(service).iter().copied();
                targets.extend(others.filter(|other| !builds(other)).filter_map(|other| {
                    let commit = *self.recorded.get(other)?;
                    Some(Target::new(other, commit, self.oracle.content(other, commit), true))
                }));
            }
        }
        let running = Running { build, slot, since, stage: Stage::Decided, targets };
        (!running.targets.is_empty()).then_some(running)
    }

    /// Holds one decision against what is live, what may yet be deployed, and what was recorded.
    fn judge(&mut self, service: &'static str, commit: usize, decision: &Decision) {
        let what = format!("{}, build {}: {service} at commit {commit}: {decision:?}", self.what, self.builds);
        let content = self.oracle.content(service, commit);
        let live = self.world.is(service, &content);
        let threatened = self.running.iter().any(|running| running.threatens(service, &content));
        if decision.skip {
            assert_eq!(decision.reason, "unchanged", "{what}");
            assert!(live, "a false skip: other bytes are live. {what}");
            assert!(!threatened, "a false skip: a running build may deploy other bytes. {what}");
            self.counts.skipped += 1;
            return;
        }
        let Some(recorded) = self.recorded.get(service) else {
            assert_eq!(decision.reason, "never-deployed", "{what}");
            self.counts.needed += 1;
            return;
        };
        if self.tainted {
            assert_eq!(decision.reason, "uncertain", "{what}");
            self.counts.needed += 1;
            return;
        }
        let changes = self.oracle.changes(service, *recorded, commit);
        assert_same_changes(&what, &changes, decision);
        if changes.is_empty() {
            assert!(["uncertain", "deploy-pending"].contains(&decision.reason.as_str()), "no doubt named: {what}");
            let doubts = if live && !threatened { &mut self.counts.cautious } else { &mut self.counts.rescued };
            *doubts.entry(decision.reason.clone()).or_default() += 1;
        } else {
            assert!(["uncertain", "changed"].contains(&decision.reason.as_str()), "{what}");
            self.counts.needed += 1;
        }
    }

    /// The next thing that happens to a build: it goes on, fails, or is killed.
    fn go_on(&mut self, mut running: Running) {
        match (running.stage, self.rng.u8(..100)) {
            (Stage::Decided, 0..88) => {
                self.world.begin(&mut running.targets);
                running.stage = Stage::HalfDeployed;
                self.running.push(running);
            }
            (Stage::HalfDeployed, 0..88) => {
                self.world.complete(&running.targets);
                running.stage = Stage::Deployed;
                self.running.push(running);
            }
            (Stage::Deployed, 0..95) => self.record(&running),
            (Stage::Decided | Stage::HalfDeployed, 88..96) => {
                self.world.abandon(&running.targets);
                self.product.record(&running.build, Outcome::Failed, &own_services(&running));
            }
            // Killed: whatever it did so far stays, and nobody hears of it. Rarely, since until the next rest it leaves
            // doubt behind which would hide false skips.
            _ => self.world.abandon(&running.targets),
        }
    }

    fn record(&mut self, running: &Running) {
        self.product.record(&running.build, Outcome::Succeeded, &own_services(running));
        self.recorded.extend(running.targets.iter().map(|target| (target.service, target.commit)));
    }

    fn end_overdue_builds(&mut self) {
        let timeout = self.rest.build_timeout();
        for overdue in self.running.extract_if(.., |running| running.since.elapsed() >= timeout) {
            self.world.abandon(&overdue.targets);
        }
    }

    /// Every build ends, and the program learns of it. Then all is built once, and once more for nothing.
    fn rest(&mut self) {
        let all: Vec<_> = self.oracle.system.services().collect();
        for running in self.running.drain(..) {
            self.world.abandon(&running.targets);
        }
        match self.rest {
            Rest::ByTime(timeout) => std::thread::sleep(timeout + Duration::from_millis(100)),
            Rest::ByWord => {
                self.builds += 1;
                let somebody = self.product.build(self.builds, &self.layouts[0].directory, "");
                for service in &self.attempted {
                    self.product.taint_ended(&somebody, service);
                }
                self.tainted = true;
            }
        }
        if let Some(mut running) = self.start(&all) {
            self.world.begin(&mut running.targets);
            self.world.complete(&running.targets);
            self.record(&running);
        }
        self.tainted = false;
        let left = self.start(&all).map(|running| own_services(&running)).unwrap_or_default();
        assert!(left.is_empty(), "{}: all was deployed and recorded, yet it builds {left:?}", self.what);
    }
}

/// What a build names when it records: the services that it decided, not those that it deployed again beside them.
fn own_services(running: &Running) -> Vec<&'static str> {
    running.targets.iter().filter(|target| !target.pinned).map(|target| target.service).collect()
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.skipped += other.skipped;
        self.needed += other.needed;
        for (mine, others) in [(&mut self.rescued, other.rescued), (&mut self.cautious, other.cautious)] {
            others.into_iter().for_each(|(reason, count)| *mine.entry(reason).or_default() += count);
        }
    }
}
