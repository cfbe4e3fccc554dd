//! Links the program to a fixed address, where that is known to work: one that can be anywhere has 26,000 places to adjust before it
//! starts, a third of the time that `shipmark --version` takes.

#![expect(clippy::disallowed_methods, reason = "cargo talks to a build script through its environment")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    // A static program has flags of its own (see `.ci/release`); with musl every program is one.
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        // The last one counts for the compiler that links: rustc has said `-pie` before.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
