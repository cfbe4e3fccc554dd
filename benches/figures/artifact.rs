//! A decision on an artifact, as the Lambda function makes it before any build machine starts, without its download.

use std::cell::Cell;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::measure::{always, in_turn};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale, material};

/// The most that it may take.
const MOST: Duration = Duration::from_millis(300);

/// All services are new in each round, so that an attempt and a candidate of each are written.
pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let source = folder.join("artifact");
    material::write_monorepo(&source, 20, 250, scale.file_bytes)?;
    let zip = "git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm x && \
               git archive --format=zip -o ../artifact.zip HEAD";
    if !pipeline(zip, &source).status()?.success() {
        return Err("git makes no archive".into());
    }
    let (zip, round) = (folder.join("artifact.zip"), Cell::new(0));
    let mut decided = always(|| {
        round.set(round.get() + 1);
        let state = format!("file:{}", folder.join(format!("artifact-{}", round.get())).display());
        let mut decided = shipmark(&["decide", "--stage", "--format", "json", "--state", &state, "--source"]);
        decided.arg(&zip);
        decided
    });
    let unpack = "unzip -q -o artifact.zip -d unpacked";
    let mut unpacked = always(|| pipeline(unpack, folder));
    let work = "decide --stage, 20 services, 5000 files, from a zip";
    let mut row = if Command::new("unzip").arg("-v").output().is_ok() {
        let [tool, rival] = in_turn(scale.rounds, [&mut decided, &mut unpacked])?;
        let mut row = Row::against(work, &tool, (unpack, &rival), None);
        row.reached = Some(tool.median() < MOST);
        row
    } else {
        let [tool] = in_turn(scale.rounds, [&mut decided])?;
        Row::alone(work, tool.to_string(), "", Some(tool.median() < MOST))
    };
    row.reach = "under 300 ms".to_owned();
    Ok(vec![row])
}
