//! The truth that the walk holds the engine against: what is live, and who may still deploy what.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shipmark::base::fingerprint::{Content, Fingerprint};
use shipmark::base::key::Key;
use shipmark::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use shipmark::protocol::engine::core::Engine;
use shipmark::protocol::engine::inputs::CurrentInputs;
use shipmark::protocol::engine::mark::{Attempt, AttemptId, Build as BuildLabel, CANDIDATE_LIFE, Deploy, Home, Lane};
use shipmark::protocol::engine::marks::Moment;
use shipmark::protocol::engine::policy::{Caller, EnvironmentPolicy, ServicePolicy};

use super::build::Build;
use super::claims::Held;
use super::counts::Counts;
use super::fault::{Fault, anyone};
use super::people::Late;
use super::pipe::{Pipe, Zombie};
use super::profile::{Luck, Profile};
use super::traced::Trace;
use crate::engine::store::Store;

/// A mark: the environment (or store) and the service.
pub(super) type Slot = (usize, usize);

/// What somebody will deploy.
pub(super) type Plan = BTreeMap<Slot, What>;

/// Contents that no source has: the service was removed; something was made by hand.
pub(super) const GONE: u8 = 100;
pub(super) const HAND: u8 = 101;

/// When worlds begin, in seconds since 1970.
pub(super) const START: i64 = 1_700_000_000;

/// Something that is live, or is on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct What {
    pub(super) content: u8,
    pub(super) artifact: Option<AttemptId>,
    /// What its outputs name.
    pub(super) image: u32,
    /// The deploy stage that deploys it, and the build that was decided.
    pub(super) who: Option<(Lane, u32)>,
}

/// Two services, one or two environments or stores, pipelines and one-step builds.
#[derive(Debug)]
pub(super) struct World {
    pub(super) luck: Luck,
    pub(super) p: Profile,
    pub(super) now: u64,
    pub(super) fault: Option<Fault>,
    pub(super) seen: Counts,
    n: u32,
    pub(super) stores: Vec<Store>,
    /// Whether the environments are two stores with the same keys, decided one by one.
    pub(super) apart: bool,
    pub(super) envs: Vec<usize>,
    /// By repository: what is live of each half of a service.
    pub(super) live: [BTreeMap<Slot, [Option<What>; 2]>; 2],
    /// Whether the deploy of a service deploys the other one again.
    pub(super) redeploys: [bool; 2],
    /// Whether the second service leaves the map at times, and is in it.
    pub(super) removal: bool,
    pub(super) has_b: bool,
    /// Whether a second repository has the same keys, and a target of its own.
    pub(super) collide: bool,
    stable: bool,
    pub(super) head: [u8; 2],
    listed: bool,
    unknown: f64,
    pub(super) reuse: bool,
    pub(super) quiet: bool,
    /// Whether there are one-step builds.
    pub(super) hand: bool,
    pub(super) one: Vec<Build>,
    pub(super) zombies: Vec<Zombie>,
    pub(super) claims: Vec<Held>,
    pub(super) late: Vec<Late>,
    pub(super) pipes: Vec<Pipe>,
    pub(super) exports: Vec<(Slot, shipmark::protocol::engine::mark::Mark)>,
    /// What is written down for the executable model.
    pub(super) trace: Option<Trace>,
}

