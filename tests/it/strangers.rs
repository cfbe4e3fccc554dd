//! Drafts for real monorepos, beside what a careful reader named before: `tests/strangers.toml`.
//!
//! Ignored, because it needs the repositories: `SHIPMARK_STRANGERS` names the folder that has them, each as
//! `OWNER+NAME` with a bare repository in `repo`. With `UPDATE_STRANGERS=1` the results are written to
//! `tests/strangers.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bstr::BString;
use shipmark::base::names::EnvironmentName;
use shipmark::map::rules::Rules;
use shipmark::map::{Answers, Draft};
use shipmark::source::tree::find;

use crate::support::{git, say, shipmark, skip};

/// How many commits the builds of both maps are counted over.
const COMMITS: &str = "500";

const HEAD: &str = "# Drafts for strangers

What `shipmark init` drafts for the repositories of [strangers.toml](strangers.toml), beside what a careful reader named before it was run.
Made by `SHIPMARK_STRANGERS=FOLDER UPDATE_STRANGERS=1 cargo test --test it strangers -- --ignored --nocapture`.

- found: services of the reader that the draft has, with at least half of their inputs; more: services that only the draft has.
- recall: inputs that the reader names and the draft has, of the services that were found.
- builds: how often these services build with the draft, compared with the reader's map, over the last 500 commits;
  missed: how often the reader's map builds one and the draft does not.
- time: of `init` as the tests build it, without optimisation.

| repository | kind | files | found | more | recall | builds | missed | check | time |
|---|---|---|---|---|---|---|---|---|---|
";

struct Stranger {
    repository: String,
    commit: String,
    kind: String,
    services: BTreeMap<String, Vec<String>>,
}

fn all() -> Vec<Stranger> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers.toml");
    let table: toml::Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
    let text = |value: &toml::Value, key: &str| value[key].as_str().unwrap().to_owned();
    let patterns = |value: &toml::Value| {
        value.as_array().unwrap().iter().map(|pattern| pattern.as_str().unwrap().to_owned()).collect()
    };
    let one = |value: &toml::Value| Stranger {
        repository: text(value, "repository"),
        commit: text(value, "commit"),
        kind: text(value, "kind"),
        services: value["services"]
            .as_table()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), patterns(value)))
            .collect(),
    };
    table["stranger"].as_array().unwrap().iter().map(one).collect()
}

impl Stranger {
    fn repository(&self, folder: &Path) -> Option<PathBuf> {
        let repository = folder.join(self.repository.replace('/', "+")).join("repo");
        let inner = repository.join(".git");
        [inner, repository].into_iter().find(|path| path.join("HEAD").exists())
    }

    /// The reader's map.
    fn map(&self) -> String {
        let mut map = String::new();
        for (name, patterns) in &self.services {
            let name = name.to_lowercase().replace('_', "-");
            writeln!(map, "[services.{name}]\ninclude = {patterns:?}").unwrap();
        }
        map
    }
}

/// A map's services and the rules that say whose a path is.
struct Side {
    names: Vec<String>,
    dockerfiles: Vec<Option<String>>,
    rules: Rules,
}

impl Side {
    fn of(map: &str, names: &[BString]) -> Self {
        let draft = Draft::read("map", map.as_bytes()).unwrap_or_else(|problems| panic!("{problems}\n{map}"));
        let paths = find::among(names, None, |_| false, draft.questions()).unwrap().paths;
        let answers = Answers { paths, ..Answers::default() };
        let map = draft.complete(&answers).unwrap_or_else(|problems| panic!("{problems}\n{map}"));
        let every: Vec<usize> = (0..map.services.len()).collect();
        let rules = Rules::compile(&map, &EnvironmentName::default(), &every, false);
        let names = map.services.iter().map(|service| service.name.to_string()).collect();
        let dockerfiles = map.services.iter().map(|service| service.dockerfile.as_ref().map(ToString::to_string));
        Self { names, dockerfiles: dockerfiles.collect(), rules }
    }

