//! Artifacts made by `git archive`, by Python, and by hand with deliberate flaws.

use std::io::Write as _;

use super::*;
use crate::base::fingerprint::hex;
use crate::base::names::EnvironmentName;
use crate::map::ServiceMap;
use crate::source::tree::blob;

/// An entry of an artifact: its name, its bytes, whether it is compressed.
type Item<'a> = (&'a [u8], &'a [u8], bool);

fn artifact(items: &[Item<'_>]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = rawzip::ZipArchiveWriter::new(file.as_file_mut());
    for (name, bytes, compressed) in items {
        let method = if *compressed { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
        let path = rawzip::path::EntryPath::verbatim(*name);
        let (mut entry, config) = writer.new_file(path).compression_method(method).start().unwrap();
        let descriptor = if *compressed {
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut data = config.wrap(encoder);
            data.write_all(bytes).unwrap();
            let (encoder, descriptor) = data.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        } else {
            let mut data = config.wrap(&mut entry);
            data.write_all(bytes).unwrap();
            data.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    writer.finish().unwrap();
    file
}

fn read_as(map: &str, file: &tempfile::NamedTempFile) -> Result<Tree, TreeError> {
    let map = ServiceMap::parse("shipmark.toml", map.as_bytes()).unwrap();
    let asked: Vec<usize> = (0..map.services.len()).collect();
    read(file.path(), &Rules::compile(&map, &EnvironmentName::default(), &asked, true))
}

const MAP: &str = "[services.a]\ninclude = [\"a/**\"]\n[services.b]\ninclude = [\"b/**\"]\n";

fn found(tree: &Tree) -> Vec<(String, String)> {
    tree.entries.iter().map(|entry| (entry.path.to_string(), hex(&entry.id.0))).collect()
}

#[test]
fn entries_have_the_ids_that_git_gives_their_bytes() {
    let long = vec![b'x'; 300_000];
    let file = artifact(&[
        (b"b/z", b"stored", false),
        (b"a/long", &long, true),
        (b"a/empty", b"", true),
        (b"a/dir/", b"", false),
        (b"other", b"", false),
        (b"a/.git/x", b"", false),
    ]);
    let tree = read_as(MAP, &file).unwrap();
    let id = |bytes: &[u8]| hex(&blob::of_bytes(bytes).0);
    let expected = [("a/empty", id(b"")), ("a/long", id(&long)), ("b/z", id(b"stored"))];
    assert_eq!(found(&tree), expected.map(|(path, id)| (path.to_owned(), id)));
    assert_eq!((tree.source, tree.keeps_modes, tree.files), (SourceKind::Zip, false, 4));
    assert!(tree.unreadable.is_empty());
    assert_eq!(tree.unowned.unwrap(), ["other"]);
}

/// Names are bytes: two names that look the same as text are two files.
#[test]
fn names_are_bytes() {
    let file = artifact(&[(b"a/\xff", b"1", false), (b"a/\xfe", b"2", true), ("a/é\n'".as_bytes(), b"3", true)]);
    let tree = read_as(MAP, &file).unwrap();
    let paths: Vec<&[u8]> = tree.entries.iter().map(|entry| entry.path.as_slice()).collect();
    assert_eq!(paths, [b"a/\xc3\xa9\n'".as_slice(), b"a/\xfe", b"a/\xff"]);
}

/// The services in doubt because of each unreadable path.
fn doubts(tree: &Tree) -> Vec<(String, Vec<usize>)> {
    tree.unreadable.iter().map(|bad| (bad.path.to_string(), bad.services.clone())).collect()
}

#[test]
fn what_unpackers_may_see_differently_is_doubt() {
    let file = artifact(&[(b"a/x", b"1", false), (b"a/x", b"2", false), (b"b/y", b"3", false)]);
    let tree = read_as(MAP, &file).unwrap();
    assert_eq!(doubts(&tree), [("a/x".to_owned(), vec![0])]);
    assert_eq!(found(&tree).len(), 1);
    for name in ["../a/x", "/a/x", "a//x", "./a/x", "a/./x", "a\\x", "a/x\0y"] {
        let tree = read_as(MAP, &artifact(&[(name.as_bytes(), b"1", false)])).unwrap();
        assert_eq!(doubts(&tree), [(name.to_owned(), vec![0, 1])], "nobody knows where it is unpacked");
    }
}

#[test]
fn bytes_that_do_not_fit_their_checksum_are_doubt() {
    for compressed in [false, true] {
        let file = artifact(&[(b"a/x", b"some text that is long enough", compressed), (b"b/y", b"2", false)]);
        let mut bytes = std::fs::read(file.path()).unwrap();
        let name = bytes.windows(3).position(|window| window == b"a/x").unwrap();
        bytes[name + 10] ^= 1;
        file.as_file().set_len(0).unwrap();
        let mut damaged = tempfile::NamedTempFile::new().unwrap();
        damaged.write_all(&bytes).unwrap();
        let tree = read_as(MAP, &damaged).unwrap();
        assert_eq!(doubts(&tree), [("a/x".to_owned(), vec![0])], "compressed: {compressed}");
        assert_eq!(found(&tree).len(), 1);
    }
}

#[test]
fn an_archive_that_is_cut_or_none_is_an_error() {
    let file = artifact(&[(b"a/x", b"1", true), (b"b/y", b"2", false)]);
    let whole = std::fs::read(file.path()).unwrap();
    for end in 0..whole.len() {
        let mut cut = tempfile::NamedTempFile::new().unwrap();
        cut.write_all(&whole[..end]).unwrap();
        let error = read_as(MAP, &cut).unwrap_err().to_string();
        assert!(error.contains("as a zip archive"), "{end}: {error}");
    }
}

/// An archive whose directory ends too early hides files.
#[test]
fn a_directory_with_another_number_of_entries_is_an_error() {
    let mut bytes = std::fs::read(artifact(&[(b"a/x", b"1", true), (b"b/y", b"2", false)]).path()).unwrap();
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06").unwrap();
    bytes[end + 8] = 3;
    bytes[end + 10] = 3;
    let mut wrong = tempfile::NamedTempFile::new().unwrap();
    wrong.write_all(&bytes).unwrap();
    let error = read_as(MAP, &wrong).unwrap_err().to_string();
    assert!(error.contains("2 entries, and says that it has 3"), "{error}");
}

#[test]
fn one_file_is_found_by_its_name() {
    let artifact = artifact(&[(b"x", b"1", true), (b"twice", b"1", false), (b"twice", b"2", false)]);
    assert_eq!(file(artifact.path(), "x", 9).unwrap().unwrap(), b"1");
    assert_eq!(file(artifact.path(), "y", 9).unwrap(), None);
    assert!(file(artifact.path(), "twice", 9).unwrap_err().to_string().contains("more than once"));
}