impl World {
    pub(super) fn new(seed: u64, profile: &Profile, fault: Option<Fault>) -> Self {
        let mut luck = Luck::new(seed);
        let mut p = profile.clone();
        let quiet = luck.hits(0.4) && p.burst == 0.0;
        if quiet {
            p.quiet();
        }
        let envs: Vec<usize> = if luck.hits(0.65) { vec![0] } else { vec![0, 1] };
        let apart = envs.len() == 2 && luck.hits(0.5);
        let mut redeploys = luck.of(&[[true, false], [true, true], [false, false], [false, true]]);
        if quiet && luck.hits(0.5) {
            redeploys = [false, true];
        }
        let removal = p.odd && luck.hits(0.2) && redeploys == [false, false];
        let collide = p.odd && !removal && luck.hits(0.15);
        if collide {
            if luck.hits(0.5) {
                redeploys = [true, true];
            }
            p.human *= 3.0;
            p.crowd += 2;
        }
        let (stable, listed) = (luck.hits(0.5), luck.hits(p.listed));
        let unknown = if collide { 0.25_f64.min(p.unknown * 20.0) } else { p.unknown };
        let reuse = envs.len() == 2 && !collide && !apart && luck.hits(0.5);
        let strict = luck.hits(0.03);
        let mut world = Self {
            luck,
            p,
            now: 0,
            fault,
            seen: Counts::default(),
            n: 0,
            stores: vec![Store::new(strict); 1 + usize::from(apart)],
            apart,
            envs,
            live: Default::default(),
            redeploys,
            removal,
            has_b: true,
            collide,
            stable,
            head: [0, 0],
            listed,
            unknown,
            reuse,
            quiet,
            hand: true,
            one: Vec::new(),
            zombies: Vec::new(),
            claims: Vec::new(),
            late: Vec::new(),
            pipes: Vec::new(),
            exports: Vec::new(),
            trace: None,
        };
        let names: &[&[Option<&str>]] = match world.p.crowd {
            1 => &[&[], &[Some("P")], &[Some("P")]],
            _ => &[&[], &[Some("P")], &[Some("P")], &[Some("P"), Some("Q")], &[Some("P"), None]],
        };
        for name in world.luck.of(names) {
            let pipe = Pipe::new(&mut world, *name);
            world.pipes.push(pipe);
        }
        let by_hand = world.p.crowd > 1 && !(world.quiet && !world.pipes.is_empty() && world.luck.hits(0.5));
        world.hand = by_hand || world.pipes.is_empty();
        world
    }

    pub(super) fn next(&mut self) -> u32 {
        self.n += 1;
        self.n
    }

    /// The seconds of a tick: as many as let a candidate live as long as the profile says.
    pub(super) fn tick(&self) -> u64 {
        u64::try_from(CANDIDATE_LIFE.as_secs()).unwrap() / self.p.life
    }

    pub(super) fn time(&self) -> Timestamp {
        let seconds = i64::try_from(self.now * self.tick()).unwrap();
        Timestamp::from_second(START).unwrap() + SignedDuration::from_secs(seconds)
    }

    /// A call by somebody whose clock is so many ticks ahead.
    pub(super) fn moment(&mut self, skew: i64) -> Moment {
        let random = u64::from(self.next());
        let lies = skew * i64::try_from(self.tick()).unwrap();
        Moment { at: self.time() + SignedDuration::from_secs(lies), call: AttemptId::new(self.time(), random) }
    }

    pub(super) fn environment(&self, env: usize) -> EnvironmentName {
        EnvironmentName::new(if self.apart { "prod".to_owned() } else { format!("e{env}") }).unwrap()
    }

    pub(super) fn key(&self, slot: Slot) -> Key {
        Key { project: ProjectName::default(), environment: self.environment(slot.0), service: service(slot.1) }
    }

    /// The store of an environment.
    pub(super) fn at(&self, env: usize) -> usize {
        if self.apart { env } else { 0 }
    }

    pub(super) fn slots(&self) -> Vec<Slot> {
        self.envs.iter().flat_map(|env| [(*env, 0), (*env, 1)]).collect()
    }

    pub(super) fn deployed(&self, slot: Slot) -> Option<&Deploy> {
        self.stores[self.at(slot.0)].mark(&self.key(slot))?.deployed.as_ref()
    }

    pub(super) fn attempts(&self, slot: Slot) -> &[Attempt] {
        self.stores[self.at(slot.0)].mark(&self.key(slot)).map_or(&[], |mark| &mark.attempts)
    }

