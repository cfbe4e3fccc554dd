//! Who asks, and for what: credentials, regions and names, judged by engines and the SDK's own chain.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use super::cases::writes;
use super::site::{SECRET, TOKEN};
use super::{Site, assert_clear, on_each, told};
use crate::engines::{self, Kind, READ_ONLY};
use crate::proxy::{Fault, Request};
use crate::support::Build;

/// A site on SeaweedFS, which checks signatures and rights; none where it is missing, which was said aloud.
fn strict_site() -> Option<Site> {
    engines::s3().into_iter().find(|engine| engine.name == "seaweedfs").map(Site::on)
}

/// With other keys.
fn with_keys(build: &Build, (key, secret): (&str, &str)) -> Build {
    build.clone().with("AWS_ACCESS_KEY_ID", key).with("AWS_SECRET_ACCESS_KEY", secret)
}

#[test]
fn a_wrong_secret_and_an_unknown_key_are_doubt() {
    let Some(site) = strict_site() else { return };
    site.deploy("1");
    let before = site.mark();
    let right = site.build();
    for keys in [("testkey", "another"), ("nobody", "another")] {
        let build = with_keys(&right, keys);
        let (reason, detail) = site.decide_a(&build);
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["does not accept these credentials", "AWS_SECRET_ACCESS_KEY"]);
        let record = site.run(&build, &["record", "a"]);
        assert_eq!(record.code, 1);
        site.assert_clear_failure(&record, &["`a` is deployed, but not recorded: "]);
    }
    assert_eq!(site.mark(), before);
}

#[test]
fn who_may_only_read_plans_and_cannot_open_an_attempt() {
    let Some(site) = strict_site() else { return };
    site.deploy("1");
    let before = site.mark();
    let reader = || with_keys(&site.build(), READ_ONLY);
    assert_eq!(site.decide_a(&reader()).0, "unchanged", "a skip writes nothing");
    site.write("a/x", "2");
    let planned = site.run(&reader(), &["plan", "a", "--format", "json"]).json();
    assert_eq!(told(&planned, "a").0, "changed");
    let build = reader();
    let (reason, detail) = site.decide_a(&build);
    assert_eq!(reason, "state-unavailable");
    let says = ["cannot write a mark in ", "access is denied", "shipmark doctor --print iam"];
    site.assert_clear(&detail, &says);
    let record = site.run(&build, &["record", "a"]);
    assert_eq!(record.code, 1);
    site.assert_clear_failure(&record, &["`a` is deployed, but not recorded: ", "access is denied"]);
    assert_eq!(site.mark(), before);
}

#[test]
fn a_table_or_bucket_that_does_not_exist_is_doubt() {
    for engine in engines::dynamodb().into_iter().chain(engines::s3()) {
        let site = Site::on(engine);
        let state = site.state_in("nowhere-to-be-found", &engine.endpoint);
        let answer = site.decide(&site.build().with("SHIPMARK_STATE", &state), &["a"]);
        let several = site.decide(&site.build().with("SHIPMARK_STATE", &state), &["a", "b"]);
        for (answer, service) in [(&answer, "a"), (&several, "a"), (&several, "b")] {
            let (reason, detail) = told(answer, service);
            assert_eq!(reason, "state-unavailable", "{}: {detail}", engine.name);
            assert_clear(&detail, &["`nowhere-to-be-found`", "does not exist", "check its name", "region"]);
        }
    }
}

#[test]
fn no_region_is_made_up() {
    on_each(|site| {
        let (reason, detail) = site.decide_a(&site.build().with("AWS_REGION", ""));
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["no region is named", "?region=REGION", "AWS_REGION"]);
    });
}

