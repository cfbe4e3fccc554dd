//! `status --html`: the page to pin to a wall, as a file and in a real browser.

use super::browser::Browser;
use super::support::{Build, World};

const MAP: &str = "project = \"shop\"\nenvironments = [\"stage\", \"prod\"]\n\
                   [services.api]\ninclude = [\"api\"]\n[services.web]\ninclude = [\"web\"]\nenvironments = [\"stage\"]\n";

const HOSTILE: &str = "</script><img src=x onerror=\"document.title='broken'\">";

fn step(world: &World, id: &str, args: &[&str]) {
    let build = Build::new(id)
        .pipeline("shop")
        .with("CODEBUILD_BUILD_NUMBER", id)
        .with("CODEBUILD_BUILD_URL", &format!("https://ci.invalid/{id}?a=1&b=\"2\""));
    let done = world.run_in(&build, args.iter());
    assert_eq!(done.code, 0, "{done:?}");
}

fn deploy(world: &World, id: &str, environment: &str, revision: &str) {
    step(world, id, &["decide", "--environment", environment, "--revision", revision]);
    step(world, id, &["record", "--all", "--environment", environment]);
}

/// Two services in two environments; `api` was not built for the second revision of `stage`, and is in doubt in `prod`.
fn world() -> World {
    let world = World::new(MAP, &[("api/x", "1"), ("web/x", "1")]);
    deploy(&world, "1", "stage", "r1");
    deploy(&world, "2", "prod", "r1");
    world.write("web/x", "2");
    deploy(&world, "3", "stage", HOSTILE);
    let taint = world.run(["taint", "api", "--environment", "prod", "--reason", HOSTILE]);
    assert_eq!(taint.code, 0, "{taint:?}");
    world
}

/// What a build of `api` took in `stage`, where the store is a directory.
fn took_ten_minutes(world: &World) {
    let path = world.path("state/shop/stage/api/mark.json");
    let mut mark: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    mark["deployed"]["seconds"] = 600.into();
    std::fs::write(path, mark.to_string()).unwrap();
}

fn page(world: &World, args: &[&str]) -> std::path::PathBuf {
    let page = world.path("wall.html");
    let all = ["status", "--all-environments", "--html", page.to_str().unwrap()];
    let done = world.run(all.iter().chain(args));
    assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{done:?}");
    assert!(done.stderr.contains("wall.html is written"), "{done:?}");
    page
}

#[test]
fn the_page_is_one_file_whose_text_is_text() {
    let world = world();
    let text = std::fs::read_to_string(page(&world, &[])).unwrap();
    assert!(!text.contains("<img"), "what a store holds is text");
    assert_eq!(text.matches("</script>").count(), 1, "and so it does not end the script");
    assert!(text.contains("href=\"https://ci.invalid/3?a=1&amp;b=&quot;2&quot;\">build 3</a>"), "{text}");
    assert_eq!(text.matches("<td class=\"absent\">").count(), 1, "web does not exist in prod");
    assert_eq!(text.matches("<tr data-service=").count(), 2);
    for outside in ["src=\"", "<link", "@import", "url("] {
        assert!(!text.contains(outside), "{outside}");
    }
}

#[test]
fn what_cannot_be_a_price_or_a_page_is_refused() {
    let world = world();
    let page = world.path("wall.html");
    for args in [
        &["--price", "1"][..],
        &["--html", page.to_str().unwrap(), "--price", "nan"],
        &["--html", page.to_str().unwrap(), "--price=-1"],
        &["--html", page.to_str().unwrap(), "--log"],
        &["--html", page.to_str().unwrap(), "--format", "json"],
        &["--html", ""],
    ] {
        let done = world.run(["status", "--environment", "stage"].iter().chain(args));
        assert_eq!(done.code, 2, "{args:?}: {done:?}");
        assert!(!page.exists(), "{args:?}");
    }
}

