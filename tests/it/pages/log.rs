//! The log of a build in the README: four services, one of each kind, deployed days ago by other builds.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Page, Reader, shown};

const MAP: &str = "project = \"shop\"
[services.command]
include = [\"services/command/**\"]
[services.query]
include = [\"services/query/**\"]
[services.gateway]
include = [\"services/gateway/**\"]
depends_on = [\"command\"]
[services.billing]
include = [\"services/billing/**\"]
";

/// A service of the log: its own files, the build that deployed it, from which revision, how many days ago.
const DEPLOYED: [(&str, usize, &str, &str, i64); 4] = [
    ("command", 69, "shop:41", "3c12540a1b2c", 2),
    ("gateway", 84 - 69, "shop:41", "3c12540a1b2c", 2),
    ("query", 41, "shop:38", "77aa01f2c3d4", 5),
    ("billing", 12, "shop:38", "77aa01f2c3d4", 5),
];

/// Takes the log from the page, and compares it with what a build prints.
pub(crate) fn page(page: &Page) {
    let shown = page.block("text", "query: skip, unchanged");
    let mut reader = Reader::new(MAP, &[]).with("SHIPMARK_ENVIRONMENT", "prod");
    for (service, files, ..) in DEPLOYED {
        for number in 1..files {
            reader.world.write(&format!("services/{service}/{number}.swift"), "1");
        }
        reader.world.write(&format!("services/{service}/main.swift"), "1");
    }
    for (service, _, build, revision, days) in DEPLOYED {
        reader = at(reader, build, revision);
        reader.runs(&format!("shipmark -q decide {service} && shipmark -q record {service}"));
        recorded_days_ago(&reader, service, days);
    }
    reader = at(reader, "shop:42", "9a1c52e07f3b");
    reader.runs("shipmark -q decide billing --force && CODEBUILD_BUILD_SUCCEEDING=0 shipmark -q record billing");
    reader.world.write("services/command/main.swift", "2");
    reader = at(reader, "shop:43", "5e0d4c3b2a19");
    let said = reader.runs("shipmark decide >/dev/null");
    // The page's build has its state in a table, and is not warned of a directory.
    let said = said.lines().filter(|line| !line.starts_with("warning: the state is on this machine"));
    let said = said.collect::<Vec<_>>().join("\n").replace(reader.world.state(), "dynamodb://shipmark");
    assert!(shown::agrees(shown, &said), "the page shows\n{shown}\nand it printed\n{said}");
}

fn at(reader: Reader, build: &str, revision: &str) -> Reader {
    reader.in_a_build(build).with("CODEBUILD_RESOLVED_SOURCE_VERSION", &format!("{revision:0<40}"))
}

/// Makes the last deploy of a service older.
fn recorded_days_ago(reader: &Reader, service: &str, days: i64) {
    let path = reader.world.path(&format!("state/shop/prod/{service}/mark.json"));
    let mut mark: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let then = Timestamp::now() - SignedDuration::from_hours(days * 24 + 1);
    mark["deployed"]["recorded_at"] = then.to_string().into();
    std::fs::write(path, mark.to_string()).unwrap();
}