    /// Who deploys: a pipeline, a project without one, another repository's project, or nobody knows.
    pub(super) fn home(&mut self, pipe: Option<&str>, repo: usize) -> Option<Home> {
        if self.luck.hits(self.unknown) {
            return None;
        }
        if repo == 1 {
            return Some(Home { project: Some("X".to_owned()), ..Home::default() });
        }
        let joined = if self.listed { ["P", "Q", "H"].map(str::to_owned).to_vec() } else { Vec::new() };
        Some(match pipe {
            Some(name) => Home { pipeline: Some(name.to_owned()), joined, ..Home::default() },
            None => Home { project: Some("H".to_owned()), joined, ..Home::default() },
        })
    }

    pub(super) fn caller(&mut self, build: u32, home: Option<Home>) -> Caller {
        let home = if self.fault == Some(Fault::UnknownHomeFits) { home.or_else(|| Some(anyone())) } else { home };
        let build = BuildLabel { id: Some(format!("build{build}")), ..BuildLabel::default() };
        Caller { home, build, source: "/src".to_owned(), ..Caller::default() }
    }

    /// The engine for a map that has the services of `has`.
    pub(super) fn engine(&self, caller: &Caller, envs: &[usize], has: [bool; 2]) -> Engine {
        let at = self.at(envs[0]);
        let timeout = if self.fault == Some(Fault::ShortAge) { self.p.timeout / 4 } else { self.p.timeout };
        let services = |env: usize| {
            let blind = self.fault == Some(Fault::NoRemoved);
            let of = (0..2).filter(|of| has[*of] || blind);
            of.map(|of| {
                let redeploys = self.redeploys[of] && has[1 - of] && self.fault != Some(Fault::NoPin);
                let policy = ServicePolicy {
                    redeploys: if redeploys { vec![service(1 - of)] } else { Vec::new() },
                    build_timeout_seconds: timeout * self.tick(),
                    reuse_from: (self.reuse && env == 1).then(|| self.environment(0)),
                    ..ServicePolicy::default()
                };
                (service(of), policy)
            })
            .collect()
        };
        let environment = |env: &usize| {
            let deploy_timeout_seconds = self.p.deploy * self.tick();
            (
                self.environment(*env),
                EnvironmentPolicy { services: services(*env), deploy_timeout_seconds, ..EnvironmentPolicy::default() },
            )
        };
        Engine {
            project: ProjectName::default(),
            environments: envs.iter().map(environment).collect(),
            caller: Caller { store: format!("store{at}"), ..caller.clone() },
        }
    }

    /// Somebody pushes: most pushes leave a service as it is, a revert brings old content back.
    pub(super) fn push(&mut self) {
        for of in 0..2 {
            if self.luck.hits(if self.stable { 0.1 } else { 0.35 }) {
                self.head[of] = self.luck.of(&[0, 1, 2]);
            }
        }
    }
}

pub(super) fn service(of: usize) -> ServiceName {
    ServiceName::new(["a", "b"][of]).unwrap()
}

pub(super) fn content(of: u8) -> Content {
    Content { fingerprint: Fingerprint([of; 32]), modes: None }
}

pub(super) fn inputs(of: u8) -> CurrentInputs {
    CurrentInputs { content: Some(content(of)), count: 1, selects: true, ..CurrentInputs::default() }
}

/// The outputs that name an image.
pub(super) fn outputs(image: u32) -> BTreeMap<OutputName, String> {
    BTreeMap::from([(OutputName::new("IMAGE").unwrap(), image.to_string())])
}

/// What a recorded deploy is, where it is deployed again.
pub(super) fn again(deploy: &Deploy) -> Option<What> {
    let content = deploy.release.content?.fingerprint.0[0];
    let image = deploy.release.outputs.values().next().and_then(|image| image.parse().ok()).unwrap_or(0);
    Some(What { content, artifact: deploy.artifact.clone(), image, who: None })
}
