//! The output of one command, held back until it ends.

use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::SpooledTempFile;

/// How much is kept in memory before it goes to a file.
const IN_MEMORY: usize = 8 << 20;

/// One of a command's two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// Pieces of output in their order: a byte for the stream, the length, and the bytes. Nothing once it was released.
pub(super) struct Held {
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    file: SpooledTempFile,
    /// How much of the file is whole pieces.
    whole: u64,
}

impl Held {
    pub(super) fn new(temporary: &Path) -> Self {
        let file = tempfile::spooled_tempfile_in(IN_MEMORY, temporary);
        Self { kept: Mutex::new(Some(Kept { file, whole: 0 })) }
    }

    /// Keeps a piece. False if it cannot, or was released: then the piece is to be printed at once.
    pub(super) fn keep(&self, stream: Stream, bytes: &[u8]) -> bool {
        self.lock().as_mut().is_some_and(|kept| kept.add(stream, bytes).is_ok())
    }

    /// Gives all that was kept; from now on nothing is.
    pub(super) fn release(&self, mut print: impl FnMut(Stream, &[u8])) {
        let kept = self.lock().take();
        // What cannot be read again is lost, and so is what comes after it; the deploy goes on.
        let _ = kept.map(|kept| kept.each(&mut print));
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        // A piece that was cut off, because the disk is full, is overwritten.
        self.file.seek(SeekFrom::Start(self.whole))?;
        self.file.write_all(&[stream as u8])?;
        self.file.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.file.write_all(bytes)?;
        self.whole += 9 + bytes.len() as u64;
        Ok(())
    }

    fn each(mut self, print: &mut impl FnMut(Stream, &[u8])) -> io::Result<()> {
        self.file.rewind()?;
        let mut pieces = self.file.take(self.whole);
        let (mut stream, mut length) = ([0], [0; 8]);
        while pieces.read(&mut stream)? == 1 {
            pieces.read_exact(&mut length)?;
            let mut bytes = Vec::new();
            pieces.by_ref().take(u64::from_le_bytes(length)).read_to_end(&mut bytes)?;
            print(if stream == [Stream::Out as u8] { Stream::Out } else { Stream::Err }, &bytes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_comes_back_in_its_order_and_only_once() {
        let place = tempfile::tempdir().unwrap();
        let held = Held::new(place.path());
        let long = vec![0xff; IN_MEMORY];
        assert!(held.keep(Stream::Out, b"one\n"));
        assert!(held.keep(Stream::Err, &long));
        assert!(held.keep(Stream::Out, b"no end"));
        let mut pieces = Vec::new();
        held.release(|stream, bytes| pieces.push((stream, bytes.to_vec())));
        assert_eq!(pieces[0], (Stream::Out, b"one\n".to_vec()));
        assert!(pieces[1] == (Stream::Err, long));
        assert_eq!(pieces[2..], [(Stream::Out, b"no end".to_vec())]);
        assert!(!held.keep(Stream::Out, b"late\n"), "it is to be printed at once");
        held.release(|_, _| panic!("twice"));
    }
}
