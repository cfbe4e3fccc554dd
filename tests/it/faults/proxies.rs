//! Proxies on the way out, as companies have them: asked where the environment names one, and not where it says so.

use super::on_each;
use super::site::PROXY_PASSWORD;
use crate::proxy::Fault;

#[test]
fn an_http_proxy_is_asked_and_no_proxy_is_honoured() {
    on_each(|site| {
        let direct = site.state_at(site.engine_endpoint());
        let build = || site.build().with("SHIPMARK_STATE", &direct).with("HTTP_PROXY", &site.proxy.endpoint());
        site.proxy.clear_log();
        let first = build();
        assert_eq!(site.decide_a(&first).0, "never-deployed");
        assert_eq!(site.run(&first, &["record", "a"]).code, 0);
        assert_eq!(site.decide_a(&build()).0, "unchanged");
        let log = site.proxy.log();
        assert!(log.len() > 3 && log.iter().all(|seen| seen.target.starts_with("http://127.0.0.1:")), "{}", log.len());

        site.proxy.clear_log();
        assert_eq!(site.decide_a(&build().with("NO_PROXY", "127.0.0.1")).0, "unchanged");
        assert_eq!(site.proxy.log().len(), 0);
    });
}

/// What the proxy itself says, or does not say, is doubt.
#[test]
fn a_proxy_that_fails_is_doubt() {
    on_each(|site| {
        site.deploy("1");
        let direct = site.state_at(site.engine_endpoint());
        let build = || site.build().with("SHIPMARK_STATE", &direct).with("HTTP_PROXY", &site.proxy.endpoint());
        for (fault, wrong) in [(Fault::Html, "is no answer of AWS"), (Fault::Refuse, "cannot be reached")] {
            site.always(&fault, |_| true);
            site.give_up_soon();
            let (reason, detail) = site.decide_a(&build());
            assert_eq!(reason, "state-unavailable");
            site.assert_clear(&detail, &[wrong, "proxy"]);
        }
    });
}

/// A proxy's address may hold a password.
#[test]
fn the_password_of_a_proxy_is_not_told() {
    on_each(|site| {
        let proxy = site.proxy.endpoint().replace("http://", &format!("http://user:{PROXY_PASSWORD}@"));
        let direct = site.state_at(site.engine_endpoint());
        let build = || site.build().with("SHIPMARK_STATE", &direct).with("HTTP_PROXY", &proxy);
        assert_eq!(site.decide_a(&build()).0, "never-deployed");
        site.always(&Fault::Refuse, |_| true);
        site.give_up_soon();
        for _ in 0..4 {
            assert_eq!(site.decide_a(&build()).0, "state-unavailable");
        }
    });
}
