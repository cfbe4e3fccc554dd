//! Real builds: each kind reads a file that its map does not have.

use super::{MAP, can_build, can_trace, missed, observe, paths, read, script};
use crate::support::{SHIPMARK, World, skip};

#[test]
fn a_shell_and_its_tools() {
    if !can_trace() {
        return;
    }
    let world = World::new(
        MAP,
        &[
            ("api/x", "1"),
            ("VERSION", "1"),
            ("lib/a", "1"),
            ("lib/b", "1"),
            ("unread", "1"),
            ("build.sh", "cat api/x VERSION; cp -r lib out; cat out/a"),
        ],
    );
    let report = observe(&world, &["sh", "build.sh"]);
    assert_eq!(missed(&report), ["VERSION", "build.sh", "lib/a", "lib/b"]);
    assert_eq!(report["suggestion"]["include"], serde_json::json!(["VERSION", "build.sh", "lib/**"]));
    assert_eq!((&report["complete"], &report["exit"]), (&true.into(), &0.into()));
}

#[test]
fn make_and_a_c_compiler() {
    if !can_build("make", &["--version"]) || !can_build("cc", &["--version"]) {
        return;
    }
    let makefile = "app: api/main.c\n\tcc -o app api/main.c\n";
    let files = [
        ("Makefile", makefile),
        ("api/main.c", "#include \"../shared.h\"\nint main(void) { return X; }\n"),
        ("shared.h", "#define X 0\n"),
    ];
    let world = World::new(MAP, &files);
    let report = observe(&world, &["make"]);
    assert_eq!(missed(&report), ["Makefile", "shared.h"]);
    // A warm build reads less, and takes nothing away.
    let warm = observe(&world, &["make"]);
    assert_eq!(missed(&warm), ["Makefile"]);
    assert_eq!(read(&world), ["Makefile", "api/main.c", "shared.h"]);
}

#[test]
fn cargo_and_a_file_that_is_taken_in_by_a_macro() {
    if !can_trace() {
        return;
    }
    let manifest = "[package]\nname = 'api'\nversion = '0.1.0'\nedition = '2024'\n[workspace]\n";
    let main = "fn main() { println!(\"{}\", include_str!(\"../../schema.json\")); }\n";
    let world = World::new(MAP, &[("api/Cargo.toml", manifest), ("api/src/main.rs", main), ("schema.json", "{}")]);
    // The toolchain's folders are in this home, not in the test's.
    let home = |name: &str, folder: &str| {
        let home = std::env::var("HOME").unwrap_or_default();
        std::env::var(name).unwrap_or_else(|_| format!("{home}/{folder}"))
    };
    let cargo = format!("CARGO_HOME={} RUSTUP_HOME={} ", home("CARGO_HOME", ".cargo"), home("RUSTUP_HOME", ".rustup"));
    let report = script(&world, &format!("cd api && {cargo} cargo build --offline"));
    assert_eq!(missed(&report), ["schema.json"], "{report}");
    assert_eq!(report["read_not_input"][0]["program"], "rustc");
}

#[test]
fn node_with_modules_and_a_worker_thread() {
    if !can_build("node", &["--version"]) {
        return;
    }
    let build = "const { Worker } = require('worker_threads');\nrequire('../shared/util');\n\
                 new Worker(\"require('fs').readFileSync('template.html')\", { eval: true });\n";
    let files =
        [("api/build.js", build), ("shared/util.js", "module.exports = 1;"), ("template.html", "x"), ("other.js", "x")];
    let world = World::new(MAP, &files);
    assert_eq!(missed(&observe(&world, &["node", "api/build.js"])), ["shared/util.js", "template.html"]);
}

#[test]
fn python_packs_an_archive() {
    if !can_build("python3", &["--version"]) {
        return;
    }
    let pack = "import threading, zipfile\ndef add(name):\n    with zipfile.ZipFile(name + '.zip', 'w') as out: out.write(name)\n\
                threads = [threading.Thread(target=add, args=(name,)) for name in ('README.md', 'api/x')]\n\
                [thread.start() for thread in threads]\n[thread.join() for thread in threads]\n";
    let world = World::new(MAP, &[("api/pack.py", pack), ("api/x", "1"), ("README.md", "x")]);
    assert_eq!(missed(&observe(&world, &["python3", "api/pack.py"])), ["README.md"]);
}

