//! Why an observation may have missed something.

use std::fmt;

use crate::base::text::printable;

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlindSpot {
    /// The trace has a line that could not be read.
    Line,
    /// A call was begun and its end was never seen.
    Unended,
    /// A relative path of a process whose directory is not known.
    Directory,
    /// The program used io_uring, whose reads are not seen.
    IoUring,
    /// A file was opened by its handle.
    Handle,
    /// A call that gives files other names: `chroot`, `mount` and the like.
    Names(String),
    /// A process that the build did not start was talked to: it may have read files for the build.
    Daemon {
        /// Its socket or address.
        address: String,
        /// Whether it builds images, so that the Dockerfile says what it reads.
        images: bool,
    },
    /// These programs were still running when the build was over, and were ended.
    LeftRunning(String),
    /// Files whose access times could not be set.
    NotAged(usize),
    /// Access times show less than a trace.
    AccessTimes,
}

impl BlindSpot {
    /// Whether the service's Dockerfile and context in the map settle it.
    pub fn is_settled_by_dockerfile(&self) -> bool {
        matches!(self, Self::Daemon { images: true, .. })
    }
}

impl fmt::Display for BlindSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => f.write_str("the trace has lines that could not be read"),
            Self::Unended => f.write_str("the trace has calls whose end is missing"),
            Self::Directory => f.write_str("a relative path of a process whose directory is not known"),
            Self::IoUring => f.write_str("io_uring was used, and files that it opens are not seen"),
            Self::Handle => f.write_str("files were opened by their handles, and are not seen"),
            Self::Names(call) => write!(f, "`{call}` was used: files may have been read under other names"),
            Self::Daemon { address, images: true } => write!(
                f,
                "talked to the image builder behind {}, which may have read files for the build",
                printable(address.as_bytes())
            ),
            Self::Daemon { address, images: false } => write!(
                f,
                "talked to a process that the build did not start, behind {}, which may have read files for it",
                printable(address.as_bytes())
            ),
            Self::LeftRunning(programs) => {
                write!(f, "still running 10 seconds after the command, and ended: {}", printable(programs.as_bytes()))
            }
            Self::NotAged(files) => {
                write!(f, "the access time of {} could not be set", crate::base::text::count(*files, "file"))
            }
            Self::AccessTimes => {
                f.write_str("access times do not show files that were only looked at, or were missing")
            }
        }
    }
}
