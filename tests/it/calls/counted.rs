//! The program in front of an engine, with a proxy in between that notes every request.

use std::collections::BTreeMap;

use crate::engines::{Engine, Kind};
use crate::proxy::{Proxy, Seen};
use crate::support::{Build, Done, World};

/// A source, and an empty state of its own on an engine.
pub(crate) struct Counted<'a> {
    world: &'a World,
    engine: &'a Engine,
    proxy: Proxy,
    /// What every build has: the state, and the engine's credentials.
    variables: Vec<(&'static str, String)>,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(world: &'a World, engine: &'a Engine) -> Self {
        let proxy = Proxy::to(&engine.endpoint);
        let mut variables = engine.variables().to_vec();
        variables.push(("SHIPMARK_STATE", new_state(engine, &proxy.endpoint())));
        Self { world, engine, proxy, variables }
    }

    /// A build that decides, stages or records on this state. Its id is this engine's, for the world keeps the tickets of all.
    pub(crate) fn build(&self, id: &str) -> Build {
        let Engine { name, kind, .. } = self.engine;
        client(Build::new(&format!("{name}-{kind:?}:{id}")), &self.variables)
    }

    /// Runs the program in a build, and gives what it printed and what it asked the store for.
    pub(crate) fn run(&self, build: &Build, args: &[&str]) -> (Done, Vec<Seen>) {
        self.watch(|| self.world.run_in(build, args))
    }

    /// What something asks the store for that succeeds.
    pub(crate) fn watch(&self, run: impl FnOnce() -> Done) -> (Done, Vec<Seen>) {
        self.proxy.clear_log();
        let done = run();
        assert_eq!(done.code, 0, "{done:?}");
        (done, self.proxy.log())
    }
}

/// The address of a state that nobody else knows, at that endpoint of the engine.
pub(crate) fn new_state(engine: &Engine, endpoint: &str) -> String {
    match engine.kind {
        Kind::DynamoDb => format!("dynamodb://{}?endpoint={endpoint}", engine.new_table()),
        Kind::S3 => format!("s3://{}/state?endpoint={endpoint}", engine.new_bucket()),
    }
}

/// The same build with further variables.
pub(crate) fn client(build: Build, variables: &[(&'static str, String)]) -> Build {
    variables.iter().fold(build, |build, (name, value)| build.with(name, value))
}

/// How many requests of each operation.
pub(crate) fn operations(seen: &[Seen]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for request in seen {
        *counts.entry(request.operation.as_str()).or_default() += 1;
    }
    counts
}
