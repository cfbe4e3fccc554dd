//! Lines of a trace by `strace -f -q -y -s 0`, as values.
//!
//! A line is `PID NAME(ARGUMENTS) = RESULT`, or one half of a call that another process interrupted, or a note about the
//! process. Anything else is `None`: the caller doubts it, and never drops it.

use bstr::ByteSlice as _;

/// The end of the first half of an interrupted call.
const UNFINISHED: &[u8] = b"<unfinished ...>";

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TraceLine<'t> {
    /// The process, or the thread.
    pub(super) pid: u32,
    /// What it did.
    pub(super) what: Traced<'t>,
}

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Traced<'t> {
    /// A whole call.
    Call(&'t [u8]),
    /// The first half of one.
    Begun(&'t [u8]),
    /// The second half: the call's name, and what follows.
    Resumed(&'t [u8], &'t [u8]),
    /// The process is gone. The status that a shell would show, unless it was ended by something else.
    Exited(Option<u8>),
    /// Another thread of the process has executed a program: it now has this process's number.
    Superseded(u32),
    /// A signal arrived, or the process was stopped.
    Signal,
}

/// Reads a line, without its newline.
pub(super) fn line(text: &[u8]) -> Option<TraceLine<'_>> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let pid = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    let rest = text[digits..].strip_prefix(b" ")?.trim_start();
    let what = if let Some(note) = rest.strip_prefix(b"+++ ") {
        note_of(note)?
    } else if rest.starts_with(b"--- ") && rest.ends_with(b" ---") {
        Traced::Signal
    } else if let Some(resumed) = rest.strip_prefix(b"<... ") {
        let at = resumed.find(b" resumed>")?;
        Traced::Resumed(&resumed[..at], &resumed[at + b" resumed>".len()..])
    } else {
        match rest.strip_suffix(UNFINISHED) {
            Some(begun) => Traced::Begun(begun.trim_end()),
            None => Traced::Call(rest),
        }
    };
    Some(TraceLine { pid, what })
}

fn note_of(note: &[u8]) -> Option<Traced<'static>> {
    let note = note.strip_suffix(b" +++")?;
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<u32>().ok();
    if let Some(status) = note.strip_prefix(b"exited with ") {
        return Some(Traced::Exited(Some(u8::try_from(number(status)?).ok()?)));
    }
    if let Some(pid) = note.strip_prefix(b"superseded by execve in pid ") {
        return Some(Traced::Superseded(number(pid)?));
    }
    note.starts_with(b"killed by ").then_some(Traced::Exited(None))
}

/// A call with what is needed of its arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TracedCall {
    /// Its name.
    pub(super) name: String,
    /// The quoted arguments: paths.
    pub(super) strings: Vec<Vec<u8>>,
    /// The first argument if it is a descriptor or `AT_FDCWD`.
    pub(super) first: Option<Handle>,
    /// The arguments without texts and paths: flags and numbers.
    pub(super) flags: String,
    /// What it returned.
    pub(super) result: CallResult,
}

/// A descriptor, with what it was open on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Handle {
    /// Whether it is `AT_FDCWD`: the directory of the process.
    pub(super) is_cwd: bool,
    /// The path; `None` for sockets, pipes, and what was deleted.
    pub(super) path: Option<Vec<u8>>,
}

/// How a call ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum CallResult {
    /// It succeeded: the number, and the path of a new descriptor.
    Done(i64, Option<Vec<u8>>),
    /// It failed: the error's name.
    Failed(String),
    /// The process ended first.
    #[default]
    Unknown,
}

