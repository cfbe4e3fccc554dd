//! `--format markdown`: what a comment says of a change of the map.

use super::super::support::git;
use super::{Clone, write};

const SHALLOW: [&str; 3] = ["--depth", "1", "--single-branch"];

fn comment(clone: &Clone, args: &[&str]) -> String {
    let done = clone.world.run(["plan", "--format", "markdown"].iter().chain(args));
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout
}

#[test]
fn a_comment_says_what_builds_why_and_what_nobody_owns() {
    let clone = Clone::new(&[]);
    write(&clone.source(), "README", "x");
    let text = comment(&clone, &["--base", "main..."]);
    for part in [
        "### `default`, `default`: 1 of 2 services would build\n",
        "| `a` | **build**, changed | 1 input differs: `a/x` |\n",
        "Skipped, unchanged: `b`\n",
        "| `a` | `a/x` | modified | `a` |\n",
        "**1 file belongs to no service**: `README`\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("The map changes"), "{text}");
    write(&clone.source(), "shipmark.toml", &format!("[defaults]\nunowned = \"ignore\"\n{}", super::MAP));
    assert!(!comment(&clone, &["--base", "main..."]).contains("README"), "it was said to be nobody's business");
    let deployed = comment(&clone, &["a"]);
    assert!(deployed.contains("compared with what is deployed.") && deployed.contains("never-deployed"), "{deployed}");
}

/// The map of the base is read from the clone, or fetched where the clone does not have it.
#[test]
fn a_comment_names_the_decisions_that_the_change_of_the_map_flips() {
    for options in [&[][..], &SHALLOW] {
        let clone = Clone::new(options);
        let map = "# new\n[services.a]\ninclude = [\"other\"]\n[services.b]\ninclude = [\"b\", \"a\"]\n[services.c]\ninclude = [\"c\"]\n";
        write(&clone.source(), "shipmark.toml", map);
        write(&clone.source(), "other/x", "1");
        write(&clone.source(), "c/x", "1");
        let working_tree = comment(&clone, &["--base", "main..."]);
        for part in [
            "**The map changes, and so does 1 decision**:\n",
            "| `b` | skip | **build** | `a/x` |\n",
            "\nOnly in this map: `c`\n",
        ] {
            assert!(working_tree.contains(part), "{options:?} {part}: {working_tree}");
        }
        git(&clone.source(), &["add", "-A"]);
        git(&clone.source(), &["commit", "-q", "-m", "x"]);
        let commit = comment(&clone, &["--base", "main...HEAD"]);
        assert!(commit.contains("| `b` | skip | **build** | `a/x` |\n"), "{commit}");
        // A comment in the map is no change of it.
        write(&clone.source(), "shipmark.toml", &format!("{map}# more\n"));
        assert!(!comment(&clone, &["--base", "HEAD"]).contains("The map changes"));
    }
}

/// A skip that the base's map would not have made is the flip to look at.
#[test]
fn a_comment_names_what_the_new_map_no_longer_builds() {
    let clone = Clone::new(&[]);
    write(&clone.source(), "shipmark.toml", "[services.a]\ninclude = [\"a/y\"]\n[services.b]\ninclude = [\"b\"]\n");
    write(&clone.source(), "a/y", "1");
    git(&clone.source(), &["add", "-A"]);
    git(&clone.source(), &["commit", "-q", "-m", "x"]);
    write(
        &clone.source(),
        "shipmark.toml",
        "[services.a]\ninclude = [\"a/y\"]\nexclude = [\"a/x\"]\n[services.b]\ninclude = [\"b\"]\n",
    );
    write(&clone.source(), "a/x", "3");
    let text = comment(&clone, &["--base", "HEAD"]);
    assert!(text.contains("**The map changes**, and no decision about a service of both maps does."), "{text}");
    git(&clone.source(), &["checkout", "-q", "HEAD~1", "--", "shipmark.toml"]);
    git(&clone.source(), &["commit", "-q", "-m", "both"]);
    write(&clone.source(), "shipmark.toml", "[services.a]\ninclude = [\"a/y\"]\n[services.b]\ninclude = [\"b\"]\n");
    let text = comment(&clone, &["--base", "HEAD"]);
    assert!(text.contains("| `a` | build | **skip** | `a/x` |"), "{text}");
}

/// Included maps and discovered directories are those of the base.
#[test]
fn the_bases_map_is_whole() {
    let clone = Clone::new(&[]);
    let source = clone.source();
    write(
        &source,
        "shipmark.toml",
        "include_maps = [\"services/*/shipmark.toml\"]\n[discover.\"apps/*\"]\ninclude = [\"${directory}\"]\n",
    );
    write(&source, "services/one/shipmark.toml", "[services.one]\ninclude = [\"x\"]\n");
    write(&source, "services/one/x", "1");
    write(&source, "apps/old/x", "1");
    git(&source, &["add", "-A"]);
    git(&source, &["commit", "-q", "-m", "x"]);
    write(&source, "services/one/shipmark.toml", "[services.one]\ninclude = [\"y\"]\n");
    write(&source, "services/one/y", "1");
    write(&source, "services/one/x", "2");
    std::fs::rename(source.join("apps/old"), source.join("apps/new")).unwrap();
    let text = comment(&clone, &["--base", "HEAD"]);
    for part in ["Only in this map: `new`\n", "Only in the base's map: `old`\n"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_base_without_a_valid_map_is_said() {
    let clone = Clone::new(&[]);
    write(&clone.source(), "shipmark.toml", "[services.a]\ninclude = 3\n");
    git(&clone.source(), &["commit", "-qam", "x"]);
    write(&clone.source(), "shipmark.toml", super::MAP);
    let text = comment(&clone, &["--base", "HEAD"]);
    assert!(text.contains("what that means is not known**"), "{text}");
    git(&clone.source(), &["rm", "-q", "--cached", "shipmark.toml"]);
    git(&clone.source(), &["commit", "-q", "-m", "x"]);
    let text = comment(&clone, &["--base", "HEAD"]);
    assert!(text.contains("has no `shipmark.toml`") || text.contains("has no &#96;shipmark.toml&#96;"), "{text}");
}
