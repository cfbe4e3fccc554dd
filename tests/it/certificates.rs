//! The root certificates of the machine: read once, and only where an address needs them.

use crate::support::{Build, Done, World};

/// Asks a store behind a port at which nobody listens.
fn ask(endpoint: &str, variables: &[(&str, &str)]) -> Done {
    let world = World::new("project = \"shop\"\n[services.a]\ninclude = [\"a\"]\n", &[("broken.pem", BROKEN)]);
    let url = format!("dynamodb://marks?region=eu-west-1&endpoint={endpoint}");
    let build = Build::default().with("SHIPMARK_STATE", &url);
    let build = build.with("AWS_ACCESS_KEY_ID", "key").with("AWS_SECRET_ACCESS_KEY", "secret");
    let build = variables.iter().fold(build, |build, (name, value)| build.with(name, value));
    let done = world.run_in(&build, ["-vv", "status", "--timeout", "2s"]);
    assert!(done.code == 0 && done.stdout.contains("it cannot be reached"), "{done:?}");
    done
}

/// Text that is one certificate, of bytes that are none.
const BROKEN: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

fn times_read(done: &Done) -> usize {
    done.stderr.matches("the root certificates of this machine").count()
}

#[test]
fn they_are_read_once_and_not_for_a_plain_address() {
    let plain = ask("http://127.0.0.1:9", &[]);
    assert_eq!(times_read(&plain), 0, "{plain:?}");
    let secure = ask("https://127.0.0.1:9", &[]);
    assert_eq!(times_read(&secure), 1, "{secure:?}");
}

/// The way to the proxy may be encrypted.
#[test]
fn they_are_read_for_a_plain_address_behind_a_proxy() {
    let proxied = ask("http://store.test", &[("HTTP_PROXY", "https://127.0.0.1:9")]);
    assert_eq!(times_read(&proxied), 1, "{proxied:?}");
    let direct = ask("http://127.0.0.1:9", &[("HTTP_PROXY", "https://127.0.0.1:9"), ("NO_PROXY", "127.0.0.1")]);
    assert_eq!(times_read(&direct), 0, "{direct:?}");
}

#[test]
fn one_that_cannot_be_a_root_is_passed_over() {
    let done = ask("https://127.0.0.1:9", &[("SSL_CERT_FILE", "broken.pem")]);
    assert!(done.stderr.contains("roots=1"), "{done:?}");
}
