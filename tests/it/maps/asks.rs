//! Whatever a map asks, and whatever is answered: a map or problems, and never a panic.

use std::collections::BTreeMap;

use proptest::prelude::*;
use shipmark::map::{Answers, Draft, Sought};

/// Pieces of which maps are made, good and bad.
const PIECES: [&str; 16] = [
    "include_maps = ['a/*', '', '/x', '**']\n",
    "include_maps = 'a'\n",
    "[discover.'s/*']\n",
    "[discover.'s/*'.outputs]\nX = '*'\n",
    "[discover.'']\n",
    "[discover.'${environment}/*']\nexcept = ['s/b', '!']\n",
    "[discover.'t/{a,b}/']\ninclude = ['${directory}/[${service}]', '${service}/\\', '${']\n",
    "[services.a]\nexclude = []\n",
    "[services.a]\ninclude = ['${directory}']\ndepends_on = ['b']\n",
    "[services.b]\nredeploys = ['a']\ngroups = ['g']\n",
    "[groups]\ng = ['${service}']\n",
    "[groups]\ng = ['${directory}/x', 7]\n",
    "[[expect]]\nchanged = ['${directory}/x']\nbuilds = ['a']\n",
    "project = 'p'\n",
    "é = \u{7}\n",
    "[",
];
/// Paths that a source may answer with.
const PATHS: [&[u8]; 9] = [b"a/map", b"map", b"s/a", b"s/b", b"s/-", b"t/a", b"s/[x]/a", b"s/\xff", b"s/\n"];

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_map_or_problems_come_of_everything(
        root in text(),
        other in text(),
        answered in proptest::collection::vec(proptest::collection::vec(proptest::sample::select(&PATHS[..]), 0..4), 0..4),
        given in 0..10_usize,
    ) {
        let Ok(draft) = Draft::read("shipmark.toml", root.as_bytes()) else { return Ok(()) };
        let files = draft.questions().iter().zip(&answered).filter(|(question, _)| question.sought == Sought::Files);
        let maps: BTreeMap<_, _> =
            files.flat_map(|(_, paths)| paths).take(given).map(|path| ((*path).into(), other.clone().into_bytes())).collect();
        let paths = answered.iter().map(|paths| paths.iter().map(|path| (*path).into()).collect()).collect();
        match draft.complete(&Answers { paths, maps, ..Answers::default() }) {
            Ok(map) => {
                prop_assert!(!map.services.is_empty());
                for service in &map.services {
                    prop_assert!(!map.place(service.position).is_empty());
                }
                let printed = map.to_toml();
                let again = Draft::read("printed", printed.as_bytes()).and_then(|draft| draft.complete(&Answers::default()));
                prop_assert!(again.is_ok(), "{printed}\n{}", again.unwrap_err());
            }
            Err(problems) => {
                prop_assert!(!problems.list().is_empty());
                for problem in problems.list() {
                    prop_assert!(problem.position.line > 0 && problem.excerpt.before <= problem.excerpt.text.chars().count());
                }
            }
        }
    }
}

#[test]
fn a_map_that_was_found_and_not_read_is_not_left_out() {
    let text = b"include_maps = ['a/*']\n[services.a]\ninclude = ['x']\n";
    let answers = Answers { paths: vec![vec!["a/map".into()]], maps: BTreeMap::new(), ..Answers::default() };
    let problems = Draft::read("shipmark.toml", text).unwrap().complete(&answers).unwrap_err();
    assert_eq!(problems.list()[0].code, "no-such-map");
}
