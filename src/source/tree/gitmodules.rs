//! The submodules that a `.gitmodules` names (<https://git-scm.com/docs/gitmodules>).

use bstr::{BString, ByteSlice as _};

/// Their paths, each with its line, counted from 1. The text is read as git reads a configuration file
/// (<https://git-scm.com/docs/git-config#_syntax>), but a `path` counts in any section, and after what git would refuse.
pub fn submodules(text: &[u8]) -> Vec<(usize, BString)> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut lines = text.lines().enumerate();
    let mut found = Vec::new();
    while let Some((index, line)) = lines.next() {
        let Some((key, first)) = entry(line).split_once_str("=") else { continue };
        let mut value = Value::default();
        let mut goes_on = value.read(first);
        while goes_on {
            goes_on = lines.next().is_some_and(|(_, line)| value.read(line));
        }
        if key.trim().eq_ignore_ascii_case(b"path") {
            let path = value.text();
            let path = path.strip_prefix(b"./").unwrap_or(path);
            let path = path.strip_suffix(b"/").unwrap_or(path);
            if !path.is_empty() {
                found.push((index + 1, path.into()));
            }
        }
    }
    found
}

/// The key and value on a line: what follows the header of a section, if it is no comment.
fn entry(line: &[u8]) -> &[u8] {
    let mut entry = line.trim_start();
    if entry.first() == Some(&b'[') {
        let (mut quoted, mut escaped) = (false, false);
        let end = entry.iter().position(|byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = !quoted,
                b']' => return !quoted,
                _ => {}
            }
            false
        });
        entry = end.map_or(b"", |end| entry[end + 1..].trim_start());
    }
    // A comment that ends in a backslash does not go on in the next line.
    if matches!(entry.first(), Some(b'#' | b';')) { b"" } else { entry }
}

/// A value, which may be quoted in parts.
#[derive(Default)]
struct Value {
    bytes: Vec<u8>,
    /// How many of the bytes count, whatever follows: blanks at the end do only in quotes.
    kept: usize,
    quoted: bool,
}

impl Value {
    fn text(&self) -> &[u8] {
        &self.bytes[..self.kept]
    }

    /// Adds a line; whether the value goes on in the next one.
    fn read(&mut self, line: &[u8]) -> bool {
        let mut bytes = line.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => self.quoted = !self.quoted,
                b'#' | b';' if !self.quoted => return false,
                b' ' | b'\t' if !self.quoted => {
                    if !self.bytes.is_empty() {
                        self.bytes.push(*byte);
                    }
                    continue;
                }
                b'\\' => match bytes.next() {
                    None => return true,
                    Some(b'n') => self.bytes.push(b'\n'),
                    Some(b't') => self.bytes.push(b'\t'),
                    Some(escaped) => self.bytes.push(*escaped),
                },
                _ => self.bytes.push(*byte),
            }
            self.kept = self.bytes.len();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submodules_are_found_by_their_paths() {
        let text =
            b"[submodule \"a\"]\n\tpath = vendor/a\n\turl = ../a\n[submodule \"b\"]\n\tpath=\"b c\"\n\tpath = d/ # e\n";
        assert_eq!(submodules(text), [(2, "vendor/a".into()), (5, "b c".into()), (6, "d".into())]);
        assert_eq!(submodules(b"path = \xff\r\n"), [(1, b"\xff"[..].into())]);
    }

    #[test]
    fn a_path_may_be_written_in_any_way_that_git_reads() {
        let first = |text: &str| submodules(text.as_bytes()).into_iter().map(|(_, path)| path).collect::<Vec<_>>();
        assert_eq!(first("[submodule \"a\"] path = vendor/a"), ["vendor/a"], "beside its section");
        assert_eq!(first("[submodule \"]=\\\"\"]path = x ; y"), ["x"], "a name with brackets and quotes");
        assert_eq!(first("path = ven\\\ndor\n\turl = x\npath = b"), ["vendor", "b"], "over two lines");
        assert_eq!(first("path = a\" #\"b\\\"\\\\ \t"), ["a #b\"\\"], "quoted in parts");
        assert_eq!(first("path = \"a \" # b"), ["a "], "a blank at the end");
        assert_eq!(first("path = a \\\n# b"), ["a"], "nothing but a comment in the second line");
        assert_eq!(
            first("# url = x \\\npath = a\n[s] ; url = x \\\npath = b"),
            ["a", "b"],
            "a comment goes on nowhere"
        );
        assert_eq!(first("\u{feff}[submodule \"a\"] path = a"), ["a"], "a byte order mark");
        assert_eq!(first("path =\n[path = x\npath\n# path = y\npath = \\"), [""; 0]);
    }
}
