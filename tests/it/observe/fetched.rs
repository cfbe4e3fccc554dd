//! Real builds with tools that are fetched, pinned, or are on few machines.

use std::path::Path;

use super::{MAP, can_trace, has, missed, observe, script};
use crate::engines::install::{NODE, PYTHON, Packages, npm, pip};
use crate::support::{World, skip};

const PACKAGE: &str = include_str!("../../builders/package.json");
const PACKAGE_LOCK: &str = include_str!("../../builders/package-lock.json");
const REQUIREMENTS: &str = include_str!("../../builders/requirements.txt");

/// A service in TypeScript that takes in a file from beside it, by an import.
const TYPESCRIPT: [(&str, &str); 3] = [
    ("api/main.ts", "import { X } from '../shared/util';\nconsole.log(X);\n"),
    ("shared/util.ts", "export const X: number = 1;\n"),
    ("other.ts", "export const Y = 2;\n"),
];

/// The folder of the programs that npm installs, if builds can be traced and npm can fetch them.
fn compilers() -> Option<String> {
    let lists = &[("package.json", PACKAGE), ("package-lock.json", PACKAGE_LOCK)];
    let packages = Packages { name: "tsc-esbuild".to_owned(), lists, tool: "node", needs: NODE, steps: npm };
    match packages.installed() {
        Ok(folder) => can_trace().then(|| folder.join("node_modules/.bin").display().to_string()),
        Err(why) => {
            skip("tsc-esbuild", &format!("builds with tsc and esbuild: {why}"));
            None
        }
    }
}

#[test]
fn tsc_and_the_settings_that_others_extend() {
    let Some(bin) = compilers() else { return };
    let world = World::new(MAP, &TYPESCRIPT);
    world.write("tsconfig.base.json", "{ \"compilerOptions\": { \"strict\": true, \"target\": \"es2022\" } }");
    let settings = "{ \"extends\": \"../tsconfig.base.json\", \"compilerOptions\": { \"outDir\": \"../out\" } }";
    world.write("api/tsconfig.json", settings);
    let report = script(&world, &format!("{bin}/tsc -p api"));
    assert_eq!(missed(&report), ["shared/util.ts", "tsconfig.base.json"], "{report}");
}

#[test]
fn esbuild_whose_program_is_static() {
    let Some(bin) = compilers() else { return };
    let world = World::new(MAP, &TYPESCRIPT);
    let report = script(&world, &format!("{bin}/esbuild api/main.ts --bundle --outfile=out.js --log-level=error"));
    assert_eq!(missed(&report), ["shared/util.ts"], "{report}");
    assert_eq!(report["read_not_input"][0]["program"], "esbuild");
}

#[test]
fn a_wheel_takes_in_what_its_metadata_names() {
    let lists = &[("requirements.txt", REQUIREMENTS)];
    let packages = Packages { name: "setuptools".to_owned(), lists, tool: "python3", needs: PYTHON, steps: pip };
    let folder = match packages.installed() {
        Ok(folder) => folder,
        Err(why) => return skip("setuptools", &format!("a wheel: {why}")),
    };
    if !can_trace() {
        return;
    }
    let project = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
                   [project]\nname = 'api'\nversion = '1'\nreadme = 'README.md'\nlicense-files = ['LICENSE']\n\
                   [tool.setuptools]\npackages = ['api']\n";
    let world = World::new(
        "[services.api]\ninclude = ['api/**', 'pyproject.toml']\n",
        &[("pyproject.toml", project), ("api/__init__.py", ""), ("README.md", "x"), ("LICENSE", "x"), ("other", "x")],
    );
    let python = folder.join("venv/bin/python");
    let flags = "--no-deps --no-index --no-build-isolation --no-cache-dir --quiet --disable-pip-version-check";
    let report = script(&world, &format!("{} -m pip wheel {flags} -w out .", python.display()));
    let missed = missed(&report);
    assert!(["LICENSE", "README.md"].iter().all(|file| missed.contains(&(*file).to_owned())), "{report}");
    assert!(!missed.contains(&"other".to_owned()), "{report}");
}

#[test]
fn buildah_whose_reads_are_seen_though_it_changes_its_root() {
    if !has("buildah", &["--version"]) {
        skip("buildah", "a build with buildah, which is not here");
        return;
    }
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("Dockerfile", "FROM scratch\nCOPY lib /lib\n"), ("lib/a", "1"), ("other", "1")]);
    let policy = "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}";
    std::fs::write(world.path("policy.json"), policy).unwrap();
    let show = |path: &Path| path.display().to_string();
    let [state, run, policy] = ["state", "run", "policy.json"].map(|name| show(&world.path(name)));
    let build =
        ["--root", &state, "--runroot", &run, "--storage-driver", "vfs", "build", "--signature-policy", &policy];
    let report = observe(&world, &[&["buildah"], &build[..], &["--isolation", "chroot", "-t", "x", "."]].concat());
    assert_eq!(missed(&report), ["Dockerfile", "lib/a"], "{report}");
    assert_eq!(report["complete"], false, "what is read under another root may have other names: {report}");
}
