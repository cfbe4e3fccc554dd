//! Who a build talks to: processes that it did not start may read files for it, unseen.

use std::collections::HashSet;

use super::doubt::BlindSpot;
use super::trace::TracedCall;

/// Sockets of the system that resolve names and take log messages. They read no source.
const SYSTEM: [&[u8]; 6] = [
    b"/var/run/nscd/socket",
    b"/run/nscd/socket",
    b"/dev/log",
    b"/run/systemd/journal/dev-log",
    b"/run/systemd/journal/socket",
    b"/run/systemd/resolve/io.systemd.Resolve",
];

/// The last parts of the sockets of programs that build images.
const BUILDERS: [&[u8]; 4] = [b"docker.sock", b"buildkitd.sock", b"podman.sock", b"containerd.sock"];

/// Docker's ports for plain TCP and for TLS.
const BUILDER_PORTS: [u16; 2] = [2375, 2376];

/// The port of name servers.
const NAMES: u16 = 53;

/// The addresses that processes of the build itself are bound to.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    paths: HashSet<Vec<u8>>,
    ports: HashSet<u16>,
}

impl Sockets {
    /// Notes an address of the build's own, from `bind` or `getsockname`.
    pub(super) fn own(&mut self, call: &TracedCall) {
        if call.flags.contains("AF_UNIX") {
            self.paths.extend(call.strings.first().cloned());
        }
        self.ports.extend(port(call).filter(|port| *port != 0));
    }

    /// The doubt about a connection that was made.
    pub(super) fn connected(&self, call: &TracedCall) -> Option<BlindSpot> {
        if call.flags.contains("AF_UNIX") {
            let path = call.strings.first()?;
            if self.paths.contains(path) || SYSTEM.contains(&&path[..]) {
                return None;
            }
            let images = BUILDERS.iter().any(|name| path.rsplit(|byte| *byte == b'/').next() == Some(*name));
            return Some(BlindSpot::Daemon { address: String::from_utf8_lossy(path).into_owned(), images });
        }
        let port = port(call).filter(|port| ![0, NAMES].contains(port))?;
        let host = call.strings.first().map(|host| String::from_utf8_lossy(host).into_owned()).unwrap_or_default();
        let images = BUILDER_PORTS.contains(&port);
        let local = host.starts_with("127.") || host == "::1" || host.starts_with("::ffff:127.");
        // A server elsewhere has no access to the source, unless it is sent: what was sent was read.
        let doubt = images || (local && !self.ports.contains(&port));
        doubt.then(|| BlindSpot::Daemon { address: format!("{host} port {port}"), images })
    }
}

/// The port of an Internet address. (`sin_port=htons(80)`; the host is the first text.)
fn port(call: &TracedCall) -> Option<u16> {
    let digits = call.flags.split("_port=htons(").nth(1)?;
    digits.split(')').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::trace;
    use super::*;

    fn parsed(text: &str) -> TracedCall {
        trace::call(text.as_bytes()).unwrap()
    }

    fn inet(port: u16, host: &str) -> TracedCall {
        let text = format!(
            "connect(3<socket:[1]>, {{sa_family=AF_INET, sin_port=htons({port}), sin_addr=inet_addr(\"{host}\")}}, 16) = 0"
        );
        parsed(&text)
    }

    fn unix(path: &str) -> TracedCall {
        parsed(&format!("connect(3<socket:[1]>, {{sa_family=AF_UNIX, sun_path=\"{path}\"}}, 110) = 0"))
    }

    #[test]
    fn only_strangers_on_this_machine_are_doubted() {
        let mut sockets = Sockets::default();
        sockets.own(&parsed("getsockname(4<socket:[1]>, {sa_family=AF_INET, sin_port=htons(41661), sin_addr=inet_addr(\"127.0.0.1\")}, [16]) = 0"));
        sockets.own(&parsed("bind(4<socket:[1]>, {sa_family=AF_UNIX, sun_path=\"/tmp/own\"}, 110) = 0"));
        for call in [
            inet(41661, "127.0.0.1"),
            inet(443, "10.1.2.3"),
            inet(53, "127.0.0.53"),
            unix("/tmp/own"),
            unix("/run/nscd/socket"),
        ] {
            assert_eq!(sockets.connected(&call), None, "{call:?}");
        }
        for (call, address, images) in [
            (inet(8080, "127.0.0.1"), "127.0.0.1 port 8080", false),
            (inet(2376, "10.1.2.3"), "10.1.2.3 port 2376", true),
            (unix("/var/run/docker.sock"), "/var/run/docker.sock", true),
            (unix("/tmp/gradle"), "/tmp/gradle", false),
        ] {
            assert_eq!(sockets.connected(&call), Some(BlindSpot::Daemon { address: address.to_owned(), images }));
        }
        let six = "connect(5<socket:[9]>, {sa_family=AF_INET6, sin6_port=htons(9), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=0}, 28) = 0";
        assert!(sockets.connected(&parsed(six)).is_some());
    }
}
