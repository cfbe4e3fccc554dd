//! Links the program to a fixed address, where that is known to work: one that can be anywhere has 26,000 places to adjust before it
//! starts, a third of the time that `shipmark --version` takes. And compresses the completions and man pages, which the program prints.

#![expect(clippy::disallowed_methods, reason = "cargo talks to a build script through its environment")]

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var_os("OUT_DIR").expect("cargo names the directory for what a build script makes");
    pages(&Path::new(&out).join("pages.z")).expect("the completions and man pages of this repository can be read");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    // A static program has flags of its own (see `.ci/release`); with musl every program is one.
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        // The last one counts for the compiler that links: rustc has said `-pie` before.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

/// Each file of both folders after a byte 1 and its name, on a line of its own.
fn pages(to: &Path) -> std::io::Result<()> {
    let mut pages = ZlibEncoder::new(Vec::new(), Compression::best());
    for folder in ["completions", "man"] {
        println!("cargo::rerun-if-changed={folder}");
        let files = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
        let mut files = files.collect::<std::io::Result<Vec<_>>>()?;
        files.sort();
        for file in files {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            writeln!(pages, "\u{1}{name}")?;
            pages.write_all(&std::fs::read(&file)?)?;
        }
    }
    std::fs::write(to, pages.finish()?)
}