/// Parses a whole call; `None` if it is not one.
pub(super) fn call(text: &[u8]) -> Option<TracedCall> {
    let open = text.find_byte(b'(')?;
    let name = std::str::from_utf8(&text[..open]).ok()?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let mut call = TracedCall { name: name.to_owned(), ..TracedCall::default() };
    let mut flags = Vec::new();
    let (mut at, mut depth, start) = (open + 1, 0_usize, open + 1);
    loop {
        match *text.get(at)? {
            b'"' => {
                let end = closing(text, at + 1, b'"')?;
                call.strings.push(unescaped(&text[at + 1..end]));
                at = end;
            }
            // `1<<3` is a number; a path follows a descriptor.
            b'<' if text.get(at + 1) != Some(&b'<') && text.get(at.wrapping_sub(1)) != Some(&b'<') => {
                let end = closing(text, at + 1, b'>')?;
                if call.first.is_none() {
                    call.first = handle(&text[start..at], Some(&text[at + 1..end]));
                }
                at = end;
            }
            b'(' | b'[' | b'{' => {
                depth += 1;
                flags.push(text[at]);
            }
            b')' if depth == 0 => break,
            closed @ (b')' | b']' | b'}') => {
                depth = depth.checked_sub(1)?;
                flags.push(closed);
            }
            other => flags.push(other),
        }
        at += 1;
    }
    if call.first.is_none() {
        let end = text[start..at].find_byte(b',').map_or(at, |comma| start + comma);
        call.first = handle(&text[start..end], None);
    }
    call.flags = String::from_utf8_lossy(&flags).into_owned();
    call.result = result(text[at + 1..].trim_start().strip_prefix(b"= ")?)?;
    Some(call)
}

fn handle(number: &[u8], path: Option<&[u8]>) -> Option<Handle> {
    let is_cwd = number == b"AT_FDCWD";
    let is_number = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    (is_cwd || is_number).then(|| Handle { is_cwd, path: path.and_then(real) })
}

fn result(text: &[u8]) -> Option<CallResult> {
    if text.starts_with(b"?") {
        return Some(CallResult::Unknown);
    }
    if let Some(error) = text.strip_prefix(b"-1 ") {
        let name = error.iter().take_while(|byte| byte.is_ascii_alphanumeric()).copied().collect();
        return String::from_utf8(name).ok().map(CallResult::Failed);
    }
    let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let number = std::str::from_utf8(&text[..length]).ok()?;
    let number = match number.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).unwrap_or(i64::MAX),
        None => number.parse().ok()?,
    };
    let path = match text.get(length) {
        Some(b'<') => real(&text[length + 1..closing(text, length + 1, b'>')?]),
        _ => None,
    };
    Some(CallResult::Done(number, path))
}

/// The path that is shown for a descriptor. Of a file that was deleted, older versions write so into the name.
fn real(shown: &[u8]) -> Option<Vec<u8>> {
    let path = unescaped(shown);
    (path.starts_with(b"/") && !path.ends_with(b" (deleted)")).then_some(path)
}

/// Where a text that starts at `from` ends; what a backslash precedes does not end it.
fn closing(text: &[u8], from: usize, end: u8) -> Option<usize> {
    let mut at = from;
    loop {
        match *text.get(at)? {
            b'\\' => at += 2,
            byte if byte == end => return Some(at),
            _ => at += 1,
        }
    }
}

