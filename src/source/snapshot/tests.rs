use proptest::prelude::*;

use super::*;
use crate::base::names::ServiceName;
use crate::source::tree::fixtures::{claim, entry, tree};

fn example() -> Snapshot {
    let dependency = Via::Dependency(ServiceName::new("base").unwrap());
    let entries = vec![
        entry("a", 1, FileKind::Executable, vec![claim(0, "other service", Via::Own), claim(1, "a*", Via::Own)]),
        entry("dir/x\n\"", 2, FileKind::Symlink, vec![claim(1, "dir", Via::Group("infra".into()))]),
        entry("dir/y", 3, FileKind::Submodule, vec![claim(1, "dir", dependency)]),
        entry("z", 4, FileKind::File, vec![claim(0, "z", Via::Own)]),
        entry("zz", 5, FileKind::File, vec![claim(1, "a*", Via::Own)]),
    ];
    Snapshot::of(&tree(true, entries), 1, &Extras::parse(["K=v=w", "E="]).unwrap())
}

#[test]
fn it_holds_one_service_and_comes_back_as_it_was() {
    let snapshot = example();
    assert_eq!(
        snapshot.entries.iter().map(|entry| (entry.path.to_string(), entry.rule)).collect::<Vec<_>>(),
        [("a".to_owned(), 0), ("dir/x\n\"".to_owned(), 1), ("dir/y".to_owned(), 2), ("zz".to_owned(), 0)]
    );
    let Encoded { hash, bytes } = snapshot.encode();
    assert_eq!(Snapshot::decode(&bytes, &hash).unwrap(), snapshot);
}

/// Snapshots are stored: this name may only change together with the version.
#[test]
fn the_stored_form_is_fixed() {
    assert_eq!(example().encode().hash, "4e54cf6c6d070e4e330560d7f246a7306edd8b8be9a5b3357c0f1b092e244e13");
}

/// Programs that only read version 2 say that they are too old, instead of calling it damaged.
#[test]
fn one_with_a_link_has_a_version_of_its_own() {
    let mut snapshot = example();
    assert!(plain(&snapshot).starts_with(b"shipmark snapshot 2\n"));
    snapshot.rules[0].1 = Via::Link(b"dir/\xff"[..].into());
    let Encoded { hash, bytes } = snapshot.encode();
    assert!(plain(&snapshot).starts_with(b"shipmark snapshot 3\n"));
    assert_eq!(Snapshot::decode(&bytes, &hash).unwrap(), snapshot);
}

#[test]
fn a_snapshot_under_another_name_is_damaged() {
    let error = Snapshot::decode(&example().encode().bytes, &"0".repeat(64)).unwrap_err();
    assert_eq!(error, SnapshotError::Damaged("its bytes are not those that its name says"));
}

/// Decodes bytes that are compressed and stored under their correct name, as somebody could do on purpose.
fn decode_plain(plain: &[u8]) -> Result<Snapshot, SnapshotError> {
    use std::io::Write as _;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(plain).unwrap();
    let hash = crate::base::fingerprint::hex(&<sha2::Sha256 as sha2::Digest>::digest(plain));
    Snapshot::decode(&packed.finish().unwrap(), &hash)
}

fn plain(snapshot: &Snapshot) -> Vec<u8> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(&*snapshot.encode().bytes).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn an_older_one_that_holds_values_is_read_as_hashes() {
    let extras = Extras::parse(["K=v=w"]).unwrap().hashes();
    let old = decode_plain(b"shipmark snapshot 1\n\0\0\x01\x01K\x03v=w\0").unwrap();
    assert_eq!(old, Snapshot { extras, ..Snapshot::default() });
}

#[test]
fn values_are_not_kept() {
    let snapshot = Snapshot::of(&tree(true, vec![]), 1, &Extras::parse(["K=a secret value"]).unwrap());
    let kept = plain(&snapshot);
    assert!(!kept.windows(6).any(|bytes| bytes == b"secret"));
}

#[test]
fn a_newer_version_is_told_from_damage() {
    assert_eq!(decode_plain(b"shipmark snapshot 4\nanything").unwrap_err(), SnapshotError::Newer);
    assert!(matches!(decode_plain(b"something else").unwrap_err(), SnapshotError::Damaged(_)));
}

#[test]
fn lengths_are_not_believed() {
    let huge = b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
    for prefix in [&b"\0"[..], b"\0\0", b"\0\0\0", b"\0\x01\0\0\0\0\x01", b"\0\0\0\x01\0"] {
        let bytes = [b"shipmark snapshot 2\n", prefix, huge, &[0; 64]].concat();
        assert!(matches!(decode_plain(&bytes).unwrap_err(), SnapshotError::Damaged(_)), "{prefix:?}");
    }
}

#[test]
fn every_cut_and_every_flipped_bit_is_an_error() {
    let Encoded { hash, bytes } = example().encode();
    for length in 0..bytes.len() {
        assert!(Snapshot::decode(&bytes[..length], &hash).is_err(), "cut at {length}");
    }
    let plain = plain(&example());
    for length in 0..plain.len() {
        assert!(decode_plain(&plain[..length]).is_err(), "cut at {length}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // A few bits of the compressed form carry no information: then the snapshot must be exactly the same.
        assert!(
            Snapshot::decode(&flipped, &hash).is_ok_and(|same| same == example())
                || Snapshot::decode(&flipped, &hash).is_err(),
            "bit {bit}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..200) {
        let _ = Snapshot::decode(&bytes, "");
        let _ = decode_plain(&[&b"shipmark snapshot 2\n"[..], &bytes].concat());
        let mut spoiled = plain(&example());
        let at = 20 + at % (spoiled.len() - 20);
        let end = (at + bytes.len().min(8)).min(spoiled.len());
        spoiled[at..end].copy_from_slice(&bytes[..end - at]);
        let _ = decode_plain(&spoiled);
    }

    #[test]
    fn any_paths_come_back(paths in proptest::collection::btree_set(
        proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'/'), 1..=255_u8], 1..40), 0..30)) {
        let entries = paths.into_iter().enumerate().map(|(i, path)| SnapshotEntry {
            path: path.into(), id: BlobId([i as u8; 20]), kind: KINDS[i % 4], rule: (i % 2) as u32,
        });
        let rules = vec![("r".to_owned(), Via::Own), ("s".to_owned(), Via::Group("g".to_owned()))];
        let snapshot = Snapshot { keeps_modes: false, entries: entries.collect(), rules, extras: Default::default() };
        let Encoded { hash, bytes } = snapshot.encode();
        prop_assert_eq!(Snapshot::decode(&bytes, &hash).unwrap(), snapshot);
    }
}
