//! A first map of a large monorepo: an npm workspace in which each service has an image, and nine of ten depend on the next one.

use std::path::Path;
use std::time::Duration;

use crate::measure::{always, in_turn};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale, material};

/// The most that it may take.
const MOST: Duration = Duration::from_secs(1);

/// How many services of how many files, besides a Dockerfile and a manifest of each.
const SERVICES: usize = 200;
const FILES: usize = 63;

pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let source = folder.join("draft");
    material::write_monorepo(&source, SERVICES, FILES, scale.file_bytes.min(600))?;
    std::fs::remove_file(source.join("shipmark.toml"))?;
    let workspace = "{ \"private\": true, \"workspaces\": [\"services/*\"] }\n";
    material::write_file(&source.join("package.json"), workspace.as_bytes())?;
    for service in 0..SERVICES {
        let name = material::name(service);
        let next =
            if service % 10 == 9 { String::new() } else { format!("\"{}\": \"*\"", material::name(service + 1)) };
        let place = source.join("services").join(&name);
        let manifest = format!(
            "{{ \"name\": \"{name}\", \"scripts\": {{ \"start\": \"node .\" }}, \"dependencies\": {{ {next} }} }}\n"
        );
        let image =
            format!("FROM node:22\nWORKDIR /app\nCOPY shared shared\nCOPY services/{name} .\nCMD [\"node\", \".\"]\n");
        material::write_file(&place.join("package.json"), manifest.as_bytes())?;
        material::write_file(&place.join("Dockerfile"), image.as_bytes())?;
    }
    let mut drafted = always(|| {
        let mut drafted = shipmark(&["init", "--print", "--source"]);
        drafted.arg(&source);
        drafted
    });
    let read = "find . -type f -print0 | xargs -0 cat > /dev/null";
    let mut all = always(|| pipeline(read, &source));
    let [tool, rival] = in_turn(scale.rounds, [&mut drafted, &mut all])?;
    std::fs::remove_dir_all(&source)?;
    let work = format!("init, {SERVICES} services, {} files", SERVICES * (FILES + 2) + 2);
    let mut row = Row::against(&work, &tool, (read, &rival), None);
    row.reached = Some(tool.median() < MOST);
    row.reach = "under 1 s".to_owned();
    Ok(vec![row])
}
