//! The page in a real browser: what a reader sees, clicks and types.

use super::{change, commit, repository};
use crate::browser::Browser;
use crate::support::World;

/// A history with a flip of each kind, and names that would do harm where they were not shown as text.
fn world() -> World {
    let world = repository();
    (2..30).for_each(|number| drop(change(&world, ["a/x", "README"][number % 2], &number.to_string())));
    world.write("b/<img src=x onerror=alert(1)>.md", "1");
    commit(&world, "</script><script>document.title = 'broken'</script>");
    change(&world, "shared/x", "2");
    let other = "[services.a]\ninclude = [\"a/**\"]\n[services.b]\ninclude = [\"b/x\", \"shared/**\"]\n";
    world.write("other.toml", other);
    world
}

fn open(world: &World, args: &[&str]) -> Option<Browser> {
    let page = world.path("page.html");
    let done = world.run(["replay", "--html", page.to_str().unwrap()].iter().chain(args));
    assert_eq!(done.code, 0, "{done:?}");
    Browser::open(&page)
}

/// The middle of a cell in the window, from the end of the history: what the page says of its own measures.
fn cell(browser: &mut Browser, from_end: usize, row: usize) -> (f64, f64) {
    let point = browser.value(&format!(
        "(() => {{ const box = grid.getBoundingClientRect(), d = grid.dataset;
            return [box.left + 1 + Number(d.left) + (commits.length - {from_end} + 0.5) * d.cell - grid.scrollLeft,
                    box.top + 1 + Number(d.top) + ({row} + 0.5) * d.row - grid.scrollTop]; }})()"
    ));
    (point[0].as_f64().unwrap(), point[1].as_f64().unwrap())
}

#[test]
fn a_click_on_a_flip_tells_its_path_and_what_it_means() {
    let world = world();
    let Some(mut browser) = open(&world, &["--against", "other.toml"]) else { return };
    assert!(browser.text("#title").contains("shipmark.toml over 30 commits"));
    let (x, y) = cell(&mut browser, 1, 1);
    browser.click(x, y);
    let why = browser.text("#why");
    assert!(why.contains("b possible false skip: other.toml builds, shipmark.toml skips"), "{why}");
    assert!(why.contains("shared/x") && why.contains("by shared/**"), "{why}");
    let (x, y) = cell(&mut browser, 2, 1);
    browser.click(x, y);
    let why = browser.text("#why");
    assert!(why.contains("builds more: shipmark.toml builds, other.toml skips"), "{why}");
    assert!(why.contains("b/<img src=x onerror=alert(1)>.md"), "a path is text: {why}");
    assert!(why.contains("</script><script>"), "and so is a subject: {why}");
    assert_ne!(browser.value("document.title"), "broken");
    let (x, y) = cell(&mut browser, 30, 0);
    browser.click(x, y);
    assert!(browser.text("#why").contains("builds: an input differs"));
    let (x, y) = cell(&mut browser, 29, 0);
    browser.click(x, y);
    assert!(browser.text("#why").contains("skipped: no input differs"));
    assert!(browser.value("!document.getElementById('tip').hidden") == true, "the pointer still stands there");
}

#[test]
fn the_keys_move_and_jump_from_flip_to_flip() {
    let world = world();
    let Some(mut browser) = open(&world, &["--against", "other.toml"]) else { return };
    browser.value("grid.focus()");
    browser.press("n");
    let first = browser.text("#why h3");
    assert!(first.contains("builds more"), "the oldest flip: {first}");
    browser.press("n");
    let second = browser.text("#why h3");
    assert!(second.starts_with('a') && second.contains("builds more"), "shared/x builds a here only: {second}");
    browser.press("ArrowDown");
    assert!(browser.text("#why h3").contains("b possible false skip"));
    browser.press("Home");
    let oldest = browser.text("#why");
    assert!(oldest.contains("a/x is 2"), "{oldest}");
    browser.press("p");
    assert!(browser.text("#why h3").contains("b possible false skip"), "backwards from the first is the last");
    browser.press("Escape");
    assert!(browser.text("#why").contains("Click a cell"));
}

#[test]
fn a_filter_leaves_the_services_that_it_names() {
    let world = world();
    let Some(mut browser) = open(&world, &["--against", "other.toml", "--fail-rate", "0.5", "--minutes", "3"]) else {
        return;
    };
    assert_eq!(browser.value("grid.dataset.rows"), "2");
    browser.value("document.getElementById('filter').focus()");
    browser.type_text("B");
    browser.wait("grid.dataset.rows === '1'");
    assert!(browser.text("#services tbody").starts_with('b'));
    let flips = browser.text("#flips tbody");
    assert!(flips.contains("shared/x") && flips.lines().count() == 2, "{flips}");
    browser.value("document.querySelector('#flips tbody button').click()");
    assert!(browser.text("#why h3").contains("b possible false skip"), "the dangerous ones come first");
    let lost = browser.text("#lost-text");
    assert!(lost.contains("A HEAD~1 rule loses") && lost.contains("shipmark's mark loses none"), "{lost}");
}

#[test]
fn it_asks_nobody_has_no_error_and_follows_the_colours_of_the_reader() {
    let world = world();
    let Some(mut browser) = open(&world, &["--against", "other.toml", "--fail-rate", "0.5"]) else { return };
    let mut pictures = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.wait(&format!("matchMedia('(prefers-color-scheme: {scheme})').matches"));
        browser.wait(
            "view.colors.paper === getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()",
        );
        pictures.push(browser.value("[getComputedStyle(document.body).backgroundColor, cells.toDataURL()]"));
    }
    assert_ne!(pictures[0][0], pictures[1][0], "the paper");
    assert_ne!(pictures[0][1], pictures[1][1], "the drawing");
    // Whatever a script in the page asks for, its policy refuses.
    browser.value("void fetch('http://127.0.0.1:9/').catch(() => { window.refused = true; })");
    browser.wait("window.refused === true");
    let asked = browser.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    let asked: Vec<_> = asked.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned()).collect();
    assert!(asked.iter().all(|url| url.starts_with("file://")), "{asked:?}");
    let thrown = browser.events.iter().filter(|event| event["method"] == "Runtime.exceptionThrown").count();
    assert_eq!(thrown, 0);
}
