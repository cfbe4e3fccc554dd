//! What is measured on: a monorepo of many services, the same in every run.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::Outcome;

/// The map of `services` services `s0000`, `s0001`, …, each with a folder of its own, a shared group, and some dependencies.
pub(crate) fn map(services: usize) -> String {
    let mut map =
        "project = \"figures\"\n\n[defaults]\nexclude = [\"**/*.md\"]\n\n[groups]\nshared = [\"shared/**\"]\n"
            .to_owned();
    for service in 0..services {
        let depends_on = if service % 10 == 9 { format!("\"{}\"", name(service - 1)) } else { String::new() };
        // Writing to a String cannot fail.
        let _ = write!(
            map,
            "\n[services.{name}]\ninclude = [\"services/{name}/**\"]\nexclude = [\"**/*.orig\"]\ngroups = [\"shared\"]\n\
             depends_on = [{depends_on}]\n",
            name = name(service)
        );
    }
    map
}

/// The name of a service.
pub(crate) fn name(service: usize) -> String {
    format!("s{service:04}")
}

/// The path of a service's file: 50 files a folder.
pub(crate) fn path(service: usize, file: usize) -> String {
    format!("services/{}/part{:02}/file{file:04}.txt", name(service), file / 50)
}

/// Writes the map and the files of `services` services. Contents are random, and the same for the same seed.
pub(crate) fn write_monorepo(root: &Path, services: usize, files: usize, bytes: usize) -> Outcome<()> {
    let mut random = fastrand::Rng::with_seed(20);
    let mut content = vec![0; bytes];
    write_file(&root.join("shipmark.toml"), map(services).as_bytes())?;
    write_file(&root.join("shared/settings.json"), b"{}\n")?;
    for service in 0..services {
        for file in 0..files {
            random.fill(&mut content);
            write_file(&root.join(path(service, file)), &content)?;
        }
    }
    Ok(())
}

/// Writes a file, and the folders above it where they are missing.
pub(crate) fn write_file(path: &Path, content: &[u8]) -> Outcome<()> {
    let mut file = match File::create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            File::create(path)?
        }
        other => other?,
    };
    Ok(file.write_all(content)?)
}
