//! strace: whether it can be used here, and how it is called.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::base::failure::Failure;
use crate::base::text::printable;

/// The first version that shows the directory of each process.
const OLDEST: (u32, u32) = (5, 15);

/// What to do without it.
const INSTEAD: &str = "or use --by access-times, which sees less";

/// The calls that are watched. Those that this machine's kernel or this version does not know are left out.
const CALLS: [&str; 35] = [
    "open",
    "openat",
    "openat2",
    "creat",
    "execve",
    "execveat",
    "getdents",
    "getdents64",
    "stat",
    "lstat",
    "newfstatat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "chdir",
    "fchdir",
    "chroot",
    "pivot_root",
    "mount",
    "move_mount",
    "setns",
    "clone",
    "clone3",
    "fork",
    "vfork",
    "connect",
    "bind",
    "getsockname",
    "open_by_handle_at",
];

/// For io_uring, and for files by handle, the build gets the answer of a kernel without them, as many kernels are: programs then use
/// calls that are traced.
const REFUSED: &str = "inject=?io_uring_setup,?open_by_handle_at:error=ENOSYS";

/// Checks that strace is there, new enough and allowed. Returns its name and version.
///
/// # Errors
/// It is not; the hint says what to do.
pub(super) fn probe() -> Result<String, Failure> {
    let run = |args: &[&str]| Command::new("strace").args(args).stdin(Stdio::null()).output();
    let output = run(&["--version"]).map_err(|cause| {
        let missing = cause.kind() == std::io::ErrorKind::NotFound;
        let cause = if missing { "it is not installed".to_owned() } else { cause.to_string() };
        Failure::request(format!("`strace` cannot be used: {cause}"))
            .hint(format!("install it (`apt-get install strace`, `dnf install strace`, `apk add strace`), {INSTEAD}"))
    })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().next().and_then(|line| line.split("version ").nth(1)).unwrap_or_default().trim();
    match number(version) {
        Some(found) if found >= OLDEST => {}
        _ => {
            let version =
                if version.is_empty() { "of unknown version".to_owned() } else { printable(version.as_bytes()) };
            let text = format!("`strace` {version} cannot be used: 5.15 or later is needed");
            return Err(Failure::request(text).hint(format!("install a newer one, {INSTEAD}")));
        }
    }
    let probed = run(&["-f", "--seccomp-bpf", "-q", "-o", "/dev/null", "true"]);
    match probed {
        Ok(output) if output.status.success() => Ok(format!("strace {version}")),
        probed => {
            let said = probed.map_or_else(
                |cause| cause.to_string(),
                |output| {
                    printable(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it fails").as_bytes())
                },
            );
            Err(Failure::request(format!("processes cannot be traced here: {said}")).hint(format!(
                "allow ptrace (Docker: --cap-add SYS_PTRACE; Yama: kernel.yama.ptrace_scope=1), {INSTEAD}"
            )))
        }
    }
}

fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    });
    Some((parts.next()??, parts.next().flatten().unwrap_or_default()))
}

/// The command that traces another. Without links in the source nothing is learned from `readlink`, which C compilers call
/// for each directory.
pub(super) fn command(trace: &Path, has_links: bool, command: &[OsString]) -> Command {
    let links = ["readlink", "readlinkat", "io_uring_setup"];
    let links = if has_links { &links[..] } else { &links[2..] };
    let calls: Vec<String> = CALLS.iter().chain(links).map(|call| format!("?{call}")).collect();
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-q", "-y", "-s", "0", "-e", "signal=none", "-e"]);
    strace.arg(format!("trace={}", calls.join(","))).args(["-e", REFUSED, "-o"]).arg(trace).arg("--").args(command);
    strace
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(number("6.1"), Some((6, 1)));
        assert_eq!(number("5.9"), Some((5, 9)));
        assert_eq!(number("5.16-dirty"), Some((5, 16)));
        assert_eq!(number("7"), Some((7, 0)));
        assert_eq!(number(""), None);
    }
}
