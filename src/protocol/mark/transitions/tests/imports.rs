//! Marks that come from an export.

use super::*;

/// The mark as it is after an import.
fn import(scene: &mut Scene, replaced: Option<&Mark>, trusted: bool) {
    let now = scene.pass(1);
    scene.mark = scene.mark.clone().imported(replaced, trusted, now);
}

#[test]
fn an_imported_mark_is_certain_only_if_it_was_and_somebody_vouches_for_it() {
    let mut scene = Scene::deployed(1);
    import(&mut scene, None, true);
    assert!(scene.skips(1) && scene.mark.doubt.is_none());
    import(&mut scene, None, false);
    assert!(!scene.skips(1) && scene.mark.doubt.is_some());
    import(&mut scene, None, true);
    assert!(!scene.skips(1) && scene.mark.doubt.is_some(), "what was uncertain stays so");
}

#[test]
fn no_attempt_from_before_an_import_is_certain_after_it() {
    for trusted in [true, false] {
        let mut scene = Scene::deployed(1);
        scene.open("b", 2);
        import(&mut scene, None, trusted);
        assert!(uncertain(&scene.record("b", 2)));
        scene.open("c", 2);
        assert_eq!(scene.record("c", 2), Finish::Certain, "one from after it is");
    }
}

/// A process that has read any earlier mark cannot write over the imported one.
#[test]
fn the_serial_of_an_imported_mark_is_a_new_one() {
    let mut scene = Scene::deployed(1);
    let exported = scene.mark.serial;
    import(&mut scene, None, true);
    assert!(scene.mark.serial > exported && scene.mark.serial > Mark::new(scene.now).serial);
    let later = Mark { serial: scene.mark.serial + 1_000_000_000, ..scene.mark.clone() };
    import(&mut scene, Some(&later), true);
    assert!(scene.mark.serial > later.serial);
    let serial = scene.mark.serial;
    import(&mut scene, None, true);
    assert!(scene.mark.serial > serial, "a clock that went back");
}

#[test]
fn the_attempts_of_a_replaced_mark_stay_as_doubt() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    scene.open("c", 3);
    let mut replaced = scene.mark.clone();
    replaced.fail(&id("b"), scene.now);
    assert_eq!(replaced.stage(opening("c", 3, ""), None, scene.now), Some(replaced.serial));
    replaced.open(opening("d", 4, ""), scene.now);
    import(&mut scene, Some(&replaced), true);
    let expected = [("b", State::Building), ("c", State::Pending), ("d", State::Building)];
    assert_eq!(scene.list(), expected, "of two states of one attempt that which ends later");
    assert!(!scene.skips(1));
    assert!(scene.mark.is_in_order());
}

#[test]
fn a_full_list_is_not_forgotten_by_an_import() {
    let (mut scene, mut other) = (Scene::deployed(1), Scene::deployed(1));
    for at in 0..64 {
        scene.open(&format!("s{at}"), 2);
        other.open(&format!("o{at}"), 3);
    }
    import(&mut scene, Some(&other.mark), true);
    let stands_for = scene.mark.attempts.iter().map(|attempt| attempt.stands_for.unwrap_or(1)).sum::<u32>();
    assert_eq!((scene.mark.attempts.len(), stands_for), (64, 128));
}

#[test]
fn a_mark_that_was_put_together_by_hand_is_out_of_order() {
    let mut scene = Scene::deployed(1);
    scene.open("b", 2);
    assert!(scene.mark.is_in_order());
    let later = Some(scene.mark.serial + 1);
    let edits: [fn(&mut Attempt, Option<u64>); 3] = [
        |attempt, later| attempt.opened = later.unwrap_or_default(),
        |attempt, later| attempt.ended = later,
        |attempt, later| attempt.staged = later,
    ];
    for edit in edits {
        let mut mark = scene.mark.clone();
        edit(&mut mark.attempts[0], later);
        assert!(!mark.is_in_order());
    }
}
