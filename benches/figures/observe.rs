//! What `observe` costs beside strace alone: a build that does little but open files, which is the worst there is.

use std::fs::{create_dir, read_to_string};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::material::write_file;
use crate::measure::{always, in_turn};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale};

/// The build: it reads half of the source, and looks at each file twice.
const BUILD: &str = "cat even/* > /dev/null";

/// In the place of strace: notes how it is called.
const NOTES: &str = "#!/bin/sh\nPATH=$REAL; case \" $* \" in *' even/* > '*) printf '%s\\n' \"$@\" > \"$NOTE\";; esac\nexec strace \"$@\"\n";

/// The same build alone, under strace, and observed.
pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let files = scale.many_files / 50;
    let work = format!("observe a build that opens {files} files");
    if Command::new("strace").arg("--version").output().is_err() {
        return Ok(vec![Row::alone(&work, "strace is not here".to_owned(), "", None)]);
    }
    let source = folder.join("observed");
    create_dir(&source)?;
    for name in ["even", "odd"] {
        create_dir(source.join(name))?;
        (0..files).try_for_each(|file| write_file(&source.join(name).join(file.to_string()), b"x"))?;
    }
    write_file(&source.join("shipmark.toml"), b"[services.a]\ninclude = ['even/**']\n")?;
    let arguments = arguments(folder, &source)?;
    let mut observed = always(|| {
        let mut observed = shipmark(&["observe", "a", "--", "sh", "-c", BUILD]);
        observed.current_dir(&source);
        observed
    });
    let mut traced = always(|| {
        let mut traced = Command::new("strace");
        traced.args(&arguments).current_dir(&source);
        traced
    });
    let mut alone = always(|| pipeline(BUILD, &source));
    let [observed, traced, alone] = in_turn(scale.rounds, [&mut observed, &mut traced, &mut alone])?;
    Ok(vec![
        Row::against(&work, &observed, ("strace with the same arguments", &traced), Some(("at most 5 % more", 1.05))),
        Row::against("the same", &observed, ("the build alone", &alone), None),
    ])
}

/// How `observe` calls strace, with a file in the place of the pipe.
#[expect(clippy::disallowed_methods, reason = "the observed program is found by another path")]
fn arguments(folder: &Path, source: &Path) -> Outcome<Vec<String>> {
    let (bin, note) = (folder.join("bin"), folder.join("note"));
    create_dir(&bin)?;
    write_file(&bin.join("strace"), NOTES.as_bytes())?;
    std::fs::set_permissions(bin.join("strace"), std::fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH")?;
    let mut observed = shipmark(&["observe", "a", "--", "sh", "-c", BUILD]);
    observed.current_dir(source).env("PATH", format!("{}:{path}", bin.display())).env("REAL", path).env("NOTE", &note);
    if !observed.output()?.status.success() {
        return Err("the build could not be observed".into());
    }
    let mut arguments: Vec<String> = read_to_string(note)?.lines().map(str::to_owned).collect();
    let at = arguments.iter().position(|argument| argument == "-o").ok_or("strace writes no file")?;
    arguments[at + 1] = folder.join("trace").display().to_string();
    Ok(arguments)
}