/// The bytes that a text with C's escapes stands for.
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let digits = rest.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
        if digits > 0 {
            let value = rest[..digits].iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
            // Three octal digits may say more than a byte holds; strace never writes that.
            bytes.push((value & 0xff) as u8);
            rest = &rest[digits..];
        } else if let Some(hexadecimal) = rest.strip_prefix(b"x").and_then(|digits| digits.get(..2)) {
            let value = std::str::from_utf8(hexadecimal).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
            bytes.extend(value);
            rest = &rest[3..];
        } else if let Some((&letter, after)) = rest.split_first() {
            bytes.push(match letter {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'v' => 0x0b,
                b'f' => 0x0c,
                other => other,
            });
            rest = after;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> TracedCall {
        call(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
    }

    fn paths(call: &TracedCall) -> Vec<String> {
        call.strings.iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect()
    }

    #[test]
    fn a_name_that_looks_like_a_result_is_a_name() {
        let call = parsed(r#"openat(AT_FDCWD</tmp/a) = 4>, "l<n)= 3 <unfinished ...>", O_RDONLY) = 3</x/a\76b) = 9>"#);
        assert_eq!(call.first, Some(Handle { is_cwd: true, path: Some(b"/tmp/a) = 4".to_vec()) }));
        assert_eq!(paths(&call), ["l<n)= 3 <unfinished ...>"]);
        assert_eq!(call.result, CallResult::Done(3, Some(b"/x/a>b) = 9".to_vec())));
        assert!(call.flags.contains("O_RDONLY"));
    }

    #[test]
    fn flags_are_never_taken_from_a_name() {
        let call = parsed(r#"openat(5</d/O_WRONLY>, "O_TRUNC", O_RDONLY|O_CLOEXEC) = 6</d/O_WRONLY/O_TRUNC>"#);
        assert_eq!(call.flags.trim(), "5, , O_RDONLY|O_CLOEXEC");
    }

    #[test]
    fn bytes_that_are_no_text_come_back() {
        let call = parsed(r#"stat("no\377utf\n\"q\"\\\x41", {st_mode=S_IFREG|0644, ...}) = 0"#);
        assert_eq!(call.strings, [b"no\xffutf\n\"q\"\\A".to_vec()]);
    }

    #[test]
    fn every_kind_of_result_is_read() {
        assert_eq!(parsed(r#"access("/x", R_OK) = -1 ENOENT (No such file or directory)"#).result, failed("ENOENT"));
        assert_eq!(
            parsed("io_uring_setup(8, {flags=0}) = -1 ENOSYS (Function not implemented) (INJECTED)").result,
            failed("ENOSYS")
        );
        assert_eq!(parsed("vfork() = 32004").result, CallResult::Done(32004, None));
        assert_eq!(parsed("exit_group(0) = ?").result, CallResult::Unknown);
        let deleted = parsed(r#"openat(AT_FDCWD</d>, "x", O_RDONLY) = 3</d/x (deleted)>"#);
        assert_eq!(deleted.result, CallResult::Done(3, None));
        let socket = parsed(r#"connect(3<socket:[103]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0"#);
        assert_eq!(
            (socket.first, socket.result),
            (Some(Handle { is_cwd: false, path: None }), CallResult::Done(0, None))
        );
    }

    fn failed(name: &str) -> CallResult {
        CallResult::Failed(name.to_owned())
    }

    #[test]
    fn halves_and_notes_are_told_apart() {
        let what = |text: &'static str| line(text.as_bytes()).map(|line| (line.pid, line.what));
        assert_eq!(what("12 vfork( <unfinished ...>"), Some((12, Traced::Begun(b"vfork("))));
        assert_eq!(what("12 <... vfork resumed>)    = 13"), Some((12, Traced::Resumed(b"vfork", b")    = 13"))));
        assert_eq!(what("12 +++ exited with 3 +++"), Some((12, Traced::Exited(Some(3)))));
        assert_eq!(what("12 +++ killed by SIGKILL (core dumped) +++"), Some((12, Traced::Exited(None))));
        assert_eq!(what("12 +++ superseded by execve in pid 14 +++"), Some((12, Traced::Superseded(14))));
        assert_eq!(what("12 --- stopped by SIGTTIN ---"), Some((12, Traced::Signal)));
    }

    #[test]
    fn what_cannot_be_read_is_not_made_up() {
        for text in ["", "12", "x open()", "12 +++ eaten by a grue +++", "12 <... gone"] {
            assert_eq!(line(text.as_bytes()), None, "{text}");
        }
        for text in
            ["", "open", "open(", r#"open("x"#, r#"open("x")"#, r#"open("x") = "#, "open) = 3", "a b(1) = 0", "f(})= 1"]
        {
            assert_eq!(call(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn no_bytes_make_the_parser_panic() {
        let text = br#"12 openat(AT_FDCWD</a>, "b\377", O_RDONLY|1<<3) = 3</a/b\377> (x)"#;
        for cut in 0..text.len() {
            for byte in [b'\\', b'<', b'>', b'"', b'(', b')', 0xff] {
                let mut damaged = text[..cut].to_vec();
                damaged.push(byte);
                damaged.extend_from_slice(&text[cut..]);
                for bytes in [&damaged[..], &damaged[..=cut]] {
                    if let Some(TraceLine { what: Traced::Call(inner), .. }) = line(bytes) {
                        let _ = call(inner);
                    }
                }
            }
        }
    }
}
