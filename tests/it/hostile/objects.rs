//! Case 79: objects of a git repository that claim more than there is, or unpack without end.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha1::{Digest as _, Sha1};

use super::bounds::bounded;
use crate::support::{Build, World, git};

const GIGABYTES: u64 = 4 << 30;

fn zlib(front: &[u8], zeros: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(front).unwrap();
    for _ in 0..zeros.div_ceil(1 << 20) {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap()
}

fn unhex(id: &str) -> Vec<u8> {
    (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect()
}

/// The header of an object in a pack: its type, and the size that it claims.
fn header(kind: u8, mut size: u64) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | (size & 15) as u8];
    size >>= 4;
    while size > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push((size & 0x7f) as u8);
        size >>= 7;
    }
    bytes
}

fn varint(mut size: u64) -> Vec<u8> {
    let mut bytes = vec![(size & 0x7f) as u8];
    size >>= 7;
    while size > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push((size & 0x7f) as u8);
        size >>= 7;
    }
    bytes
}

/// A pack of these objects, with an index that gives the last one this id.
fn pack(directory: &Path, id: &str, objects: &[Vec<u8>]) {
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend(u32::try_from(objects.len()).unwrap().to_be_bytes());
    let mut offset = 0;
    for object in objects {
        offset = pack.len();
        pack.extend(object);
    }
    let sum = Sha1::digest(&pack);
    pack.extend(sum);
    let (id, offset) = (unhex(id), u32::try_from(offset).unwrap());
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    (0..=255).for_each(|first: u8| index.extend(u32::from(first >= id[0]).to_be_bytes()));
    index.extend(&id);
    index.extend([0; 4]);
    index.extend(offset.to_be_bytes());
    index.extend(sum);
    index.extend(Sha1::digest(&index));
    fs::write(directory.join("pack-0123456789012345678901234567890123456789.pack"), pack).unwrap();
    fs::write(directory.join("pack-0123456789012345678901234567890123456789.idx"), index).unwrap();
}

#[test]
fn an_object_that_claims_gigabytes_or_unpacks_without_end_is_doubt() {
    type Plant = fn(&Path, &str);
    let loose = |objects: &Path, id: &str| objects.join(&id[..2]).join(&id[2..]);
    let plants: [(&str, Plant); 5] = [
        ("a loose object that claims 4 GiB", |objects, id| {
            let bytes = zlib(format!("tree {GIGABYTES}\0").as_bytes(), 1 << 20);
            fs::write(objects.join(&id[..2]).join(&id[2..]), bytes).unwrap();
        }),
        ("a loose object that unpacks to more than it claims", |objects, id| {
            fs::write(objects.join(&id[..2]).join(&id[2..]), zlib(b"tree 30\0", 600 << 20)).unwrap();
        }),
        ("an object of a pack that claims 4 GiB", |objects, id| {
            pack(&objects.join("pack"), id, &[[header(2, GIGABYTES), zlib(b"", 1 << 20)].concat()]);
        }),
        ("an object of a pack that unpacks to more than it claims", |objects, id| {
            pack(&objects.join("pack"), id, &[[header(2, 30), zlib(b"", 600 << 20)].concat()]);
        }),
        ("a delta that claims 4 GiB", |objects, id| {
            let base = [header(2, 30), zlib(&[b'x'; 30], 0)].concat();
            let delta = [varint(30), varint(GIGABYTES), [0x90, 30].repeat(1_000)].concat();
            let offset = u8::try_from(base.len()).unwrap();
            let delta = [header(6, delta.len() as u64), vec![offset], zlib(&delta, 0)].concat();
            pack(&objects.join("pack"), id, &[base, delta]);
        }),
    ];
    for (what, plant) in plants {
        let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
        git(&world.source(), &["init", "-q"]);
        git(&world.source(), &["add", "-A"]);
        git(&world.source(), &["commit", "-q", "-m", "x"]);
        let id = git(&world.source(), &["rev-parse", "HEAD:a"]).trim().to_owned();
        let objects = world.source().join(".git/objects");
        fs::remove_file(loose(&objects, &id)).unwrap();
        plant(&objects, &id);
        let plan = bounded(&world, &Build::default(), &["plan", "--revision", "HEAD", "--format", "json"]);
        let answer = plan.json();
        assert_eq!(answer["services"][0]["reason"], "source-unreadable", "{what}: {answer:#}");
        for args in [&["plan"][..], &["check"], &["replay"], &["plan", "--base", "HEAD", "--revision", "HEAD"]] {
            bounded(&world, &Build::default(), args);
        }
    }
}