#[test]
fn without_credentials_it_is_doubt() {
    on_each(|site| {
        let build = || with_keys(&site.build(), ("", "")).with("AWS_SESSION_TOKEN", "");
        let metadata = site.proxy.endpoint();
        let on_a_machine = |build: Build| {
            build.with("AWS_EC2_METADATA_DISABLED", "false").with("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata)
        };
        for (build, fault) in [
            (build(), Fault::None),
            (on_a_machine(build()), Fault::Refuse),
            // A laptop: nobody answers at the address of a machine's metadata.
            (on_a_machine(build()), Fault::Stall),
            (build().with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{metadata}/credentials")), Fault::Html),
            (build().with("AWS_PROFILE", "nobody"), Fault::None),
        ] {
            site.always(&fault, |_| true);
            let (reason, detail) = site.decide_a(&build);
            assert_eq!(reason, "state-unavailable");
            site.assert_clear(&detail, &["there are no AWS credentials", "AWS_PROFILE"]);
        }
    });
}

/// What stands where a container's role is asked for: these answers one after the other, and then the last again, for as
/// long as the process lives.
fn container_role(answers: Vec<String>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/credentials", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().map(Result::unwrap).enumerate() {
            let body = &answers[number.min(answers.len() - 1)];
            let head = BufReader::new(&client).lines().map(Result::unwrap);
            assert!(
                head.take_while(|line| !line.is_empty()).any(|line| line.ends_with(TOKEN)),
                "its own token is sent"
            );
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
            (&client).write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes()).unwrap();
        }
    });
    address
}

/// A build has its credentials from the container, in the body of an answer.
#[test]
fn the_credentials_of_a_container_are_used_and_not_told() {
    on_each(|site| {
        let whole = serde_json::json!({
            "AccessKeyId": "role", "SecretAccessKey": SECRET, "Token": TOKEN, "Expiration": "2099-01-01T00:00:00Z",
        });
        let whole = whole.to_string();
        // Cut off, of another form, and a word for a date.
        let broken = [whole[..whole.len() - 9].to_owned(), format!("[{whole}]"), whole.replace("2099", "soon")];
        for (body, reason) in [(whole, "never-deployed")].into_iter().chain(broken.map(|it| (it, "state-unavailable")))
        {
            let role = container_role(vec![body.clone()]);
            let build = with_keys(&site.build(), ("", "")).with("AWS_SESSION_TOKEN", "");
            let build = build.with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &role);
            let build = build.with("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN);
            assert_eq!(site.decide_a(&build).0, reason, "{body}");
        }
    });
}

/// A role's credentials expire while they are used, and the container has new ones by then.
#[test]
fn credentials_that_expire_in_between_are_asked_for_again() {
    on_each(|site| {
        let role = |key: &str| {
            let expires = "2099-01-01T00:00:00Z";
            serde_json::json!({ "AccessKeyId": key, "SecretAccessKey": SECRET, "Token": TOKEN, "Expiration": expires })
                .to_string()
        };
        let build = || {
            let address = container_role(vec![role("old"), role("new")]);
            let build = with_keys(&site.build(), ("", "")).with("AWS_SESSION_TOKEN", "");
            let build = build.with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &address);
            build.with("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN)
        };
        let expired = match site.kind() {
            Kind::DynamoDb => "ExpiredTokenException",
            Kind::S3 => "ExpiredToken",
        };
        let expired = Fault::Answer { status: 400, code: expired, message: "The security token is expired" };
        let is_old =
            |request: &Request| request.header("authorization").is_some_and(|it| it.contains("Credential=old/"));
        site.deploy("1");
        site.always(&expired, is_old);
        assert_eq!(site.decide_a(&build()).0, "unchanged");
        site.write("a/x", "2");
        // The old ones expire between the read and the write.
        site.always(&expired, move |request| is_old(request) && writes(request));
        let build = build();
        assert_eq!(site.decide_a(&build).0, "changed");
        assert_eq!(site.run(&build, &["record", "a"]).code, 0);
        site.without_faults();
        site.assert_recorded("2");
    });
}

/// A profile that cannot be read may hold the secret all the same.
#[test]
fn a_profile_that_is_no_profile_is_doubt_and_not_told() {
    on_each(|site| {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in [
            format!("[default]\naws_access_key_id = k\naws_secret_access_key {SECRET}\n"),
            format!("[default\naws_secret_access_key = {SECRET}\n"),
            format!("[default]\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"),
            format!(
                "[default]\naws_access_key_id = k\naws_secret_access_key = {SECRET}\nsource_profile = gone\nrole_arn = r\n"
            ),
        ] {
            std::fs::write(file.path(), &text).unwrap();
            let build = with_keys(&site.build(), ("", "")).with("AWS_SESSION_TOKEN", "");
            let build = build.with("AWS_SHARED_CREDENTIALS_FILE", file.path().to_str().unwrap());
            let (reason, detail) = site.decide_a(&build);
            assert_eq!(reason, "state-unavailable", "{text}");
            site.assert_clear(&detail, &["credentials", "profile"]);
        }
    });
}
