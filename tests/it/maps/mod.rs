//! Maps that scale: maps kept beside their services, services of directories, and the whole written out.

mod asks;
mod discover;
mod includes;
mod print;
mod sources;

use super::pages::{Page, Reader};
use super::support::{Done, World};

/// The places and words of all problems, without source lines and hints.
fn problems(done: &Done) -> Vec<String> {
    assert_eq!(done.code, 2, "{done:?}");
    let lines: Vec<&str> = done.stderr.lines().collect();
    let heads = lines.iter().enumerate().filter(|(_, line)| line.contains("error["));
    heads
        .map(|(at, line)| {
            let place = lines[at + 1].trim().trim_start_matches("--> ");
            format!("{place} {}", &line[line.find('[').unwrap()..])
        })
        .collect()
}

/// The services that a plan names, in their order.
fn services(world: &World, args: &[&str]) -> Vec<String> {
    let plan = world.plan(args);
    let all = plan["services"].as_array().unwrap().iter();
    all.map(|service| service["service"].as_str().unwrap().to_owned()).collect()
}

/// What docs/maps.md shows are maps.
pub(crate) fn page(page: &Page) {
    let maps = page.blocks("toml");
    let [whole, discover, include, environments, others @ ..] = &maps[..] else { panic!("four maps") };
    for map in others.iter().chain([whole]) {
        let parsed = shipmark::map::ServiceMap::parse("map", map.as_bytes());
        assert!(parsed.is_ok(), "{map}\n{}", parsed.unwrap_err());
    }
    let world = World::new(
        &format!("{include}\n{discover}"),
        &[
            ("infra/map.toml", "[services.infra]\ngroups = ['infra']\n"),
            ("services/_template/x", ""),
            ("services/api/Dockerfile", ""),
            ("services/api/shipmark.toml", "[[expect]]\nchanged = ['${directory}/x']\nbuilds = ['api', 'web']\n"),
            ("services/web/Dockerfile", ""),
        ],
    );
    assert_eq!(services(&world, &[]), ["api", "infra", "web"]);
    let checked = world.run(["check"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let reader = Reader::new(whole, &[]);
    let printed = reader.types(page, "--print-map");
    // All that the page's map says, but for its comments and its order.
    let tables = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
    assert_eq!(tables(&printed), tables(whole));
    let world = World::new(environments, &[("web/x", "")]);
    for (environment, code) in [("prod", 0), ("pr-17", 0), ("prd", 2)] {
        assert_eq!(world.run(["plan", "--environment", environment]).code, code, "{environment}");
    }
    let all = world.run(["plan", "--all-environments"]);
    assert!(all.stdout.contains("stage") && all.stdout.contains("prod") && !all.stdout.contains("pr-"), "{all:?}");
}
