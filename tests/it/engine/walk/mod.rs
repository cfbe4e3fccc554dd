//! Random walks: the engine's entry points, against a world that knows what is live and who may still deploy.
//!
//! The promise. A skip of some content is right if both halves of what is live are that content, if nobody who may still deploy would
//! deploy anything else, and if the halves are one artifact: the recorded one, or one that somebody alive is just deploying.
//!
//! The world is that of the protocol's executable model. Steps are written as a program writes them: abreast, torn at times, refused,
//! in conflict with others, and tried again.

mod apply;
mod build;
mod checks;
mod claims;
mod counts;
mod deploys;
mod fault;
mod model;
mod one_step;
mod people;
mod pipe;
mod planted;
mod profile;
mod staging;
mod stories;
mod story;
mod tests;
mod traced;
mod tracing;
mod truth;
mod world;

use counts::Counts;
use fault::Fault;
use profile::Profile;
use world::World;

impl World {
    /// One step of the world.
    fn step(&mut self) -> Result<(), String> {
        self.now += self.luck.of(&[0, 1, 1, 2]);
        let now = self.now;
        // CodeBuild's timeout kills.
        self.one.retain(|b| now - b.born < self.p.timeout);
        self.zombies.retain(|zombie| now < zombie.dies && !zombie.todo.is_empty());
        for pipe in &mut self.pipes {
            pipe.build = pipe.build.take().filter(|b| now - b.born < self.p.timeout);
        }
        if self.luck.hits(self.p.push) {
            self.push();
        }
        if self.luck.hits(self.p.burst) {
            self.burst()?;
        }
        let k = self.luck.unit();
        if k < 0.13 && self.hand && self.one.len() < self.p.crowd {
            let started = self.start_build(false)?;
            self.one.extend(started);
        } else if k < 0.5 && !self.one.is_empty() {
            let at = self.luck.below(self.one.len());
            let mut b = self.one.swap_remove(at);
            if self.step_one(&mut b)? {
                self.one.push(b);
            }
        } else if k < 0.88 && !self.pipes.is_empty() {
            let at = self.luck.below(self.pipes.len());
            self.step_pipe(at)?;
        } else if k < 0.90 && !self.zombies.is_empty() {
            self.step_zombie();
        } else if k < 0.915 {
            self.step_claim()?;
        } else if k < 0.918 && !self.late.is_empty() {
            self.deliver_again();
        } else if k < 0.92 {
            if self.removal {
                self.has_b = !self.has_b;
                self.seen.note("map changes");
            }
        } else if k < 0.92 + self.p.human {
            self.human();
        } else if k < 0.92 + self.p.human + self.p.stranger {
            self.stranger()?;
        }
        Ok(())
    }

    /// A pipeline builds, or one of its stages goes on. A build that decides is not in the world meanwhile, its pipeline is.
    fn step_pipe(&mut self, at: usize) -> Result<(), String> {
        let x = self.luck.unit();
        if self.pipes[at].build.is_none() && x < 0.3 {
            self.pipes[at].build = self.start_pipe(at)?;
            return Ok(());
        }
        if let Some(mut b) = self.pipes[at].build.take_if(|_| x < 0.55) {
            let alive = self.step_build(at, &mut b)?;
            self.pipes[at].build = alive.then_some(b);
            return Ok(());
        }
        let n = self.luck.below(self.pipes[at].stages.len());
        let mut pipe = self.pipes.remove(at);
        self.step_deploy(&mut pipe, n);
        self.pipes.insert(at, pipe);
        Ok(())
    }
}

/// Walks through the worlds from that number on until so many steps are taken: what was met, and the first skip that was wrong.
fn play(profile: &Profile, fault: Option<Fault>, first: u64, steps: u64) -> (Counts, Option<String>) {
    let mut seen = Counts::default();
    for number in first.. {
        let mut world = World::new(number, profile, fault);
        let many = profile.walk * if world.quiet { 3 } else { 1 };
        for step in 0..many {
            world.seen.steps += 1;
            if let Err(why) = world.step() {
                seen.add(&world.seen);
                return (seen, Some(format!("world {number}, step {step}: {why}")));
            }
        }
        seen.add(&world.seen);
        if seen.steps >= steps {
            break;
        }
    }
    (seen, None)
}
