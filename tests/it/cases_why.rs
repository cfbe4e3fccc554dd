//! `plan --explain`: why a service builds, by the whole chain of dependencies; why it is skipped, and whose the changes are.

use super::support::{Build, World, entry, git};

const MAP: &str = "[services.base]\ninclude = [\"base/**\"]\n\
                   [services.command]\ninclude = [\"command\"]\ndepends_on = [\"base\"]\n\
                   [services.gateway]\ninclude = [\"gateway\"]\ndepends_on = [\"command\"]\n\
                   [services.web]\ninclude = [\"web\"]\n";

/// A repository of which one commit is deployed.
fn world() -> World {
    let world = World::new(MAP, &[("base/a", "1"), ("command/c", "1"), ("gateway/g", "1"), ("web/w", "1")]);
    git(&world.source(), &["init", "-q"]);
    commit(&world);
    for service in ["base", "command", "gateway", "web"] {
        world.deploy(&Build::new("first:1"), service);
    }
    world
}

fn commit(world: &World) -> String {
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", "a change"]);
    git(&world.source(), &["rev-parse", "HEAD"])
}

fn explained(world: &World, args: &[&str]) -> String {
    let done = world.run(["plan", "--explain"].iter().chain(args));
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout
}

/// "Why did this build?": each changed path, its rule with file and line, and the chain through which it concerns the service.
#[test]
fn a_build_names_the_chain_of_dependencies_of_each_change() {
    let world = world();
    world.write("base/a", "2");
    let text = explained(&world, &["--service", "gateway"]);
    assert!(text.contains("gateway: build, changed: 1 change among 3 inputs"), "{text}");
    assert!(text.contains("by `base/**` (shipmark.toml:2), through gateway -> command -> base\n"), "{text}");
    assert!(text.contains("  compared with ") && text.contains(", just now, by first:1\n"), "{text}");
    let whole = world.plan(&["--explain", "gateway"]);
    let change = &entry(&whole, "gateway")["changes"][0];
    assert_eq!(change["chain"], serde_json::json!(["gateway", "command", "base"]));
    assert_eq!(change["at"], "shipmark.toml:2");
    assert!(entry(&whole, "gateway")["since"].is_null());
    let plain = world.plan(&["gateway"]);
    assert!(entry(&plain, "gateway").get("since").is_none(), "only where it was asked for");
    world.write("shipmark.toml", &MAP.replace("base/**", "base/a*"));
    world.remove("base/a");
    world.write("base/ab", "1");
    let text = explained(&world, &["base"]);
    assert!(text.contains("`base/**`, which the map has no more\n"), "{text}");
    assert!(text.contains("by `base/a*` (shipmark.toml:2)\n"), "{text}");
}

/// "Why was this skipped?": what changed since, and whose that is; in the working tree and in a commit.
#[test]
fn a_skip_names_what_changed_since_and_whose_that_is() {
    let world = world();
    world.write("command/c", "2");
    world.write("README", "new");
    let expect = |text: &str| {
        assert!(text.contains("web: skip, unchanged: 1 input, all as deployed\n"), "{text}");
        assert!(text.contains("  since that revision 2 files changed, none of them an input of web\n"), "{text}");
        assert!(text.contains("  README     added     of no service\n"), "{text}");
        assert!(text.contains("  command/c  modified  of command and gateway\n"), "{text}");
    };
    expect(&explained(&world, &["web"]));
    let head = commit(&world);
    world.write("command/c", "not committed");
    world.write("web/w", "not committed");
    expect(&explained(&world, &["web", "--revision", &head]));
    let whole = world.plan(&["--explain", "web", "--revision", &head]);
    let since = &entry(&whole, "web")["since"];
    assert_eq!((&since["changes_total"], &since["unknown"]), (&2.into(), &().into()));
    assert_eq!(since["changes"][1]["services"], serde_json::json!(["command", "gateway"]));
}

/// Nobody is told that nothing changed where nobody can know.
#[test]
fn what_cannot_be_known_is_said_to_be_unknown() {
    let world = world();
    let unknown = |world: &World, why: &str| {
        let text = explained(world, &["web"]);
        assert!(text.contains("web: skip, unchanged"), "{text}");
        assert!(text.contains("what else changed since is unknown: ") && text.contains(why), "{text}");
        let whole = world.plan(&["--explain", "web"]);
        assert!(entry(&whole, "web")["since"]["changes_total"].is_null());
    };
    for (revision, why) in
        [("main", "`main` is no commit id"), ("0123456789abcdef0123456789abcdef01234567", "fetch it")]
    {
        world.edit_mark("web", |mark| mark["deployed"]["revision"] = revision.into());
        unknown(&world, why);
    }
    world.edit_mark("web", |mark| mark["deployed"]["revision"] = ().into());
    unknown(&world, "names no revision");
    let plain = World::new(MAP, &[("base/a", "1"), ("command/c", "1"), ("gateway/g", "1"), ("web/w", "1")]);
    let build = Build::new("1");
    plain.run_in(&build, ["decide", "web", "--revision", "0123456789"]);
    plain.run_in(&build, ["record", "web"]);
    unknown(&plain, "has no `.git`");
}

/// Each doubt has something that a person can do.
#[test]
fn each_doubt_says_what_to_do() {
    let world = world();
    world.run(["taint", "web", "--reason", "by hand"]);
    let text = explained(&world, &["web"]);
    assert!(text.contains("web: build, uncertain: tainted by "), "{text}");
    assert!(
        text.contains("  what to do: a deploy that begins after all others have ended is certain again: "),
        "{text}"
    );
    world.put_mark("web", "damaged");
    let text = explained(&world, &["web"]);
    assert!(text.contains("`shipmark state rm web --state "), "{text}");
}

/// A shell has no use for it.
#[test]
fn it_is_for_people_and_programs_that_read_json() {
    let world = world();
    let refused = world.run(["plan", "--explain", "--format", "shell"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("--explain is for people"), "{}", refused.stderr);
}
