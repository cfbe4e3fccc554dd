//! Which commands run, in which order, how many at once; and what a failure stops.

use super::{NOTE, SERVICES, SHOP, build, noted, run_all, shop, states};
use crate::support::World;

/// Set-up B: all services in one project.
#[test]
fn all_services_run_once_in_dependency_order() {
    let world = shop();
    let done = run_all(&world, &build("1"), &["--jobs", "4"], NOTE);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("succeeded: docs, image, api, cron and web"), "{}", done.stderr);
    let ran = noted(&world);
    let at = |name: &str| ran.iter().position(|ran| ran == name).unwrap();
    assert!(at("image") < at("api") && at("api") < at("cron"), "{ran:?}");
    assert_eq!(ran.len(), 5);
    assert_eq!(run_all(&world, &build("2"), &[], NOTE).code, 0);
    assert_eq!(noted(&world), [""; 0], "nothing changed");
    world.write("image/x", "2");
    assert_eq!(run_all(&world, &build("3"), &[], NOTE).code, 0);
    assert_eq!(noted(&world), ["image", "api", "cron"]);
    for service in SERVICES {
        assert_eq!(world.planned(service), "unchanged");
    }
}

/// Set-up A: one service, one project.
#[test]
fn named_services_run_and_no_others() {
    let world = shop();
    let run = |id: &str, names: &[&str]| {
        let args = ["run"].iter().chain(names).chain(&["--", "sh", "-c", NOTE]);
        assert_eq!(world.run_in(&build(id), args).code, 0);
        noted(&world)
    };
    assert_eq!(run("1", &["web"]), ["web"]);
    assert_eq!(run("2", &["web", "docs", "api"]), ["docs", "api"]);
}

#[test]
fn only_services_of_the_environment_run() {
    let map = "environments = [\"stage\", \"prod\"]\n[services.a]\ninclude = [\"a\"]\nenvironments = [\"stage\"]\n\
               [services.b]\ninclude = [\"b\"]\n";
    let world = World::new(map, &[("a/x", "1"), ("b/x", "1")]);
    let done = run_all(&world, &build("1"), &["--environment", "prod"], NOTE);
    assert_eq!((done.code, noted(&world)), (0, vec!["b".to_owned()]));
    let done = run_all(&world, &build("2"), &["--environment", "prod", "--environment", "stage"], NOTE);
    assert_eq!((done.code, noted(&world)), (0, vec!["a".to_owned(), "b".to_owned()]), "one command for both");
    let map = "environments = [\"stage\", \"prod\"]\n[services.a]\ninclude = [\"a\"]\nenvironments = [\"stage\"]\n";
    let world = World::new(map, &[("a/x", "1")]);
    let none = run_all(&world, &build("3"), &["--environment", "prod"], NOTE);
    assert_eq!(none.code, 0);
    assert!(none.stderr.contains("no service of the map exists in prod"), "{}", none.stderr);
}

/// Each says that it runs, and waits until as many do.
fn together(count: usize) -> String {
    format!(
        "touch ../tmp/at-$SHIPMARK_SERVICE; n=0; while [ \"$(ls ../tmp | grep -c ^at-)\" -lt {count} ]; do \
         n=$((n + 1)); [ $n -lt 3000 ] || exit 9; sleep 0.01; done"
    )
}

#[test]
fn as_many_run_at_once_as_were_allowed() {
    let world = shop();
    let run = world.run_in(&build("1"), ["run", "web", "docs", "image", "--jobs", "3", "--", "sh", "-c", &together(3)]);
    assert_eq!(run.code, 0, "{run:?}");
    let world = shop();
    let one_by_one = "mkdir ../tmp/alone && sleep 0.05 && rmdir ../tmp/alone";
    let run = run_all(&world, &build("1"), &[], one_by_one);
    assert_eq!(run.code, 0, "one at a time: {run:?}");
}

#[test]
fn a_failure_stops_what_depends_on_it_and_nothing_else() {
    for jobs in ["1", "3"] {
        let world = shop();
        run_all(&world, &build("1"), &[], "true");
        for service in SERVICES {
            world.write(&format!("{service}/x"), "2");
        }
        let script = format!("{NOTE}; [ $SHIPMARK_SERVICE != image ] || exit 3");
        let done = run_all(&world, &build("2"), &["--jobs", jobs], &script);
        assert_eq!(done.code, 3, "{done:?}");
        let mut ran = noted(&world);
        ran.sort();
        assert_eq!(ran, ["docs", "image", "web"]);
        let summary = "warning: succeeded: docs and web; failed: image; never started: api and cron";
        assert!(done.stderr.contains(summary), "{}", done.stderr);
        for service in ["image", "api", "cron"] {
            assert_eq!(states(&world, service), ["failed"], "{service}");
            assert_eq!(world.planned(service), "uncertain");
        }
        for service in ["docs", "web"] {
            assert_eq!(world.planned(service), "unchanged");
        }
        run_all(&world, &build("3"), &[], NOTE);
        assert_eq!(noted(&world), ["image", "api", "cron"]);
    }
}

#[test]
fn the_exit_status_is_that_of_the_first_command_that_failed() {
    let world = shop();
    let script = "case $SHIPMARK_SERVICE in docs) exit 5;; web) exit 6;; esac";
    assert_eq!(run_all(&world, &build("1"), &[], script).code, 5);
    let world = shop();
    let later = "case $SHIPMARK_SERVICE in docs) while [ ! -e ../tmp/web ]; do sleep 0.01; done; sleep 0.2; exit 5;; \
                 web) touch ../tmp/web; exit 6;; esac";
    let done = run_all(&world, &build("1"), &["--jobs", "4"], later);
    assert_eq!(done.code, 6, "the first in time: {done:?}");
    let world = shop();
    let unrecorded = "case $SHIPMARK_SERVICE in docs) echo x > $SHIPMARK_OUTPUTS;; web) exit 6;; esac";
    assert_eq!(run_all(&world, &build("1"), &[], unrecorded).code, 6, "a command's comes before a record's");
}

/// What is recorded stays, though the build ends before the others have.
#[test]
fn each_deploy_is_recorded_as_it_ends() {
    let world = shop();
    let script = "[ $SHIPMARK_SERVICE != web ] || kill -9 $PPID";
    let done = run_all(&world, &build("1"), &[], script);
    assert_eq!(done.code, -1, "{done:?}");
    for service in ["image", "api", "cron", "docs"] {
        assert_eq!(world.planned(service), "unchanged", "{service}");
    }
    assert_eq!(states(&world, "web"), ["building"]);
}

#[test]
fn without_record_what_succeeds_stays_open() {
    let world = World::new(SHOP, &[("docs/x", "1"), ("web/x", "1")]);
    let script = "[ $SHIPMARK_SERVICE = docs ]";
    let done = world.run_in(&build("1"), ["run", "docs", "web", "--no-record", "--", "sh", "-c", script]);
    assert_eq!(done.code, 1, "{done:?}");
    assert_eq!((states(&world, "docs"), states(&world, "web")), (vec!["building".into()], vec!["failed".into()]));
    assert_eq!(world.run_in(&build("1"), ["record", "docs"]).code, 0);
    assert_eq!(world.planned("docs"), "unchanged");
}