    fn of_path(&self, path: &[u8]) -> BTreeSet<usize> {
        self.rules.path(path).claims.iter().map(|claim| claim.service).collect()
    }

    fn inputs(&self, names: &[BString]) -> Vec<BTreeSet<usize>> {
        let mut inputs = vec![BTreeSet::new(); self.names.len()];
        for (index, name) in names.iter().enumerate() {
            for service in self.of_path(name) {
                inputs[service].insert(index);
            }
        }
        inputs
    }
}

/// Pairs of the reader's services and drafted ones, the most alike first.
fn partners(
    stranger: &Stranger,
    ours: (&Side, &[BTreeSet<usize>]),
    theirs: (&Side, &[BTreeSet<usize>]),
) -> BTreeMap<usize, usize> {
    let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    let mut pairs = Vec::new();
    for (at, one) in ours.1.iter().enumerate() {
        for (other_at, other) in theirs.1.iter().enumerate() {
            let (both, either) = (one.intersection(other).count(), one.union(other).count());
            let (name, drafted) = (plain(&ours.0.names[at]), plain(&theirs.0.names[other_at]));
            let patterns = stranger.services.iter().find(|(name, _)| plain(name) == plain(&ours.0.names[at]));
            let dockerfile = theirs.0.dockerfiles[other_at].as_ref();
            let built = dockerfile.is_some_and(|file| patterns.is_some_and(|(_, patterns)| patterns.contains(file)));
            let named = if name == drafted {
                1000
            } else {
                400 * usize::from(drafted.contains(&name) || name.contains(&drafted))
            };
            if both * 2 >= one.len().max(1) && (both * 5 >= other.len() || named > 0) {
                pairs.push((both * 1000 / either.max(1) + named + 500 * usize::from(built), at, other_at));
            }
        }
    }
    pairs.sort_by(|one, other| (other.0, one.1, one.2).cmp(&(one.0, other.1, other.2)));
    let mut partner = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (_, at, other) in pairs {
        if !partner.contains_key(&at) && taken.insert(other) {
            partner.insert(at, other);
        }
    }
    partner
}

/// The paths that each of the last commits changed.
fn changes(repository: &Path, commit: &str) -> Vec<Vec<String>> {
    let format = "--format=%x01";
    let log = ["log", "--first-parent", "-m", "--name-only", "--no-renames", "-z", format, "-n", COMMITS, commit];
    let text = git(repository, &log);
    let paths = |entry: &str| {
        entry.split(['\0', '\n']).map(str::trim).filter(|path| !path.is_empty()).map(str::to_owned).collect()
    };
    text.split('\u{1}').skip(1).map(paths).collect()
}

