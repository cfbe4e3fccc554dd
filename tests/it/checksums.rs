//! The checksums that protect what is sent to S3 and read from it: `patches/crc-fast` has them.

use crc_fast::{CrcAlgorithm, Digest};

/// Each with its checksum of `123456789`, the check of <https://reveng.sourceforge.io/crc-catalogue/>.
const CHECKS: [(CrcAlgorithm, u64); 3] = [
    (CrcAlgorithm::Crc32IsoHdlc, 0xcbf4_3926),
    (CrcAlgorithm::Crc32Iscsi, 0xe306_9283),
    (CrcAlgorithm::Crc64Nvme, 0xae8b_1486_0a79_9888),
];

fn of_pieces<'a>(algorithm: CrcAlgorithm, pieces: impl Iterator<Item = &'a [u8]>) -> u64 {
    let mut digest = Digest::new(algorithm);
    pieces.for_each(|piece| digest.update(piece));
    digest.finalize()
}

#[test]
fn the_checksums_of_s3_are_those_of_the_catalogue() {
    for (algorithm, check) in CHECKS {
        assert_eq!(of_pieces(algorithm, [&b"123456789"[..]].into_iter()), check, "{algorithm:?}");
        assert_eq!(of_pieces(algorithm, std::iter::empty()), 0, "{algorithm:?}");
    }
}

#[test]
fn pieces_have_the_checksum_of_the_whole() {
    let whole: Vec<u8> = (0..70_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (algorithm, _) in CHECKS {
        let expected = of_pieces(algorithm, [&whole[..]].into_iter());
        for size in [1, 15, 16, 17, 4_096, 69_999] {
            assert_eq!(of_pieces(algorithm, whole.chunks(size)), expected, "{algorithm:?} in pieces of {size}");
        }
    }
}
