//! What `observe` costs beside strace alone: a build that does little but open files, which is the worst there is, and one that
//! compiles.

use std::fs::{create_dir_all, read_to_string};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::material::write_file;
use crate::measure::{always, in_turn};
use crate::start::{pipeline, shipmark};
use crate::table::Row;
use crate::{Outcome, Scale};

/// The worst build: it reads half of the source, and looks at each file twice.
const OPENS: &str = "cat even/* > /dev/null";

/// A build that compiles.
const COMPILES: &str = "for f in code/*.c; do cc -O2 -c \"$f\" -o /dev/null; done";

/// How many files it has.
const UNITS: usize = 30;

/// In the place of strace: notes how it is called.
const NOTES: &str = "#!/bin/sh\nPATH=$REAL; case \" $* \" in *'; done '*|*' even/* > '*) printf '%s\\n' \"$@\" > \"$NOTE\";; esac\nexec strace \"$@\"\n";

/// Each build alone, under strace, and observed.
pub(crate) fn measure(folder: &Path, scale: &Scale) -> Outcome<Vec<Row>> {
    let files = scale.many_files / 50;
    let opens = format!("observe a build that opens {files} files");
    let compiles = format!("observe a build that compiles {UNITS} files");
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !is_there("strace") {
        return Ok(vec![Row::alone(&opens, "strace is not here".to_owned(), "", None)]);
    }
    let source = folder.join("observed");
    for name in ["even", "odd", "code"] {
        create_dir_all(source.join(name))?;
    }
    for name in ["even", "odd"] {
        (0..files).try_for_each(|file| write_file(&source.join(name).join(file.to_string()), b"x"))?;
    }
    for unit in 0..UNITS {
        write_file(&source.join("code").join(format!("{unit}.c")), unit_of_c().as_bytes())?;
    }
    write_file(&source.join("shipmark.toml"), b"[services.a]\ninclude = ['even/**', 'code/**']\n")?;
    let mut rows = rows(folder, &source, scale, &opens, OPENS)?;
    if is_there("cc") {
        rows.extend(self::rows(folder, &source, scale, &compiles, COMPILES)?);
    }
    Ok(rows)
}

/// A file that takes a compiler some time, as most do.
fn unit_of_c() -> String {
    let function = |at: usize| {
        format!(
            "int f{at}(const char *s, int n) {{ int t = {at}; for (int i = 0; i < n; i++) t = t * 31 + s[i] % {}; return t; }}\n",
            at + 2
        )
    };
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n".to_owned()
        + &(0..400).map(function).collect::<String>()
}

fn rows(folder: &Path, source: &Path, scale: &Scale, work: &str, build: &str) -> Outcome<Vec<Row>> {
    let arguments = arguments(folder, source, build)?;
    let mut observed = always(|| {
        let mut observed = shipmark(&["observe", "a", "--", "sh", "-c", build]);
        observed.current_dir(source);
        observed
    });
    let mut traced = always(|| {
        let mut traced = Command::new("strace");
        traced.args(&arguments).current_dir(source);
        traced
    });
    let mut alone = always(|| pipeline(build, source));
    let [observed, traced, alone] = in_turn(scale.rounds, [&mut observed, &mut traced, &mut alone])?;
    Ok(vec![
        Row::against(work, &observed, ("strace with the same arguments", &traced), Some(("at most 5 % more", 1.05))),
        Row::against("the same", &observed, ("the build alone", &alone), None),
    ])
}

/// How `observe` calls strace, with a file in the place of the pipe.
#[expect(clippy::disallowed_methods, reason = "the observed program is found by another path")]
fn arguments(folder: &Path, source: &Path, build: &str) -> Outcome<Vec<String>> {
    let (bin, note) = (folder.join("bin"), folder.join("note"));
    create_dir_all(&bin)?;
    write_file(&bin.join("strace"), NOTES.as_bytes())?;
    std::fs::set_permissions(bin.join("strace"), std::fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH")?;
    let mut observed = shipmark(&["observe", "a", "--", "sh", "-c", build]);
    observed.current_dir(source).env("PATH", format!("{}:{path}", bin.display())).env("REAL", path).env("NOTE", &note);
    if !observed.output()?.status.success() {
        return Err("the build could not be observed".into());
    }
    let mut arguments: Vec<String> = read_to_string(note)?.lines().map(str::to_owned).collect();
    let at = arguments.iter().position(|argument| argument == "-o").ok_or("strace writes no file")?;
    arguments[at + 1] = folder.join("trace").display().to_string();
    Ok(arguments)
}
