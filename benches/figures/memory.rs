//! Row 5: peak memory with very many files.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::directory::Place;
use crate::material;
use crate::table::Row;
use crate::{Outcome, Scale};

/// How many services share the files.
const SERVICES: usize = 100;
/// How many names one file gets; ext4 allows 65,000.
const NAMES: usize = 50_000;
/// Runs a command and prints the peak of its resident memory in KiB.
const PEAK: &str = "import resource, subprocess, sys\n\
                    subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n\
                    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";

pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let source = folder.join("many");
    write_many(&source, scale.many_files)?;
    let place = Place { source: &source, state: format!("file:{}", folder.join("many-state").display()) };
    let ticket = folder.join("many-ticket").display().to_string();
    let rows = [
        ("decide, first run", vec!["decide", "--ticket", &ticket]),
        ("record", vec!["record", "--all", "--ticket", &ticket]),
        ("decide, skip", vec!["decide"]),
    ];
    let rows = rows.map(|(what, arguments)| {
        let megabytes = peak(&place.shipmark(&arguments))? / 1_000_000;
        let work = format!("peak memory, {} files: {what}", scale.many_files);
        Ok(Row::alone(&work, format!("{megabytes} MB"), "under 500 MB", Some(megabytes < 500)))
    });
    let rows = rows.into_iter().collect::<Outcome<Vec<_>>>()?;
    place.expect_skip(&[])?;
    fs::remove_dir_all(&source)?;
    Ok(rows)
}

/// The peak of resident memory of a command, in bytes.
fn peak(command: &Command) -> Outcome<u64> {
    let mut python = Command::new("python3");
    python.args(["-c", PEAK]).arg(command.get_program()).args(command.get_args());
    let out = python.stdin(Stdio::null()).output()?;
    if !out.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&out.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().parse::<u64>()? * 1024)
}

/// Very many small files. They are names of a few, which takes the same reading and less disk.
fn write_many(source: &Path, files: usize) -> Outcome<()> {
    material::write_file(&source.join("shipmark.toml"), material::map(SERVICES).as_bytes())?;
    let each = files / SERVICES;
    for service in 0..SERVICES {
        for file in 0..each {
            let path = source.join(material::path(service, file));
            let number = service * each + file;
            let original = source.join(format!("original{}", number / NAMES));
            if number.is_multiple_of(NAMES) {
                material::write_file(&original, format!("{number}\n").as_bytes())?;
            }
            if file.is_multiple_of(50) {
                fs::create_dir_all(path.parent().unwrap_or(source))?;
            }
            fs::hard_link(&original, &path)?;
        }
    }
    Ok(File::open(source)?.sync_all()?)
}
