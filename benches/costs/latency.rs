//! A decision that skips, the whole process, beside the two `aws` commands that a hand-written buildspec asks its store with.

use std::cell::Cell;
use std::path::PathBuf;
use std::process::Command;

use crate::counted::{client, new_state};
use crate::engines::{Engine, Kind, REGION};
use crate::measure::{always, in_turn, ratio};
use crate::support::{Build, World};
use crate::{Outcome, material, say};

/// As in the other figures: one service, its files and their bytes.
const MATERIAL: (usize, usize, usize) = (1, 500, 6_000);

const HEAD: &str = "| work | shipmark: best, median | `aws dynamodb get-item`: best, median | `aws s3 cp s3://… -`: best, median | \
                    ratio of medians to both | reach | verdict |\n|---|---|---|---|---|---|---|";

/// The times on every engine; where an engine knows only one of the two stores, the other command asks another engine.
pub(crate) fn measure(engines: &[&Engine], rounds: usize) -> Outcome<()> {
    let Some(aws) = Aws::find() else {
        return say("\nSKIPPED: the times: there is no `aws` on the PATH (`pip install awscli`, or version 2).");
    };
    let world = World::new("", &[]);
    let (services, files, bytes) = MATERIAL;
    material::write_monorepo(&world.source(), services, files, bytes)?;
    let mut states = Vec::new();
    for engine in engines {
        states.push(State::deployed(engine, &world)?);
    }
    say(&format!("\nThe rival is {}.\n\n{HEAD}", aws.version))?;
    for state in &states {
        let asked = |kind: Kind| match state.engine.kind == kind {
            true => Ok(state),
            false => states.iter().find(|other| other.engine.kind == kind).ok_or("an engine of each store is needed"),
        };
        let (table, bucket) = (asked(Kind::DynamoDb)?, asked(Kind::S3)?);
        let mut skip = always(|| state.decide(&world));
        let mut get_item = always(|| aws.read_mark(table, &world));
        let mut copy = always(|| aws.read_mark(bucket, &world));
        let [skip, get_item, copy] = in_turn(rounds, [&mut skip, &mut get_item, &mut copy])?;
        let both = get_item.median() + copy.median();
        let verdict = if skip.median() * 10 <= both { "reached" } else { "**missed**" };
        let work = format!("decide {services} service of {files} files: skip, {}", state.words());
        let ratio = ratio(skip.median(), both);
        say(&format!("| {work} | {skip} | {get_item} | {copy} | {ratio} | 10x faster | {verdict} |"))?;
    }
    Ok(())
}

/// A state in which the service is deployed as it stands there.
struct State<'a> {
    engine: &'a Engine,
    address: String,
    variables: Vec<(&'static str, String)>,
    builds: Cell<usize>,
}

impl<'a> State<'a> {
    fn deployed(engine: &'a Engine, world: &World) -> Outcome<Self> {
        let address = new_state(engine, &engine.endpoint);
        let mut variables = engine.variables().to_vec();
        variables.push(("SHIPMARK_STATE", address.clone()));
        let state = Self { engine, address, variables, builds: Cell::new(0) };
        let build = state.build();
        world.deploy(&build, &material::name(0));
        let decided = state.decide(world).output()?;
        match String::from_utf8_lossy(&decided.stdout).contains("BUILD_SKIPPED='true'") {
            true => Ok(state),
            false => Err(format!("{}: was not skipped: {decided:?}", engine.name).into()),
        }
    }

    /// A build of its own, as a pipeline starts one.
    fn build(&self) -> Build {
        self.builds.set(self.builds.get() + 1);
        client(Build::new(&format!("{}:{}", self.words(), self.builds.get())), &self.variables)
    }

    fn decide(&self, world: &World) -> Command {
        let mut decide = world.command(&self.build());
        decide.args(["decide", &material::name(0)]);
        decide
    }

    /// The table, or the bucket and what its keys begin with.
    fn container(&self) -> &str {
        let (_, address) = self.address.split_once("://").unwrap_or_default();
        address.split('?').next().unwrap_or_default()
    }

    fn words(&self) -> String {
        let store = if self.engine.kind == Kind::S3 { "S3" } else { "DynamoDB" };
        format!("{store} ({})", self.engine.name)
    }
}

/// AWS's own command.
struct Aws {
    program: PathBuf,
    version: String,
}

impl Aws {
    fn find() -> Option<Self> {
        let text = |program: &str, args: &[&str]| {
            let output = Command::new(program).args(args).output().ok().filter(|output| output.status.success())?;
            Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        // A shim of pyenv starts a shell first, and that time is not the command's.
        let program = text("pyenv", &["which", "aws"]).unwrap_or_else(|| "aws".to_owned());
        Some(Self { version: text(&program, &["--version"])?, program: program.into() })
    }

    /// Reads the mark, which is as good as whatever a buildspec of one's own would keep there.
    fn read_mark(&self, state: &State<'_>, world: &World) -> Command {
        let mut aws = Command::new(&self.program);
        aws.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", world.path("tmp"));
        // Version 1 knows the region by its older name only; in a build both are set.
        aws.envs(state.engine.variables()).env("AWS_DEFAULT_REGION", REGION).current_dir(world.source());
        let (container, service) = (state.container(), material::name(0));
        match state.engine.kind {
            Kind::DynamoDb => {
                let key = format!(r#"{{"pk":{{"S":"figures/default"}},"sk":{{"S":"{service}#mark"}}}}"#);
                aws.args(["dynamodb", "get-item", "--consistent-read", "--table-name", container, "--key", &key]);
            }
            Kind::S3 => {
                aws.args(["s3", "cp", &format!("s3://{container}/figures/default/{service}/mark.json"), "-"]);
            }
        }
        aws.args(["--endpoint-url", &state.engine.endpoint]);
        aws
    }
}
