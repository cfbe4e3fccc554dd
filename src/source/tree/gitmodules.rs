//! The submodules that a `.gitmodules` names (<https://git-scm.com/docs/gitmodules>).

use bstr::{BString, ByteSlice as _};

/// Their paths, each with its line, counted from 1.
pub fn submodules(text: &[u8]) -> Vec<(usize, BString)> {
    text.lines().enumerate().filter_map(|(index, line)| Some((index + 1, path(line)?))).collect()
}

fn path(line: &[u8]) -> Option<BString> {
    let (key, value) = line.split_once_str("=")?;
    if !key.trim().eq_ignore_ascii_case(b"path") {
        return None;
    }
    let value = value.trim();
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => quoted.split_str("\"").next().unwrap_or(quoted),
        // The rest of the line is a comment.
        None => value.split(|byte| matches!(byte, b'#' | b';')).next().unwrap_or(value).trim_end(),
    };
    let value = value.strip_prefix(b"./").unwrap_or(value);
    let value = value.strip_suffix(b"/").unwrap_or(value);
    (!value.is_empty()).then(|| value.into())
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
}
