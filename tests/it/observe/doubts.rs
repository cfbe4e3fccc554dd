//! What makes an observation incomplete.

use super::{MAP, can_build, can_trace, missed, observe, observed, paths, script};
use crate::support::World;

/// Talks to a socket at a path that somebody else serves.
const CLIENT: &str = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n";

/// A server outside of the build. Its socket is in a directory of its own.
fn with_server<T>(world: &World, ask: impl FnOnce(&str) -> T) -> T {
    let path = world.path("tmp/docker.sock");
    let _server = std::os::unix::net::UnixListener::bind(&path).unwrap();
    ask(path.to_str().unwrap())
}

#[test]
fn a_builder_of_images_is_doubted_unless_the_map_has_the_dockerfile() {
    if !can_build("python3", &["--version"]) {
        return;
    }
    let files = [("api/x", "1"), ("lib/a", "1"), ("other", "1"), ("Dockerfile", "FROM scratch\nCOPY lib /lib\n")];
    let world = World::new(MAP, &files);
    let report = with_server(&world, |socket| observe(&world, &["python3", "-c", CLIENT, socket]));
    assert_eq!(report["complete"], false);
    assert!(report["doubts"][0].as_str().unwrap().starts_with("talked to the image builder behind "), "{report}");
    let world = World::new(&format!("{MAP}dockerfile = 'Dockerfile'\n"), &files);
    let report = with_server(&world, |socket| observe(&world, &["python3", "-c", CLIENT, socket]));
    assert_eq!(
        (missed(&report), &report["complete"]),
        (vec!["Dockerfile".to_owned(), "lib/a".to_owned()], &true.into())
    );
}

#[test]
fn a_daemon_on_a_port_is_doubted_and_a_server_of_the_build_is_not() {
    if !can_build("python3", &["--version"]) {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1")]);
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    let client = "import socket, sys\nsocket.create_connection(('127.0.0.1', int(sys.argv[1])))\n";
    let report = observe(&world, &["python3", "-c", client, &port]);
    assert!(report["doubts"][0].as_str().unwrap().contains(&format!("127.0.0.1 port {port}")), "{report}");
    let own = "import socket\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\nsocket.create_connection(s.getsockname())\n";
    let report = observe(&world, &["python3", "-c", own]);
    assert_eq!(report["doubts"], serde_json::json!([]));
}

#[test]
fn a_build_that_fails_reports_dangers_and_never_what_was_not_read() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1"), ("other", "1")]);
    for (end, code) in [("exit 3", 3), ("kill -9 $$", 137)] {
        let done = observed(&world, &["--deny"], &["sh", "-c", &format!("cat other; {end}")]);
        assert_eq!(done.code, code, "{done:?}");
        let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!((missed(&report), &report["complete"]), (vec!["other".to_owned()], &false.into()));
        assert_eq!(paths(&report, "never_read"), Vec::<String>::new());
    }
    assert_eq!(super::saved(&world)["builds"].as_array().unwrap().len(), 2);
    // One failed build among them, and nothing is ever called unread.
    assert_eq!(paths(&script(&world, "cat other"), "never_read"), Vec::<String>::new());
}

#[test]
fn a_line_that_cannot_be_read_is_a_doubt() {
    let world = World::new(MAP, &[("api/x", "1"), ("other", "1")]);
    // In the place of strace: it is new enough, works, and writes a trace with a line of the future.
    let strace = "#!/bin/sh\ncase \" $* \" in *--version*) echo 'strace -- version 6.1'; exit;; *' /dev/null true '*) exit;; esac\n\
                  while [ \"$1\" != -o ]; do shift; done\n\
                  { echo '7 execve(\"/bin/true\", [...], 0x1 /* 2 vars */) = 0'; echo '7 open(\"other\", O_RDONLY) = 3'; \
                  echo '7 {\"call\": \"open\"}'; echo '7 +++ exited with 0 +++'; } > \"$2\"\n";
    super::requests::program(&world, "strace", strace);
    let done = super::requests::with_path(&world, &["observe", "api", "--format", "json", "--", "true"]);
    let report = done.json();
    assert_eq!(report["doubts"], serde_json::json!(["the trace has lines that could not be read"]));
    assert_eq!(missed(&report), ["other"]);
}

#[test]
fn access_times_show_what_was_read_and_are_never_complete() {
    let world = World::new(MAP, &[("api/x", "1"), ("other", "1"), ("unread", "1")]);
    let done = observed(&world, &["--by", "access-times"], &["sh", "-c", "cat api/x other"]);
    if done.stderr.contains("keeps no access times") {
        crate::support::skip("atime", "access times, which this file system does not keep");
        return;
    }
    let report = done.json();
    assert_eq!((missed(&report), &report["complete"]), (vec!["other".to_owned()], &false.into()));
    assert_eq!(paths(&report, "never_read"), Vec::<String>::new());
    let again = observed(&world, &["--by", "access-times", "--deny"], &["sh", "-c", "cat other"]);
    assert_eq!(again.code, 4);
}