#[test]
fn go_whose_programs_are_static() {
    if !super::has("go", &["version"]) {
        skip("go", "a build with go, which is not here");
        return;
    }
    let main =
        "package main\nimport _ \"embed\"\n//go:embed data.txt\nvar data string\nfunc main() { println(data) }\n";
    let world = World::new(
        "[services.api]\ninclude = ['api/*.go']\n",
        &[("api/main.go", main), ("api/data.txt", "x"), ("api/go.mod", "module api\n")],
    );
    let report = script(&world, "cd api && GOFLAGS=-mod=mod GOCACHE=$HOME/go go build -o /dev/null .");
    assert_eq!(missed(&report), ["api/data.txt", "api/go.mod"]);
}

#[test]
fn docker_takes_the_context_that_the_dockerfile_names() {
    if !super::has("docker", &["version"]) {
        skip("docker", "a build with docker, whose daemon does not run here");
        return;
    }
    let map = "[services.api]\ninclude = ['Dockerfile']\ndockerfile = 'Dockerfile'\ncontext = '.'\n";
    let world = World::new(map, &[("Dockerfile", "FROM scratch\nCOPY lib /lib\n"), ("lib/a", "1"), ("other", "1")]);
    let report = observe(&world, &["docker", "build", "-q", "."]);
    assert!(missed(&report).contains(&"lib/a".to_owned()), "{report}");
    assert_eq!(report["complete"], true, "{report}");
}

#[test]
fn a_program_that_asks_for_io_uring_falls_back_to_what_is_seen() {
    if !can_build("cc", &["--version"]) {
        return;
    }
    let program = "#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\n#include <sys/syscall.h>\n\
        int main(void) { char params[120]; memset(params, 0, sizeof params);\n\
        if (syscall(425, 4, params) >= 0) { puts(\"io_uring\"); return 0; }\n\
        FILE *file = fopen(\"secret\", \"r\"); return file ? 0 : 1; }\n";
    let world = World::new(MAP, &[("api/ring.c", program), ("secret", "1")]);
    std::fs::create_dir(world.path("bin")).unwrap();
    let ring = world.path("bin/ring");
    assert!(super::has("cc", &["-o", ring.to_str().unwrap(), world.source().join("api/ring.c").to_str().unwrap()]));
    let report = observe(&world, &[ring.to_str().unwrap()]);
    assert_eq!((missed(&report), &report["complete"]), (vec!["secret".to_owned()], &true.into()));
}

#[test]
fn what_shipmark_itself_reads_does_not_count_and_what_it_runs_does() {
    if !can_trace() {
        return;
    }
    let map = format!("{MAP}[services.all]\ninclude = ['**']\n");
    let world = World::new(&map, &[("api/x", "1"), ("other", "1"), ("third", "1")]);
    let report = script(&world, &format!("cat api/x; {SHIPMARK} plan all; {SHIPMARK} run all -- cat third"));
    assert_eq!(missed(&report), ["third"], "{report}");
}

#[test]
fn a_program_that_runs_itself_again_is_not_taken_for_shipmark() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1"), ("second", "1\n"), ("third", "1\n")]);
    // `read` is the shell's own.
    let report =
        script(&world, "(exec /proc/self/exe -c 'read x < second'); exec /proc/thread-self/exe -c 'read x < third'");
    assert_eq!(missed(&report), ["second", "third"], "{report}");
}

#[test]
fn a_program_that_reads_all_of_the_source_is_one_line_and_still_denied() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1")]);
    (0..100).for_each(|number| world.write(&format!("d{}/{number}", number % 7), "x"));
    let done = world.run(["observe", "api", "--deny", "--", "sh", "-c", "find . -type f | xargs cat > /dev/null"]);
    assert_eq!(done.code, 4, "{done:?}");
    assert!(done.stdout.contains("\ncat looked at 102 files of the source\n"), "{}", done.stdout);
    assert!(!done.stdout.contains("d1/1  by"), "{}", done.stdout);
    assert_eq!(read(&world).len(), 102, "all is saved");
}

#[test]
fn a_source_of_many_files() {
    if can_trace() {
        many_files(100);
    }
}

/// A source of a hundred directories with so many files each, of which the build reads a few.
pub(super) fn many_files(each: usize) {
    let world = World::new(MAP, &[("api/x", "1")]);
    for directory in 0..100 {
        let path = world.source().join(format!("d{directory}"));
        std::fs::create_dir(&path).unwrap();
        (0..each).for_each(|file| std::fs::write(path.join(file.to_string()), "x").unwrap());
    }
    let report = script(&world, "cat d7/* d8/1 > /dev/null; ls d9 > /dev/null");
    assert_eq!((missed(&report).len(), &report["files"]), (each + 1, &(each * 100 + 2).into()));
    assert_eq!(report["suggestion"]["include"], serde_json::json!(["d7/**", "d8/1"]));
    assert_eq!(paths(&report, "never_read"), ["api/x"]);
}