#[test]
fn a_reader_sees_doubt_ages_and_what_was_saved() {
    let world = world();
    took_ten_minutes(&world);
    let Some(mut browser) = Browser::open(&page(&world, &["--price", "0.5"])) else { return };
    assert_eq!(browser.text("h1"), "shop: what is deployed");
    let tiles = browser.text("#tiles").split_whitespace().collect::<Vec<_>>().join(" ");
    for tile in ["in doubt 1", "deploys 4", "builds saved 1", "minutes saved 10", "saved 5.00 at 0.5 a minute"] {
        assert!(tiles.contains(tile), "{tile}: {tiles}");
    }
    let cell = |environment: usize| format!("tr[data-service=api] td:nth-of-type({environment})");
    let stage = browser.text(&cell(1));
    assert!(stage.contains("r1") && stage.contains("just now") && !stage.contains("uncertain"), "{stage}");
    let prod = browser.text(&cell(2));
    assert!(prod.contains("uncertain"), "{prod}");
    let charts = browser.text("#charts");
    assert!(charts.contains("stage: 3 deploys") && charts.contains("prod: 1 deploy"), "{charts}");
    assert_eq!(browser.value("document.querySelectorAll('#charts rect').length"), 56);
    // An age is kept current by the reader's clock.
    browser.value("document.querySelector('tr time').dateTime = '2020-01-01T00:00:00Z'; ages()");
    assert!(browser.text(&cell(1)).contains(" days"));
    browser.value("document.querySelector('#at time').dateTime = '2020-01-01T00:00:00Z'; ages()");
    assert_eq!(browser.value("document.querySelector('#at time').className"), "old");
}

#[test]
fn the_page_is_used_by_keys_alone() {
    let world = world();
    let Some(mut browser) = Browser::open(&page(&world, &[])) else { return };
    browser.value("document.querySelector('tr[data-service=web] summary').focus()");
    browser.press("ArrowRight");
    let focused = |browser: &mut Browser| {
        let at = browser.value(
            "(() => { const cell = document.activeElement.closest('td');
                return cell ? cell.parentElement.dataset.service + ' ' + cell.cellIndex : document.activeElement.id; })()",
        );
        at.as_str().unwrap().to_owned()
    };
    assert_eq!(focused(&mut browser), "web 1", "web does not exist in prod");
    browser.press("ArrowUp");
    browser.press("ArrowRight");
    assert_eq!(focused(&mut browser), "api 2");
    browser.press("Enter");
    let told = browser.text("tr[data-service=api] td:nth-of-type(2) details");
    assert!(told.contains("tainted by") && told.contains("<img src=x") && told.contains("build 2"), "{told}");
    assert_ne!(browser.value("document.title"), "broken");
    browser.press("Escape");
    assert_eq!(browser.value("document.querySelectorAll('details[open]').length"), 0);
    browser.press("Home");
    browser.press("ArrowLeft");
    browser.press("End");
    assert_eq!(focused(&mut browser), "web 1");
    browser.press("/");
    assert_eq!(focused(&mut browser), "filter");
    browser.type_text("AP");
    browser.wait("document.getElementById('shown').textContent === '1 of 2 services'");
    assert_eq!(browser.value("document.querySelectorAll('tbody tr:not([hidden])').length"), 1);
    browser.value("filter.value = ''; doubtful.checked = true; show()");
    assert_eq!(browser.value("document.querySelector('tbody tr:not([hidden])').dataset.service"), "api");
}

#[test]
fn it_asks_nobody_has_no_error_and_follows_the_colours_of_the_reader() {
    let world = world();
    let Some(mut browser) = Browser::open(&page(&world, &[])) else { return };
    let mut colours = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.wait(&format!("matchMedia('(prefers-color-scheme: {scheme})').matches"));
        let of = |what: &str| format!("getComputedStyle({what})");
        colours.push(browser.value(&format!(
            "[{}.backgroundColor, {}.color, {}.color, {}.fill]",
            of("document.body"),
            of("document.body"),
            of("document.querySelector('.doubt')"),
            of("document.querySelector('rect')"),
        )));
    }
    let of = |scheme: usize| colours[scheme].as_array().unwrap().clone();
    for (light, dark) in of(0).iter().zip(of(1)) {
        assert_ne!(*light, dark);
    }
    browser.value("void fetch('http://127.0.0.1:9/').catch(() => { window.refused = true; })");
    browser.wait("window.refused === true");
    let asked = browser.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    let asked: Vec<_> = asked.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned()).collect();
    assert!(asked.iter().all(|url| url.starts_with("file://")), "{asked:?}");
    let thrown: Vec<_> = browser.events.iter().filter(|event| event["method"] == "Runtime.exceptionThrown").collect();
    assert!(thrown.is_empty(), "{thrown:?}");
}
