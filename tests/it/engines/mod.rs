//! Real S3 and DynamoDB servers for the tests of the stores: what they answer is not ours, so that a store that
//! misunderstands conditions, signatures or paging is found out.
//!
//! They are fetched once, pinned, into the target directory (`install`), started when the first test of this process asks
//! for one (`programs`), shared by all its tests, and gone when the process is, however it ends (`process`). A test isolates
//! itself with a bucket or a table of its own. They are programs of others with errors of their own: see `programs`.

mod checks;
mod clients;
pub(crate) mod install;
mod process;
mod programs;

pub(crate) use clients::block_on;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::support::{in_ci, skip};

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    DynamoDb,
    S3,
}

/// One service of a running server.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// `http://127.0.0.1:PORT`
    pub(crate) endpoint: String,
    pub(crate) access_key: &'static str,
    pub(crate) secret_key: &'static str,
    /// How many clients may contend for one key so that a test still ends within a few seconds on two cores.
    pub(crate) clients: usize,
}

/// The access key and the secret of somebody who may read and list, but not write. Only SeaweedFS knows identities.
pub(crate) const READ_ONLY: (&str, &str) = ("rokey", "rosecret1234");

/// The region that requests are signed for.
pub(crate) const REGION: &str = "eu-west-1";

/// Why there is no engine.
#[derive(Debug)]
enum Absence {
    /// The machine lacks what it needs: its tests are SKIPPED.
    NotInstalled(String),
    /// It is there, and does not work: its tests fail.
    DidNotStart(String),
}

/// A server that all tests of this process share.
struct Shared {
    /// What it is called where it is skipped.
    limit: &'static str,
    name: &'static str,
    start: fn() -> Result<Vec<Engine>, Absence>,
    running: OnceLock<Result<Vec<Engine>, Absence>>,
    /// Whether it was said that it is missing: once is enough for all tests of a process.
    said: AtomicBool,
}

static SEAWEEDFS: Shared = Shared::new("seaweedfs", "SeaweedFS", programs::seaweedfs);
static MINISTACK: Shared = Shared::new("ministack", "ministack", programs::ministack);
static DYNALITE: Shared = Shared::new("dynalite", "dynalite", programs::dynalite);
static DYNAMODB_LOCAL: Shared = Shared::new("dynamodb-local", "DynamoDB Local", programs::dynamodb_local);

/// The S3 servers that this machine can run.
pub(crate) fn s3() -> Vec<&'static Engine> {
    of_kind(Kind::S3, &[&SEAWEEDFS, &MINISTACK])
}

/// The DynamoDB servers that this machine can run; AWS's own only where somebody has named its folder.
pub(crate) fn dynamodb() -> Vec<&'static Engine> {
    of_kind(Kind::DynamoDb, &[&MINISTACK, &DYNALITE, &DYNAMODB_LOCAL])
}

fn of_kind(kind: Kind, servers: &[&'static Shared]) -> Vec<&'static Engine> {
    servers.iter().flat_map(|server| server.engines()).filter(|engine| engine.kind == kind).collect()
}

impl Shared {
    const fn new(limit: &'static str, name: &'static str, start: fn() -> Result<Vec<Engine>, Absence>) -> Self {
        Self { limit, name, start, running: OnceLock::new(), said: AtomicBool::new(false) }
    }

    /// Its services, of which there are none where this machine cannot run it: starts it if no test has done so.
    fn engines(&self) -> &[Engine] {
        match self.running.get_or_init(self.start) {
            Ok(engines) => engines,
            Err(Absence::NotInstalled(why)) => {
                if !self.said.swap(true, Ordering::Relaxed) || in_ci() {
                    skip(self.limit, &format!("nothing runs on {}: {why}", self.name));
                }
                &[]
            }
            Err(Absence::DidNotStart(why)) => panic!("{why}"),
        }
    }
}

impl Engine {
    /// What the environment of a program must hold to be this engine's client, and nobody else's.
    pub(crate) fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("AWS_ACCESS_KEY_ID", self.access_key.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_key.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ]
    }
}

/// Each is started, also where no other test asks for it.
#[test]
fn all_engines_are_asked_for() {
    for server in [&SEAWEEDFS, &MINISTACK, &DYNALITE, &DYNAMODB_LOCAL] {
        server.engines();
    }
}