/// One row of the table, and what is wrong.
fn judge(stranger: &Stranger, repository: &Path) -> (String, Vec<String>) {
    let scratch = tempfile::tempdir().unwrap();
    let source = scratch.path().join(stranger.repository.rsplit('/').next().unwrap());
    std::fs::create_dir(&source).unwrap();
    let git_directory = format!("--git-dir={}", repository.display());
    let index = scratch.path().join("index");
    // A snapshot may lack a large file; `checkout` would write nothing after it.
    for words in [&["read-tree", stranger.commit.as_str()][..], &["checkout-index", "--all", "--force", "--quiet"]] {
        let mut command = std::process::Command::new("git");
        command.args([&git_directory, "--work-tree=."]).args(words).current_dir(&source);
        let done = command.env("GIT_INDEX_FILE", &index).output();
        assert!(done.is_ok_and(|done| done.status.success() || words[0] != "read-tree"), "{}", stranger.repository);
    }
    assert!(source.read_dir().unwrap().next().is_some(), "{}", stranger.repository);
    let listed = git(repository, &["-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", &stranger.commit]);
    for name in listed.lines().map(|name| source.join(name)).filter(|name| name.symlink_metadata().is_err()) {
        std::fs::create_dir_all(name.parent().unwrap()).unwrap();
        std::fs::write(name, "").unwrap();
    }
    let begun = Instant::now();
    let done = shipmark(&source, ["init"]);
    let time = begun.elapsed();
    let checked = shipmark(&source, ["check"]);
    // Where nothing is found there is no map; a map of nothing takes its place.
    let nothing = || "[services.nothing]\ninclude = [\"no/such/file\"]\n".to_owned();
    let map = std::fs::read_to_string(source.join("shipmark.toml")).unwrap_or_else(|_| nothing());
    let names: Vec<BString> = listed.lines().map(BString::from).collect();
    let (ours, theirs) = (Side::of(&stranger.map(), &names), Side::of(&map, &names));
    let (our_inputs, their_inputs) = (ours.inputs(&names), theirs.inputs(&names));
    let partner = partners(stranger, (&ours, &our_inputs), (&theirs, &their_inputs));
    let mut wrong = Vec::new();
    let (mut wanted, mut got) = (0, 0);
    for (at, other) in &partner {
        wanted += our_inputs[*at].len();
        let missing: Vec<usize> = our_inputs[*at].difference(&their_inputs[*other]).copied().collect();
        got += our_inputs[*at].len() - missing.len();
        if let Some(first) = missing.first() {
            let (count, service) = (missing.len(), &ours.names[*at]);
            wrong.push(format!("{service} lacks {count} files, for one {}", names[*first]));
        }
    }
    let unfound = (0..ours.names.len()).filter(|at| !partner.contains_key(at));
    wrong.extend(unfound.map(|at| format!("{} is not found", ours.names[at])));
    let (mut right, mut drafted, mut missed) = (0, 0, 0);
    for paths in changes(repository, &stranger.commit) {
        let of =
            |side: &Side| -> BTreeSet<usize> { paths.iter().flat_map(|path| side.of_path(path.as_bytes())).collect() };
        let (one, other) = (of(&ours), of(&theirs));
        for (at, partner) in &partner {
            let (needed, built) = (one.contains(at), other.contains(partner));
            right += usize::from(needed);
            drafted += usize::from(built);
            missed += usize::from(needed && !built);
        }
    }
    let share = |part: usize, whole: usize| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    let check = match checked.code {
        0 => "passes".to_owned(),
        code => format!("exit {code}"),
    };
    if done.code != 0 {
        wrong.push(format!("init finds nothing: exit {}", done.code));
    }
    if checked.code != 0 {
        wrong.push(format!("check: {}", checked.stdout.lines().find(|line| line.starts_with("error")).unwrap_or("")));
    }
    let row = format!(
        "| {} | {} | {} | {} of {} | {} | {:.3} | {:.2}x | {missed} | {check} | {} |",
        stranger.repository,
        stranger.kind,
        names.len(),
        partner.len(),
        ours.names.len(),
        theirs.names.len().saturating_sub(partner.len()),
        share(got, wanted),
        share(drafted, right),
        shown(time),
    );
    (row, wrong)
}

fn shown(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[test]
#[ignore = "needs the repositories: SHIPMARK_STRANGERS names their folder"]
fn drafts_hold_what_careful_readers_name() {
    let Some(folder) = std::env::var_os("SHIPMARK_STRANGERS").map(PathBuf::from) else {
        return skip("strangers", "no draft is compared with what a reader names: SHIPMARK_STRANGERS is not set");
    };
    let only = std::env::var("SHIPMARK_STRANGER").unwrap_or_default();
    let mut table = HEAD.to_owned();
    let mut wrong = String::new();
    for stranger in all().iter().filter(|stranger| stranger.repository.contains(&only)) {
        let Some(repository) = stranger.repository(&folder) else {
            writeln!(wrong, "- `{}`: not at hand", stranger.repository).unwrap();
            continue;
        };
        let (row, faults) = judge(stranger, &repository);
        writeln!(table, "{row}").unwrap();
        faults.iter().for_each(|fault| writeln!(wrong, "- `{}`: {fault}", stranger.repository).unwrap());
    }
    say(&format!("{table}\n{wrong}"));
    if std::env::var_os("UPDATE_STRANGERS").is_some() {
        let page = format!("{table}\nWhat the drafts lack:\n\n{wrong}");
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers.md"), page).unwrap();
    }
}
