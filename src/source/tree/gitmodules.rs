//! The submodules that a `.gitmodules` names (<https://git-scm.com/docs/gitmodules>).

use bstr::{BString, ByteSlice as _};

/// Their paths, each with its line, counted from 1. The text is read as git reads a configuration file; a `path` counts in any
/// section.
pub fn submodules(text: &[u8]) -> Vec<(usize, BString)> {
    let mut lines = text.lines().enumerate();
    let mut found = Vec::new();
    while let Some((index, line)) = lines.next() {
        let Some((key, first)) = without_header(line).split_once_str("=") else { continue };
        let mut value = Value::default();
        let mut goes_on = value.read(first);
        while goes_on {
            goes_on = lines.next().is_some_and(|(_, line)| value.read(line));
        }
        if key.trim().eq_ignore_ascii_case(b"path") {
            let path = value.text.strip_prefix(b"./").unwrap_or(&value.text);
            let path = path.strip_suffix(b"/").unwrap_or(path);
            if !path.is_empty() {
                found.push((index + 1, path.into()));
            }
        }
    }
    found
}

/// What follows the header of a section on its line.
fn without_header(line: &[u8]) -> &[u8] {
    let line = line.trim_start();
    if line.first() != Some(&b'[') {
        return line;
    }
    let (mut quoted, mut escaped) = (false, false);
    let end = line.iter().position(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b']' => return !quoted,
            _ => {}
        }
        false
    });
    end.map_or(b"", |end| &line[end + 1..])
}

/// A value, which may be quoted in parts.
#[derive(Default)]
struct Value {
    text: Vec<u8>,
    quoted: bool,
}

impl Value {
    /// Adds a line; whether the value goes on in the next one.
    fn read(&mut self, line: &[u8]) -> bool {
        let mut kept = self.text.len();
        let mut bytes = line.iter();
        let goes_on = loop {
            match bytes.next() {
                None => break false,
                Some(b'"') => {
                    self.quoted = !self.quoted;
                    kept = self.text.len();
                    continue;
                }
                Some(b'#' | b';') if !self.quoted => break false,
                Some(b' ' | b'\t') if !self.quoted && self.text.is_empty() => continue,
                Some(byte @ (b' ' | b'\t')) if !self.quoted => {
                    self.text.push(*byte);
                    continue;
                }
                Some(b'\\') => match bytes.next() {
                    None => return true,
                    Some(b'n') => self.text.push(b'\n'),
                    Some(b't') => self.text.push(b'\t'),
                    Some(byte) => self.text.push(*byte),
                },
                Some(byte) => self.text.push(*byte),
            }
            kept = self.text.len();
        };
        // Blanks at the end belong to it only in quotes.
        self.text.truncate(kept);
        goes_on
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
        assert_eq!(first("path =\n[path = x\npath\n# path = y\npath = \\"), [""; 0]);
    }
}
